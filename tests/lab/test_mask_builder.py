"""The mask builder: its Python class, and its JavaScript held to the core and to sums by hand."""

import doctest
import itertools

import ipywidgets as w
import numpy as np
import pytest
import torch

import attnlab
from attnlab.lab import MaskBuilder, mask_builder
from attnlab.lab.widgets import mask_builder as module
from node import javascript, traits

WORDS = ["The", "cat", "sat", "on", "the", "mat"]
PATH = np.eye(7, k=1) + np.eye(7, k=-1)  # a graph: seven nodes in a row
PARTS = ["causal", "window", "padding", "graph"]


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    """A function from calls [name, arguments ...] of the figure's JavaScript to its answers."""
    with javascript("mask_builder.js", tmp_path_factory.mktemp("masks")) as answers:
        yield answers


def normal(*shape):
    return np.random.default_rng(len(shape)).normal(size=shape) * 3


def settings():
    """Every choice of masks, joined in both ways, at several reaches and lengths."""
    for switches in itertools.product([False, True], repeat=4):
        for combine, reach, length in itertools.product(["and", "or"], [0, 2, 6], [0, 3, 7]):
            numbers = {"combine": combine, "reach": reach, "length": length}
            yield dict(zip(PARTS, switches, strict=True)) | numbers


def by_loop(scores, adjacency, setting) -> tuple[np.ndarray, np.ndarray]:
    """What is allowed, pair by pair, and the weights."""
    allowed = np.zeros(scores.shape, bool)
    for query, key in np.ndindex(scores.shape):
        answers = []
        if setting["causal"]:
            answers.append(key <= query)
        if setting["window"]:
            answers.append(abs(query - key) <= setting["reach"])
        if setting["padding"]:
            answers.append(key < setting["length"])
        if setting["graph"]:
            answers.append(adjacency[query, key] != 0)
        together = all if setting["combine"] == "and" else any
        allowed[query, key] = together(answers) if answers else True
    return allowed, attnlab.softmax(scores, allowed)


def test_python_and_browser_agree_with_the_loop_over_all_settings(ask):
    scores, every = normal(7, 7), list(settings())
    figures = [MaskBuilder(scores, adjacency=PATH, **setting) for setting in every]
    answers = ask([["compute", traits(figure)] for figure in figures])
    for setting, figure, answer in zip(every, figures, answers, strict=True):
        allowed, weights = by_loop(scores, PATH, setting)
        told = str(setting)
        np.testing.assert_array_equal(figure.allowed, allowed, err_msg=told)
        np.testing.assert_array_equal(figure.weights, weights, err_msg=told)
        np.testing.assert_array_equal(figure.result, weights, err_msg=told)
        np.testing.assert_array_equal(answer["allowed"], allowed, err_msg=told)
        np.testing.assert_allclose(answer["result"], weights, atol=1e-6, rtol=0, err_msg=told)
        assert np.all(np.asarray(answer["result"])[~allowed] == 0.0), f"{told}: exactly 0"
        assert answer["state"] == setting


@pytest.mark.parametrize("shape", [(1, 1), (2, 11), (11, 2), (5, 3)])
def test_other_numbers_of_queries_and_keys(ask, shape):
    scores = normal(*shape)
    masks = {"causal": True, "window": True, "padding": True}
    figures = [
        MaskBuilder(scores, reach=reach, length=length, combine=combine, **masks)
        for reach in (0, max(shape) - 1)
        for length in (0, 1, shape[1])
        for combine in ("and", "or")
    ]
    for figure, answer in zip(
        figures, ask([["compute", traits(figure)] for figure in figures]), strict=True
    ):
        _, weights = by_loop(scores, None, answer["state"])
        np.testing.assert_array_equal(figure.weights, weights)
        np.testing.assert_allclose(answer["result"], weights, atol=1e-6, rtol=0)


def test_lengths_two_and_six_by_hand():
    halves = MaskBuilder(np.zeros((6, 6)), padding=True, length=2)
    assert halves.weights.tolist() == [[1 / 2, 1 / 2, 0, 0, 0, 0]] * 6
    halves.length = 6
    np.testing.assert_array_equal(halves.weights, np.full((6, 6), 1 / 6))
    halves.length = 0
    np.testing.assert_array_equal(halves.weights, np.zeros((6, 6)))


def test_at_first_nothing_is_forbidden_and_the_ends_of_the_sliders_forbid_nothing():
    for shape in [(3, 7), (7, 3)]:
        assert MaskBuilder(normal(*shape)).allowed.all()
        assert MaskBuilder(normal(*shape), window=True, padding=True).allowed.all()


def test_or_lets_a_first_word_be_seen_by_all():
    figure = MaskBuilder(
        np.zeros((4, 4)), window=True, reach=0, padding=True, length=1, combine="or"
    )
    expected = [[1, 0, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 1]]
    assert figure.allowed.astype(int).tolist() == expected


def test_vectors_give_the_scores():
    query, key = normal(5, 3), normal(7, 3)
    figure = MaskBuilder(query=torch.tensor(query), key=key, causal=True)
    expected = attnlab.attention_weights(query, key, attnlab.causal(np.arange(5), np.arange(7)))
    np.testing.assert_allclose(figure.weights, expected, atol=1e-12)


