"""Kernel regression: the curve of the browser is that of the core, and of sums done by hand."""

import doctest
import math

import numpy as np
import pytest
import torch
import traitlets
from hypothesis import given, settings
from hypothesis import strategies as st

from attnlab import attention_weights
from attnlab.lab import KernelRegression, kernel_regression
from attnlab.lab.widgets import kernel
from node import javascript, traits


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    with javascript("kernel.js", tmp_path_factory.mktemp("kernel")) as answers:
        yield answers


def points(count, seed=0):
    random = np.random.default_rng(seed)
    return random.uniform(-3, 9, size=count), random.normal(size=count) * 5


def test_two_points_by_hand(ask):
    # In the middle half each; over the first key, exp(0) against exp(-1/2), at bandwidth 1.
    figure = KernelRegression([0, 1], [4.0, 8.0], at=[0.5, 0.0])
    first = 4 + 4 / (1 + math.exp(0.5))
    assert figure.result == pytest.approx([6, first])
    (answer,) = ask([["compute", traits(figure)]])
    assert answer["result"] == pytest.approx([6, first])
    assert answer["weights"][0] == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize("count", [2, 3, 7, 50])
def test_the_browser_agrees_with_the_core_at_every_bandwidth(ask, count):
    figures = [
        KernelRegression(*points(count), bandwidth=float(bandwidth))
        for bandwidth in [*np.arange(0.125, 4.125, 0.125), 1e-9, 1e-3, 1e6]
    ]
    for figure, answer in zip(figures, ask([["compute", traits(f)] for f in figures]), strict=True):
        assert answer["state"] == {"bandwidth": figure.bandwidth}
        np.testing.assert_allclose(answer["result"], figure.result, rtol=0, atol=1e-6)


def test_the_core_s_curve_is_the_textbook_s():
    x, y = points(11)
    figure = KernelRegression(x, y, at=[-3, 0.5, 7, 20], bandwidth=0.7)
    nearness = np.exp(-((figure.at[0, 0] - x[:, None]) ** 2) / (2 * 0.7**2))
    expected = (nearness * y[:, None]).sum(axis=0) / nearness.sum(axis=0)
    np.testing.assert_allclose(figure.result, expected, rtol=0, atol=1e-12)


def test_gaussian_scores_by_hand(ask):
    calls = [["gaussian", [2], [5], 1], ["gaussian", [1, 2], [1, 2], 0.1]]
    calls += [["gaussian", [1, 2, 3], [1, 0, 0], 2]]
    assert ask(calls) == [-4.5, 0, -13 / 8]


@pytest.mark.parametrize(
    ("low", "high", "wanted", "numbers"),
    [
        (0, 24, 5, [0, 5, 10, 15, 20]),
        (-4, 4, 5, [-4, -2, 0, 2, 4]),
        (0.1, 0.6, 5, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]),
        (-90.5, 90.5, 4, [-50, 0, 50]),
        (2, 3, 0, [2, 3]),
    ],
)
def test_axes_have_round_numbers(ask, low, high, wanted, numbers):
    assert ask([["roundNumbers", low, high, wanted]]) == [numbers]


def test_the_numbers_of_an_axis_have_as_many_places_as_one_another(ask):
    marks = [[0, 0.5, 1], [0, 20, 40], [-0.25, 0, 0.25], [0.1 + 0.2, 0.6], []]
    assert ask([["alike", each] for each in marks]) == [
        *(["0.0", "0.5", "1.0"], ["0", "20", "40"], ["−0.25", "0.00", "0.25"], ["0.3", "0.6"], [])
    ]


def steps(ask, figure, place):
    """The arithmetic of one place, as a dictionary from its terms."""
    (shown,) = ask([["compute", traits(figure)]])
    nearest = int(np.argmax(shown["weights"][place]))
    (lines,) = ask([["steps", shown, place, nearest]])
    return dict(lines)


def test_the_arithmetic_of_a_place(ask):
    figure = KernelRegression([0, 1, 100], [4.0, -8.0, 1], at=[1, 0.25], bandwidth=0.5)
    # exp(-1/8) = 0.88 and exp(-9/8) = 0.32; what is far away does not count.
    assert steps(ask, figure, 1) == {
        "nearest key": "0",
        "score": "−(0.25 − 0)² / (2 × 0.50²) = −0.13",
        "exp": "exp(−0.13) = 0.88",
        "row's sum": "1.21",
        "weight": "0.88 / 1.21 = 0.73",
        "output": "0.73×4 + 0.27×(−8) + 0.00×1 = 0.77",
    }


def test_far_from_all_keys_the_highest_score_is_taken_off_first(ask):
    figure = KernelRegression([0, 1], [4.0, 8.0], at=[20.0], bandwidth=0.5)
    assert steps(ask, figure, 0)["exp"] == "exp(−722.00 − (−722)) = 1.00"


