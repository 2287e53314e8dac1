from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab import ring_steps
from core.libraries import TOLERANCE, everywhere, make, numbers, same_kind


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@everywhere
def test_three_processes_by_hand(library, dtype):
    steps = ring_steps(make(library, [[1.0, 2, 3], [10.0, 20, 30], [100.0, 200, 300]], dtype))
    expected = [
        [[1, 2, 3], [10, 20, 30], [100, 200, 300]],
        [[1, 2, 303], [11, 20, 30], [100, 220, 300]],  # 0 sends a, 1 sends b, 2 sends c
        [[1, 222, 303], [11, 20, 333], [111, 220, 300]],
        [[111, 222, 303], [11, 222, 333], [111, 220, 333]],  # from here on it takes the place
        [[111, 222, 333], [111, 222, 333], [111, 222, 333]],
    ]
    assert all(same_kind(held, steps[0]) for held in steps)
    np.testing.assert_allclose([numbers(held) for held in steps], expected, rtol=TOLERANCE[dtype])


@everywhere
def test_chunks_of_several_numbers(library, dtype):
    chunks = make(library, draw(5, 5, 2, 3), dtype)
    steps = ring_steps(chunks)
    assert len(steps) == 9
    total = np.broadcast_to(numbers(chunks).sum(0), (5, 5, 2, 3))
    np.testing.assert_allclose(numbers(steps[-1]), total, atol=5 * TOLERANCE[dtype])


@given(st.integers(2, 9), st.integers(0, 2**31))
def test_a_step_changes_one_chunk_of_each_process(count, seed):
    steps = ring_steps(np.random.default_rng(seed).integers(1, 100, (count, count)))
    changed = [(new != old).sum(axis=1) for old, new in pairwise(steps)]
    assert (np.array(changed) <= 1).all()  # an equal number may take the place of another
    assert (np.array(changed)[: count - 1] == 1).all()  # but what is added is at least 1
    done = steps[count - 1]
    complete = (np.arange(count) + 1) % count
    np.testing.assert_array_equal(done[np.arange(count), complete], steps[0].sum(0)[complete])


def test_what_was_handed_in_stays_and_gradients_flow_as_through_a_sum():
    chunks = torch.tensor(draw(4, 4), requires_grad=True)
    same = chunks.detach().clone().requires_grad_()
    weights = torch.tensor(draw(4, 4, seed=1))
    ring = ring_steps(chunks)[-1]
    total = same.sum(0).expand(4, 4)
    torch.testing.assert_close(ring, total)
    (ring * weights).sum().backward()
    (total * weights).sum().backward()
    torch.testing.assert_close(chunks.grad, same.grad)
    given_in = np.arange(9).reshape(3, 3)
    ring_steps(given_in)
    np.testing.assert_array_equal(given_in, np.arange(9).reshape(3, 3))


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(
    ("chunks", "kind", "words"),
    [
        (np.ones((1, 1)), ValueError, r"chunks has shape \(1, 1\), .* at least 2 processes"),
        (np.ones(4), ValueError, r"chunks has shape \(4,\), and needs \(process, chunk"),
        (np.ones((3, 4)), ValueError, "3 processes and 4 chunks: cut .* into 3 chunks"),
        ([[1, 2], [3, 4]], TypeError, "chunks is a list, not an array"),
        (np.ones((2, 2), bool), TypeError, "chunks holds bool"),
    ],
)
def test_bad_input_is_named(chunks, kind, words):
    with pytest.raises(kind, match=words):
        ring_steps(chunks)
