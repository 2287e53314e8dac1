"""Steps for each batch size: the stored grid, its fit, and one training of it again."""

import doctest
from statistics import mean

import pytest

from attnlab.recipes import batch_sizes as module
from attnlab.recipes.batch_sizes import (
    BATCHES,
    LEARNING_RATES,
    SEEDS,
    batch_sizes,
    critical_batch,
    measure,
    steps_needed,
)
from attnlab.recipes.grid import best_of, pick


def test_everything_is_stored_from_each_seed():
    for batch in BATCHES:
        for lr in LEARNING_RATES:
            (row,) = pick(batch_sizes(), batch=batch, lr=lr)
            assert row["seeds"] == list(SEEDS)
            assert row["chosen_by"] == [-steps for steps in row["steps"]]


def test_no_best_learning_rate_is_the_largest():
    for batch in BATCHES:
        assert best_of(batch_sizes(), batch=batch)["lr"] < max(LEARNING_RATES)


def test_a_small_batch_needs_more_steps_and_a_large_one_hardly_fewer():
    steps = [mean(steps_needed(batch)) for batch in BATCHES]
    assert steps[0] > 2 * steps[1] > 2 * steps[3]
    assert min(steps[5:]) > steps[5] / 2
    fewest, critical = critical_batch()
    assert 30 < fewest < 70
    assert BATCHES[0] < critical < BATCHES[5]


def test_a_size_that_is_not_stored_is_named():
    with pytest.raises(ValueError, match="nothing is stored of {'batch': 3}"):
        steps_needed(3)


def test_a_training_comes_to_what_is_stored():
    (row,) = pick(batch_sizes(), batch=16, lr=3e-2)
    (good,) = pick(batch_sizes(), batch=16, lr=1e-2)
    found = measure(seed=0, batch=16, lr=1e-2)["steps"]
    assert abs(found - good["steps"][0]) < 0.3 * good["steps"][0]
    assert mean(row["steps"]) != mean(good["steps"])


def test_the_examples_in_the_docstrings():
    result = doctest.testmod(module)
    assert result.attempted > 1
    assert result.failed == 0
