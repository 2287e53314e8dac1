import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab import dot, scaled_dot
from core.libraries import TOLERANCE, everywhere, make, numbers, same_kind

sizes = st.integers(1, 7)


@everywhere
def test_by_hand(library, dtype):
    query = make(library, [[1.0, 1.0, 1.0, 0.0]], dtype)
    key = make(library, [[3.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0]], dtype)
    assert numbers(dot(query, key)).tolist() == [[4.0, 1.0]]
    assert numbers(scaled_dot(query, key)).tolist() == [[2.0, 0.5]]
    assert same_kind(scaled_dot(query, key), query), "float32 must not become float64"


@everywhere
def test_all_sizes_different(library, dtype):
    random = np.random.default_rng(0)
    query = make(library, random.normal(size=(2, 3, 5, 11)), dtype)
    key = make(library, random.normal(size=(2, 3, 7, 11)), dtype)
    expected = np.einsum("abqd,abkd->abqk", numbers(query), numbers(key))
    assert tuple(dot(query, key).shape) == (2, 3, 5, 7)
    np.testing.assert_allclose(numbers(dot(query, key)), expected, atol=20 * TOLERANCE[dtype])


def test_batch_axes_broadcast():
    query, key = np.ones((2, 1, 3, 4)), np.ones((5, 7, 4))
    assert dot(query, key).shape == (2, 5, 3, 7)


def test_torch_agrees_in_output_and_gradient():
    random = torch.Generator().manual_seed(2)
    query = torch.randn(2, 3, 5, generator=random, dtype=torch.float64, requires_grad=True)
    key = torch.randn(2, 7, 5, generator=random, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(2, 3, 7, generator=random, dtype=torch.float64)
    ours = scaled_dot(query, key)
    theirs = torch.baddbmm(torch.zeros(2, 3, 7).double(), query, key.mT, alpha=5**-0.5)
    torch.testing.assert_close(ours, theirs, atol=1e-12, rtol=0)
    for a, b in zip(
        torch.autograd.grad((ours * weight).sum(), (query, key)),
        torch.autograd.grad((theirs * weight).sum(), (query, key)),
        strict=True,
    ):
        torch.testing.assert_close(a, b, atol=1e-12, rtol=0)


@given(sizes, sizes, sizes, st.integers(0, 2**31))
def test_swapping_query_and_key_transposes(n, m, d, seed):
    random = np.random.default_rng(seed)
    query, key = random.normal(size=(n, d)), random.normal(size=(m, d))
    np.testing.assert_allclose(dot(query, key), dot(key, query).T, atol=1e-12)
    np.testing.assert_allclose(scaled_dot(query, key) * d**0.5, dot(query, key), atol=1e-12)


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize("score", [dot, scaled_dot])
@pytest.mark.parametrize(
    ("query", "key", "error", "words"),
    [
        (np.ones((2, 20)), np.ones((3, 2)), ValueError, "length 20 and key of length 2.*w_key"),
        (np.ones(4), np.ones((3, 4)), ValueError, r"query has shape \(4,\).*query\[None, :\]"),
        (np.ones((3, 4)), np.ones(4), ValueError, r"key has shape \(4,\)"),
        (np.ones((2, 3, 4)), np.ones((5, 3, 4)), ValueError, r"batch axes \(2,\) and key \(5,\)"),
        (np.ones((2, 3), int), np.ones((2, 3)), TypeError, "query holds int64"),
        (np.ones((2, 3)), np.ones((2, 3), bool), TypeError, "key holds bool"),
        (np.ones((2, 3)), torch.ones(2, 3), TypeError, "query is a NumPy array, key is a torch"),
        (np.ones((2, 3)), [[1.0, 2.0, 3.0]], TypeError, "key is a list"),
    ],
)
def test_bad_input_is_named(score, query, key, error, words):
    with pytest.raises(error, match=words):
        score(query, key)
