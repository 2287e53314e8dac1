import doctest
import sys

import networkx
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab import laplacian, laplacian_positions, normalised_adjacency
from core.libraries import make, numbers

both = pytest.mark.parametrize("library", ["numpy", "torch"])


def graph(nodes, seed=0, weights=False):
    random = np.random.default_rng(seed)
    a = random.integers(0, 2, size=(nodes, nodes)) * (
        random.random((nodes, nodes)) if weights else 1
    )
    return np.maximum(a, a.T)


@both
def test_by_hand(library):
    # A path of three, and one node alone: degrees 1, 2, 1, 0.
    path = make(library, np.array([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0]]))
    half = 0.5**0.5
    expected = [[1, -half, 0, 0], [-half, 1, -half, 0], [0, -half, 1, 0], [0, 0, 0, 0]]
    np.testing.assert_allclose(numbers(laplacian(path)), expected, atol=1e-6)
    plain = [[1, -1, 0, 0], [-1, 2, -1, 0], [0, -1, 1, 0], [0, 0, 0, 0]]
    assert numbers(laplacian(path, normalised=False)).tolist() == plain
    mixing = [[0, half, 0, 0], [half, 0, half, 0], [0, half, 0, 0], [0, 0, 0, 0]]
    np.testing.assert_allclose(numbers(normalised_adjacency(path)), mixing, atol=1e-6)


@given(st.integers(1, 9), st.integers(0, 2**31), st.booleans())
def test_networkx_agrees(nodes, seed, weights):
    a = graph(nodes, seed, weights) * (1 - np.eye(nodes))
    other = networkx.from_numpy_array(a)
    theirs = networkx.laplacian_matrix(other).toarray() if nodes else a
    np.testing.assert_allclose(laplacian(a, normalised=False), theirs, atol=1e-12)
    theirs = networkx.normalized_laplacian_matrix(other).toarray()
    np.testing.assert_allclose(laplacian(a), theirs, atol=1e-12)


@given(st.integers(2, 9), st.integers(0, 2**31))
def test_the_laplacian_measures_how_much_neighbours_differ(nodes, seed):
    a = graph(nodes, seed, weights=True)
    x = np.random.default_rng(seed).normal(size=nodes)
    differ = (a * (x[:, None] - x) ** 2).sum() / 2
    np.testing.assert_allclose(x @ laplacian(a, normalised=False) @ x, differ, atol=1e-9)
    eigenvalues = np.linalg.eigvalsh(laplacian(a))
    assert eigenvalues.min() > -1e-9
    assert eigenvalues.max() < 2 + 1e-9


def test_types_and_batches():
    a = torch.tensor(graph(5))
    assert laplacian(a).dtype == torch.float32
    assert laplacian(a.double()).dtype == torch.float64
    assert laplacian(a.bool()).dtype == torch.float32
    assert laplacian(graph(5)).dtype == np.float64
    batch = np.stack([graph(5, 1), graph(5, 2), np.zeros((5, 5))])
    for of in (laplacian, normalised_adjacency, lambda a: laplacian_positions(a, 2)):
        each = np.stack([of(a) for a in batch])
        np.testing.assert_allclose(of(batch), each, atol=1e-12)


def test_positions_on_a_path_are_cosines():
    """Those of the discrete cosine transform: cos(pi k (j + 1/2) / n)."""
    for n in (2, 5, 12):
        path = networkx.to_numpy_array(networkx.path_graph(n))
        k, j = np.arange(1, n), np.arange(n)[:, None]
        waves = (2 / n) ** 0.5 * np.cos(np.pi * k * (j + 0.5) / n)
        found = laplacian_positions(path, n - 1, normalised=False)
        np.testing.assert_allclose(abs(found), abs(waves), atol=1e-12)
        np.testing.assert_allclose(found[:, 0], waves[:, 0], atol=1e-12)


@pytest.mark.parametrize("normalised", [True, False])
def test_positions_are_eigenvectors_with_a_sign(normalised):
    a = networkx.to_numpy_array(networkx.karate_club_graph())
    found = laplacian_positions(a, 5, normalised=normalised)
    matrix = laplacian(a, normalised=normalised)
    values = np.linalg.eigvalsh(matrix)[1:6]
    np.testing.assert_allclose(matrix @ found, found * values, atol=1e-9)
    np.testing.assert_allclose(found.T @ found, np.eye(5), atol=1e-9)
    largest = abs(found).argmax(axis=0)
    assert (found[largest, np.arange(5)] > 0).all()
    torch_found = laplacian_positions(torch.tensor(a), 5, normalised=normalised)
    np.testing.assert_allclose(found, torch_found, atol=1e-9)


def test_a_graph_in_two_parts_has_a_position_that_says_in_which():
    a = np.kron(np.eye(2), np.ones((3, 3)) - np.eye(3))
    column = laplacian_positions(a, 1, normalised=False)[:, 0]
    assert np.ptp(column[:3]) < 1e-9
    assert np.ptp(column[3:]) < 1e-9


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: laplacian(-np.eye(3)), ValueError, "adjacency holds -1.0.*at least 0"),
        (lambda: laplacian(np.array([[np.inf]])), ValueError, "adjacency holds inf"),
        (lambda: laplacian(np.array([[np.nan]])), ValueError, "adjacency holds NaN"),
        (lambda: laplacian(np.ones((3, 4))), ValueError, "3 rows and 4 columns"),
        (lambda: normalised_adjacency(np.tri(3)), ValueError, "not symmetric.*undirected"),
        (lambda: laplacian(np.eye(3) * 1j), TypeError, "adjacency holds complex128"),
        (lambda: laplacian(np.eye(3), normalised=1), TypeError, "normalised is 1"),
        (lambda: laplacian_positions(np.eye(3), 3), ValueError, "count is 3, .* at most 2"),
        (lambda: laplacian_positions(np.eye(3), 0), ValueError, "count is 0"),
        (lambda: laplacian_positions(np.eye(3), 1.0), TypeError, "count is 1.0"),
    ],
)
def test_what_is_no_undirected_graph(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_the_examples():
    module = sys.modules[laplacian.__module__]  # the function has taken its module's name
    assert doctest.testmod(module, extraglobs={"np": np}).failed == 0
