"""The next token: what the browser cuts off is what `sampling_weights` cuts off."""

import doctest

import numpy as np
import pytest
import torch

from attnlab.lab import NextToken, next_token
from attnlab.lab.widgets import next_token as module
from attnlab.training import sampling_weights
from node import javascript, traits

WORDS = ["mat", "bed", "roof", "grass", "moon"]


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    with javascript("next_token.js", tmp_path_factory.mktemp("next_token")) as answers:
        yield answers


def live(size=7, count=3, seed=0, **arguments):
    logits = np.random.default_rng(seed).normal(size=(count, size)) * 3
    beginnings = [f"beginning {place}" for place in range(count)]
    return NextToken(logits, [f"word {place}" for place in range(size)], beginnings, **arguments)


def test_a_row_by_hand(ask):
    # Chances 0.5, 0.25, 0.15 and 0.1: of the first three, 0.9, two are enough for 0.8.
    logits = np.log([0.1, 0.5, 0.15, 0.25])
    figure = NextToken(logits, WORDS[:4], top_k=3, top_p=0.8)
    assert figure.order == [1, 3, 2, 0]
    (entropy, mass, kept), before, after = figure.result
    assert (mass, kept) == (pytest.approx(0.75), 2)
    assert before == pytest.approx([0.1, 0.5, 0.15, 0.25])
    assert after == pytest.approx([0, 2 / 3, 0, 1 / 3])
    assert entropy == pytest.approx(np.log(3) - 2 / 3 * np.log(2))
    (answer,) = ask([["compute", traits(figure)]])
    assert answer["order"] == [1, 3, 2, 0]
    np.testing.assert_allclose(answer["result"][2], after, atol=1e-12)


@pytest.mark.parametrize("temperature", [0.1, 0.7, 1, 3])
@pytest.mark.parametrize("top_k", [1, 2, 5, 7])
@pytest.mark.parametrize("top_p", [0.05, 0.35, 0.8, 1])
def test_the_browser_agrees_with_the_package(ask, temperature, top_k, top_p):
    cuts = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
    figures = [live(seed=seed, **cuts) for seed in range(3)]
    for figure in figures[1:]:
        figure.beginning = "beginning 2"
    for figure, answer in zip(figures, ask([["compute", traits(f)] for f in figures]), strict=True):
        assert answer["state"] == {"beginning": figure.beginning, **cuts}
        for found, expected in zip(answer["result"], figure.result, strict=True):
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
        row = torch.tensor(figure.logits[0, 0, figure.beginnings.index(figure.beginning)])
        expected = sampling_weights(row, temperature, top_k, top_p)
        np.testing.assert_allclose(answer["result"][2], expected, rtol=0, atol=1e-9)
        np.testing.assert_allclose(figure.weights, expected, rtol=0, atol=1e-9)


def test_equally_probable_tokens_stay_in_their_order(ask):
    figure = NextToken([1.0, 2.0, 1.0, 2.0, 1.0], WORDS, top_k=3)
    expected = sampling_weights(torch.tensor([1.0, 2, 1, 2, 1]).double(), top_k=3)
    (answer,) = ask([["compute", traits(figure)]])
    assert figure.order == answer["order"] == [1, 3, 0, 2, 4]
    np.testing.assert_allclose(answer["result"][2], expected, atol=1e-12)
    np.testing.assert_allclose(figure.weights, expected, atol=1e-12)


def test_a_share_that_is_just_reached_is_enough(ask):
    figure = NextToken(np.log([0.5, 0.3, 0.2]), WORDS[:3], top_p=0.8)  # short by 1e-16
    (answer,) = ask([["compute", traits(figure)]])
    assert answer["result"][0][2] == figure.kept == 2


def test_very_large_and_very_small_scores(ask):
    figure = NextToken([1000.0, -1000.0, 999.0], WORDS[:3], temperature=0.1)
    (answer,) = ask([["compute", traits(figure)]])
    (entropy, mass, kept), _, after = answer["result"]
    assert (mass, kept) == (1, figure.kept)
    assert entropy == pytest.approx(figure.result[0][0])
    np.testing.assert_allclose(after, figure.weights, atol=1e-12)


def test_controls_are_tied_and_reach_both_ends():
    figure = next_token(np.zeros((2, 5)), WORDS, ["The", "A"], top_k=4)
    beginning, temperature, top_k, top_p = figure.children[0].children
    assert beginning.value == "The"
    assert beginning._options_labels == ["The", "A"]
    assert (temperature.low, temperature.value, temperature.high) == (1 / 8, 1, 8)
    ends = [(box.children[1].min, box.children[1].max) for box in (top_k, top_p)]
    assert ends == [(1, 5), (0.5, 1)]
    assert top_k.children[1].value == 4
    assert repr(figure) == "Live next token, 5 tokens after 2 beginnings"
    assert len(next_token(np.zeros(5), WORDS).children[0].children) == 3


def test_sliders_come_back_to_short_numbers():
    for control in next_token(np.zeros(5), WORDS).children[0].children[1:]:
        slider = control.children[1]
        span = slider.max - slider.min
        for step in range(round(span / slider.step) + 1):
            percent = 100 * slider.step / span * step  # so the browser's slider counts
            assert len(str(percent * span / 100 + slider.min)) <= 6


def test_tensors_are_taken_with_their_gradient():
    logits = torch.ones(2, 5, requires_grad=True)
    assert NextToken(logits, WORDS, ["a", "b"]).weights.tolist() == [0.2] * 5


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"words": WORDS[:4]}, "words has 4 words, and the figure 5"),
        ({"beginnings": ["a"]}, "beginnings has 1 words, and the figure 2"),
        ({"beginnings": ["a", "a"]}, "same text twice"),
        ({"logits": np.zeros((2, 2, 5))}, r"logits has shape .*beginning, token"),
        ({"logits": np.full((2, 5), np.nan)}, "logits holds nan"),
        ({"beginning": "c"}, "beginning is 'c', and must be one of"),
        ({"temperature": 0}, "temperature is 0.0, and must be above 0 and finite"),
        ({"top_k": 6}, "top_k is 6, and must be from 1 to 5"),
        ({"top_k": 0}, "top_k is 0"),
        ({"top_p": 0}, "top_p is 0.0, and must be from 0.05 to 1"),
        ({"focus": [5, 0]}, r"focus is \[5, 0\]"),
    ],
)
def test_what_does_not_fit_is_named(arguments, said):
    given = {"logits": np.zeros((2, 5)), "words": WORDS, "beginnings": ["a", "b"], **arguments}
    with pytest.raises(ValueError, match=said):
        NextToken(**given)


def test_unknown_arguments_are_named():
    with pytest.raises(TypeError, match="'k'"):
        next_token(np.zeros(5), WORDS, k=2)


@pytest.mark.parametrize("settings", [{}, {"top_k": 2, "focus": [3, 0]}, {"temperature": 3}])
def test_the_picture_is_a_png(settings):
    figure = NextToken([3.0, 1, 2, 0, -1], ["$\\x$", "<b>", "roof", "grass", "moon"], **settings)
    assert figure.png().startswith(b"\x89PNG")
    assert figure.png() == figure.png()


def test_the_example_in_the_docstring():
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
