"""The live view of heads: its Python, its JavaScript run by node, and sums done by hand."""

import doctest
import math

import ipywidgets as w
import numpy as np
import pytest
import torch

import attnlab
from attnlab.lab import AttentionHeads, attention_heads
from attnlab.lab.widgets import heads_view
from node import javascript, traits

KEYS = ["The", "cat", "sat", "on", "the", "mat", "again"]


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    """A function from calls [name, arguments ...] of the figure's JavaScript to its answers."""
    with javascript("heads_view.js", tmp_path_factory.mktemp("heads")) as answers:
        yield answers


def normal(*shape):
    return np.random.default_rng(len(shape)).normal(size=shape) * 3


SETTINGS = [
    {"temperature": temperature, "layer": layer, "joined": joined, "mask": mask}
    for temperature in (0.125, 1.0, 8.0)
    for layer in (0, 1)
    for joined in (False, True)
    for mask in (None, np.tri(5, 7, dtype=bool), np.eye(5, 7, k=1, dtype=bool) ^ True)
]


def test_the_browser_computes_what_the_core_does(ask):
    scores = normal(2, 3, 5, 7)
    figures = [AttentionHeads(scores, **settings) for settings in SETTINGS]
    answers = ask([["compute", traits(figure)] for figure in figures])
    for settings, figure, answer in zip(SETTINGS, figures, answers, strict=True):
        sharp = {"mask": settings["mask"], "temperature": settings["temperature"]}
        heads = scores[settings["layer"]]
        expected = [attnlab.softmax(head, **sharp) for head in heads]
        if settings["joined"]:
            expected.append(attnlab.softmax(heads.sum(axis=0) / math.sqrt(3), **sharp))
        np.testing.assert_allclose(answer["result"], expected, atol=1e-6, err_msg=str(settings))
        np.testing.assert_allclose(figure.result, expected, atol=1e-12)
        assert answer["state"] == {n: settings[n] for n in ("temperature", "layer", "joined")}
        assert answer["names"] == ["head 0", "head 1", "head 2"] + ["one head"] * figure.joined


def test_a_row_with_nothing_allowed_is_zeros(ask):
    mask = np.array([[True, True], [False, False]])
    figure = AttentionHeads(np.full((2, 2, 2), 9.0), mask=mask, joined=True)
    (answer,) = ask([["compute", traits(figure)]])
    assert answer["result"] == [[[0.5, 0.5], [0, 0]]] * 3
    assert figure.result.tolist() == answer["result"]


def test_the_single_head_is_attention_with_the_same_queries_and_keys_undivided():
    query, key = normal(5, 12), normal(7, 12)
    for heads in (1, 2, 3):
        figure = AttentionHeads(
            query=attnlab.split_heads(query, heads), key=attnlab.split_heads(key, heads)
        )
        expected = attnlab.attention_weights(query, key)
        np.testing.assert_allclose(figure.joined_weights, expected, atol=1e-12)
        parts = (attnlab.split_heads(x, heads) for x in (query, key))
        np.testing.assert_allclose(figure.weights, attnlab.attention_weights(*parts))


def test_two_budgets_by_hand():
    # Head 0 gives key 0 two thirds, head 1 gives key 1 two thirds; together they are even.
    scores = [[[math.log(2), 0.0]], [[0.0, math.log(2)]]]
    figure = AttentionHeads(scores, joined=True)
    expected = [[[2 / 3, 1 / 3]], [[1 / 3, 2 / 3]], [[1 / 2, 1 / 2]]]
    np.testing.assert_allclose(figure.result, expected)


def test_weights_that_a_model_was_seen_to_use_are_shown_as_they_are():
    weights = attnlab.softmax(normal(2, 5, 7), np.tri(5, 7, dtype=bool))
    figure = AttentionHeads(weights=torch.tensor(weights, requires_grad=True))
    assert figure.seen, "there is no sum to write out"
    assert not AttentionHeads(weights).seen
    np.testing.assert_allclose(figure.weights, weights, atol=1e-12)
    figure.temperature = 2.0
    sharp = attnlab.softmax(normal(2, 5, 7), np.tri(5, 7, dtype=bool), temperature=2.0)
    np.testing.assert_allclose(figure.weights, sharp, atol=1e-9)


def test_one_head_without_its_axis_is_taken():
    assert AttentionHeads(normal(5, 7)).weights.shape == (1, 5, 7)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([[0.2, 0.7, 0.1]], "“sat” looks most at “cat” in head 0, 0.70."),
        (
            [[0.45, 0.45, 0.1], [0.0, 0.0, 1.0]],
            "“sat” looks most at “The” and “cat” in head 0, 0.45 each; at “sat” in head 1, 1.00.",
        ),
        ([[0.25] * 4], "“sat” looks most at 4 words alike in head 0, 0.25 each."),
        ([[0, 0, 0]] * 2, "“sat” may look at nothing: all weights are 0."),
        (
            [[1, 0], [1, 0], [0, 1], [0, 1], [0, 1]],
            "“sat” looks most at “cat” in 3; at “The” in 2 of 5 heads.",
        ),
    ],
)
def test_the_sentence(ask, rows, said):
    names = [f"head {head}" for head in range(len(rows))]
    assert ask([["sentenceOfHeads", "sat", rows, names, KEYS]]) == [said]


