"""One context for a whole sentence: what the budget does to the fall with length."""

import doctest

import pytest

from attnlab.recipes import one_context, record


def exact(row: dict, part: str) -> dict[int, float]:
    return {figures["length"]: figures["exact"] for figures in row[part]}


def test_there_is_a_row_for_each_run():
    for run, row in zip(one_context.RUNS, one_context.one_context(), strict=True):
        assert {name: row[name] for name in ("config", "steps", "seed")} == run
        assert sum(figures["sentences"] for figures in row["unseen"]) == 2000
        assert sum(figures["sentences"] for figures in row["seen"]) == one_context.SEEN
        assert [*exact(row, "seen")] == [*exact(row, "unseen")] == list(range(5, 55, 5))


@pytest.mark.parametrize("config", ["gru", "attention"])
def test_the_models_of_the_package_have_the_figures_of_their_record(config):
    row = next(row for row in one_context.one_context() if row["config"] == config)
    for mine, its in zip(row["unseen"], record("lengths", config)["details"], strict=True):
        assert mine["sentences"] == its["sentences"]
        assert abs(mine["exact"] - its["exact"]) < 0.01


def test_the_weights_of_the_package_are_taken_only_for_what_they_are(monkeypatch):
    taken = []
    monkeypatch.setattr(one_context, "learn", lambda recipe, seed: (Model(recipe, seed), 0))
    monkeypatch.setattr(one_context, "trained", lambda *_: "from the package")
    monkeypatch.setattr(one_context, "quality_by_length", lambda model, _: taken.append(str(model)))
    one_context.measure("gru", 1600, 0)
    one_context.measure("gru", 1600, 1)
    one_context.measure("gru", 6400, 0)
    assert taken[::2] == taken[1::2] == ["from the package", "1600 from 1", "6400 from 0"]


class Model:
    """A stand-in that tells how it was trained."""

    def __init__(self, recipe, seed):
        self.told = f"{recipe.steps} from {seed}"

    def eval(self):
        return self

    def __str__(self):
        return self.told


def test_the_short_budget_is_too_small_even_for_sentences_trained_on():
    short, attention, long = one_context.one_context()
    assert exact(short, "unseen")[5] > 0.8
    assert exact(short, "seen")[20] < 0.1
    assert exact(attention, "unseen")[30] > 0.8
    for part in ("seen", "unseen"):  # four times the steps move the fall
        assert exact(long, part)[15] > exact(short, part)[15] + 0.3
    assert exact(long, "unseen")[40] < 0.1


def test_the_examples():
    result = doctest.testmod(one_context)
    assert result.attempted > 0
    assert result.failed == 0
