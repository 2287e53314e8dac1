"""Scaling: a law that is known is found, and a stored row is what a reading gives."""

import doctest

import numpy as np
import pytest

from attnlab.recipes import scaling
from attnlab.recipes.scaling import LEARNING_RATES, SEEDS, SIZES, STEPS, Law, fitted, intervals

PARAMETERS = np.array([1e4, 4e4, 1.6e5, 6.4e5, 2.56e6])


def test_examples():
    assert doctest.testmod(scaling).failed == 0


@pytest.mark.parametrize("law", [Law(2.0, 50.0, 0.5), Law(0.0, 5.0, 0.076), Law(2.9, 300.0, 0.65)])
def test_a_known_law_is_found(law):
    found = fitted(PARAMETERS, law.at(PARAMETERS))
    assert found.exponent == pytest.approx(law.exponent, rel=0.05)
    assert found.at(1e7) == pytest.approx(law.at(1e7), abs=0.01)


def test_without_a_floor():
    law = Law(0.0, 7.0, 0.1)
    found = fitted(PARAMETERS, law.at(PARAMETERS), floors=np.zeros(1))
    assert found == pytest.approx(law)


def test_seeds_that_agree_leave_no_doubt_and_others_do():
    exact = Law(2.0, 50.0, 0.5).at(PARAMETERS)
    same = intervals(PARAMETERS, np.stack([exact] * 3, 1), draws=5)
    assert len({each.exponent for each in same}) == 1
    noise = np.random.default_rng(0).normal(scale=0.02, size=(5, 3))
    apart = intervals(PARAMETERS, exact[:, None] + noise, draws=20)
    assert np.std([each.exponent for each in apart]) > 0.005


def test_each_size_has_its_rates_and_seeds():
    rows = scaling.scaling()
    for size in SIZES:
        assert {row["lr"] for row in rows if row["size"] == size} == set(LEARNING_RATES[size])
    assert all(row["seeds"] == list(SEEDS) == list(range(len(row["loss"]))) for row in rows)


def test_larger_ones_lose_less_and_so_do_those_that_read_longer():
    by_size = [np.mean(scaling.at_best_lr(size)["loss"]) for size in SIZES]
    by_steps = [np.mean(scaling.at_best_lr("middle", steps)["loss"]) for steps in STEPS]
    assert by_size == sorted(by_size, reverse=True)
    assert by_steps == sorted(by_steps, reverse=True)


def test_a_stored_row_is_what_a_reading_gives():
    row = next(
        each
        for each in scaling.scaling()
        if (each["size"], each["steps"], each["lr"]) == ("middle", 150, 0.012)
    )
    found = scaling.measure(seed=0, size="middle", steps=150, lr=0.012)
    assert found["loss"] == pytest.approx(row["loss"][0], abs=0.1)
    assert found["parameters"] == row["parameters"][0]


def test_what_is_not_stored_is_named():
    with pytest.raises(ValueError, match="nothing is stored of size 'giant' and 1200 steps"):
        scaling.at_best_lr("giant")
    with pytest.raises(ValueError, match="nothing is stored of size 'tiny' and 150 steps"):
        scaling.at_best_lr("tiny", 150)
