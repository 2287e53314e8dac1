"""What the judge says of every known mistake, flaw and wrong answer: written down, to be compared.

`python tests/verdicts.py` writes the files anew, one for each chapter, in check/verdicts.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from attnlab import check
from attnlab.check.answering import judge_answer
from attnlab.check.catalogue import all_exercises
from attnlab.check.exercise import Exercise, Question, Task
from attnlab.check.judging import arguments_of, judge
from attnlab.check.wording import said

FOLDER = Path(__file__).with_name("check") / "verdicts"


def path_of(chapter: int) -> Path:
    """Where the verdicts of a chapter are kept."""
    return FOLDER / f"{chapter:02}.txt"


def chapters() -> list[int]:
    """The chapters that have exercises."""
    return sorted({task.chapter for task in all_exercises().values()})


def verdicts_of(chapter: int) -> str:
    """All that is said in the exercises of a chapter, as one text."""
    tasks = [task for task in all_exercises().values() if task.chapter == chapter]
    return "\n".join("\n".join(_lines(task)) for task in tasks) + "\n"


def _lines(task: Task) -> Iterator[str]:
    yield f"===== {task.name}: {task.heading} ({task.difficulty}, {task.minutes} minutes)"
    yield from (f"hint: {hint}" for hint in task.hints)
    yield task.solution.strip("\n")
    yield from _function(task) if isinstance(task, Exercise) else _question(task)


def _function(task: Exercise) -> Iterator[str]:
    yield f"parameters {dict(task.parameters)}, result {task.result}"
    for number, probe in enumerate((*task.probes, *(flaw.probe for flaw in task.flaws))):
        given = arguments_of(probe)
        parts = [f"{name} {_value(value)}" for name, value in given.items()]
        yield f"call {number}: {'; '.join(parts)}"
    yield f"----- solution\n{judge(task, solved(task))!r}"
    for part in (*task.mistakes, *task.flaws):
        yield f"----- {part.name}\n{judge(task, part.function)!r}"


def _question(task: Question) -> Iterator[str]:
    yield f"asks {task.asks}; {task.tolerance}; {task.choices}; {task.otherwise}"
    yield f"----- answer\n{judge_answer(task, task.answer)!r}"
    yield f"----- solution\n{judge_answer(task, solved(task))!r}"
    yield from (f"----- {w.name}\n{judge_answer(task, w.example)!r}" for w in task.wrongs)


def _value(value: object) -> str:
    """An argument, told in a word: its size, and the sum of its numbers weighted by their place."""
    if callable(value):
        return "a function"
    if not hasattr(value, "shape") and not isinstance(value, int | float | bool | list):
        return said(value) if isinstance(value, str) else type(value).__name__
    if np.asarray(value).dtype.kind not in "biuf":
        return repr(value)
    numbers = np.asarray(value, dtype=float)
    place = np.cos(np.arange(numbers.size))
    return f"{numbers.shape} {said(float((np.nan_to_num(numbers).ravel() * place).sum()))}"


def solved(task: Task) -> object:
    """What the solution hands in, run as in a notebook of the chapter."""
    space: dict[str, object] = {"np": np, "check": check}
    exec(task.solution, space)
    return space[task.handed]


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for number in chapters():
        path_of(number).write_text(verdicts_of(number), encoding="utf-8", newline="\n")
