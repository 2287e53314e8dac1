"""All exercises: every Markdown file below the folder `exercises` is one."""

from __future__ import annotations

import difflib
from functools import cache
from itertools import pairwise
from pathlib import Path

from attnlab.check.exercise import Exercise, Question
from attnlab.check.exercise_file import exercise_at

FOLDER = Path(__file__).with_name("exercises")
"""Of each chapter it has a folder, and in it a file for each exercise."""


@cache
def all_exercises() -> dict[str, Exercise | Question]:
    """The exercises by name, in the order of the course.

    Raises:
        ValueError: two of them have the same name or the same number, or a file does not fit.
    """
    found = sorted(map(exercise_at, FOLDER.glob("*/*.md")), key=lambda task: task.place)
    for one, other in pairwise(found):
        if one.place == other.place:
            raise ValueError(f"{one.name} and {other.name} are both exercise {one.number}")
    by_name = {task.name: task for task in found}
    if len(by_name) < len(found):
        names = [task.name for task in found]
        raise ValueError(f"two exercises are named {max(names, key=names.count)}: rename one")
    return by_name


def proposal(name: str) -> str:
    """Where to look, if no exercise has this name."""
    near = difflib.get_close_matches(name, all_exercises(), 1, 0.5)
    meant = f"did you mean {near[0]!r}? " if near else ""
    return f"no exercise is named {name!r}: {meant}check.progress() shows them all"


def named(name: str) -> Exercise | Question:
    """The exercise of this name.

    Raises:
        TypeError: it is no name.
        ValueError: there is none of this name; with the nearest.
    """
    if not isinstance(name, str):
        raise TypeError('give the name of the exercise in quotes, such as "softmax"')
    found = all_exercises().get(name)
    if found is None:
        raise ValueError(proposal(name))
    return found
