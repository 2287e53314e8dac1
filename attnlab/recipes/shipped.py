"""Trained models that come with the package: our own weights, with what they were made by."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from attnlab.recipes.recipe import Recipe
from attnlab.recipes.shelf import find
from attnlab.training import train

FOLDER = Path(__file__).parent / "weights"
"""Where the weights lie: a .safetensors and a .json for each."""


def trained(task: str, config: str = "small", *, anew: bool = False, seed: int = 0) -> nn.Module:
    """A trained model in evaluation mode: the one that comes with the package, or a new one.

    Args:
        task, config: one of `RECIPES`.
        anew: train it now, which takes as long as its `record` says.
        seed: of the new training.

    Raises:
        ValueError: an unknown task or config, none comes with the package, weights of another
            model than the recipe's, or a damaged file.

    >>> trained("reverse", anew=True)(torch.tensor([[4, 5, 6]])).argmax(-1)  # doctest: +SKIP
    tensor([[6, 5, 4]])
    """
    recipe = find(task, config)
    if anew:
        model, _ = learn(recipe, seed)
        return model.eval()
    made = record(task, config)["config"]
    wanted = plain(recipe)
    for name in {**wanted, **made}:
        if wanted.get(name) != made.get(name):
            raise ValueError(
                f"the weights that come with the package for {task} {config} were trained with "
                f"{name} {made.get(name)}, and the recipe has {wanted.get(name)}: train it anew"
            )
    with torch.random.fork_rng(devices=[]):  # the first weights of a new model are not wanted
        model = recipe.model()
    path = path_of(task, config).with_suffix(".safetensors")
    try:
        model.load_state_dict(load_file(path))
    except (OSError, SafetensorError, RuntimeError) as error:
        raise ValueError(
            f"{path.name} came with the package and is damaged ({str(error).splitlines()[0]}): "
            "install attnlab again"
        ) from None
    return model.eval()


def record(task: str, config: str = "small") -> dict[str, Any]:
    """What is known of the model that comes with the package: its numbers, how it was trained,
    and the results that it reached.

    Raises:
        ValueError: an unknown task or config, or none comes with the package.
    """
    find(task, config)
    path = path_of(task, config).with_suffix(".json")
    if not path.exists():
        raise ValueError(
            f"no trained model comes with the package for {task} {config}: train it by "
            f'trained("{task}", "{config}", anew=True)'
        )
    return json.loads(path.read_text(encoding="utf-8"))


def learn(recipe: Recipe, seed: int) -> tuple[nn.Module, int]:
    """Train a new model to the end of its recipe; gives it and the number of its last step."""
    torch.manual_seed(seed)
    model, random = recipe.model(), torch.Generator().manual_seed(seed)
    number = 0
    for step in train(model, recipe.batches(random), recipe.loss, **recipe.pace):
        number = step.number
        if recipe.learnt(model, number):
            break
    return model, number


def plain(recipe: Recipe) -> dict[str, Any]:
    """The numbers of the recipe's model, as JSON can hold them."""
    return asdict(recipe.config)


def path_of(task: str, config: str) -> Path:
    """Where weights and record of a model lie, without the ends of their names."""
    return FOLDER / f"{task}_{config}"
