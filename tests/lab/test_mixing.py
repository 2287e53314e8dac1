"""Who mixes what: its JavaScript held to Python, its words, and what Python refuses."""

import doctest

import numpy as np
import pytest
import torch
from ipywidgets.embed import dependency_state

from attnlab.lab import LayerMixing, layer_mixing
from attnlab.lab.widgets import mixing as module
from attnlab.nn import EncoderLayer
from node import javascript, traits

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    """A function from calls [name, arguments ...] of the figure's JavaScript to its answers."""
    with javascript("mixing.js", tmp_path_factory.mktemp("mixing")) as answers:
        yield answers


def slopes(parts=2, masks=3, positions=5, width=7):
    sizes = (parts, masks, positions, width, positions, width)
    return np.random.default_rng(sum(sizes)).normal(size=sizes)


def figure(**arguments):
    return LayerMixing(slopes(), ["one", "other"], ["none", "some", "all"], **arguments)


def test_the_browser_shows_the_influences_that_python_has(ask):
    shown = figure(words=list("abcde"), features=[f"f{i}" for i in range(7)])
    everything = slopes()
    for part, name in enumerate(shown.parts):
        for mask, way in enumerate(shown.masks):
            shown.part, shown.mask = name, way
            expected = np.sqrt((everything[part, mask] ** 2).sum(axis=(1, 3)) / 7)
            np.testing.assert_allclose(shown.result, expected, atol=1e-12)
            (answer,) = ask([["compute", traits(shown)]])
            np.testing.assert_allclose(answer["result"], expected, atol=1e-6, rtol=0)
            assert answer["state"] == {"part": name, "mask": way}
            (block,) = ask([["blockAt", answer["slopes"], 7, 3, 1]])
            np.testing.assert_array_equal(block, everything[part, mask, 3, :, 1])


def test_an_encoder_is_taken_apart():
    torch.manual_seed(0)
    stack = [EncoderLayer(4, 2, 8) for _ in range(2)]
    live = layer_mixing(stack, np.random.default_rng(0).normal(size=(3, 4)))
    shown = live.figure
    assert shown.parts[-2:] == ["1 layer", "2 layers"]
    assert shown.masks == ["none", "causal", "neighbours"]
    np.testing.assert_allclose(shown.result, np.eye(3), atol=1e-12)
    shown.part, shown.mask = "attention", "causal"
    np.testing.assert_array_equal(shown.result != 0, np.tril(np.ones((3, 3), bool)))
    shown.mask = "none"
    assert shown.result.all()


def test_own_masks_and_no_control_where_there_is_no_choice():
    mask = np.array([[True, False], [True, True]])
    live = layer_mixing(
        [EncoderLayer(4, 2, 8)], np.eye(2, 4), masks={"own": mask}, part="attention"
    )
    np.testing.assert_array_equal(live.figure.result != 0, mask)
    assert len(live.children[0].children) == 1


def test_both_scales_of_colours_end_at_the_largest_of_a_part_with_any_mask(ask):
    shown, everything = figure(), slopes()
    moved = np.sqrt((everything**2).sum(axis=(3, 5)) / 7)
    for part, name in enumerate(shown.parts):
        shown.part = name
        ends = ask([["compute", traits(shown)]])[0]["ends"]
        assert ends["influence"] == pytest.approx(moved[part].max())
        assert ends["slope"] == pytest.approx(abs(everything[part]).max())


# 0.3² + 0.4² + 1.2² = 0.09 + 0.16 + 1.44 = 1.69; over 2 features 0.845, its root 0.92.
@pytest.mark.parametrize(
    ("block", "value", "lines"),
    [
        (
            [[0.3, 0], [-0.4, 1.2]],
            0.919,
            [
                ["slopes", "3 of 4 are not 0"],
                ["squares", "0.30² + (−0.40)² + 1.20² = 1.69"],
                ["influence", "√(1.69 / 2) = 0.92"],
            ],
        ),
        (
            [[0, 0], [0, 0]],
            0,
            [["slopes", "all 4 are exactly 0"], ["influence", "0: nothing gets through"]],
        ),
        (
            [[1, 1, 1], [1, 1, 0.001], [-0.001, 0, 0]],
            1.29,
            [
                ["slopes", "7 of 9 are not 0"],
                ["squares", "1.00² + 1.00² + 1.00² + … = 5.00"],
                ["influence", "√(5.00 / 3) = 1.29"],
            ],
        ),
    ],
)
def test_the_arithmetic_of_one_pair(ask, block, value, lines):
    assert ask([["stepsOfMixing", block, value]]) == [lines]


