"""The norm block: its JavaScript held to the core, its words, and what Python refuses."""

import doctest

import numpy as np
import pytest
import torch
from ipywidgets.embed import dependency_state

import attnlab
from attnlab.lab import NormBlock, norm_block
from attnlab.lab.widgets import norm_block as module
from attnlab.lab.widgets.norm_block import KINDS
from node import javascript, traits

PNG = b"\x89PNG\r\n\x1a\n"
EPSILON = 1e-5


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    """A function from calls [name, arguments ...] of the figure's JavaScript to its answers."""
    with javascript("norm_block.js", tmp_path_factory.mktemp("norm_block")) as answers:
        yield answers


def normal(*shape):
    return np.random.default_rng(sum(shape)).normal(size=shape) * 2 + 1


def oracle(block, kind, groups=None):
    """The normalised block by the core's functions of that name, not by `statistics`."""
    return {
        "BatchNorm": attnlab.batch_norm,
        "LayerNorm of tokens": lambda x: attnlab.layer_norm(x, kind="layer of tokens"),
        "LayerNorm of images": lambda x: attnlab.layer_norm(x, kind="layer of images"),
        "InstanceNorm": attnlab.instance_norm,
        "GroupNorm": lambda x: attnlab.group_norm(x, groups),
        "RMSNorm": attnlab.rms_norm,
    }[kind](block)


def shown(ask, figures):
    return ask([["compute", traits(figure)] for figure in figures])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 3, 5), (3, 7, 2), (5, 2, 6), (1, 11, 4)])
def test_browser_and_python_agree_with_the_core(ask, kind, shape):
    groups = 1 if shape[2] % 2 else 2
    figures = [NormBlock(normal(*shape), kind=kind, padding=p, most=5) for p in (0, 1, 5)]
    for figure, answer in zip(figures, shown(ask, figures), strict=True):
        block = np.concatenate(
            [normal(*shape), np.zeros((shape[0], figure.padding, shape[2]))], axis=1
        )
        expected = oracle(block, kind, groups)
        np.testing.assert_allclose(figure.result, expected, atol=1e-12)
        np.testing.assert_allclose(answer["result"], expected, atol=1e-6, rtol=0)
        assert answer["state"] == {"kind": kind, "padding": figure.padding, "show": "input"}


@pytest.mark.parametrize("kind", KINDS)
def test_an_image_is_normalised_as_the_core_does_with_four_axes(ask, kind):
    x = normal(2, 6, 3, 5)
    figure = NormBlock(x, kind=kind)
    expected = oracle(x, kind, 2).transpose(0, 2, 3, 1).reshape(2, 15, 6)
    np.testing.assert_allclose(figure.result, expected, atol=1e-12)
    np.testing.assert_allclose(shown(ask, [figure])[0]["result"], expected, atol=1e-6, rtol=0)
    assert figure.words[1][7] == "1, 2", "rows are read line by line"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(2, 7, 6), (2, 6, 3, 5)])
def test_the_shape_is_that_of_the_statistics(ask, kind, shape):
    figure = NormBlock(normal(*shape), groups=3)
    groups = {"groups": 3} if kind == "GroupNorm" else {}
    mean, _ = attnlab.statistics(normal(*shape), KINDS[kind], **groups)
    call = ["shapeOfMean", kind, list(figure.block.shape), 3, figure.image]
    assert ask([call]) == [list(mean.shape)]


@pytest.mark.parametrize("kind", KINDS)
def test_what_lights_up_is_what_an_output_depends_on(ask, kind):
    x = torch.from_numpy(normal(3, 5, 4)).requires_grad_()
    for place in [(0, 0, 0), (1, 4, 3), (2, 2, 1)]:
        (slope,) = torch.autograd.grad(oracle(x, kind, 2)[place], x)
        lit = np.zeros(x.shape, bool)
        (ranges,) = ask([["together", kind, list(x.shape), 2, list(place)]])
        lit[tuple(slice(*ends) for ends in ranges)] = True
        np.testing.assert_array_equal(slope.abs().numpy() > 1e-12, lit)


def test_epsilon_and_groups_are_those_given(ask):
    figure = NormBlock(normal(2, 3, 6), kind="GroupNorm", groups=3, epsilon=0.5)
    expected = attnlab.group_norm(normal(2, 3, 6), 3, epsilon=0.5)
    np.testing.assert_allclose(figure.result, expected)
    np.testing.assert_allclose(shown(ask, [figure])[0]["result"], expected, atol=1e-6, rtol=0)


