"""The chapters with their stubs replaced by solutions.

tests/solved.py runs each solution among the names of its chapter, in the kernel in which nbval runs
it; with --everything the copies of a teacher are run here as well, from the first cell to the last.
"""

import re
from pathlib import Path

import nbformat
import pytest

from attnlab.book.execution import executed
from attnlab.check.catalogue import all_exercises
from attnlab.check.solved_copies import write_solutions
from solved import tasks_of

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
CHAPTERS = sorted(path for path in NOTEBOOKS.glob("*.ipynb") if path.name[:2] != "00")


@pytest.fixture(scope="module")
def copies(tmp_path_factory):
    """A teacher's copies of all the notebooks."""
    folder = tmp_path_factory.mktemp("solved") / "copies"
    lines = write_solutions(NOTEBOOKS, folder)
    assert not [line for line in lines if "no cell" in line]
    return folder


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_solution_stands_in_its_cell(path, copies):
    tasks = tasks_of(path.name[:2])
    assert 3 <= len(tasks) <= 6
    cells = {cell.id: cell for cell in nbformat.read(copies / path.name, as_version=4).cells}
    for task in tasks:
        assert cells[task.cell].source.startswith(task.solution.strip("\n"))
        assert cells[task.cell].source.endswith(f"\n{task.check_line}")


@pytest.mark.everything
@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_check_says_right(path, copies, tmp_path, monkeypatch):
    monkeypatch.setenv("ATTNLAB_STATE", str(tmp_path))
    tasks = {task.cell: task for task in tasks_of(path.name[:2])}
    said = {
        cell.id: "".join(output.data["text/plain"] for output in cell.outputs)
        for cell in executed(copies / path.name, timeout=300.0).cells
        if cell.id in tasks
    }
    assert set(said) == set(tasks)
    for cell, words in said.items():
        assert re.match(rf"{re.escape(tasks[cell].heading)}: right\.?$", words.splitlines()[0]), (
            words
        )


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_the_course_itself_shows_no_attempt(path):
    book = nbformat.read(path, as_version=4)
    for cell in book.cells:
        if cell.id in {task.cell for task in all_exercises().values()}:
            (output,) = cell.outputs
            assert "not attempted yet" in output.data["text/plain"], cell.id
