import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab import attention, low_rank_attention
from core.libraries import TOLERANCE, everywhere, make, numbers, same_kind


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@everywhere
def test_by_hand(library, dtype):
    # The mean of the first two keys gives a score of ln 4 * 2 / sqrt(4), the third one of 0.
    query = make(library, [[math.log(4), 0.0, 0.0, 0.0]], dtype)
    key = make(library, [[1.0, 2, 0, 0], [3.0, 4, 0, 0], [0.0, 5, 0, 0]], dtype)
    value = make(library, [[5.0], [15.0], [20.0]], dtype)
    mixed = make(library, [[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]], dtype)
    result = low_rank_attention(query, key, value, mixed)
    assert same_kind(result, query)
    np.testing.assert_allclose(numbers(result), [[12]], rtol=TOLERANCE[dtype])
    first = make(library, [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]], dtype)
    result = low_rank_attention(query, key, value, mixed, first)
    np.testing.assert_allclose(numbers(result), [[8]], rtol=TOLERANCE[dtype])


@everywhere
def test_all_sizes_different(library, dtype):
    shapes = [(2, 3, 7, 13), (2, 3, 11, 13), (2, 3, 11, 5), (4, 11), (4, 11)]
    arrays = [make(library, draw(*shape, seed=i), dtype) for i, shape in enumerate(shapes)]
    assert tuple(low_rank_attention(*arrays[:4]).shape) == (2, 3, 7, 5)
    assert tuple(low_rank_attention(*arrays).shape) == (2, 3, 7, 5)
    each = make(library, draw(3, 4, 11), dtype)  # a projection for each head
    assert tuple(low_rank_attention(*arrays[:3], each).shape) == (2, 3, 7, 5)


@given(st.integers(1, 5), st.integers(1, 7), st.integers(0, 2**31))
def test_with_every_key_left_as_it_is_it_is_attention(n, m, seed):
    random = np.random.default_rng(seed)
    query, key, value = (random.normal(size=(k, 3)) for k in (n, m, m))
    full = attention(query, key, value)
    np.testing.assert_allclose(low_rank_attention(query, key, value, np.eye(m)), full, atol=1e-12)
    turned = np.eye(m)[random.permutation(m)]  # the order of the keys does not matter
    np.testing.assert_allclose(low_rank_attention(query, key, value, turned), full, atol=1e-12)


def test_output_and_gradient_are_those_of_torch():
    shapes = [(2, 5, 3), (2, 7, 3), (2, 7, 4), (3, 7), (3, 7)]
    copies = [
        [torch.tensor(draw(*s, seed=i), requires_grad=True) for i, s in enumerate(shapes)]
        for _ in range(2)
    ]
    a = low_rank_attention(*copies[0])
    query, key, value, of_keys, of_values = copies[1]
    fused = torch.nn.functional.scaled_dot_product_attention
    b = fused(query, of_keys @ key, of_values @ value)
    torch.testing.assert_close(a, b, atol=1e-12, rtol=0)
    (a.square().sum() + b.square().sum()).backward()
    for ours, theirs in zip(*copies, strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad, atol=1e-12, rtol=0)


x23, x53 = np.ones((2, 3)), np.ones((5, 3))


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: low_rank_attention(x23, x53, x53, np.ones((2, 4))),
            ValueError,
            r"project_key has shape \(2, 4\), and key 5 positions: .*must be 5 long",
        ),
        (
            lambda: low_rank_attention(x23, x53, x53, np.ones((2, 5)), np.ones((2, 4))),
            ValueError,
            r"project_value has shape \(2, 4\), and key 5 positions",
        ),
        (
            lambda: low_rank_attention(x23, x53, x53, np.ones((2, 5)), np.ones((3, 5))),
            ValueError,
            "project_key makes 2 mixtures and project_value 3",
        ),
        (
            lambda: low_rank_attention(x23, x53, x53, np.ones((0, 5))),
            ValueError,
            "project_key makes 0 mixtures",
        ),
        (
            lambda: low_rank_attention(x23, x53, x53, np.ones(5)),
            ValueError,
            r"project_key has shape \(5,\), and needs at least 2 axes",
        ),
        (
            lambda: low_rank_attention(x23, np.ones((2, 5, 3)), x53, np.ones((3, 2, 5))),
            ValueError,
            r"project_key has batch axes \(3,\) and key \(2,\)",
        ),
        (
            lambda: low_rank_attention(x23, x53, x53, np.ones((2, 5), int)),
            TypeError,
            "project_key holds int64",
        ),
        (
            lambda: low_rank_attention(x23, x53, x53, torch.ones(2, 5)),
            TypeError,
            "project_key is a torch tensor",
        ),
        (
            lambda: low_rank_attention(*[torch.ones(2, 2)] * 3, torch.ones(1, 2).double()),
            TypeError,
            "query holds torch.float32 and project_key torch.float64",
        ),
        (lambda: low_rank_attention(x23, x53, x23, x53.T), ValueError, "key has 5 .* value 2"),
        (lambda: low_rank_attention(x23, x53[:0], x53[:0], x53[:0].T), ValueError, "no position"),
        (lambda: low_rank_attention(np.ones((2, 4)), x53, x53, x53.T), ValueError, "length 4"),
        (lambda: low_rank_attention(x23, x53, x53, [[1.0] * 5]), TypeError, "project_key is a l"),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