def test_samples_of_many_lengths_are_padded_with_zeros_and_real_cells_compared(ask):
    samples = [normal(4, 3), normal(2, 3), normal(1, 3)]
    figures = [NormBlock(samples, kind=kind, padding=3, most=3) for kind in KINDS]
    for figure, answer in zip(figures, shown(ask, figures), strict=True):
        assert figure.block.shape == (3, 7, 3)
        np.testing.assert_array_equal(figure.block[1, :2], samples[1])
        assert not figure.block[1, 2:].any()
        after = figure.result
        figure.padding = 0
        before = figure.result
        gaps = [abs(after[i, :n] - before[i, :n]).max() for i, n in enumerate([4, 2, 1])]
        assert answer["moved"] == pytest.approx(max(gaps), abs=1e-9)
        tokens_alone = figure.kind in ("LayerNorm of tokens", "RMSNorm")
        assert (max(gaps) < 1e-12) == tokens_alone


def test_movement_by_hand_counts_real_cells_only(ask):
    before, after = [[[0], [5]], [[2], [3]]], [[[1], [99]], [[2], [5]]]
    calls = [["moved", before, after, lengths] for lengths in ([1, 1], [1, 2], [2, 2])]
    assert ask(calls) == [1, 2, 94]


# 3, 0, 1 and 0: mean 1, squares of what is left 4 + 1 + 0 + 1 = 6, a quarter of it 1.5.
CAT = {"cells": [3, 0, 1, 0], "mean": 1, "variance": 1.5, "value": 3, "epsilon": EPSILON}


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        (
            {"kind": "LayerNorm of tokens"},
            [
                ["mean", "(3 + 0 + 1 + 0) / 4 = 1.00"],
                ["variance", "((3 − 1.00)² + (0 − 1.00)² + (1 − 1.00)² + (0 − 1.00)²) / 4 = 1.50"],
                ["output", "(3 − 1.00) / √(1.50 + 0.00001) = 1.63"],
            ],
        ),
        (
            {"kind": "RMSNorm", "mean": 0, "variance": 2.5},
            [
                ["mean square", "(3² + 0² + 1² + 0²) / 4 = 2.50"],
                ["output", "3 / √(2.50 + 0.00001) = 1.90"],
            ],
        ),
        (
            {"kind": "BatchNorm", "cells": [-1, 2, 0, 0, -3.5], "mean": -0.5, "variance": 3.2}
            | {"value": -3.5},
            [
                ["mean", "((−1) + 2 + … + (−3.50)) / 5 = −0.50"],
                [
                    "variance",
                    "((−1 − (−0.50))² + (2 − (−0.50))² + … + (−3.50 − (−0.50))²) / 5 = 3.20",
                ],
                ["output", "(−3.50 − (−0.50)) / √(3.20 + 0.00001) = −1.68"],
            ],
        ),
    ],
    ids=["tokens", "rms", "negative"],
)
def test_the_arithmetic_of_one_cell(ask, changes, lines):
    assert ask([["steps", CAT | changes]]) == [lines]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("BatchNorm", "feature who of all 3 samples and 6 positions"),
        ("LayerNorm of tokens", "position cat of sample 1, all 4 features"),
        ("LayerNorm of images", "sample 1 as a whole, 6 positions and 4 features"),
        ("InstanceNorm", "feature who of sample 1, 6 positions"),
        ("GroupNorm", "features who and where of sample 1, 6 positions"),
        ("RMSNorm", "position cat of sample 1, all 4 features"),
    ],
)
def test_the_words_for_what_is_averaged(ask, kind, said):
    names = ["who", "where"] if kind == "GroupNorm" else ["who"]
    words = {"sample": "sample 1", "samples": 3, "word": "cat", "positions": 6, "features": 4}
    words |= {"names": names, "places": "position", "channels": "feature"}
    assert ask([["described", kind, words]]) == [said]


