"""A player for sounds: what is in its file, and what it says."""

import base64
import doctest
import html
import importlib
import io
import re
import wave

import numpy as np
import pytest
import torch

from attnlab.book.elements import check_html
from attnlab.lab import sound
from attnlab.tasks import voice


def played(shown):
    """The samples and the rate of the file in the HTML."""
    data = re.search(r'src="data:audio/wav;base64,([^"]*)"', shown._repr_html_())[1]
    with wave.open(io.BytesIO(base64.b64decode(data))) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return samples / 32767, file.getframerate()


def test_the_file_holds_the_samples():
    samples = voice("ai", seconds=0.5)
    found, rate = played(sound(samples, 8000, "Ai"))
    assert rate == 8000
    np.testing.assert_allclose(found, samples, atol=1 / 32767)
    of_tensor, _ = played(sound(torch.tensor(samples), 8000, "Ai"))
    np.testing.assert_array_equal(of_tensor, found)


def test_what_is_too_loud_is_made_softer_and_what_is_soft_stays():
    loud, _ = played(sound([0.0, 2.0, -4.0]))
    np.testing.assert_allclose(loud, [0.0, 0.5, -1.0], atol=1e-4)
    soft, _ = played(sound([0.0, 0.1]))
    np.testing.assert_allclose(soft, [0.0, 0.1], atol=1e-4)


def test_it_has_words_and_does_not_start_by_itself():
    shown = sound(np.zeros(4000), 8000, 'A <voice> & "words"')
    markup = shown._repr_html_()
    check_html(markup, "14.ipynb", "cell")
    words = html.escape('A <voice> & "words"')
    assert f"<figcaption>{words}</figcaption>" in markup
    assert f'title="{words}"' in markup
    assert "autoplay" not in markup
    assert repr(shown) == 'A <voice> & "words", a sound of 0.5 s'
    assert markup == sound(np.zeros(4000), 8000, 'A <voice> & "words"')._repr_html_()


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"samples": np.zeros((2, 3))}, ValueError, r"samples has shape \(2, 3\), and needs"),
        ({"samples": []}, ValueError, "at least one sample"),
        ({"samples": [0.0, float("nan")]}, ValueError, "samples holds NaN or infinity"),
        ({"samples": ["a"]}, TypeError, "samples holds .*, and needs real numbers"),
        ({"rate": 8000.0}, TypeError, r"rate is 8000\.0, and must be a whole number"),
        ({"rate": 100}, ValueError, "rate is 100, and browsers play from 3000"),
        ({"words": " "}, ValueError, "words is ' ', and must say what is heard"),
        ({"words": 3}, TypeError, "words is 3, and must be a text"),
    ],
)
def test_what_cannot_be_played_is_refused(given, error, words):
    with pytest.raises(error, match=words):
        sound(**({"samples": [0.0, 0.1]} | given))


def test_the_examples():
    result = doctest.testmod(importlib.import_module("attnlab.lab.sound"))
    assert result.attempted > 0
    assert result.failed == 0
