"""A voice of formants, and its spectrogram."""

import doctest
import importlib

import numpy as np
import pytest
import torch

from attnlab.tasks import LETTERS, spectrogram, speech, voice


def loudest(samples, rate, below, above=0):
    """The loudest frequency in this range, in Hz."""
    power = np.abs(np.fft.rfft(samples)) ** 2
    frequency = np.fft.rfftfreq(len(samples), 1 / rate)
    inside = (above <= frequency) & (frequency < below)
    return frequency[inside][power[inside].argmax()]


def test_three_seconds_that_are_the_same_each_time():
    samples = voice()
    assert samples.shape == (24000,)
    assert np.abs(samples).max() == pytest.approx(0.9)
    assert np.array_equal(samples, voice())
    assert voice("a", seconds=0.5, rate=16000).shape == (8000,)


@pytest.mark.parametrize("vowel", "aeiou")
def test_a_vowel_has_its_formants(vowel):
    samples = voice(vowel, seconds=1.0)[2000:6000]
    first, second, third = LETTERS[vowel].formants
    between, above = (first + second) / 2, (second + third) / 2
    assert loudest(samples, 8000, between) == pytest.approx(first, abs=130), "a harmonic beside it"
    assert loudest(samples, 8000, above, between) == pytest.approx(second, abs=130)


def test_a_comma_is_silent_and_an_s_is_high():
    samples = voice("a,a", seconds=2.0)
    middle = slice(8000, 8800)
    assert np.abs(samples[middle]).max() < 0.01 * np.abs(samples).max()
    assert loudest(voice("s", seconds=0.5), 8000, 4001) > 2500
    assert loudest(voice("o", seconds=0.5), 8000, 4001) < 1000


def test_the_voice_falls_in_each_phrase():
    samples = voice("aaaa,aaaa", seconds=2.0)
    starts = [loudest(samples[at : at + 2400], 8000, 200, 60) for at in (0, 9000)]
    ends = [loudest(samples[at : at + 2400], 8000, 200, 60) for at in (4600, 13000)]
    assert min(starts) > max(ends) + 10


def test_a_resonator_lets_its_centre_pass():
    random = np.random.default_rng(0)
    heard = speech.resonator(random.normal(size=20000), 1000, 50, 8000)
    assert loudest(heard, 8000, 4001) == pytest.approx(1000, abs=40)
    constant = speech.resonator(np.ones(4000), 1000, 200, 8000)
    assert constant[-1] == pytest.approx(1), "what does not swing passes as it is"


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"text": 3}, TypeError, "text is 3, and must be a text such as 'helo"),
        ({"text": "hello kitty"}, ValueError, "text holds 'k', and a voice can speak aeiou"),
        ({"text": " ,"}, ValueError, "text holds no letter"),
        ({"rate": 4000}, ValueError, "up to 2000 Hz, and the formants reach 3500 Hz: take a rate"),
        ({"rate": 8000.0}, TypeError, r"rate is 8000\.0, and must be a whole number"),
        ({"seconds": 0}, ValueError, "seconds is 0, and text has 22 letters"),
        ({"seconds": -1.0}, ValueError, "seconds is -1.0"),
        ({"seconds": float("nan")}, ValueError, "seconds is nan"),
        ({"seconds": float("inf")}, ValueError, "seconds is inf"),
        ({"seconds": "3"}, TypeError, "seconds is '3', and must be a number"),
    ],
)
def test_what_cannot_be_spoken_is_refused(given, error, words):
    with pytest.raises(error, match=words):
        voice(**given)


def test_a_spectrogram_has_a_frame_every_10_ms():
    frames = spectrogram(voice())
    assert frames.shape == (300, 40)
    assert frames.max() == 0
    assert frames.min() == -60
    assert spectrogram(voice("a", seconds=0.5, rate=16000), 16000, bands=7).shape == (50, 7)


def test_a_tone_lies_in_its_band_and_in_its_frames():
    rate, bands = 8000, 40
    samples = np.zeros(8000)
    samples[4000:] = np.sin(2 * np.pi * 1000 * np.arange(4000) / rate)
    frames = spectrogram(samples, rate, bands=bands)
    mel = 2595 * np.log10(1 + np.array([1000, 4000]) / 700)
    assert abs(frames[70].argmax() + 1 - mel[0] / mel[1] * (bands + 1)) < 1
    heard = frames.max(axis=1)
    assert (heard[:48] == -60).all()
    assert (heard[52:99] > -1).all()


def test_twice_as_loud_is_the_same_and_a_tenth_beside_it_20_decibels_less():
    samples = np.sin(np.arange(8000) / 2)
    np.testing.assert_allclose(spectrogram(2 * samples), spectrogram(samples), atol=1e-9)
    samples[4000:] /= 10
    frames = spectrogram(samples).max(axis=1)
    assert frames[80] - frames[20] == pytest.approx(-20, abs=0.1)


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"samples": np.zeros((2, 9))}, ValueError, r"shape \(2, 9\), and needs \(count,\)"),
        ({"samples": np.zeros(0)}, ValueError, "at least one sample"),
        ({"samples": np.array(["a"])}, TypeError, "must hold real numbers"),
        ({"samples": np.array([1.0, np.nan])}, ValueError, "samples holds NaN or infinity"),
        ({"bands": 0}, ValueError, "bands is 0, and must be at least 1"),
        ({"bands": 2.5}, TypeError, "bands is 2.5, and must be a whole number"),
        ({"rate": 0}, ValueError, "rate is 0"),
        ({"step": 0.0}, ValueError, "step is 0.0 s, which are 0 samples at a rate of 8000"),
        ({"window": 9.0}, ValueError, "window is 9.0 s, which are .* and there are 800"),
        ({"window": None}, TypeError, "window is None, and must be a number of seconds"),
        ({"floor": 0.0}, ValueError, "floor is 0.0, and must be below 0 decibels"),
    ],
)
def test_what_cannot_be_heard_is_refused(given, error, words):
    with pytest.raises(error, match=words):
        spectrogram(**({"samples": np.ones(800)} | given))


@pytest.mark.parametrize("name", ["speech", "spectrogram", "tones"])
def test_the_examples(name):
    names = {"torch": torch, "voice": voice}
    result = doctest.testmod(importlib.import_module(f"attnlab.tasks.{name}"), extraglobs=names)
    assert result.attempted > 0
    assert result.failed == 0
