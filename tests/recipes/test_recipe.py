"""What all recipes have in common."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from attnlab.recipes import RECIPES, find
from attnlab.training import train

# Recipes for translation make their sentences first, so their smallest parts are tested elsewhere.
ALL = [(task, config) for task, configs in RECIPES.items() for config in configs]
DIGITS = [(task, config) for task, config in ALL if task not in ("translation", "lengths")]


def test_one_is_found_by_its_names():
    assert find("reverse", "small") is RECIPES["reverse"]["small"]
    with pytest.raises(ValueError, match="task is 'revers', and must be one of reverse, copy"):
        find("revers", "small")
    with pytest.raises(ValueError, match="config is 'large', and for copy must be one of small"):
        find("copy", "large")


@pytest.mark.parametrize(("task", "config"), ALL)
def test_its_words_and_numbers(task, config):
    recipe = find(task, config)
    model = recipe.model()
    assert isinstance(model, nn.Module)
    assert model.config == recipe.config
    assert recipe.warm_up < recipe.steps
    assert recipe.about


@pytest.mark.parametrize(("task", "config"), DIGITS)
def test_the_state_of_the_generator_is_all_that_batches_depend_on(task, config):
    recipe, random = find(task, config), torch.Generator().manual_seed(3)
    batches = recipe.batches(random)
    next(batches)
    state = random.get_state()
    wanted = [next(batches) for _ in range(2)]
    again = recipe.batches(torch.Generator().manual_seed(5).set_state(state))
    for batch in wanted:
        for one, other in zip(batch, next(again), strict=True):
            assert torch.equal(one, other)


@pytest.mark.parametrize(("task", "config"), DIGITS)
def test_steps_lead_downhill(task, config):
    torch.manual_seed(0)
    recipe, random = find(task, config), torch.Generator().manual_seed(0)
    losses = [
        step.loss
        for step in train(recipe.model(), recipe.batches(random), recipe.loss, steps=30, warm_up=5)
    ]
    assert sum(losses[-3:]) < 0.9 * sum(losses[:3])


def test_it_is_learnt_when_enough_answers_are_right_at_a_step_that_is_looked_at():
    looks = []

    def validate(model):
        looks.append(model)
        return 0.9

    recipe = replace(find("reverse", "small"), validate=validate, enough=0.9, every=7)
    model = nn.Linear(2, 3)
    assert not recipe.learnt(model, 6)
    assert not looks
    assert recipe.learnt(model, 14)
    assert not replace(recipe, enough=0.91).learnt(model, 14)
    assert looks == [model, model]


def test_its_optimiser_is_that_of_the_loop():
    optimizer = find("reverse", "small").optimizer(nn.Linear(2, 3))
    assert isinstance(optimizer, torch.optim.AdamW)
    assert optimizer.param_groups[0]["betas"] == (0.9, 0.98)
    assert optimizer.param_groups[0]["lr"] == find("reverse", "small").lr
