"""The window over speech: its counts held to the core's masks, and what it says of them."""

import doctest

import numpy as np
import pytest
import torch

from attnlab import causal, window
from attnlab.lab import SpeechWindow, speech_window
from attnlab.lab.widgets import speech_window as module
from attnlab.lab.widgets.speech_window import LENGTHS
from node import javascript, traits

CURVES = {"reach 2": {0: 0.7, 2: 0.1, 6: 0.12}, "reach 4": {0: 0.75, 2: 0.5, 4: 0.1}}


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    with javascript("speech_window.js", tmp_path_factory.mktemp("speech_window")) as answers:
        yield answers


def sound(frames=11, bands=5, seed=0):
    return np.random.default_rng(seed).normal(size=(frames, bands))


def allowed(frames, reach, forward):
    places = np.arange(frames)
    mask = window(places, places, reach)
    return mask & causal(places, places) if forward else mask


def settings(frames, count, seed=0):
    chance = np.random.default_rng(seed)
    for _ in range(count):
        yield {
            "reach": int(chance.integers(frames)),
            "query": int(chance.integers(frames)),
            "causal": bool(chance.integers(2)),
            "length": str(chance.choice(list(LENGTHS))),
        }


def test_five_frames_by_hand(ask):
    # Reach 1: three keys for each of five frames, less one at either end; causal: two, less one.
    figure = SpeechWindow(np.eye(5), 1, {1: 0.25, 3: 0.5}, query=4)
    assert figure.result == [[13, 25, 0.52], [3, 4], [0.25]]
    figure.causal = True
    assert figure.result == [[9, 25, 0.36], [3, 4], [0.25]]
    figure.reach = 2
    assert figure.result == [[12, 25, 0.48], [2, 4], [None]]
    (answer,) = ask([["compute", traits(figure)]])
    assert answer["result"] == figure.result


@pytest.mark.parametrize("frames", [1, 2, 7, 60])
def test_the_browser_counts_what_the_core_does(ask, frames):
    figures = [SpeechWindow(sound(frames), errors=CURVES, **each) for each in settings(frames, 12)]
    answers = ask([["compute", traits(figure)] for figure in figures])
    for figure, answer in zip(figures, answers, strict=True):
        state = {name: getattr(figure, name) for name in ("reach", "query", "causal", "length")}
        assert answer["state"] == state
        counts, span, errors = figure.result
        assert answer["result"][0] == pytest.approx(counts, rel=1e-12)
        assert answer["result"][1:] == [span, errors]


def test_every_window_up_to_eight_frames_is_counted_as_its_mask_says(ask):
    asked = [(n, reach, forward) for n in range(1, 9) for reach in range(11) for forward in (0, 1)]
    counts = ask([["computedPairs", n, reach, bool(forward)] for n, reach, forward in asked])
    assert counts == [int(allowed(*each).sum()) for each in asked]
    ends = ask([["windowOf", 3, 8, reach, False] for reach in range(9)])
    seen = [np.flatnonzero(allowed(8, reach, False)[3]) for reach in range(9)]
    assert ends == [[row.min(), row.max()] for row in seen]


@pytest.mark.parametrize("forward", [False, True])
@pytest.mark.parametrize("reach", [0, 1, 5, 29])
def test_longer_sounds_are_counted_by_formula_as_by_their_mask(ask, reach, forward):
    """With frames of two seconds a minute has 30 of them, few enough to count one by one."""
    figure = SpeechWindow(sound(40), reach, milliseconds=2000, causal=forward, length="1 minute")
    mask = allowed(30, reach, forward)
    assert figure.frames == 30
    assert figure.result[0] == [mask.sum(), 900, mask.mean()]
    (answer,) = ask([["compute", traits(figure)]])
    assert answer["result"][0] == figure.result[0]


