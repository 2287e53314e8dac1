"""What whoever got it right hears: why it works, another way to write it, what to try next."""

from __future__ import annotations

from functools import cache
from types import FunctionType
from typing import Any

import numpy as np

from attnlab.check.changes import handed_in
from attnlab.check.exercise import Exercise, Task
from attnlab.check.student_code import steps_of
from attnlab.check.verdict import code


def after_right(task: Task, mine: Any) -> list[str]:
    """The paragraphs below "right"; none if the exercise has nothing to say."""
    if task.right is None:
        return []
    other = _another(task, mine)
    lead = task.right.lead if other == task.right.other else ""
    words = [lead or _lead(task), code(other.strip("\n"))] if other else []
    return [task.right.why, *words, task.right.following]


def _lead(task: Task) -> str:
    if isinstance(task, Exercise):
        return "Another way to write it:"
    return "The same, worked out by Python:"


def _another(task: Task, mine: Any) -> str:
    """The other way; the solution, if the student's is the other way already."""
    other = task.right.other if task.right else ""
    if other and isinstance(mine, FunctionType) and _steps(other) == steps_of(mine.__code__):
        return task.solution
    return other


@cache
def _steps(source: str) -> list[tuple[str, Any]]:
    space: dict[str, Any] = {"np": np}
    exec(source, space)
    made = space[handed_in(source)]
    return steps_of(made.__code__) if isinstance(made, FunctionType) else []
