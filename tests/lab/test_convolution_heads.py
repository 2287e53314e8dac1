"""Nine heads and a convolution: the JavaScript held to the core and to PyTorch; its words."""

import doctest

import numpy as np
import pytest
import torch

from attnlab.lab import ConvolutionHeads, convolution_heads
from attnlab.lab.widgets.convolution_heads import KERNELS
from node import javascript, traits

PICTURE = np.arange(20.0).reshape(4, 5) / 20


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    with javascript("convolution_heads.js", tmp_path_factory.mktemp("convolution")) as answers:
        yield answers


def by_chance(count):
    random = np.random.default_rng(0)
    for place in range(count):
        height, width = (int(side) for side in random.integers(2, 8, 2))
        own = random.normal(size=(3, 3))
        kernel = str(random.choice(list(KERNELS))) if place % 2 else own
        name = kernel if isinstance(kernel, str) else "own"
        yield ConvolutionHeads(
            random.normal(size=(height, width)),
            kernel,
            sharpness=float([0, 100, *random.uniform(0, 20, 8)][place % 10]),
            query=int(random.integers(height * width)),
            edited={name: random.normal(size=(3, 3)).tolist()} if place % 3 == 0 else {},
        )


def test_the_browser_agrees_with_the_core_at_settings_by_chance(ask):
    figures = list(by_chance(40))
    for figure, answer in zip(figures, ask([["compute", traits(f)] for f in figures]), strict=True):
        for shown, expected in zip(answer["result"], figure.result, strict=True):
            np.testing.assert_allclose(shown, expected, rtol=0, atol=1e-9)
        np.testing.assert_allclose(answer["output"], figure.output.ravel(), rtol=0, atol=1e-9)
        np.testing.assert_allclose(answer["convolved"], figure.convolved.ravel(), atol=1e-9)


def test_pytorch_convolves_alike():
    for figure in by_chance(20):
        image, kernel = (
            torch.tensor(each)[None, None] for each in (figure.image[0, 0], figure.numbers)
        )
        expected = torch.nn.functional.conv2d(image, kernel, padding=1)[0, 0].numpy()
        np.testing.assert_allclose(figure.convolved, expected, rtol=0, atol=1e-12)
        figure.sharpness = 50.0
        np.testing.assert_allclose(figure.output, expected, rtol=0, atol=1e-12)


def test_at_sharpness_0_a_head_reads_the_mean_of_the_picture(ask):
    figure = ConvolutionHeads(PICTURE, "identity", sharpness=0.0)
    np.testing.assert_allclose(figure.output, PICTURE.mean())
    (shown,) = ask([["compute", traits(figure)]])
    np.testing.assert_allclose(shown["output"], PICTURE.mean())


def test_at_the_border_a_head_may_see_nothing(ask):
    figure = ConvolutionHeads(PICTURE, "blur", sharpness=100.0, query=0)
    (shown,) = ask([["compute", traits(figure)]])
    blind = [weights is None for weights in shown["maps"]]
    assert blind == [True, True, True, True, False, False, True, False, False]
    assert [sum(row) > 0 for row in figure.result[1]] == [not each for each in blind]
    corner = (0 + 1 + 5 + 6) / 20 / 9
    np.testing.assert_allclose(figure.result[2], [corner, corner])


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_difference_falls_with_sharpness(kernel):
    figure = ConvolutionHeads(np.random.default_rng(0).random((8, 8)), kernel)
    found = []
    for sharpness in (2.0, 4.0, 8.0, 16.0, 32.0):
        figure.sharpness = sharpness
        found.append(figure.difference)
    assert found == sorted(found, reverse=True)
    assert found[-1] < 1e-12 * abs(figure.numbers).sum() < found[0]


def test_prepared_kernels_do_what_they_are_called():
    picture = np.zeros((3, 4))
    picture[1, 1] = 1.0
    right = ConvolutionHeads(picture, "shift to the right").convolved
    np.testing.assert_array_equal(np.argwhere(right), [[1, 2]])
    steps = {"edges from left to right": picture * 0 + np.arange(4)}
    steps["edges from top to bottom"] = picture * 0 + np.arange(3)[:, None]
    for name, step in steps.items():
        assert ConvolutionHeads(step, name).convolved[1, 1] == 8.0
        assert ConvolutionHeads(step * 0 + 1, name).convolved[1, 1] == 0.0
    assert ConvolutionHeads(picture * 0 + 1, "sharpen").convolved[1, 1] == 1.0