def test_a_day_of_frames(ask):
    figure = SpeechWindow(sound(300, 2), 20, length="1 day")
    computed, full, share = figure.result[0]
    assert (computed, full) == (8_640_000 * 41 - 420, 8_640_000**2)
    assert share == computed / full
    (answer,) = ask([["compute", traits(figure)]])
    said, lines = ask([["sentence", answer], ["counting", answer]])
    assert said == (
        "Frame 150 looks at frames 130 to 170. Of 7.46 × 10¹³ scores in 1 day, 3.54 × 10⁸ are "
        "computed, 0.000475 %."
    )
    assert dict(lines)["memory"] == "1.42 GB, and full 299 TB, at 4 bytes each"


def told(ask, figure):
    (answer,) = ask([["compute", traits(figure)]])
    said, lines = ask([["sentence", answer], ["counting", answer]])
    text = {term: x if isinstance(x, str) else "".join(p for _, p in x) for term, x in lines}
    return said, text


def test_what_is_said_of_a_window(ask):
    said, lines = told(ask, SpeechWindow(sound(300), 20))
    assert said == (
        "Frame 150 looks at frames 130 to 170. Of 90,000 scores, 11,880 are computed, 13.2 %."
    )
    assert lines["in the window"] == "n(2r + 1) − r(r + 1) = 300×41 − 420 = 11,880"
    assert lines["full"] == "n² = 300² = 90,000"
    assert "error" not in lines
    said, lines = told(ask, SpeechWindow(sound(300), 20, causal=True))
    assert lines["in the window"] == "n(r + 1) − r(r + 1)/2 = 300×21 − 210 = 6,090"
    assert "frames 130 to 150." in said
    said, _ = told(ask, SpeechWindow(sound(5), 4))
    assert said == (
        "Frame 2 looks at frames 0 to 4, the whole sound. Of 25 scores, 25 are computed, all."
    )
    assert told(ask, SpeechWindow(sound(5), 0))[0].startswith("Frame 2 looks at itself alone. Of")


def test_an_error_is_told_where_it_was_measured_and_not_guessed_elsewhere(ask):
    _, lines = told(ask, SpeechWindow(sound(), 2, CURVES))
    assert lines["error"] == "reach 2: 0.100, reach 4: 0.500; at this reach"
    figure = SpeechWindow(sound(), 1, CURVES)
    assert figure.result[2] == [None, None]
    said, lines = told(ask, figure)
    assert "rror" not in said, "once is enough"
    assert lines["error"] == "reach 2: 0.100, reach 4: 0.500; nearest measured: reach 2"
    lines = told(ask, SpeechWindow(sound(), 6, CURVES))[1]
    assert lines["error"] == "reach 2: 0.120 at 6, reach 4: 0.100 at 4; nearest measured"
    lines = told(ask, SpeechWindow(sound(), 9, {2: 0.06581, 4: 0.061}))[1]
    assert lines["error"] == "0.061; nearest measured: reach 4"


def test_errors_come_in_any_order_with_or_without_names():
    figure = SpeechWindow(sound(), errors={"4": 0.1, 0: 0.7, 2: 0.5})
    assert (figure.names, figure.reaches, figure.errors) == ([""], [[0, 2, 4]], [[0.7, 0.5, 0.1]])
    figure = SpeechWindow(sound(), errors=CURVES)
    assert figure.names == ["reach 2", "reach 4"]
    assert figure.errors[1] == [0.75, 0.5, 0.1]


def test_numbers_as_a_person_writes_them(ask):
    counts = [7, 1234, 9_999_999, 10_000_000, 74_649_600_000_000]
    assert ask([["many", count] for count in counts]) == [
        *("7", "1,234", "9,999,999", "1.00 × 10⁷", "7.46 × 10¹³")
    ]
    assert ask([["memory", count] for count in (1, 90_000, 2_500_000)]) == [
        *("4 bytes", "360 kB", "10 MB")
    ]


