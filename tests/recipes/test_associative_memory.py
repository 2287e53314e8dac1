"""The small training of chapters 2 and 3: what attention learns to look up."""

import pytest
import torch

from attnlab import attention
from attnlab.recipes.associative_memory import best_trained, right, square_error, trained
from attnlab.tasks import associative_recall

SIZES = [(8, 4), (12, 4), (12, 4)]


def two_maps(query, memory, w_query, w_key, w_value):
    return attention(query @ w_query, memory @ w_key, memory @ w_value)


def by_hand():
    """Maps that solve it: the name finds, the content is handed over."""
    name = 40 * torch.eye(8)
    return [name, torch.cat([name, torch.zeros(4, 8)]), torch.eye(12)[:, 8:]]


def test_maps_that_solve_it_are_right_and_cost_nothing():
    assert right(two_maps, by_hand(), seed=0) == 1
    assert square_error(two_maps, by_hand(), seed=0, items=8) < 1e-6


def test_maps_that_ask_for_nothing_hand_over_the_mean_of_the_contents():
    maps = [torch.zeros(8, 8), *by_hand()[1:]]
    assert square_error(two_maps, maps, seed=0) == pytest.approx(0.8, abs=0.05)
    assert right(two_maps, maps, seed=0) < 0.6


def test_training_starts_from_its_seed_and_learns():
    first, again = (trained(two_maps, SIZES, lr=0.03, seed=1) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert [tuple(each.shape) for each in first] == SIZES
    assert right(two_maps, first, seed=1) > 0.95


def test_the_better_rate_counts_and_one_that_explodes_never_does():
    (maps,) = best_trained(two_maps, SIZES, lrs=[1e9, 0.03, 1e-9], seeds=1)
    assert right(two_maps, maps, seed=0) > 0.95


def test_what_is_judged_is_neither_trained_nor_chosen_on():
    judged, _, _ = associative_recall(torch.Generator().manual_seed(1000), 2000)
    chosen, _, _ = associative_recall(torch.Generator().manual_seed(2000), 2000)
    assert not torch.equal(judged, chosen)
