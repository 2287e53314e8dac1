import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab import (
    batch_norm,
    group_norm,
    instance_norm,
    layer_norm,
    normalise,
    rms_norm,
    statistics,
)
from core.libraries import TOLERANCE, everywhere, make, numbers, same_kind

torch_norms = torch.nn.functional


def features_second(theirs):
    """For tokens: torch wants the features on the second axis."""
    return lambda x: theirs(x.transpose(1, 2)).transpose(1, 2) if x.ndim == 3 else theirs(x)


def features_last(theirs):
    """For images: torch wants the features on the last axis."""
    return lambda x: theirs(x.movedim(1, -1)).movedim(-1, 1) if x.ndim == 4 else theirs(x)


ORACLES = {
    "batch": (
        batch_norm,
        features_second(lambda x: torch_norms.batch_norm(x, None, None, None, None, True)),
    ),
    "layer of images": (
        lambda x: layer_norm(x, kind="layer of images"),
        lambda x: torch_norms.layer_norm(x, x.shape[1:]),
    ),
    "layer of tokens": (
        lambda x: layer_norm(x, kind="layer of tokens"),
        features_last(lambda x: torch_norms.layer_norm(x, x.shape[-1:])),
    ),
    "layer": (
        layer_norm,
        lambda x: torch_norms.layer_norm(x, x.shape[1:] if x.ndim == 4 else x.shape[2:]),
    ),
    "instance": (instance_norm, features_second(torch_norms.instance_norm)),
    "group": (
        lambda x: group_norm(x, 3),
        features_second(lambda x: torch_norms.group_norm(x, 3)),
    ),
    "rms": (rms_norm, features_last(lambda x: torch_norms.rms_norm(x, x.shape[-1:], eps=1e-5))),
}
shapes = pytest.mark.parametrize("shape", [(2, 6, 5, 7), (2, 5, 6), (1, 6, 5, 7), (1, 5, 6)])
kinds = pytest.mark.parametrize("kind", ORACLES)


def draw(*shape, seed=0):
    return 2 * np.random.default_rng(seed).normal(size=shape) + 1


@everywhere
def test_by_hand(library, dtype):
    # With epsilon 3: variances 1 and 6 become spreads 2 and 3.
    x = make(library, [[[0.0, 2.0], [1.0, 1.0 + 2 * math.sqrt(6)]]], dtype)
    result = layer_norm(x, epsilon=3)
    assert same_kind(result, x)
    third = math.sqrt(6) / 3
    np.testing.assert_allclose(
        numbers(result), [[[-0.5, 0.5], [-third, third]]], atol=TOLERANCE[dtype]
    )
    # (0 - 0.5) / sqrt(0.25 + 0.75)
    np.testing.assert_allclose(
        numbers(batch_norm(x, epsilon=0.75))[0, :, 0], [-0.5, 0.5], atol=TOLERANCE[dtype]
    )
    np.testing.assert_allclose(
        numbers(instance_norm(x, epsilon=0.75))[0, :, 0], [-0.5, 0.5], atol=TOLERANCE[dtype]
    )
    np.testing.assert_allclose(
        numbers(group_norm(x, 2, epsilon=0.75))[0, :, 0], [-0.5, 0.5], atol=TOLERANCE[dtype]
    )
    # 2 / sqrt(4 / 2 + 2)
    np.testing.assert_allclose(numbers(rms_norm(x, epsilon=2))[0, 0], [0, 1], atol=TOLERANCE[dtype])


@everywhere
def test_other_numbers_handed_in(library, dtype):
    """Running statistics are simply other numbers: features 2, 3, 5 with means 1, 2, 3."""
    x = make(library, [[[2.0, 3.0, 5.0]]], dtype)
    mean = make(library, [[[1.0, 2.0, 3.0]]], dtype)
    variance = make(library, [[[4.0, 1.0, 16.0]]], dtype)
    result = normalise(x, mean, variance, 0)
    assert same_kind(result, x)
    assert numbers(result).tolist() == [[[0.5, 1.0, 0.5]]]
    flat = normalise(x, mean[0, 0], variance[0, 0], 0)
    assert numbers(flat).tolist() == numbers(result).tolist()


@kinds
@shapes
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 2e-6), (torch.float64, 1e-12)])
def test_torch_agrees_in_output_and_gradient(kind, shape, dtype, tolerance):
    ours, theirs = ORACLES[kind]
    x = torch.tensor(draw(*shape), dtype=dtype, requires_grad=True)
    weight = torch.tensor(draw(*shape, seed=1), dtype=dtype)
    a, b = ours(x), theirs(x)
    assert a.dtype == dtype
    torch.testing.assert_close(a, b, atol=tolerance, rtol=0)
    (a,), (b,) = (torch.autograd.grad((y * weight).sum(), x) for y in (a, b))
    torch.testing.assert_close(a, b, atol=10 * tolerance, rtol=0)


@kinds
@pytest.mark.parametrize("shape", [(2, 6, 5, 7), (2, 5, 6)])
def test_numpy_and_torch_agree(kind, shape):
    ours, _ = ORACLES[kind]
    for dtype in ("float16", "float32", "float64"):
        x = draw(*shape).astype(dtype)
        result = ours(x)
        assert same_kind(result, x)
        np.testing.assert_allclose(
            result, ours(torch.from_numpy(x)).numpy(), atol=2 * TOLERANCE[dtype]
        )


