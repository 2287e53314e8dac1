import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab import additive, attention, bilinear, dot, gaussian, scaled_dot
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


@everywhere
def test_bilinear_by_hand(library, dtype):
    query = make(library, [[1.0, 2.0], [0.0, 1.0]], dtype)
    key = make(library, [[1.0, 0.0, 2.0]], dtype)
    weight = make(library, [[1.0, 5.0, 0.0], [2.0, 5.0, 1.0]], dtype)
    # [1, 2] @ weight = [5, 15, 2] and [0, 1] @ weight = [2, 5, 1]
    result = bilinear(query, key, weight)
    assert same_kind(result, query)
    assert numbers(result).tolist() == [[9.0], [4.0]]


@everywhere
def test_additive_by_hand(library, dtype):
    # The hidden unit is tanh(ln 2 * (query + 2 key)): tanh(ln 2) = 3/5, tanh(2 ln 2) = 15/17.
    query = make(library, [[0.0], [1.0]], dtype)
    key = make(library, [[0.0, 0.0], [0.25, 0.25]], dtype)
    w_query = make(library, [[math.log(2)]], dtype)
    w_key = make(library, [[2 * math.log(2)], [2 * math.log(2)]], dtype)
    result = additive(query, key, w_query, w_key, make(library, [5.0], dtype))
    assert same_kind(result, query)
    np.testing.assert_allclose(numbers(result), [[0, 3], [3, 75 / 17]], atol=5 * TOLERANCE[dtype])


@everywhere
def test_gaussian_by_hand(library, dtype):
    query = make(library, [[0.0, 0.0], [3.0, 4.0]], dtype)
    key = make(library, [[3.0, 4.0], [0.0, 1.0], [0.0, 0.0]], dtype)
    result = gaussian(query, key)
    assert same_kind(result, query)
    assert numbers(result).tolist() == [[-12.5, -0.5, 0], [0, -9, -12.5]]
    assert not np.signbit(numbers(result)[1, 0]), "0, not -0"
    assert numbers(gaussian(query, key, 0.5)).tolist() == [[-50, -2, 0], [0, -36, -50]]
    assert same_kind(gaussian(query, key, np.float64(0.5)), query)


@everywhere
def test_the_other_scores_with_all_sizes_different(library, dtype):
    random = np.random.default_rng(0)
    query, key, near = (random.normal(size=(2, 3, *s)) for s in [(5, 11), (7, 13), (7, 11)])
    weight, w_query, w_key, w_value = (
        random.normal(size=s) / 4 for s in [(11, 13), (11, 17), (13, 17), (17,)]
    )
    hidden = np.tanh(
        np.einsum("abqd,dh->abqh", query, w_query)[:, :, :, None]
        + np.einsum("abkd,dh->abkh", key, w_key)[:, :, None]
    )
    distance = np.linalg.norm(query[:, :, :, None] - near[:, :, None], axis=-1)
    for score, arrays, expected in [
        (bilinear, (query, key, weight), np.einsum("abqd,de,abke->abqk", query, weight, key)),
        (additive, (query, key, w_query, w_key, w_value), hidden @ w_value),
        (gaussian, (query, near), -(distance**2) / 2),
    ]:
        result = score(*(make(library, a, dtype) for a in arrays))
        assert tuple(result.shape) == (2, 3, 5, 7)
        np.testing.assert_allclose(numbers(result), expected, atol=60 * TOLERANCE[dtype])


def test_the_other_scores_broadcast_their_batch_axes():
    query, key = np.ones((2, 1, 3, 4)), np.ones((5, 7, 4))
    ones = np.ones((4, 6))
    assert bilinear(query, key, np.ones((4, 4))).shape == (2, 5, 3, 7)
    assert additive(query, key, ones, ones, np.ones(6)).shape == (2, 5, 3, 7)
    assert gaussian(query, key).shape == (2, 5, 3, 7)