def told(ask, **settings):
    (shown,) = ask([["compute", traits(ConvolutionHeads(PICTURE, "identity", **settings))]])
    return ask([["told", shown]])[0], shown


def test_what_is_said(ask):
    assert told(ask, sharpness=0.0, query=6)[0] == (
        "Sharpness 0: the heads of pixel (1, 1) give at most 0.05 to one pixel. "
        "The outputs differ by up to 0.48."
    )
    assert told(ask, sharpness=50.0, query=0)[0].startswith(
        "Sharpness 50: the heads of pixel (0, 0) give at most 1.00 to one pixel; 5 look outside, "
        "at nothing. The outputs differ by up to "
    )


def test_the_arithmetic_leaves_zeros_of_the_kernel_away(ask):
    _, shown = told(ask, sharpness=100.0, query=7)
    (lines,) = ask([["arithmetic", shown]])
    plain = {
        term: line if isinstance(line, str) else "".join(t for _, t in line) for term, line in lines
    }
    assert plain["nine heads"] == plain["convolution"] == "1×0.35 = 0.35"
    figure = ConvolutionHeads(PICTURE, "sharpen", sharpness=100.0, query=7)
    (shown,) = ask([["compute", traits(figure)]])
    (lines,) = ask([["arithmetic", shown]])
    assert "".join(text for _, text in lines[1][1]) == (
        "(−1)×0.10 + (−1)×0.30 + 5×0.35 + (−1)×0.40 + (−1)×0.60 = 0.35"
    )


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"image": np.zeros((3, 5, 5))}, ValueError, r"image has shape \(3, 5, 5\), and needs"),
        ({"image": np.zeros(5)}, ValueError, r"image has shape \(5,\)"),
        ({"image": np.zeros((13, 5))}, ValueError, "image has 13 by 5 pixels, and the figure room"),
        ({"image": np.zeros((1, 5))}, ValueError, "image has 1 by 5 pixels"),
        ({"image": PICTURE + np.inf}, ValueError, "image holds"),
        ({"kernel": np.ones((5, 5))}, ValueError, r"kernel has shape \(5, 5\), and needs \(3, 3\)"),
        ({"kernel": "blurred"}, ValueError, "kernel is 'blurred', and must be one of blur, edges"),
        ({"kernel": np.full((3, 3), np.nan)}, ValueError, "kernel holds nan"),
        ({"sharpness": 101.0}, ValueError, "sharpness is 101.0, and must be from 0.0 to 100"),
        ({"query": 20}, ValueError, "query is 20, and must be from 0 to 19"),
        ({"edited": {"own": [[1]]}}, ValueError, "edited has the kernel 'own'"),
        ({"edited": {"blur": [[1]]}}, ValueError, r"edited has shape \(1, 1\)"),
        ({"controls": ["stride"]}, ValueError, r"controls has \['stride'\]"),
    ],
)
def test_what_does_not_fit_is_named(arguments, error, said):
    with pytest.raises(error, match=said):
        convolution_heads(**{"image": PICTURE, **arguments})


def test_sharpness_is_on_a_logarithmic_scale_that_starts_at_0():
    settings = convolution_heads(PICTURE).figure.settings
    assert settings[0] == {
        "trait": "sharpness",
        "label": "sharpness",
        "low": 0.0,
        "high": 100.0,
        "scale": "log1p",
        "step": 0.125,
    }
    assert [each["trait"] for each in settings] == ["sharpness", "kernel", "query"]


def test_kernels_of_ones_own_and_tensors_are_taken():
    own = convolution_heads(torch.tensor(PICTURE)[None], torch.eye(3)).figure
    assert own.names[0] == own.kernel == "own"
    np.testing.assert_array_equal(own.numbers, np.eye(3))
    assert repr(own) == "Live convolution by nine heads, 4 by 5 pixels"


def test_viewers_without_widgets_get_a_picture_of_now():
    live = convolution_heads(PICTURE)
    before = live.figure.png()
    assert before.startswith(b"\x89PNG")
    assert live.figure.png() == before
    live.figure.sharpness = 3.0
    assert live.figure.png() != before


def test_the_example_in_the_docstring():
    from attnlab.lab.widgets import convolution_heads as module

    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