@pytest.mark.parametrize(
    ("row", "value", "said"),
    [
        ([0.1, 2], 2, "attention: sat moves with all 2 words, with cat by 2.00 for a nudge of 1."),
        ([1, 0, 0], 0, "attention: sat moves with 1 of 3 words, not with cat."),
        ([0, 0, 0], 0, "attention: sat moves with no word, not with cat."),
    ],
)
def test_the_sentence(ask, row, value, said):
    call = {"part": "attention", "row": row, "word": "sat", "other": "cat", "value": value}
    assert ask([["sentenceOfMixing", call]]) == [said]


def test_slopes_as_they_stand_in_cells(ask):
    given = [0.41, -0.05, 0.004, -0.004, 1.5, -1.25, 123456.0]
    written = [".41", "−.05", ".00", ".00", "1.50", "−1.25", "1.2e+5"]
    assert ask([["slopeText", value] for value in given]) == written


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"slopes": np.ones((2, 3, 5, 7))}, ValueError, r"slopes has shape \(2, 3, 5, 7\)"),
        ({"slopes": np.ones((2, 3, 5, 7, 5, 6))}, ValueError, "outputs and inputs of the same"),
        ({"slopes": slopes() * np.nan}, ValueError, "slopes holds nan"),
        ({"parts": ["one"]}, ValueError, "parts has 1 words, and the figure 2"),
        ({"masks": ["one"]}, ValueError, "masks has 1 words, and the figure 3"),
        ({"words": ["one"]}, ValueError, "words has 1 words, and the figure 5"),
        ({"features": ["one"]}, ValueError, "features has 1 words, and the figure 7"),
        ({"part": "heart"}, ValueError, "part is 'heart', and must be one of one, other"),
        ({"mask": "iron"}, ValueError, "mask is 'iron', and must be one of none, some, all"),
        ({"focus": [5, 0]}, ValueError, r"focus is \[5, 0\], .* within \[5, 5\]"),
        ({"depth": 2}, TypeError, r"\['depth'\] is no argument"),
    ],
)
def test_bad_input_is_named(arguments, error, words):
    known = {"slopes": slopes(), "parts": ["one", "other"], "masks": ["none", "some", "all"]}
    with pytest.raises(error, match=words):
        LayerMixing(**(known | arguments))


def test_each_control_is_linked_to_its_trait_in_the_browser():
    live = layer_mixing([EncoderLayer(4, 2, 8)], np.eye(3, 4))
    part, mask = live.children[0].children
    stored = [model["state"] for model in dependency_state(live).values()]
    links = [(state["source"], state["target"]) for state in stored if "target" in state]
    ends = {(source[0][10:], source[1], target[0][10:], target[1]) for source, target in links}
    to = live.figure.model_id
    assert ends == {(part.model_id, "value", to, "part"), (mask.model_id, "value", to, "mask")}
    assert part._options_labels == live.figure.parts


def test_viewers_without_widgets_get_a_picture_and_a_line():
    live = layer_mixing([EncoderLayer(4, 2, 8)], np.eye(3, 4), ["$x$", "猫", "b"])
    first, second = (live._repr_mimebundle_() for _ in range(2))
    assert first == second, "the same figure is stored as the same bytes"
    assert first["text/plain"].startswith("Live view of who mixes what, 3 positions of 4 features")
    assert first["image/png"].startswith("iVBORw0KGgo"), "base64 of a PNG's first bytes"


def test_the_picture_shows_the_figure_as_it_stands():
    shown = figure()
    pictures = {shown.png()}
    for trait, value in [("part", "other"), ("mask", "all"), ("focus", [1, 2])]:
        setattr(shown, trait, value)
        pictures.add(shown.png())
    assert len(pictures) == 4, "each setting has a picture of its own"
    assert all(picture.startswith(PNG) for picture in pictures)


def test_the_example_in_the_docstring():
    result = doctest.testmod(module, extraglobs={"np": np})
    assert result.attempted > 0
    assert result.failed == 0