def test_weights_shift_to_the_nearest_key_and_to_the_mean():
    x, y = points(7)
    narrow = KernelRegression(x, y, at=x, bandwidth=1e-9)
    np.testing.assert_array_equal(narrow.result, y)
    wide = KernelRegression(x, y, at=[-3, 9], bandwidth=1e6)
    np.testing.assert_allclose(wide.result, [y.mean()] * 2, atol=1e-6)


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 30), st.floats(1e-3, 1e3), st.integers(0, 1000))
def test_the_curve_never_leaves_the_range_of_the_values(count, bandwidth, seed):
    x, y = points(count, seed)
    figure = KernelRegression(x, y, bandwidth=bandwidth)
    assert y.min() - 1e-9 <= figure.result.min() <= figure.result.max() <= y.max() + 1e-9


def test_tensors_and_lists_are_taken():
    x, y = points(5)
    tensors = KernelRegression(torch.tensor(x), torch.tensor(y, requires_grad=True))
    np.testing.assert_array_equal(tensors.result, KernelRegression(list(x), list(y)).result)


def test_the_slider_begins_at_a_step_of_its_own_and_is_tied():
    live = kernel_regression([0, 24.0], [1, 2])
    box, slider = live.children[0].children[0].children
    assert (slider.min, slider.max, slider.step, slider.value) == (0.25, 8.25, 0.25, 1)
    assert box.description == "bandwidth"
    assert live.figure.bandwidth == 1
    assert kernel_regression([0, 24.0], [1, 2], bandwidth=9.0).figure.bandwidth == 9


def test_at_first_the_curve_goes_from_the_first_key_to_the_last():
    figure = KernelRegression([5, 2, 3], [0, 0, 1])
    assert figure.cells == (1, 97)
    assert (figure.at.min(), figure.at.max()) == (2, 5)
    assert repr(figure) == "Live kernel regression, 3 points, 97 places"


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"x": [1, 2, 3], "y": [1, 2]}, ValueError, "x has 3 keys and y 2 values"),
        ({"x": [2, 2], "y": [1, 2]}, ValueError, "x has only the place 2"),
        ({"x": [[1, 2]], "y": [1, 2]}, ValueError, r"x has shape \(1, 2\), and needs one axis"),
        ({"x": [1, 2], "y": 3.0}, ValueError, r"y has shape \(\), and needs one axis"),
        ({"x": [1, 2], "y": ["a", "b"]}, TypeError, "y holds"),
        ({"x": [1, np.inf], "y": [1, 2]}, ValueError, "x holds inf"),
        ({"x": [1, 2], "y": [1, 2], "at": []}, ValueError, "at has shape"),
        (
            {"x": [1, 2], "y": [1, 2], "at": [1, 2], "truth": [1]},
            ValueError,
            "truth has 1 numbers and at 2 places",
        ),
        ({"x": [1, 2], "y": [1, 2], "width": 1}, TypeError, "'width'"),
        ({"x": [1, 2], "y": [1, 2], "bandwidth": 0.0}, ValueError, "bandwidth is 0.0"),
        ({"x": [1, 2], "y": [1, 2], "bandwidth": math.inf}, ValueError, "bandwidth is inf"),
        ({"x": [1, 2], "y": [1, 2], "focus": [1, 0]}, ValueError, r"focus is \[1, 0\]"),
    ],
)
def test_what_does_not_fit_is_named(arguments, error, said):
    with pytest.raises(error, match=said):
        KernelRegression(**arguments)


def test_a_bandwidth_that_is_no_number_is_refused():
    with pytest.raises(traitlets.TraitError, match="bandwidth"):
        KernelRegression([1, 2], [1, 2], bandwidth="wide")


def test_the_picture_shows_the_curve_of_now():
    figure = KernelRegression(*points(9), truth=np.zeros(97), up="$a", across="b_c")
    before = figure.png()
    assert before.startswith(b"\x89PNG")
    assert figure.png() == before
    figure.bandwidth = 3.0
    assert figure.png() != before


def test_the_rows_of_weights_are_attention_s(ask):
    x, y = points(6)
    figure = KernelRegression(x, y, at=[0, 1, 2], bandwidth=2.0)
    (answer,) = ask([["compute", traits(figure)]])
    expected = attention_weights(
        np.array([[0.0], [1], [2]]),
        x[:, None],
        score=lambda q, k: -((q - k.T) ** 2) / 8,
    )
    np.testing.assert_allclose(answer["weights"], expected, atol=1e-12)


def test_how_far_the_curve_is_off_the_truth(ask):
    figure = KernelRegression([0, 1], [1.0, 1.0], at=[0, 1, 2], truth=[1.0, 2.0, -1.0])
    (answer,) = ask([["compute", traits(figure)]])
    assert answer["off"] == pytest.approx(1)


def test_the_example_in_the_docstring():
    result = doctest.testmod(kernel)
    assert result.attempted > 0
    assert result.failed == 0