def test_torch_agrees_with_the_other_scores_in_output_and_gradient():
    random = torch.Generator().manual_seed(3)
    query, key, near, weight, w_query, w_key, w_value, upstream = (
        torch.randn(s, generator=random, dtype=torch.float64, requires_grad=True)
        for s in [(2, 3, 5), (2, 7, 4), (2, 7, 5), (5, 4), (5, 6), (4, 6), (6,), (2, 3, 7)]
    )
    wide = query[:, :, None].expand(2, 3, 7, 5).contiguous()
    other = key[:, None].expand(2, 3, 7, 4).contiguous()
    pairs = torch.cat([wide, other], dim=-1)  # the perceptron on query and key put end to end
    perceptron = torch.nn.functional.linear(pairs, torch.cat([w_query, w_key]).mT).tanh()
    functional = torch.nn.functional
    for ours, theirs, arrays in [
        (
            bilinear(query, key, weight),
            functional.bilinear(wide, other, weight[None])[..., 0],
            (query, key, weight),
        ),
        (
            additive(query, key, w_query, w_key, w_value),
            functional.linear(perceptron, w_value[None])[..., 0],
            (query, key, w_query, w_key, w_value),
        ),
        (gaussian(query, near, 0.7), -(torch.cdist(query, near) ** 2) / 0.98, (query, near)),
    ]:
        torch.testing.assert_close(ours, theirs, atol=1e-12, rtol=0)
        a, b = (torch.autograd.grad((s * upstream.detach()).sum(), arrays) for s in (ours, theirs))
        for x, y in zip(a, b, strict=True):
            torch.testing.assert_close(x, y, atol=1e-11, rtol=0)


def test_the_gradient_of_gaussian_at_equal_points_is_zero():
    place = torch.ones(1, 3, requires_grad=True)
    gaussian(place, torch.ones(2, 3)).sum().backward()
    assert torch.equal(place.grad, torch.zeros(1, 3))


@pytest.mark.parametrize("width", [1e-300, 1e300])
def test_extreme_widths_stay_numbers(width):
    with np.errstate(over="ignore"):
        result = gaussian(np.array([[0.0], [1.0]]), np.array([[0.0], [1.0]]), width)
    assert np.diag(result).tolist() == [0, 0]
    assert not np.isnan(result).any()


def test_attention_with_a_gaussian_score_is_kernel_regression():
    random = np.random.default_rng(1)
    x, y, at = random.normal(size=(7, 1)), random.normal(size=(7, 1)), random.normal(size=(5, 1))
    kernel = np.exp(-((at - x.T) ** 2) / (2 * 0.3**2))
    ours = attention(at, x, y, score=lambda query, key: gaussian(query, key, 0.3))
    np.testing.assert_allclose(ours, kernel @ y / kernel.sum(1, keepdims=True), atol=1e-12)


@given(sizes, sizes, sizes, st.integers(0, 2**31))
def test_swapping_query_and_key_transposes(n, m, d, seed):
    random = np.random.default_rng(seed)
    query, key = random.normal(size=(n, d)), random.normal(size=(m, d))
    np.testing.assert_allclose(dot(query, key), dot(key, query).T, atol=1e-12)
    np.testing.assert_allclose(scaled_dot(query, key) * d**0.5, dot(query, key), atol=1e-12)


@given(sizes, sizes, sizes, st.integers(0, 2**31))
def test_the_other_scores_keep_their_symmetries(n, m, d, seed):
    random = np.random.default_rng(seed)
    query, key = random.normal(size=(n, d)), random.normal(size=(m, d))
    weight, w_query, w_key = random.normal(size=(3, d, d))
    w_value, shift = random.normal(size=d), random.normal(size=d)
    np.testing.assert_allclose(bilinear(query, key, np.eye(d)), dot(query, key), atol=1e-12)
    np.testing.assert_allclose(
        bilinear(query, key, weight), bilinear(key, query, weight.T).T, atol=1e-9
    )
    np.testing.assert_allclose(
        additive(query, key, w_query, w_key, w_value),
        additive(key, query, w_key, w_query, w_value).T,
        atol=1e-12,
    )
    np.testing.assert_array_equal(gaussian(query, key), gaussian(key, query).T)
    np.testing.assert_allclose(
        gaussian(query + shift, key + shift, 2), gaussian(query, key) / 4, atol=1e-9
    )
    assert np.all(gaussian(query, key) <= 0)
    assert np.all(np.diag(gaussian(query * 1e8, query * 1e8)) == 0), "exact at the same place"


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