def test_how_alike_two_frames_sound(ask):
    figure = SpeechWindow(sound(7, 3))
    centred = figure.spectrogram - figure.spectrogram.mean(axis=0)
    directions = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    (found,) = ask([["likeness", figure.spectrogram.ravel().tolist(), 7, 3]])
    alike = np.array([found[str(i)] for i in range(49)]).reshape(7, 7)
    np.testing.assert_allclose(alike, directions @ directions.T, atol=1e-6)
    (silent,) = ask([["likeness", [0] * 6, 3, 2]])
    assert set(silent.values()) == {0}, "silence is like nothing, and no division by zero"


def test_loudness_travels_in_bytes():
    figure = SpeechWindow([[-60.0, 0.0], [-30.0, -60.0], [0.0, 0.0]])
    assert figure.spectrogram.tolist() == [[0, 255], [128, 0], [255, 255]]
    assert len(figure.get_state()["spectrogram"]["data"]) == 6
    assert SpeechWindow(np.zeros((3, 2))).spectrogram.tolist() == [[0, 0]] * 3
    own = np.array([[3, 9]] * 30, np.uint8)
    np.testing.assert_array_equal(SpeechWindow(own).spectrogram, own)
    tensor = torch.rand(30, 4, requires_grad=True)
    assert SpeechWindow(tensor).cells == (1, 30)


def test_a_short_sound_has_a_window_from_the_start():
    assert SpeechWindow(sound(5)).reach == 4, "as wide as the sound, where 20 is too wide"
    live = speech_window(sound(30), controls=["causal"])
    assert [each["trait"] for each in live.figure.settings] == ["causal"]
    assert repr(live) == "Live window over a spectrogram, 30 frames of 5 bands"
    assert live.figure.focus == [0, 15]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"spectrogram": [1, 2]}, r"spectrogram has shape \(2,\), and needs \(frame, band\)"),
        ({"spectrogram": np.zeros((0, 3))}, r"spectrogram has shape \(0, 3\)"),
        ({"spectrogram": np.zeros((1001, 2))}, r"1001 frames, .* at most 1000: give a part, spect"),
        ({"spectrogram": [[np.nan, 1.0]]}, "spectrogram holds nan"),
        ({"spectrogram": [["a", "b"]]}, "spectrogram holds <U1, and needs real numbers"),
        ({"reach": 11}, "reach is 11, and must be from 0 to 10"),
        ({"reach": -1}, "reach is -1"),
        ({"query": 11}, "query is 11, and must be from 0 to 10"),
        ({"length": "1 week"}, "length is '1 week', and must be one of this sound, 1 minute"),
        ({"milliseconds": 0}, "milliseconds is 0.0, and must be above 0"),
        ({"errors": [0.5]}, r"errors is \[0.5\], and must be {reach: error} or {name: those}"),
        ({"errors": {}}, "errors is {}"),
        ({"errors": {"a": {}}}, "errors has no number for 'a'"),
        ({"errors": {1.5: 0.1}}, "errors has the reach 1.5, and a reach is whole"),
        ({"errors": {1: -0.1}}, "errors has -0.1 at reach 1, and an error is finite"),
        ({"errors": {str(i): {1: 0.5} for i in range(5)}}, "errors has 5 curves, .* shows 4"),
        ({"width": 3}, r"\['width'\] is no argument of this figure"),
    ],
)
def test_what_does_not_fit_is_named(arguments, said):
    with pytest.raises((TypeError, ValueError), match=said):
        speech_window(**{"spectrogram": sound(), "reach": 1} | arguments)


def test_the_picture_shows_the_window_of_now():
    figure = SpeechWindow(sound(30), 3, CURVES, task="$t_")
    seen = {figure.png()}
    for name, value in (("reach", 9), ("causal", True), ("query", 3)):
        setattr(figure, name, value)
        seen.add(figure.png())
    assert len(seen) == 4
    assert figure.png() in seen
    assert SpeechWindow(sound(1)).png().startswith(b"\x89PNG")


def test_its_example_holds():
    assert doctest.testmod(module, extraglobs={"np": np}).failed == 0