def test_of_equal_words_it_says_which(ask):
    words = ["and", "it", *["and"] * 12]
    told = ask([["quoted", words, place] for place in (0, 1, 2, 3, 4, 11, 12, 13)])
    ends = ["1st", None, "2nd", "3rd", "4th", "11th", "12th", "13th"]
    assert told == [f"“and” (the {end})" if end else "“it”" for end in ends]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "exp(2.00) / 8.39 = 0.88"),  # exp(2) = 7.39, beside exp(0) = 1
        ({"allowed": [False, True]}, "masked: exp(−∞) = 0"),
        ({"temperature": 0.5, "weight": 0.982}, "exp(2.00 / 0.5) / 55.60 = 0.98"),
        ({"scores": [29, 30], "weight": 0.269}, "exp(29.00 − 30) / 1.37 = 0.27"),
        (
            {"scores": [-82, -80], "temperature": 2, "weight": 0.269},
            "exp((−82.00 − (−80)) / 2) / 1.37 = 0.27",
        ),
        (
            {"scores": [1, 999], "allowed": [True, False], "weight": 1},
            "exp(1.00) / 2.72 = 1.00",
        ),
    ],
)
def test_the_arithmetic_of_one_cell(ask, changes, line):
    cell = {"scores": [2, 0], "allowed": [True, True], "column": 0, "temperature": 1}
    assert ask([["division", cell | {"weight": 0.881} | changes]]) == [line]


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({}, TypeError, "either scores, or both query and key"),
        (
            {"scores": np.zeros((2, 3, 3)), "weights": np.zeros((2, 3, 3))},
            TypeError,
            "scores, weights, or both query and key: one of these",
        ),
        (
            {"weights": np.full((1, 2, 2), 1.5)},
            ValueError,
            r"weights holds 1.5 at \[0, 0, 0, 0\], and a weight is from 0 to 1: give scores",
        ),
        ({"weights": [[-0.5, 1.5]]}, ValueError, r"weights holds -0.5 at \[0, 0, 0, 0\]"),
        ({"weights": [[math.nan, 1.0]]}, ValueError, r"weights holds nan at \[0, 0\]"),
        (
            {"scores": np.zeros((2, 3, 3)), "names": ["a"]},
            ValueError,
            "names has 1 words, and the figure 2: give one for each",
        ),
        ({"scores": np.zeros((2, 3, 3)), "words": ["a"]}, ValueError, "words has 1 words"),
        ({"scores": np.zeros((2, 3, 3)), "layer": 1}, ValueError, "layer is 1, .* from 0 to 0"),
        ({"scores": np.zeros((2, 3, 3)), "temperature": 0}, ValueError, "temperature is 0"),
        ({"scores": np.zeros((2, 3, 3)), "focus": [3, 0]}, ValueError, r"focus is \[3, 0\]"),
        (
            {"scores": np.zeros((2, 3, 3)), "mask": np.ones((2, 3), bool)},
            ValueError,
            r"mask has shape \(2, 3\), and the figure 3 queries by 3 keys",
        ),
        ({"scores": np.zeros((2, 3, 3)), "heads": 2}, TypeError, r"\['heads'\] is no argument"),
        (
            {"scores": np.zeros((2, 3, 3)), "controls": ["head"]},
            ValueError,
            r"\['head'\], and knows only \['temperature'\]",
        ),
    ],
)
def test_bad_input_is_named(arguments, error, words):
    with pytest.raises(error, match=words):
        attention_heads(**arguments)


def test_sliders_are_those_asked_for_and_one_for_layers():
    def words_on(live):
        named = [box for row in live.children[:-1] for box in row.children]
        return [getattr(box, "children", [box])[0].description for box in named]

    assert words_on(attention_heads(normal(2, 5, 7))) == ["temperature"]
    assert words_on(attention_heads(normal(2, 5, 7), controls=[])) == []
    layers = attention_heads(normal(3, 2, 5, 7), layer=1)
    assert words_on(layers) == ["layer", "temperature"]
    slider = layers.children[0].children[0].children[1]
    assert isinstance(slider, w.IntSlider)
    assert (slider.min, slider.max, slider.value) == (0, 2, 1)


def test_moments_of_a_training_name_the_slider_and_need_one_for_each():
    scores, moments = np.zeros((3, 2, 3, 4)), ["at the start", "after 40 steps", "at the end"]
    words = {"words": list("abc"), "key_words": list("stuv")}
    live = attention_heads(scores, **words, moments=moments, controls=())
    box, slider = live.children[0].children[0].children
    assert (box.description, slider.max, live.figure.moments) == ("moment", 2, moments)
    with pytest.raises(ValueError, match="moments has 2 words, and the figure 3"):
        attention_heads(scores, **words, moments=moments[:2])


def test_viewers_without_widgets_get_a_picture_and_a_line():
    live = attention_heads(normal(2, 5, 7), list("abcde"), key_words=KEYS, joined=True)
    first, second = (live._repr_mimebundle_() for _ in range(2))
    assert first == second
    assert first["text/plain"] == "Live view of 2 heads, 5 queries by 7 keys, and one head for all"
    assert first["image/png"].startswith("iVBORw0KGgo"), "base64 of a PNG's first bytes"


def test_the_picture_shows_the_figure_as_it_stands():
    figure = AttentionHeads(normal(2, 5, 3, 7))
    pictures = {figure.png()}
    for trait, value in [("temperature", 4.0), ("layer", 1), ("joined", True)]:
        setattr(figure, trait, value)
        pictures.add(figure.png())
    assert len(pictures) == 4, "each setting has a picture of its own"


def test_the_example_in_the_docstring():
    result = doctest.testmod(heads_view, extraglobs={"np": np})
    assert result.attempted > 0
    assert result.failed == 0
