"""The course with its exercises solved: copies for a teacher, written elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import nbformat

from attnlab.check.catalogue import all_exercises
from attnlab.check.exercise import Task


def solved(book: nbformat.NotebookNode, tasks: Iterable[Task]) -> tuple[int, list[str]]:
    """Put the solutions of these exercises into a notebook, in place.

    Returns:
        How many were put in, and the names of those whose cell is not there.
    """
    cells = {cell.id: cell for cell in book.cells if cell.cell_type == "code"}
    missing = []
    count = 0
    for task in tasks:
        cell = cells.get(task.cell)
        if cell is None:
            missing.append(task.name)
            continue
        cell.source = task.filled(task.solution)
        cell.outputs, cell.execution_count = [], None
        count += 1
    return count, missing


def write_solutions(course: Path, target: Path) -> list[str]:
    """Write copies of all notebooks of the course, solved; nothing is executed.

    Args:
        course: the folder of the notebooks.
        target: a folder elsewhere; made if it is missing.

    Returns:
        A line for each notebook.

    Raises:
        ValueError: target lies in the course or around it, or one of the files is there already.
    """
    inside, around = target.resolve(), course.resolve()
    if inside == around or around in inside.parents or inside == around.parent:
        raise ValueError(f"{target} lies in the course itself: name a folder elsewhere")
    paths = sorted(course.glob("*.ipynb"))
    pages = sorted(course.glob("glossary.md"))  # to which they lead
    there = [path.name for path in [*paths, *pages] if (target / path.name).exists()]
    if there:
        raise ValueError(f"{target / there[0]} is there already: name a folder without the course")
    target.mkdir(parents=True, exist_ok=True)
    lines = []
    for path in paths:
        book = nbformat.read(path, as_version=4)
        tasks = [t for t in all_exercises().values() if path.name.startswith(f"{t.chapter:02}_")]
        count, missing = solved(book, tasks)
        text = nbformat.writes(book).rstrip("\n") + "\n"
        with (target / path.name).open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
        lack = f"; no cell for {', '.join(missing)}" if missing else ""
        lines.append(f"{path.name}: {count} solved{lack}")
    for page in pages:
        shutil.copyfile(page, target / page.name)
    return lines
