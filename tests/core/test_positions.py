import doctest
import importlib
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab import distance_bias, rotary, sinusoids
from core.libraries import TOLERANCE, everywhere, make, numbers, same_kind

both = pytest.mark.parametrize("library", ["numpy", "torch"])


def wave(position: float, feature: int, d_model: int) -> float:
    """One number of the formula in the paper, by Python's own functions."""
    angle = position / 10000 ** (2 * (feature // 2) / d_model)
    return math.cos(angle) if feature % 2 else math.sin(angle)


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


# Sinusoids


@everywhere
def test_sinusoids_by_hand(library, dtype):
    # Wavelengths 2 pi and 200 pi: d_model 4 has 10000^(2/4) = 100 in its second pair.
    positions = make(library, [0.0, math.pi / 2, 50 * math.pi], "float64")
    result = sinusoids(positions, 4)
    expected = [[0, 1, 0, 1], [1, 0, math.sin(math.pi / 200), math.cos(math.pi / 200)]]
    np.testing.assert_allclose(numbers(result)[:2], expected, atol=1e-12)
    np.testing.assert_allclose(numbers(result)[2, 2:], [1, 0], atol=1e-12)
    positions = make(library, [0.0, 1.0, 2.0], dtype)
    assert same_kind(sinusoids(positions, 4), positions)
    np.testing.assert_allclose(
        numbers(sinusoids(positions, 4))[:, 0],
        [0, math.sin(1), math.sin(2)],
        atol=TOLERANCE[dtype],
    )


@both
@pytest.mark.parametrize("d_model", [1, 2, 7, 11, 64])
def test_sinusoids_of_every_size(library, d_model):
    positions = np.arange(15).reshape(3, 5)
    result = sinusoids(make(library, positions), d_model)
    assert tuple(result.shape) == (3, 5, d_model)
    expected = [[[wave(p, f, d_model) for f in range(d_model)] for p in row] for row in positions]
    np.testing.assert_allclose(numbers(result), expected, atol=1e-6)


def test_whole_positions_give_the_default_float():
    assert sinusoids(np.arange(3), 4).dtype == np.float64
    assert sinusoids(torch.arange(3), 4).dtype == torch.float32
    assert sinusoids(np.arange(3, dtype=np.uint8), 4).dtype == np.float64


@both
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_late_positions_stay_exact(library, dtype):
    positions = np.arange(9_990, 10_001)
    expected = [[wave(p, f, 14) for f in range(14)] for p in positions]
    result = sinusoids(make(library, positions.astype(float), dtype), 14)
    np.testing.assert_allclose(numbers(result), expected, atol=TOLERANCE[dtype])


def test_the_gradient_of_sinusoids():
    positions = torch.tensor(draw(5), requires_grad=True)
    assert torch.autograd.gradcheck(lambda p: sinusoids(p, 7), positions)


@given(st.floats(-1e3, 1e3), st.floats(-50, 50), st.integers(1, 6))
def test_a_step_is_the_same_rotation_everywhere(position, step, pairs):
    before, after = sinusoids(np.array([position, position + step]), 2 * pairs)
    # (sin, cos) is turned backwards, (cos, sin) forwards
    turned = rotary(before.reshape(pairs, 2)[:, ::-1].reshape(1, -1), np.array([step]))
    np.testing.assert_allclose(turned.reshape(pairs, 2)[:, ::-1].ravel(), after, atol=1e-9)


# Rotary


@everywhere
def test_rotary_by_hand(library, dtype):
    # A quarter turn of the first pair; in the second, a hundred times slower, a quarter turn
    # takes a hundred times longer.
    x = make(library, [[1.0, 0.0, 1.0, 0.0], [1.0, 2.0, 3.0, 4.0]], dtype)
    positions = make(library, [math.pi / 2, 50 * math.pi], "float64")
    result = rotary(x, positions)
    assert same_kind(result, x)
    sine, cosine = math.sin(math.pi / 200), math.cos(math.pi / 200)
    np.testing.assert_allclose(
        numbers(result), [[0, 1, cosine, sine], [1, 2, -4, 3]], atol=10 * TOLERANCE[dtype]
    )


@everywhere
def test_rotary_is_multiplication_by_a_complex_number(library, dtype):
    x, positions = draw(2, 3, 5, 14), np.array([0, 3, 1, 100, 7])
    pairs = x.reshape(2, 3, 5, 7, 2)
    turn = np.exp(1j * positions[:, None] / 10000 ** (2 * np.arange(7) / 14))
    product = (pairs[..., 0] + 1j * pairs[..., 1]) * turn
    expected = np.stack([product.real, product.imag], -1).reshape(x.shape)
    result = rotary(make(library, x, dtype), make(library, positions))
    np.testing.assert_allclose(numbers(result), expected, atol=10 * TOLERANCE[dtype])


def test_rotary_agrees_with_torch_in_output_and_gradient():
    """The rotation as an explicit matrix, multiplied by torch."""
    x = torch.tensor(draw(2, 5, 6), requires_grad=True)
    positions, weight = torch.arange(5).double(), torch.tensor(draw(2, 5, 6, seed=1))
    angles = positions[:, None] / 10000 ** (torch.arange(3).double() / 3)
    matrices = torch.zeros(5, 6, 6, dtype=torch.float64)
    for i in range(3):
        cosine, sine = angles[:, i].cos(), angles[:, i].sin()
        matrices[:, 2 * i, 2 * i], matrices[:, 2 * i, 2 * i + 1] = cosine, -sine
        matrices[:, 2 * i + 1, 2 * i], matrices[:, 2 * i + 1, 2 * i + 1] = sine, cosine
    ours, theirs = rotary(x, positions), (matrices @ x[..., None])[..., 0]
    torch.testing.assert_close(ours, theirs, atol=1e-12, rtol=0)
    (a,), (b,) = (torch.autograd.grad((y * weight).sum(), x) for y in (ours, theirs))
    torch.testing.assert_close(a, b, atol=1e-12, rtol=0)


@both
def test_rotary_takes_positions_of_each_sequence(library):
    x, positions = draw(2, 3, 5, 4), np.arange(10).reshape(2, 1, 5)
    result = rotary(make(library, x), make(library, positions))
    for batch in range(2):
        alone = rotary(x[batch], positions[batch, 0])
        np.testing.assert_allclose(numbers(result)[batch], alone, atol=1e-12)


def test_positions_may_lie_on_another_device():
    x = torch.ones(2, 4, device="meta")
    assert rotary(x, torch.arange(2)).device == x.device


@given(st.integers(-500, 500), st.integers(1, 7), st.integers(0, 2**31))
def test_products_depend_on_the_distance_only(offset, n, seed):
    random = np.random.default_rng(seed)
    query, key = random.normal(size=(n, 6)), random.normal(size=(n, 6))
    here, there = np.arange(n), np.arange(n) + offset
    a = rotary(query, here) @ rotary(key, here).T
    b = rotary(query, there) @ rotary(key, there).T
    np.testing.assert_allclose(a, b, atol=1e-9)
    lengths = np.linalg.norm(rotary(query, there), axis=1)
    np.testing.assert_allclose(lengths, np.linalg.norm(query, axis=1), atol=1e-12)


# Distance bias


@everywhere
def test_distance_bias_by_hand(library, dtype):
    query, key = make(library, [2.0], dtype), make(library, [0.0, 1.0, 2.0, 4.0], dtype)
    result = distance_bias(query, key, 2)
    assert same_kind(result, query)
    slopes = [2**-4, 2**-8]
    expected = [[[-2 * s, -s, 0, -2 * s]] for s in slopes]
    np.testing.assert_array_equal(numbers(result), expected)
    assert not np.signbit(numbers(result)[0, 0, 2]), "0, not -0"


@both
def test_distance_bias_of_different_sizes(library):
    query, key = np.arange(10).reshape(2, 5) + 3, np.arange(7)
    result = distance_bias(make(library, query), make(library, key), 3)
    assert tuple(result.shape) == (2, 3, 5, 7)
    slopes = 2 ** (-8 * np.arange(1, 4) / 3)
    expected = -slopes[:, None, None] * abs(query[:, None, :, None] - key)
    np.testing.assert_allclose(numbers(result), expected, rtol=1e-6)


def test_the_type_of_a_distance_bias():
    whole, half = np.arange(3), np.arange(3, dtype=np.float32)
    assert distance_bias(whole, whole, 2).dtype == np.float64
    assert distance_bias(half, whole, 2).dtype == np.float32
    assert distance_bias(torch.arange(3), torch.arange(3), 2).dtype == torch.float32
    small = np.arange(3, dtype=np.uint8)
    np.testing.assert_array_equal(distance_bias(small, small, 2), distance_bias(whole, whole, 2))


def test_the_gradient_of_a_distance_bias():
    query, key = (torch.tensor(draw(n, seed=n), requires_grad=True) for n in (3, 5))
    assert torch.autograd.gradcheck(lambda q, k: distance_bias(q, k, 3), (query, key))


@given(st.integers(1, 12), st.integers(1, 9), st.integers(0, 100))
def test_a_distance_bias_is_about_distances(heads, n, offset):
    here = np.arange(n)
    bias = distance_bias(here, here, heads)
    np.testing.assert_array_equal(bias, distance_bias(here + offset, here + offset, heads))
    np.testing.assert_array_equal(bias, np.swapaxes(bias, -1, -2))
    assert np.all(np.diff(bias, axis=0) >= 0), "later heads look farther"
    assert np.all(np.diff(bias[:, 0], axis=1) < 0), "farther keys count less"


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: sinusoids([0, 1], 4), TypeError, r"positions is a list.*np\.array\(positions\)"),
        (lambda: sinusoids(np.ones(2, bool), 4), TypeError, "positions holds bool"),
        (lambda: sinusoids(np.ones(2, complex), 4), TypeError, "positions holds complex128"),
        (lambda: sinusoids(np.arange(2), 0), ValueError, "d_model is 0, .* at least 1"),
        (lambda: sinusoids(np.arange(2), 4.0), TypeError, "d_model is 4.0, .* whole number"),
        (
            lambda: rotary(np.ones((2, 5)), np.arange(2)),
            ValueError,
            "length 5, an odd number.*such as 6",
        ),
        (
            lambda: rotary(np.ones((3, 4)), np.arange(2)),
            ValueError,
            r"positions has shape \(2,\), and x \(3, 4\).*take shape \(3,\)",
        ),
        (
            lambda: rotary(np.ones((2, 3, 5, 4)), np.ones((2, 5))),
            ValueError,
            r"positions has shape \(2, 5\), and x \(2, 3, 5, 4\).*positions\[:, None\]",
        ),
        (
            lambda: rotary(np.ones((3, 4)), np.ones((2, 3))),
            ValueError,
            r"positions has shape \(2, 3\)",
        ),
        (lambda: rotary(np.ones(4), np.arange(1)), ValueError, r"x has shape \(4,\)"),
        (lambda: rotary(np.ones((2, 4), int), np.arange(2)), TypeError, "x holds int64"),
        (lambda: rotary(np.ones((2, 4)), np.ones(2, bool)), TypeError, "positions holds bool"),
        (
            lambda: rotary(np.ones((2, 4)), torch.arange(2)),
            TypeError,
            "x is a NumPy array, positions is a torch tensor: take one library",
        ),
        (lambda: distance_bias(np.arange(2), np.arange(2), 0), ValueError, "heads is 0"),
        (lambda: distance_bias(np.arange(2), np.arange(2), 1.5), TypeError, "heads is 1.5"),
        (lambda: distance_bias(np.array(2), np.arange(2), 1), ValueError, r"query has shape \(\)"),
        (lambda: distance_bias(np.arange(2), torch.arange(2), 1), TypeError, "take one library"),
        (lambda: distance_bias(np.arange(2), np.ones(2, bool), 1), TypeError, "key holds bool"),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize("name", ["heads", "positions", "moments", "norms"])
def test_the_examples_in_the_docstrings(name):
    module = importlib.import_module(f"attnlab.core.{name}")
    result = doctest.testmod(module, extraglobs={"np": np})
    assert result.attempted > 0
    assert result.failed == 0