@kinds
@pytest.mark.parametrize("shape", [(2, 6, 5, 7), (2, 5, 6)])
def test_large_numbers_in_half_precision(kind, shape):
    """Up to 40,000 in float16: the squares overflow, what torch makes of them does not."""
    ours, theirs = ORACLES[kind]
    x = torch.tensor(1e4 * np.random.default_rng(0).uniform(-4, 4, size=shape)).half()
    result = ours(x)
    assert result.dtype == torch.float16
    torch.testing.assert_close(result.float(), theirs(x.float()), atol=4e-3, rtol=0)
    np.testing.assert_allclose(ours(x.numpy()), result.numpy(), atol=4e-3)


def test_a_batch_of_one_value_a_feature():
    """Where torch refuses: the only value is its own mean."""
    assert batch_norm(np.array([[[3.0, -2.0]]])).tolist() == [[[0, 0]]]
    assert batch_norm(torch.ones(1, 3, 1, 1)).tolist() == torch.zeros(1, 3, 1, 1).tolist()


@everywhere
@kinds
def test_constant_input_stays_finite(library, dtype, kind):
    ours, _ = ORACLES[kind]
    for value in (0.0, 0.1, 300.0):
        result = numbers(ours(make(library, np.full((1, 6, 5), value), dtype)[:, :, [0, 1, 2]]))
        expected = math.copysign(1, value) if kind == "rms" and value else 0
        np.testing.assert_allclose(result, expected, atol=5e-2)


@kinds
def test_constant_input_has_a_finite_gradient(kind):
    ours, _ = ORACLES[kind]
    for value in (0.0, 3.0):
        x = torch.full((2, 6, 3, 3), value, requires_grad=True)
        ours(x).sum().backward()
        assert torch.isfinite(x.grad).all()


@kinds
@given(st.integers(1, 3), st.integers(1, 4), st.integers(0, 2**31), st.floats(0.1, 100))
def test_scale_changes_nothing_and_shift_neither(kind, batch, n, seed, scale):
    ours, _ = ORACLES[kind]
    x = np.random.default_rng(seed).normal(size=(batch, 3 * n, 3 * n, 3 * n))
    x = x + np.arange(3 * n)  # no two neighbours alike, so that every spread is well above 0
    once = ours(1e3 * x)
    np.testing.assert_allclose(ours(1e3 * scale * x), once, atol=1e-3)
    if kind != "rms":
        np.testing.assert_allclose(ours(1e3 * x + 7), once, atol=1e-6)


@kinds
def test_what_comes_out_has_mean_zero_and_variance_one(kind):
    ours, _ = ORACLES[kind]
    more = {"groups": 3} if kind == "group" else {}
    for shape in [(2, 6, 5, 7), (2, 5, 6)]:
        mean, variance = statistics(ours(draw(*shape)), kind, **more)
        np.testing.assert_allclose(mean, 0, atol=1e-12)
        np.testing.assert_allclose(variance, 1, atol=1e-3)


def test_the_input_is_not_written_to():
    x = draw(2, 3, 5)
    before = x.copy()
    for ours in (batch_norm, layer_norm, instance_norm, rms_norm):
        ours(x)
    np.testing.assert_array_equal(x, before)


x345, x2655 = np.ones((3, 4, 5)), np.ones((2, 6, 5, 5))


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: batch_norm(np.ones((3, 4))), ValueError, r"x has shape \(3, 4\), 2 axes"),
        (lambda: layer_norm(np.ones(4)), ValueError, r"x\[None\]"),
        (
            lambda: layer_norm(x345, kind="batch"),
            ValueError,
            "kind is 'batch', .*one of 'layer', 'layer of images', 'layer of tokens'$",
        ),
        (lambda: group_norm(x2655, 4), ValueError, "groups is 4 and x has 6 features"),
        (lambda: group_norm(x2655, None), TypeError, "groups is None"),
        (lambda: rms_norm(x345, epsilon=-1), ValueError, "epsilon is -1, .*at least 0"),
        (lambda: rms_norm(x345, epsilon=math.nan), ValueError, "epsilon is nan"),
        (lambda: rms_norm(x345.astype(int)), TypeError, "x holds int64"),
        (
            lambda: normalise(x345, np.ones((3, 1, 4)), np.ones((3, 1, 1))),
            ValueError,
            r"mean has shape \(3, 1, 4\) and x \(3, 4, 5\)",
        ),
        (
            lambda: normalise(x345, np.ones((3, 1, 0)), np.ones((3, 1, 1))),
            ValueError,
            r"mean has shape \(3, 1, 0\)",
        ),
        (
            lambda: normalise(x345, np.ones((3, 1, 1)), np.ones((1, 3, 4, 5))),
            ValueError,
            r"variance has shape \(1, 3, 4, 5\)",
        ),
        (
            lambda: normalise(x2655, np.ones((2, 4, 1, 1)), np.ones((2, 4, 1, 1))),
            ValueError,
            r"mean has shape \(2, 4, 1, 1\)",
        ),
        (
            lambda: normalise(x345, torch.ones(3, 1, 1), np.ones((3, 1, 1))),
            TypeError,
            "mean is a torch tensor",
        ),
        (lambda: normalise(np.ones((3, 4)), np.ones(4), np.ones(4)), ValueError, "2 axes"),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
