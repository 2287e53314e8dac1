"""Behind the last cell of each notebook that nbval runs: its exercises, solved, in the same kernel.

One run then proves both: that the chapter shows what it stores, and that each solution is right
among the names of its chapter.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby

import pytest
from nbformat.v4 import new_code_cell
from nbval.plugin import IPyNbCell, IPyNbFile

from attnlab.check.catalogue import all_exercises
from attnlab.check.exercise import Task


def with_solutions(items: list[pytest.Item]) -> list[pytest.Item]:
    """These tests, and behind all cells of a chapter a test of each of its solutions."""
    found = []
    for parent, group in groupby(items, lambda item: item.parent):
        found += group
        if isinstance(parent, IPyNbFile):
            found += _solutions_of(parent)
    return found


def tasks_of(chapter: str) -> list[Task]:
    """The exercises of the chapter with this number, "03"."""
    return [task for task in all_exercises().values() if task.chapter == int(chapter)]


def solved_source(task: Task) -> str:
    """The solution, and a line that raises unless the checker says "right"."""
    return f"{task.solution.strip()}\n\n\n_ = {task.check_line.removesuffix(')')}, strict=True)"


def _solutions_of(notebook: IPyNbFile) -> Iterator[IPyNbCell]:
    for number, task in enumerate(tasks_of(notebook.path.name[:2]), len(notebook.nb.cells)):
        yield IPyNbCell.from_parent(
            notebook,
            name=f"Solution of {task.name}",
            cell_num=number,
            cell=new_code_cell(solved_source(task)),
            options=defaultdict(bool, check=True),
        )
