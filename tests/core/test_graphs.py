import doctest

import networkx
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab import attention, dot, edges, neighbourhood_attention
from attnlab.core import graphs
from core.libraries import TOLERANCE, everywhere, make, numbers, same_kind


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def graph(nodes, seed=0):
    """A random directed graph whose last node reads nobody."""
    drawn = np.random.default_rng(seed).integers(0, 2, size=(nodes, nodes))
    drawn[-1] = 0
    return drawn


@everywhere
def test_by_hand(library, dtype):
    # Node 0 reads 1 and 2, whose scores are ln 3 and 0: weights 3/4 and 1/4. Node 2 reads nobody.
    query = make(library, [[1.0], [0.0], [5.0]], dtype)
    key = make(library, [[7.0], [np.log(3)], [0.0]], dtype)
    value = make(library, [[1.0, 0], [4.0, 8.0], [8.0, 4.0]], dtype)
    adjacency = make(library, np.array([[0, 1, 1], [1, 0, 0], [0, 0, 0]]))
    result = neighbourhood_attention(query, key, value, adjacency)
    assert same_kind(result, query)
    np.testing.assert_allclose(numbers(result), [[5, 7], [1, 0], [0, 0]], atol=9 * TOLERANCE[dtype])


@everywhere
def test_all_sizes_different_and_equal_to_the_mask(library, dtype):
    query, key = (make(library, draw(2, 3, 7, 5, seed=i), dtype) for i in (0, 1))
    value = make(library, draw(2, 3, 7, 11, seed=2), dtype)
    adjacency = make(library, graph(7))
    for score in ({}, {"score": dot}):
        result = neighbourhood_attention(query, key, value, adjacency, **score)
        masked = attention(query, key, value, edges(adjacency), **score)
        assert tuple(result.shape) == (2, 3, 7, 11)
        np.testing.assert_allclose(numbers(result), numbers(masked), atol=4 * TOLERANCE[dtype])


@given(st.integers(1, 7), st.integers(0, 2**31))
def test_each_neighbourhood_is_a_softmax_of_its_own(nodes, seed):
    x, adjacency = draw(nodes, 3, seed=seed), graph(nodes, seed)
    loops = np.eye(nodes, dtype=int)
    for a in (adjacency, adjacency | loops, 2.5 * adjacency, adjacency > 0):
        ours, masked = neighbourhood_attention(x, x, x, a), attention(x, x, x, edges(a))
        np.testing.assert_allclose(ours, masked, rtol=0, atol=1e-12)
    assert not neighbourhood_attention(x, x, x, adjacency)[-1].any()


@given(st.integers(2, 7), st.integers(0, 2**31))
def test_it_does_not_matter_how_nodes_are_numbered(nodes, seed):
    x, adjacency = draw(nodes, 3, seed=seed), graph(nodes, seed)
    order = np.random.default_rng(seed).permutation(nodes)
    plain = neighbourhood_attention(x, x, x, adjacency)
    turned = neighbourhood_attention(*(3 * [x[order]]), adjacency[order][:, order])
    np.testing.assert_allclose(turned, plain[order], rtol=0, atol=1e-12)


def test_on_the_complete_graph_it_is_attention():
    x = draw(5, 3)
    complete = networkx.to_numpy_array(networkx.complete_graph(5)) + np.eye(5)
    np.testing.assert_allclose(
        neighbourhood_attention(x, x, x, complete), attention(x, x, x), rtol=0, atol=1e-12
    )


def test_output_and_gradient_are_those_of_torch_and_lonely_nodes_have_none():
    adjacency = torch.tensor(graph(7))
    adjacency[:, -1] = 0  # and nobody reads the last one
    copies = [
        [torch.tensor(draw(7, 3, seed=i), requires_grad=True) for i in range(3)] for _ in range(2)
    ]
    ours = neighbourhood_attention(*copies[0], adjacency)
    theirs = [
        torch.nn.functional.scaled_dot_product_attention(q[None], k[near], v[near])[0]
        for (query, k, v) in [copies[1]]
        for q, near in zip(query, adjacency.bool(), strict=True)
        if near.any()
    ]
    torch.testing.assert_close(ours[:-1], torch.stack(theirs), atol=1e-12, rtol=0)
    (ours.square().sum() + torch.stack(theirs).square().sum()).backward()
    for ours, theirs in zip(*copies, strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad, atol=1e-12, rtol=0)
        assert not ours.grad[-1].any()


X = np.ones((3, 2))


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(
    ("adjacency", "error", "words"),
    [
        (np.ones((3, 4)), ValueError, "3 rows and 4 columns"),
        (np.ones((4, 4)), ValueError, "4 rows and columns, and key 3 nodes.*same order"),
        (np.ones((2, 3, 3)), ValueError, r"\(2, 3, 3\), and this function takes one graph"),
        (np.full((3, 3), np.nan), ValueError, "adjacency holds NaN.*write 0"),
        ([[1] * 3] * 3, TypeError, "adjacency is a list"),
        (np.full((3, 3), "x"), TypeError, "adjacency holds <U1"),
    ],
)
def test_what_is_no_graph_of_these_nodes(adjacency, error, words):
    with pytest.raises(error, match=words):
        neighbourhood_attention(X, X, X, adjacency)


@pytest.mark.usefixtures("as_a_reader_runs_it")
def test_nodes_that_do_not_fit():
    with pytest.raises(ValueError, match=r"query has 2 positions and key 3.*nodes of one graph"):
        neighbourhood_attention(X[:2], X, X, np.eye(3))
    with pytest.raises(ValueError, match="key has 3 positions and value 2"):
        neighbourhood_attention(X, X, X[:2], np.eye(3))


def test_edges_with_nan_are_refused_and_weights_are_edges():
    assert edges(np.array([[0.0, -2.0], [0.5, np.inf]])).tolist() == [[False, True], [True, True]]
    for library in ("numpy", "torch"):
        with pytest.raises(ValueError, match="NaN, which says neither edge nor none"):
            edges(make(library, np.array([[0.0, np.nan], [1.0, 0.0]])))
    batch = torch.eye(3).repeat(2, 1, 1)
    assert torch.equal(torch.vmap(edges)(batch), batch == 1)


def test_the_examples():
    assert doctest.testmod(graphs, extraglobs={"np": np}).failed == 0
