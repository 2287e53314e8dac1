from dataclasses import dataclass, replace
from itertools import islice

import pytest
import torch
from torch import nn

from attnlab.nn import Dropout
from attnlab.recipes import RECIPES, Recipe
from attnlab.recipes.run import Run
from attnlab.recipes.sentences import batches as sentence_batches
from attnlab.recipes.sentences import groups
from attnlab.training import train


@dataclass(frozen=True)
class Config:
    width: int = 7
    dropout: float = 0.2


def model():
    return nn.Sequential(nn.Linear(3, 7), Dropout(0.2), nn.Linear(7, 2))


def batches(random):
    while True:
        yield (torch.randn(5, 3, generator=random),)


TINY = Recipe(
    about="halve two of three numbers",
    config=Config(),
    model=model,
    batches=batches,
    loss=lambda model, x: (model(x) - x[:, :2] / 2).square().mean(),
    validate=lambda model: 0.5,  # noqa: ARG005
    judge=lambda model: {"exact": 0.25},  # noqa: ARG005
    steps=30,
    every=5,
)


def equal(ours, theirs):
    pairs = zip(ours.state_dict().values(), theirs.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def test_a_run_is_what_the_recipe_says(tmp_path):
    run = Run(TINY, tmp_path, seed=4)
    losses = [step.loss for step in run.steps()]
    torch.manual_seed(4)
    expected = model()
    random = torch.Generator().manual_seed(4)
    plain = train(expected, batches(random), TINY.loss, **TINY.pace)
    assert [step.loss for step in plain] == losses
    assert equal(run.model, expected)
    assert run.path.name == "step-00000030"


def test_a_run_that_is_left_again_and_again_ends_the_same(tmp_path):
    whole = Run(TINY, tmp_path / "whole", seed=2)
    expected = list(whole.steps())
    found = []
    for count in (3, 1, 11, 99):
        run = Run(TINY, tmp_path / "parts", seed=2 if not found else None)
        assert run.done == len(found)
        found += islice(run.steps(), count)
        run.save()
    assert found == expected
    assert equal(run.model, whole.model)
    assert run.ended
    assert list(Run(TINY, tmp_path / "parts").steps()) == []


def test_what_is_learnt_ends_it_and_stays_so(tmp_path):
    asked = []

    def validate(_):
        asked.append(1)
        return 1.0 if len(asked) == 3 else 0.0

    recipe = replace(TINY, validate=validate)
    run = Run(recipe, tmp_path)
    assert [step.number for step in run.steps()][-1] == 15
    again = Run(recipe, tmp_path)
    assert again.ended
    assert again.learnt
    assert list(again.steps()) == []
    assert len(asked) == 3


def test_checkpoints_come_from_time_to_time(tmp_path):
    run = Run(TINY, tmp_path, pause=0)
    taken = run.steps()
    for number in (1, 2, 3):
        assert next(taken).number == number
        assert run.path.name == f"step-{number:08d}"
    rare = Run(TINY, tmp_path / "rare", pause=1000.0)
    assert [rare.path for _ in rare.steps()][:-1] == [None] * 29
    assert rare.path.name == "step-00000030"


def test_what_is_saved_is_not_saved_again(tmp_path):
    run = Run(TINY, tmp_path)
    next(run.steps())
    first = run.save()
    time = (first / "checkpoint.json").stat().st_mtime_ns
    assert run.save() == first
    assert (first / "checkpoint.json").stat().st_mtime_ns == time


@pytest.mark.parametrize(
    ("recipe", "arguments", "words"),
    [
        (TINY, {"seed": 1}, "config.seed is 1, and 0 in .*: go on with the config that was saved"),
        (TINY, {"steps": 31}, "config.steps is 31, and 30 in "),
        (replace(TINY, lr=0.5), {}, "config.lr is 0.5, and 0.003 in "),
        (replace(TINY, config=Config(width=8)), {}, "config.model.width is 8, and 7 in "),
        (replace(TINY, about="another"), {}, "config.recipe is 'another', and 'halve two"),
    ],
)
def test_another_run_in_the_folder_is_named(tmp_path, recipe, arguments, words):
    list(Run(TINY, tmp_path).steps())
    with pytest.raises(ValueError, match=words):
        Run(recipe, tmp_path, **arguments)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"steps": 0}, "steps is 0, and must be at least 1"),
        ({"pause": -1.0}, "pause is -1.0 seconds, and must be at least 0"),
    ],
)
def test_bad_input_is_named(tmp_path, arguments, words):
    with pytest.raises(ValueError, match=words):
        Run(TINY, tmp_path, **arguments)
    assert not list(tmp_path.iterdir())


def of_translation(random):
    return sentence_batches(groups(200, 8), random, words=40)


DIGITS = {task: RECIPES[task]["small"].batches for task in ("reverse", "copy", "sort", "add")}


@pytest.mark.parametrize("batches", [*DIGITS.values(), of_translation])
def test_batches_depend_on_the_generators_state_alone(batches):
    random = torch.Generator().manual_seed(3)
    drawn = batches(random)
    next(drawn), next(drawn)
    state = random.get_state()
    expected = list(islice(drawn, 3))
    found = list(islice(batches(torch.Generator().set_state(state)), 3))
    for ours, theirs in zip(found, expected, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))
