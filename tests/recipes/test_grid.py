"""Grids of small trainings: they are filled once, stored a row a line, and read back."""

import doctest
import importlib
import json

import pytest

from attnlab.recipes import grid


def test_each_setting_is_measured_from_each_seed_and_a_second_call_goes_on(tmp_path):
    stored, calls = tmp_path / "grid.json", []

    def measure(*, seed, depth, lr):
        calls.append((depth, lr, seed))
        return {"trained": seed + depth * lr + 0.00049}

    some = grid.settings(depth=[2, 10], lr=[0.5])
    grid.fill(stored, "python -m it", some[:1], measure, seeds=(3, 5))
    grid.fill(stored, "python -m it", some, measure, seeds=(3, 5))
    assert calls == [(2, 0.5, 3), (2, 0.5, 5), (10, 0.5, 3), (10, 0.5, 5)], "none twice"
    assert grid.rows(stored) == [
        {"depth": 2, "lr": 0.5, "seeds": [3, 5], "trained": [4.0, 6.0]},
        {"depth": 10, "lr": 0.5, "seeds": [3, 5], "trained": [8.0, 10.0]},
    ]
    text = stored.read_text(encoding="utf-8")
    assert json.loads(text)["command"] == "python -m it"
    assert len(text.splitlines()) == 7, "a row a line"


@pytest.mark.parametrize(
    "name",
    ["grid", "multi_hop_stack", "stability", "norms_and_residuals"],
)
def test_the_examples(name):
    result = doctest.testmod(importlib.import_module(f"attnlab.recipes.{name}"))
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("name", ["stability", "norms_and_residuals"])
def test_the_stored_rows_are_those_of_the_settings(name):
    module = importlib.import_module(f"attnlab.recipes.{name}")
    rows = grid.rows(module.STORED)
    names = list(module.SETTINGS[0])
    assert [{name: row[name] for name in names} for row in rows] == module.SETTINGS
    for row in rows:
        shares = [values for key, values in row.items() if key not in {*names, "seeds"}]
        assert shares
        assert all(len(values) == len(row["seeds"]) >= 3 for values in shares)
        assert all(0 <= value <= 1 for values in shares for value in values)
