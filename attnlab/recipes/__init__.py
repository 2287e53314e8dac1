"""Recipes: what is trained in this course, and how; the same from a notebook and a terminal."""

from attnlab.recipes.recipe import Recipe
from attnlab.recipes.shelf import RECIPES, find
from attnlab.recipes.shipped import record, trained
from attnlab.recipes.translating import translate

__all__ = ["RECIPES", "Recipe", "find", "record", "trained", "translate"]