x34, x52 = np.ones((3, 4)), np.ones((5, 2))
w46, w26, w6 = np.ones((4, 6)), np.ones((2, 6)), np.ones(6)


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: dot(x34, x52), ValueError, "length 4 .*length 2.*score=bilinear.*additive"),
        (
            lambda: bilinear(x34, x52, np.ones((2, 4))),
            ValueError,
            r"length 4, key of length 2, and weight has shape \(2, 4\).*must be 4 by 2",
        ),
        (lambda: bilinear(x34, x52, np.ones(4)), ValueError, r"weight has shape \(4,\)"),
        (lambda: bilinear(x34, x52[0], w46), ValueError, r"key has shape \(2,\)"),
        (lambda: bilinear(x34[0], x52, w46), ValueError, r"query has shape \(4,\)"),
        (lambda: bilinear(x34, x52, torch.ones(4, 2)), TypeError, "weight is a torch tensor"),
        (
            lambda: bilinear(np.ones((2, 3, 4)), np.ones((3, 5, 2)), np.ones((4, 2))),
            ValueError,
            r"batch axes \(2,\) and key \(3,\)",
        ),
        (
            lambda: additive(x34, x52, w26, w26, w6),
            ValueError,
            r"query has vectors of length 4 and w_query shape \(2, 6\).*\(4, hidden\)",
        ),
        (
            lambda: additive(x34, x52, w46, w46, w6),
            ValueError,
            r"key has vectors of length 2 and w_key shape \(4, 6\).*\(2, hidden\)",
        ),
        (lambda: additive(x34, x52, w46, w26[:, 0], w6), ValueError, r"w_key shape \(2,\)"),
        (
            lambda: additive(x34, x52, w46[:, :1], w26, w6),
            ValueError,
            "w_query has 1 hidden units, w_key 6",
        ),
        (
            lambda: additive(x34, x52, w46, w26, np.ones((6, 1))),
            ValueError,
            r"w_value shape \(6, 1\).*one axis",
        ),
        (lambda: additive(x34, x52, w46, w26, w6[:5]), ValueError, r"w_value shape \(5,\)"),
        (lambda: additive(x34[0], x52, w46, w26, w6), ValueError, r"query has shape \(4,\)"),
        (
            lambda: additive(np.ones((2, 3, 4)), np.ones((3, 5, 2)), w46, w26, w6),
            ValueError,
            r"batch axes \(2,\) and key \(3,\)",
        ),
        (lambda: additive(x34, x52, w46, w26, np.ones(6, int)), TypeError, "w_value holds int64"),
        (lambda: gaussian(x34, x52), ValueError, "length 4 and key of length 2.*distance"),
        (lambda: gaussian(x34, x34, 0), ValueError, "width is 0, .*above 0 and finite"),
        (lambda: gaussian(x34, x34, -1.5), ValueError, "width is -1.5"),
        (lambda: gaussian(x34, x34, math.nan), ValueError, "width is nan"),
        (lambda: gaussian(x34, x34, math.inf), ValueError, "width is inf"),
        (lambda: gaussian(x34, x34[0]), ValueError, r"key has shape \(4,\)"),
        (
            lambda: gaussian(np.ones((2, 3, 4)), np.ones((5, 3, 4))),
            ValueError,
            r"batch axes \(2,\) and key \(5,\)",
        ),
        (lambda: gaussian(x34.astype(int), x34), TypeError, "query holds int64"),
    ],
)
def test_bad_input_to_the_other_scores_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