def test_numbers_as_they_stand_in_cells(ask):
    numbers = [
        (3, 2),
        (-1, 2),
        (0.5, 2),
        (-0.25, 2),
        (-0.004, 2),
        (1.26, 1),
        (12.34, 2),
        (-123.4, 2),
    ]
    texts = ["3", "−1", ".50", "−.25", ".00", "1.3", "12.3", "−123"]
    assert ask([["inBlock", *number] for number in numbers]) == texts


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (
            {"x": np.ones((2, 3))},
            ValueError,
            r"x has shape \(2, 3\), .* \(batch, position, feature\)",
        ),
        ({"x": np.ones(3)}, ValueError, r"x has shape \(3,\)"),
        ({"x": np.ones((2, 0, 3))}, ValueError, r"\(2, 0, 3\)"),
        ({"x": [[[1.0, np.nan]]]}, ValueError, r"x\[0\] holds nan at \[0, 1\]"),
        (
            {"x": [np.ones((2, 3)), np.ones((2, 4))]},
            ValueError,
            r"x has samples of \[3, 4\] features",
        ),
        ({"words": [["a"] * 3]}, ValueError, "words has 1 lists, and x 2 samples"),
        ({"words": [["a"] * 3, ["a"] * 2]}, ValueError, r"words\[1\] has 2 words, .* 3"),
        ({"features": ["a"]}, ValueError, "features has 1 words, and the figure 4"),
        ({"samples": ["a"]}, ValueError, "samples has 1 words, and the figure 2"),
        ({"kind": "batch"}, ValueError, "kind is 'batch', and must be one of BatchNorm, "),
        ({"show": "both"}, ValueError, "show is 'both', and must be one of input, output"),
        ({"padding": 1}, ValueError, "padding is 1, and must be from 0 to 0: most says"),
        ({"padding": -1}, ValueError, "padding is -1"),
        ({"most": -1}, ValueError, "most is -1, and must be at least 0"),
        ({"epsilon": 0}, ValueError, "epsilon is 0.0, and must be above 0"),
        ({"groups": 3}, ValueError, "groups is 3 and x has 4 features: .* 1, 2, 4"),
        ({"focus": [3, 0]}, ValueError, r"focus is \[3, 0\], .* within \[3, 8\]"),
        ({"focus": [0, 8]}, ValueError, r"focus is \[0, 8\]"),
        ({"heads": 2}, TypeError, r"\['heads'\] is no argument"),
    ],
)
def test_bad_input_is_named(arguments, error, words):
    with pytest.raises(error, match=words):
        NormBlock(**({"x": np.ones((2, 3, 4))} | arguments))


def test_unknown_kinds_and_controls_are_named():
    x = np.ones((2, 3, 4))
    with pytest.raises(ValueError, match=r"controls has \['size'\], and knows only .*padding"):
        norm_block(x, controls=["size"])
    with pytest.raises(ValueError, match=r"kinds is \['RMSNorm'\], and must hold 'BatchNorm'"):
        norm_block(x, kinds=["RMSNorm"], kind="BatchNorm")
    with pytest.raises(ValueError, match="and only BatchNorm"):
        norm_block(x, kinds=["BatchNorm", "Norm"])


def test_each_control_is_linked_to_its_trait_in_the_browser():
    live = norm_block(normal(2, 3, 4), controls=["kind", "padding", "show"])
    kind, pair, show = live.children[0].children
    box, slider = pair.children
    stored = [model["state"] for model in dependency_state(live).values()]
    links = [(state["source"], state["target"]) for state in stored if "target" in state]
    ends = {(source[0][10:], source[1], target[0][10:], target[1]) for source, target in links}
    figure = live.figure.model_id
    assert ends == {
        (kind.model_id, "value", figure, "kind"),
        (slider.model_id, "value", figure, "padding"),
        (box.model_id, "value", slider.model_id, "value"),
        (show.model_id, "value", figure, "show"),
    }
    assert kind._options_labels == list(KINDS)
    assert show._options_labels == ["input", "output"]
    assert (slider.min, slider.max) == (0, 6)


def test_only_some_kinds_and_the_first_of_them_is_shown():
    live = norm_block(normal(2, 3, 4), kinds=["RMSNorm", "InstanceNorm"])
    assert live.figure.kind == "RMSNorm"
    assert live.children[0].children[0]._options_labels == ["RMSNorm", "InstanceNorm"]


def test_viewers_without_widgets_get_a_picture_and_a_line():
    live = norm_block([normal(4, 3), normal(2, 3)], [list("abcd"), ["$x$", "猫"]], kind="RMSNorm")
    first, second = (live._repr_mimebundle_() for _ in range(2))
    assert first == second, "the same figure is stored as the same bytes"
    assert first["text/plain"] == "Live norm block, 2 samples of 4 positions by 3 features"
    assert first["image/png"].startswith("iVBORw0KGgo"), "base64 of a PNG's first bytes"
    assert (
        repr(NormBlock(normal(1, 2, 3, 5)))
        == "Live norm block, 1 sample of 15 places by 2 channels"
    )


def test_the_picture_shows_the_figure_as_it_stands():
    figure = NormBlock(normal(2, 3, 4), most=2)
    pictures = {figure.png()}
    for trait, value in [("show", "output"), ("kind", "InstanceNorm"), ("padding", 2)]:
        setattr(figure, trait, value)
        pictures.add(figure.png())
    assert len(pictures) == 4, "each setting has a picture of its own"
    assert all(picture.startswith(PNG) for picture in pictures)


def test_the_example_in_the_docstring():
    result = doctest.testmod(module, extraglobs={"np": np})
    assert result.attempted > 0
    assert result.failed == 0
