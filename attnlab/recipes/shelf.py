"""All recipes in one place, by task and configuration."""

from __future__ import annotations

from attnlab.recipes import captioning
from attnlab.recipes.digits import ADD, COPY, REVERSE, SORT
from attnlab.recipes.reading import READING
from attnlab.recipes.recipe import Recipe
from attnlab.recipes.translating import GRU, LONG, SMALL

RECIPES: dict[str, dict[str, Recipe]] = {
    "reverse": {"small": REVERSE},
    "copy": {"small": COPY},
    "sort": {"small": SORT},
    "add": {"small": ADD},
    "translation": {"small": SMALL, "gru": GRU},
    "lengths": LONG,
    "reading": {"small": READING},
    "captions": {"gru": captioning.GRU, "transformer": captioning.TRANSFORMER},
}
"""All recipes: first the task, then the configuration of the model."""


def find(task: str, config: str) -> Recipe:
    """The recipe for a task with a configuration.

    Raises:
        ValueError: there is none, naming those there are.

    >>> find("copy", "small").about
    'copy 16 digits by an encoder and a decoder of 1 layer each'
    """
    if task not in RECIPES:
        raise ValueError(f"task is {task!r}, and must be one of {', '.join(RECIPES)}")
    if config not in RECIPES[task]:
        raise ValueError(
            f"config is {config!r}, and for {task} must be one of {', '.join(RECIPES[task])}"
        )
    return RECIPES[task][config]
