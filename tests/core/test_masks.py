import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab import attention, causal, edges, padding, softmax, strided, window
from core.libraries import make, numbers

both = pytest.mark.parametrize("library", ["numpy", "torch"])


@both
def test_by_hand(library):
    positions = make(library, np.arange(4))
    expected = [[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1]]
    assert (causal(positions, positions) == make(library, expected)).all()
    expected = [[1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 1], [0, 0, 1, 1]]
    assert (window(positions, positions, 1) == make(library, expected)).all()
    expected = [[1, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 1]]
    assert (strided(positions, positions, 3) == make(library, expected)).all()
    expected = [[[1, 1, 0, 0]], [[0, 0, 0, 0]]]
    assert (padding(make(library, np.array([2, 0])), positions) == make(library, expected)).all()


@both
def test_all_sizes_different(library):
    query, key = make(library, np.arange(5)), make(library, np.arange(7))
    lengths = make(library, np.arange(6).reshape(2, 3))
    for mask, shape in [
        (causal(query, key), (5, 7)),
        (window(query, key, 2), (5, 7)),
        (strided(query, key, 2), (5, 7)),
        (padding(lengths, key), (2, 3, 1, 7)),
    ]:
        assert tuple(mask.shape) == shape
        assert numbers(mask).dtype == bool


def test_torch_agrees():
    positions = torch.arange(9)
    ones = torch.ones(9, 9, dtype=torch.bool)
    assert torch.equal(causal(positions, positions), ones.tril())
    assert torch.equal(window(positions, positions, 3), ones.tril(3) & ones.triu(-3))


@given(st.integers(1, 12), st.integers(0, 12), st.integers(0, 12))
def test_masks_are_questions_about_positions(n, offset, reach):
    """A row asked for alone, as a cache does, is the row of the whole mask."""
    whole = np.arange(n + offset)
    late = whole[offset:]
    assert np.array_equal(causal(late, whole), causal(whole, whole)[offset:])
    assert np.array_equal(window(late, whole, reach), window(whole, whole, reach)[offset:])
    assert np.array_equal(
        strided(late, whole, reach + 1), strided(whole, whole, reach + 1)[offset:]
    )
    both_ways = causal(whole, whole) | causal(whole, whole).T
    assert both_ways.all()
    assert np.array_equal(window(whole, whole, reach), window(whole, whole, reach).T)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=5))
def test_padding_shares_one_among_the_real_tokens(lengths):
    weights = softmax(np.zeros((len(lengths), 3, 9)), padding(np.array(lengths), np.arange(9)))
    for length, rows in zip(lengths, weights, strict=True):
        np.testing.assert_allclose(rows[:, :length], 1 / max(length, 1))
        assert np.all(rows[:, length:] == 0)


@both
def test_lengths_from_nothing_to_all(library):
    mask = padding(make(library, np.array([0, 3])), make(library, np.arange(3)))
    assert numbers(mask).tolist() == [[[False] * 3], [[True] * 3]]
    assert padding(make(library, np.array([1])), make(library, np.arange(0))).shape == (1, 1, 0)
    assert padding(make(library, np.zeros(0)), make(library, np.arange(3))).shape == (0, 1, 3)
    late = padding(make(library, np.array([5])), make(library, np.arange(3, 7)))
    assert numbers(late).tolist() == [[[True, True, False, False]]], "keys cut out of the middle"


@both
def test_edges_by_hand(library):
    # 0 -> 1 weighs 2.5, 1 -> 0 weighs -1, node 2 hears itself, node 3 nobody.
    weights = [[0, 2.5, 0, 0], [-1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]
    expected = make(library, np.array(weights) != 0)
    for adjacency in (np.array(weights), np.array(weights) != 0, np.sign(weights).astype(int)):
        mask = edges(make(library, adjacency))
        assert (mask == expected).all()
        assert numbers(mask).dtype == bool


@both
def test_edges_keep_batch_axes(library):
    adjacency = np.random.default_rng(0).integers(0, 2, size=(2, 3, 5, 5))
    mask = numbers(edges(make(library, adjacency)))
    np.testing.assert_array_equal(mask, adjacency.astype(bool))


@given(st.integers(1, 7), st.integers(0, 2**31))
def test_edges_leave_the_neighbours_alone(n, seed):
    """Masked attention is attention over each node's own neighbours, one node at a time."""
    random = np.random.default_rng(seed)
    adjacency, x = random.integers(0, 2, size=(n, n)), random.normal(size=(n, 3))
    result = attention(x, x, x, edges(adjacency))
    for node, neighbours in enumerate(adjacency.astype(bool)):
        near = x[neighbours]
        expected = attention(x[[node]], near, near)[0] if neighbours.any() else np.zeros(3)
        np.testing.assert_allclose(result[node], expected, atol=1e-12)
    n_all = np.arange(n)
    with_self = edges(adjacency) | window(n_all, n_all, 0)
    assert np.diag(with_self).all()
    assert np.array_equal(
        with_self & ~np.eye(n, dtype=bool), (adjacency != 0) & ~np.eye(n, dtype=bool)
    )


def test_masks_combine():
    n = np.arange(4)
    both_masks = causal(n, n) & window(n, n, 1)
    assert both_masks.astype(int).tolist() == [
        [1, 0, 0, 0],
        [1, 1, 0, 0],
        [0, 1, 1, 0],
        [0, 0, 1, 1],
    ]


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: causal(6, np.arange(6)), TypeError, "query is a int, not an array"),
        (lambda: causal(np.arange(6), [0, 1]), TypeError, "key is a list"),
        (lambda: causal(np.arange(6), torch.arange(6)), TypeError, "take one library"),
        (lambda: window(np.arange(3), np.arange(3), -1), ValueError, "reach is -1.*at least 0"),
        (lambda: window(np.arange(3), np.array(3), 1), ValueError, r"key has shape \(\)"),
        (lambda: padding(3, np.arange(6)), TypeError, "lengths is a int"),
        (
            lambda: padding(np.array([2, 7]), np.arange(6)),
            ValueError,
            "lengths holds 7, and the keys end at position 5: .* at most 6 tokens",
        ),
        (lambda: padding(np.array([-1]), np.arange(6)), ValueError, "holds -1, .* at least 0"),
        (
            lambda: edges(np.ones((2, 5, 3))),
            ValueError,
            "adjacency has 5 rows and 3 columns.*every node",
        ),
        (lambda: edges(np.ones(3)), ValueError, r"adjacency has shape \(3,\)"),
        (lambda: edges([[0, 1], [1, 0]]), TypeError, "adjacency is a list"),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_padding_in_vmap():
    lengths = torch.tensor([1, 3])
    mapped = torch.func.vmap(lambda length: padding(length, torch.arange(3)))(lengths)
    assert (mapped == padding(lengths, torch.arange(3))).all()
