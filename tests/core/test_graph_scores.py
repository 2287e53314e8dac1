import doctest

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import leaky_relu

from attnlab import attention, attention_weights, gat_scores, gatv2_scores
from attnlab.core import graph_scores
from core.libraries import TOLERANCE, everywhere, make, numbers, same_kind


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@everywhere
def test_by_hand(library, dtype):
    query = make(library, [[1.0, 2.0], [-3.0, 0.0]], dtype)
    key = make(library, [[1.0, 0.0], [0.0, -4.0], [2.0, 2.0]], dtype)
    # GAT: query . (1, 1) = 3, -3 and key . (2, 1) = 2, -4, 6; below 0 a half is left.
    ours = gat_scores(
        query, key, make(library, [1.0, 1.0], dtype), make(library, [2.0, 1.0], dtype), slope=0.5
    )
    assert same_kind(ours, query)
    assert numbers(ours).tolist() == [[5.0, -0.5, 9.0], [-0.5, -3.5, 3.0]]
    # GATv2: of (2, 2), (1, -2), (3, 4) and (-2, 0), (-3, -4), (-1, 2), weighed by (1, 10).
    ours = gatv2_scores(query, key, make(library, [1.0, 10.0], dtype), slope=0.5)
    assert same_kind(ours, query)
    assert numbers(ours).tolist() == [[22.0, -9.0, 43.0], [-1.0, -21.5, 19.5]]


@everywhere
def test_all_sizes_different(library, dtype):
    query, key = (make(library, draw(2, 3, n, 11, seed=n), dtype) for n in (5, 7))
    first, second = (make(library, draw(3, 11, seed=i), dtype) for i in (1, 2))  # for each head
    q, k, a, b = (numbers(x) for x in (query, key, first, second))
    one, other = np.einsum("bhqd,hd->bhq", q, a), np.einsum("bhkd,hd->bhk", k, b)
    pairs = one[..., :, None] + other[..., None, :]
    expected = np.where(pairs > 0, pairs, 0.2 * pairs)
    ours = gat_scores(query, key, first, second)
    np.testing.assert_allclose(numbers(ours), expected, atol=30 * TOLERANCE[dtype])
    hidden = q[..., :, None, :] + k[..., None, :, :]
    hidden = np.where(hidden > 0, hidden, 0.2 * hidden)
    expected = np.einsum("bhqkd,hd->bhqk", hidden, a)
    ours = gatv2_scores(query, key, first)
    assert tuple(ours.shape) == (2, 3, 5, 7)
    np.testing.assert_allclose(numbers(ours), expected, atol=40 * TOLERANCE[dtype])


@given(st.integers(1, 5), st.integers(2, 7), st.integers(0, 2**31))
def test_gat_ranks_all_keys_alike_for_all_queries(queries, keys, seed):
    """Static attention: Brody et al. 2022, theorem 1."""
    query, key, a, b = (draw(n, 3, seed=seed + i) for i, n in enumerate((queries, keys, 1, 1)))
    order = gat_scores(query, key, a[0], b[0]).argsort(axis=-1)
    assert (order == order[0]).all()


def test_gatv2_gives_every_query_a_first_of_its_own():
    n = np.eye(4)
    weights = attention_weights(n, -n, score=lambda q, k: gatv2_scores(q, k, -9 * np.ones(4)))
    assert weights.argmax(axis=-1).tolist() == [0, 1, 2, 3]


def test_torch_agrees_in_output_and_gradient():
    shapes = [(2, 5, 3), (2, 7, 3), (3,), (3,)]
    copies = [
        [torch.tensor(draw(*s, seed=i), requires_grad=True) for i, s in enumerate(shapes)]
        for _ in range(2)
    ]
    q, k, a, b = copies[1]
    pairs = torch.cat(
        [q[:, :, None].expand(-1, -1, 7, -1), k[:, None].expand(-1, 5, -1, -1)], dim=-1
    )
    theirs = leaky_relu(pairs @ torch.cat([a, b]), 0.2)  # as the paper: a . [Wh_i || Wh_j]
    ours = gat_scores(*copies[0])
    torch.testing.assert_close(ours, theirs, atol=1e-12, rtol=0)
    ours2, theirs2 = (
        gatv2_scores(*copies[0][:3]),
        leaky_relu(pairs[..., :3] + pairs[..., 3:], 0.2) @ a,
    )
    torch.testing.assert_close(ours2, theirs2, atol=1e-12, rtol=0)
    for x, y in ((ours, ours2), (theirs, theirs2)):
        (x.square().sum() + y.square().sum()).backward()
    for mine, other in zip(*copies, strict=True):
        torch.testing.assert_close(mine.grad, other.grad, atol=1e-11, rtol=0)


def test_they_are_scores_of_attention():
    q, k, v, a = draw(5, 3), draw(7, 3, seed=1), draw(7, 2, seed=2), draw(3, seed=3)
    weights = attention_weights(q, k, score=lambda q, k: gat_scores(q, k, a, a))
    output = attention(q, k, v, score=lambda q, k: gat_scores(q, k, a, a))
    np.testing.assert_allclose(weights @ v, output, atol=1e-12)


X, A = np.ones((3, 2)), np.ones(2)


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: gat_scores(X, X, A, np.ones(3)), ValueError, "key has .* 2 and key_vector .* 3"),
        (lambda: gat_scores(X, X, np.ones(3), A), ValueError, "query has .* query_vector .* 3"),
        (lambda: gatv2_scores(X, np.ones((3, 4)), A), ValueError, "key has .* 4 and vector .* 2"),
        (lambda: gatv2_scores(X[0], X, A), ValueError, r"query has shape \(2,\)"),
        (lambda: gatv2_scores(X, X, np.array(1.0)), ValueError, r"vector has shape \(\)"),
        (lambda: gatv2_scores(X, X, A, slope=-1), ValueError, "slope is -1.*from 0"),
        (lambda: gat_scores(X, X, A, A, slope=np.nan), ValueError, "slope is nan"),
        (lambda: gat_scores(X, X, A, A, slope="0.2"), TypeError, "slope is '0.2'"),
        (lambda: gat_scores(X.astype(int), X, A, A), TypeError, "query holds int64"),
        (
            lambda: gatv2_scores(np.ones((4, 3, 2)), np.ones((5, 3, 2)), A),
            ValueError,
            r"query has batch axes \(4,\) and key \(5,\)",
        ),
        (
            lambda: gatv2_scores(np.ones((4, 3, 2)), np.ones((4, 3, 2)), np.ones((3, 2))),
            ValueError,
            r"query has batch axes \(4,\) and vector \(3,\)",
        ),
    ],
)
def test_what_does_not_fit(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_the_examples():
    assert doctest.testmod(graph_scores, extraglobs={"np": np}).failed == 0
