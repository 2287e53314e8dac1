import doctest
import importlib
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from attnlab import softmax
from core.libraries import TOLERANCE, everywhere, make, numbers, same_kind

real_scores = arrays(
    np.float64,
    array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=7),
    elements=st.floats(-1e4, 1e4),
)


@everywhere
def test_by_hand(library, dtype):
    # exp(0), exp(ln 2), exp(ln 5) are 1, 2 and 5: eighths.
    scores = make(library, [0.0, math.log(2), math.log(5)], dtype)
    result = softmax(scores)
    assert same_kind(result, scores)
    np.testing.assert_allclose(numbers(result), [1 / 8, 2 / 8, 5 / 8], atol=TOLERANCE[dtype])


@everywhere
def test_mask_by_hand(library, dtype):
    scores = make(library, [[0.0, 9.0, math.log(3)], [5.0, 6.0, 7.0]], dtype)
    mask = make(library, [[True, False, True], [False, False, False]])
    result = numbers(softmax(scores, mask))
    np.testing.assert_allclose(result[0], [0.25, 0, 0.75], atol=TOLERANCE[dtype])
    assert result[0, 1] == 0.0, "masked is exactly zero"
    assert np.all(result[1] == 0.0), "a row with nothing allowed is zeros"


@pytest.mark.parametrize("axis", [0, 1, 2, 3, -1, -2, -3, -4])
def test_every_axis_of_different_sizes(axis):
    scores = np.random.default_rng(0).normal(size=(2, 3, 5, 7))
    result = softmax(scores, axis=axis)
    assert result.shape == scores.shape
    np.testing.assert_allclose(result.sum(axis), 1.0, atol=1e-12)
    np.testing.assert_allclose(
        result, torch.softmax(torch.from_numpy(scores), axis).numpy(), atol=1e-12
    )


@pytest.mark.parametrize("temperature", [0.01, 0.5, 1.0, 3.0, 1e6])
def test_torch_agrees_in_output_and_gradient(temperature):
    scores = torch.randn(2, 3, 5, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    ours, theirs = scores.clone().requires_grad_(), scores.clone().requires_grad_()
    weight = torch.arange(30.0, dtype=torch.float64).reshape(2, 3, 5)
    a, b = softmax(ours, temperature=temperature), torch.softmax(theirs / temperature, -1)
    torch.testing.assert_close(a, b, atol=1e-12, rtol=0)
    (a * weight).sum().backward()
    (b * weight).sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad, atol=1e-10, rtol=1e-10)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_a_fully_masked_row_has_zero_gradient(dtype):
    scores = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=dtype, requires_grad=True)
    result = softmax(scores, torch.tensor([[False, False], [True, True]]))
    (result * torch.tensor([1.0, 2.0], dtype=dtype)).sum().backward()
    assert torch.equal(result[0], torch.zeros(2, dtype=dtype))
    assert torch.equal(scores.grad[0], torch.zeros(2, dtype=dtype))
    assert torch.all(scores.grad[1] != 0)


@given(real_scores)
def test_rows_are_weights(scores):
    result = softmax(scores)
    assert np.all(result >= 0)
    np.testing.assert_allclose(result.sum(-1), 1.0, atol=1e-12)


@given(real_scores, st.floats(-1e3, 1e3))
def test_a_constant_changes_nothing(scores, constant):
    np.testing.assert_allclose(softmax(scores), softmax(scores + constant), atol=1e-9)


@given(real_scores, st.randoms(use_true_random=False))
def test_masked_entries_are_as_if_absent(scores, random):
    scores = scores.reshape(-1)
    mask = np.array([random.random() < 0.5 for _ in scores])
    result = softmax(scores, mask)
    assert np.all(result[~mask] == 0)
    if mask.any():
        np.testing.assert_allclose(result[mask], softmax(scores[mask]), atol=1e-12)


@everywhere
def test_extreme_scores_stay_finite(library, dtype):
    largest = float(np.finfo(dtype).max)
    result = numbers(softmax(make(library, [[largest, 0.0], [-largest, -largest]], dtype)))
    np.testing.assert_allclose(result, [[1, 0], [0.5, 0.5]], atol=TOLERANCE[dtype])


@everywhere
def test_nan_spoils_its_own_row_only(library, dtype):
    scores = make(library, [[1.0, math.nan, 2.0], [0.0, 0.0, 0.0]], dtype)
    result = numbers(softmax(scores))
    assert np.all(np.isnan(result[0]))
    np.testing.assert_allclose(result[1], 1 / 3, atol=TOLERANCE[dtype])


def test_a_masked_nan_does_no_harm():
    result = softmax(np.array([1.0, math.nan]), np.array([True, False]))
    np.testing.assert_array_equal(result, [1.0, 0.0])


def test_the_scores_are_not_written_to():
    scores, mask = np.array([[1.0, 2.0]]), np.array([[True, False]])
    softmax(scores, mask, temperature=2.0)
    assert scores.tolist() == [[1.0, 2.0]]
    assert mask.tolist() == [[True, False]]


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: softmax(np.ones(3), temperature=0), ValueError, "temperature is 0, .* above 0"),
        (lambda: softmax(np.ones(3), temperature=-1.5), ValueError, "temperature is -1.5"),
        (lambda: softmax(np.ones(3), temperature=math.nan), ValueError, "temperature is nan"),
        (lambda: softmax(np.ones(3), temperature=math.inf), ValueError, "temperature is inf"),
        (lambda: softmax(np.ones(3, dtype=int)), TypeError, r"scores holds int64.*astype\(float\)"),
        (lambda: softmax(torch.ones(3, dtype=torch.int32)), TypeError, r"int32.*double\(\)"),
        (lambda: softmax([1.0, 2.0]), TypeError, r"scores is a list.*np\.array\(scores\)"),
        (lambda: softmax(np.ones(3), np.ones(3)), TypeError, "mask holds float64.*boolean"),
        (
            lambda: softmax(np.ones((2, 3)), np.ones((2, 2), bool)),
            ValueError,
            r"mask has shape \(2, 2\), and scores \(2, 3\)",
        ),
        (
            lambda: softmax(np.ones((1, 3)), np.ones((2, 3), bool)),
            ValueError,
            r"mask has shape \(2, 3\), and scores \(1, 3\)",
        ),
        (
            lambda: softmax(np.ones(3), torch.ones(3, dtype=torch.bool)),
            TypeError,
            "scores is a NumPy array, mask is a torch tensor: take one library",
        ),
        (lambda: softmax(np.ones((2, 3)), axis=2), ValueError, r"axis is 2.*from -2 to 1"),
        (lambda: softmax(np.ones((2, 0))), ValueError, r"shape \(2, 0\), nothing along axis -1"),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize(
    "name",
    [
        "softmax",
        "scores",
        "scalars",
        "masks",
        "attention",
        "linear",
        "windowed",
        "low_rank",
        "blockwise",
    ],
)
def test_the_examples_in_the_docstrings(name):
    module = importlib.import_module(f"attnlab.core.{name}")
    result = doctest.testmod(module, extraglobs={"np": np})
    assert result.attempted > 0
    assert result.failed == 0
