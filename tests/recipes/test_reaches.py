"""The window against the reach: what is measured, and what the stored errors say."""

import doctest
from statistics import mean

import pytest
import torch

from attnlab.recipes import grid, reaches


def test_the_stored_rows_are_those_of_the_settings():
    names = list(reaches.SETTINGS[0])
    rows = reaches.reaches()
    assert [{name: row[name] for name in names} for row in rows] == reaches.SETTINGS
    for row in rows:
        assert row["seeds"] == list(reaches.SEEDS)
        for name in ("error", "trained", "chosen_by"):
            assert len(row[name]) == 5
            assert all(0 <= each <= 1 for each in row[name])


@pytest.mark.parametrize("reach", reaches.REACHES)
def test_the_knee_lies_at_the_reach_and_on_what_is_possible(reach):
    for window in reaches.WINDOWS:
        found = reaches.at_best_lr(reach, window)
        possible = reaches.least_error(reach, window)
        assert all(possible - 0.02 < error < possible + 0.03 for error in found["error"])
        assert (mean(found["error"]) < 0.1) == (window >= reach)


def test_a_curve_has_the_mean_of_each_window():
    found = reaches.curve(8, sequences=10)
    assert list(found) == [4, 8, 16, 32, 63]
    assert found[32] == pytest.approx(mean(reaches.at_best_lr(8, 32, 10)["error"]), abs=1e-4)


def test_of_few_sequences_a_wide_window_learns_less_and_of_many_as_much():
    few, many = (
        [reaches.at_best_lr(8, window, sequences)["error"] for window in (8, 63)]
        for sequences in (10, 300)
    )
    assert all(wide > 1.2 * narrow for narrow, wide in zip(*few, strict=True)), "for each seed"
    assert mean(reaches.at_best_lr(8, 63, 10)["trained"]) < 0.02
    assert mean(many[1]) < mean(many[0]) + 0.02


def test_the_highest_rate_learns_nothing():
    rows = grid.pick(reaches.reaches(), lr=0.3)
    assert rows
    assert all(min(row["error"]) > 0.5 for row in rows)


def test_all_windows_have_the_same_parameters_and_one_hears_what_its_mask_says():
    torch.set_num_threads(1)
    narrow, mask = reaches.hearing(2, seed=0)
    wide, everything = reaches.hearing(63, seed=0)
    for one, other in zip(narrow.parameters(), wide.parameters(), strict=True):
        assert torch.equal(one, other)
    assert mask.sum(-1)[10] == 5
    assert everything.all()


def test_a_training_is_measured_on_what_it_has_not_seen():
    torch.set_num_threads(1)
    found = reaches.measure(seed=0, reach=2, window=2, sequences=5, lr=0.03, steps=40)
    assert found["trained"] < found["error"] < 0.5


def test_what_is_not_stored_is_named():
    with pytest.raises(ValueError, match=r"nothing is stored of .*'window': 5"):
        reaches.at_best_lr(8, 5)


def test_the_examples():
    result = doctest.testmod(reaches)
    assert result.attempted > 0
    assert result.failed == 0
