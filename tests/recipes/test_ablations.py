"""Ablations, and the examples in the recipes' own words."""

import doctest
import importlib

import pytest
import torch

from attnlab.recipes import ablations


def test_each_change_changes_what_it_says_and_nothing_else():
    base = ablations.changed()
    for part, changes in ablations.CHANGES.items():
        for change in changes:
            made = ablations.changed(**change)
            for name in ("d_model", "layers", "d_ff", "heads", "positions", "norm"):
                wanted = change.get(name, getattr(base.config, name))
                assert getattr(made.config, name) == wanted
            assert made.warm_up == change.get("warm_up", base.warm_up)
            assert (made.steps, made.rate) == (base.steps, base.rate)
            assert part == "nothing" or change


def test_smoothing_reaches_the_loss():
    source, target = torch.tensor([[4, 5, 6]]), torch.tensor([[1, 7, 8, 2]])
    torch.manual_seed(0)
    model = ablations.changed().model().eval()
    plain, smoothed = (
        ablations.changed(smoothing=s).loss(model, source, target) for s in (0.0, 0.1)
    )
    logs = model(source, target[:, :-1]).log_softmax(-1)
    torch.testing.assert_close(smoothed, 0.9 * plain - 0.1 * logs.mean())


def test_the_stored_figures_are_those_of_the_changes():
    rows = ablations.ablations()
    wanted = [(part, change) for part, some in ablations.CHANGES.items() for change in some]
    assert [(row["part"], row["change"]) for row in rows] == wanted
    for row in rows:
        assert len(row["bleu"]) == len(row["exact"]) == len(row["seeds"]) == 3
        assert all(0 <= bleu <= 100 for bleu in row["bleu"])
        assert all(0 <= exact <= 1 for exact in row["exact"])


@pytest.mark.parametrize("name", ["ablations", "recipe", "shelf"])
def test_the_examples(name):
    result = doctest.testmod(importlib.import_module(f"attnlab.recipes.{name}"))
    assert result.attempted > 0
    assert result.failed == 0