def line(figure, ask, query, key):
    (shown,) = ask([["compute", traits(figure)]])
    (lines,) = ask([["whether", query, key, shown]])
    return dict(lines)


def test_each_part_says_why(ask):
    figure = MaskBuilder(
        normal(7, 7), causal=True, window=True, reach=1, padding=True, length=6, adjacency=PATH
    )
    assert line(figure, ask, 2, 4) == {
        "causal": "4 ≤ 2? no",
        "window": "|2 − 4| ≤ 1? no",
        "padding": "4 < 6? yes",
        "graph": "off",
        "together": "no and no and yes: forbidden",
    }
    figure.combine = "or"
    assert line(figure, ask, 2, 4)["together"] == "no or no or yes: allowed"
    figure.graph = True
    assert line(figure, ask, 2, 4)["graph"] == "an edge from 2 to 4? no"
    assert line(figure, ask, 2, 1)["graph"] == "an edge from 2 to 1? yes"


def test_with_nothing_switched_on_nothing_is_asked(ask):
    said = line(MaskBuilder(np.eye(3)), ask, 0, 2)
    assert said["together"] == "nothing is asked: allowed"
    assert "graph" not in said, "there is no graph to ask"


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({}, TypeError, "either scores, or both query and key"),
        (
            {"scores": np.ones((2, 3, 3))},
            ValueError,
            r"1 layers and 2 heads.*scores\[layer, head\]",
        ),
        ({"scores": [[0, np.nan]]}, ValueError, r"scores holds nan at \[0, 1\]"),
        ({"words": ["a"]}, ValueError, "words has 1 words, and the figure 3"),
        ({"words": "abc"}, TypeError, r"words is one string: write words.split\(\)"),
        ({"reach": 3}, ValueError, "reach is 3, and must be from 0 to 2"),
        ({"reach": -1}, ValueError, "reach is -1, and must be from 0 to 2"),
        ({"length": 4}, ValueError, "length is 4, and must be from 0 to 3"),
        ({"length": -1}, ValueError, "length is -1, and must be from 0 to 3"),
        ({"combine": "xor"}, ValueError, "combine is 'xor', and must be one of and, or"),
        ({"graph": True}, ValueError, "graph is True, and no edges are known: give adjacency"),
        ({"adjacency": np.eye(3)[:2]}, ValueError, "adjacency has 2 rows and 3 columns"),
        ({"adjacency": np.eye(4)}, ValueError, r"shape \(4, 4\), and the figure 3 queries by 3"),
        ({"focus": [3, 0]}, ValueError, r"focus is \[3, 0\], .* within \[3, 3\]"),
        ({"causal": "yes"}, Exception, "'causal' trait .* expected a boolean"),
        ({"mask": np.eye(3) == 1}, TypeError, r"\['mask'\] is no argument"),
        ({"controls": ["graph"]}, ValueError, r"\['graph'\], and knows only .*'causal'"),
    ],
)
def test_bad_input_is_named(arguments, error, words):
    given = {"scores": np.eye(3)} | arguments if arguments else {}
    with pytest.raises(error, match=words):
        mask_builder(**given)


def controls(live):
    """What the controls are called, in their order; each slider stands beside its box."""

    def below(widget):
        yield widget
        for child in getattr(widget, "children", ()):
            yield from below(child)

    found = [c for c in below(live) if getattr(c, "description", "")]
    return [c.description for c in found if not isinstance(c, w.IntSlider)]


def test_the_controls():
    parts = ["causal", "window", "window reach", "padding", "valid length"]
    assert controls(mask_builder(np.eye(3))) == [*parts, "combine with"]
    with_graph = mask_builder(np.eye(3), adjacency=np.eye(3))
    assert controls(with_graph) == [*parts, "graph", "combine with"]
    assert controls(mask_builder(np.eye(3), controls=["padding"])) == parts[3:]
    assert "window reach" not in controls(mask_builder([[1.0]])), "one word has no window to move"


def test_what_is_stored():
    live = mask_builder(normal(6, 6), WORDS, causal=True)
    data = live._repr_mimebundle_()
    assert repr(live) == data["text/plain"] == "Live mask builder, 6 queries by 6 keys"
    assert data["image/png"].startswith("iVBORw0KGgo"), "base64 of a PNG's first bytes"
    pictures = {live.figure.png(), live.figure.png()}
    assert len(pictures) == 1, "the same figure is stored as the same bytes"
    live.figure.window = True
    for trait, value in [("reach", 1), ("combine", "or"), ("causal", False)]:
        setattr(live.figure, trait, value)
        pictures.add(live.figure.png())
    assert len(pictures) == 4, "and each mask has a picture of its own"


def test_scores_of_zero_and_of_one_word_have_a_picture():
    assert MaskBuilder(np.zeros((2, 2))).png()
    assert MaskBuilder([[1e300]], ["<b>$x$</b>"]).png()


def test_arguments_are_not_written_to():
    scores, adjacency = np.zeros((3, 3)), np.eye(3)
    figure = MaskBuilder(scores, adjacency=adjacency, graph=True)
    scores[:], adjacency[:] = 9.0, 1.0
    assert figure.weights.tolist() == np.eye(3).tolist()


def test_the_example_in_the_docstring():
    result = doctest.testmod(module, extraglobs={"np": np})
    assert result.attempted > 0
    assert result.failed == 0
