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
            assert (made.steps, made.lr) == (base.steps, base.lr)
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


CHANGES = [(part, change) for part, some in ablations.CHANGES.items() for change in some]


def test_each_change_was_tried_with_each_rate_and_its_best_from_each_seed():
    made = [(run["part"], run["change"], run["lr"], run["seed"]) for run in ablations.runs()]
    best = {str(row["change"]): row["lr"] for row in ablations.ablations()}
    wanted = [
        (part, change, lr, seed)
        for part, change in CHANGES
        for lr in ablations.LEARNING_RATES
        for seed in ablations.SEEDS
        if seed == ablations.CHOOSES or lr == best[str(change)]
    ]
    assert len(made) == len(wanted)
    assert all(run in made for run in wanted)
    for run in ablations.runs():
        assert 0 <= run["bleu"] <= 100
        assert 0 <= run["exact"] <= 1
        assert ("chosen_by" in run) == (run["seed"] == ablations.CHOOSES)


@pytest.mark.parametrize("lr", [None, *ablations.LEARNING_RATES])
def test_the_rows_are_those_of_the_changes(lr):
    rows = ablations.ablations(lr)
    assert [(row["part"], row["change"]) for row in rows] == CHANGES
    for row in rows:
        assert row["lr"] in ([lr] if lr else ablations.LEARNING_RATES)
        assert row["seeds"] in ([*ablations.SEEDS], [ablations.CHOOSES])
        assert lr or row["seeds"] == [*ablations.SEEDS]
        assert len(row["bleu"]) == len(row["exact"]) == len(row["seeds"])


def made_up(change: dict, lr: float, seed: int) -> dict:
    """As if no positions did best at a small rate, and all others at a large one, and as if the
    test said the opposite."""
    small = change == {"positions": "none"}
    good = lr == (3e-3 if small else 3e-2)
    figure = {"bleu": 10.0 + seed if good else 90.0, "exact": 0.1 if good else 0.9}
    return figure | ({"chosen_by": 0.8 if good else 0.2} if seed == ablations.CHOOSES else {})


def test_the_rate_of_each_is_chosen_by_sentences_that_are_not_the_tests(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(ablations, "STORED", tmp_path / "ablations.json")
    monkeypatch.setattr(ablations, "measure", lambda *what: asked.append(what) or made_up(*what))
    ablations.main()
    lrs = {str(row["change"]): row["lr"] for row in ablations.ablations()}
    assert lrs.pop("{'positions': 'none'}") == 3e-3
    assert set(lrs.values()) == {3e-2}
    assert ablations.ablations()[0]["bleu"] == [10.0, 11.0, 12.0]
    assert len(asked) == len(CHANGES) * (len(ablations.LEARNING_RATES) + len(ablations.SEEDS) - 1)
    ablations.main()  # what is stored is not trained again
    assert len(asked) == len(ablations.runs())


@pytest.mark.parametrize("name", ["ablations", "recipe", "shelf"])
def test_the_examples(name):
    result = doctest.testmod(importlib.import_module(f"attnlab.recipes.{name}"))
    assert result.attempted > 0
    assert result.failed == 0
