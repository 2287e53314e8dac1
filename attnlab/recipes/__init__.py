"""Recipes: what is trained in this course, and how; the same from a notebook and a terminal."""

from attnlab.recipes.digits import ADD, COPY, REVERSE, SORT
from attnlab.recipes.recipe import Recipe

RECIPES: dict[str, dict[str, Recipe]] = {
    "reverse": {"small": REVERSE},
    "copy": {"small": COPY},
    "sort": {"small": SORT},
    "add": {"small": ADD},
}
"""All recipes: first the task, then the configuration of the model."""

__all__ = ["RECIPES", "Recipe"]
