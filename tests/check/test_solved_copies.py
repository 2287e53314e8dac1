"""attnlab progress, and attnlab solutions for teachers."""

import doctest

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from attnlab import check
from attnlab.check import comparing, wording
from attnlab.check.catalogue import named
from attnlab.cli import main

STUB = (
    "def my_softmax(scores, axis=-1):\n    raise NotImplementedError\n\n\ncheck.softmax(my_softmax)"
)


@pytest.fixture
def a_course(tmp_path, monkeypatch):
    """A folder with a first notebook and one with two of the exercises, stepped into."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    nbformat.write(
        new_notebook(cells=[new_code_cell("1", id="one")]), folder / "00_start_here.ipynb"
    )
    old = new_output("execute_result", {"text/plain": "not attempted yet"}, execution_count=2)
    cells = [
        new_code_cell("import numpy as np\nfrom attnlab import check", id="begin"),
        new_markdown_cell("### Exercise 3.3 · Softmax", id="exercise-softmax"),
        new_code_cell(STUB, id="try-softmax", outputs=[old], execution_count=2),
        new_code_cell(
            "my_temperature = ...\ncheck.which_temperature(my_temperature)",
            id="try-which-temperature",
        ),
        new_markdown_cell("like try-temperature", id="try-temperature"),
    ]
    nbformat.write(new_notebook(cells=cells), folder / "03_softmax.ipynb")
    monkeypatch.chdir(tmp_path)
    return folder


def test_solutions_are_written_elsewhere(a_course, tmp_path, capsys):
    before = {path.name: path.read_bytes() for path in a_course.iterdir()}
    assert main(["solutions", str(tmp_path / "solved" / "copies")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "00_start_here.ipynb: 0 solved"
    assert lines[1].startswith("03_softmax.ipynb: 2 solved; no cell for shares_by_hand, ")
    assert "temperature" in lines[1], "a cell of text is no place for a solution"
    assert {path.name: path.read_bytes() for path in a_course.iterdir()} == before
    book = nbformat.read(tmp_path / "solved" / "copies" / "03_softmax.ipynb", as_version=4)
    nbformat.validate(book)
    begin, heading, softmax, question, text = book.cells
    solution = named("softmax").solution.strip()
    assert softmax.source == f"{solution}\n\n\ncheck.softmax(my_softmax)"
    assert (softmax.outputs, softmax.execution_count) == ([], None), "nothing is executed"
    assert question.source.startswith("my_temperature = 2")
    assert question.source.endswith("\ncheck.which_temperature(my_temperature)")
    assert (begin.source, heading.source, text.source) == (
        "import numpy as np\nfrom attnlab import check",
        "### Exercise 3.3 · Softmax",
        "like try-temperature",
    )


@pytest.mark.usefixtures("a_course")
def test_the_glossary_goes_with_them(a_course, tmp_path):
    (a_course / "glossary.md").write_text("# Words\n", encoding="utf-8")
    assert main(["solutions", str(tmp_path / "solved")]) == 0
    assert (tmp_path / "solved" / "glossary.md").read_text(encoding="utf-8") == "# Words\n"


@pytest.mark.usefixtures("a_course")
def test_run_as_written_every_check_says_right(tmp_path):
    assert main(["solutions", str(tmp_path / "solved")]) == 0
    book = nbformat.read(tmp_path / "solved" / "03_softmax.ipynb", as_version=4)
    NotebookClient(book, timeout=60, kernel_name="python3").execute()
    shown = [cell.outputs[0].data["text/plain"] for cell in book.cells if cell.get("outputs")]
    first = [text.splitlines()[0] for text in shown]
    assert first == [f"{named(name).heading}: right." for name in ("softmax", "which_temperature")]


@pytest.mark.parametrize("name", ["03_softmax.ipynb", "glossary.md"])
def test_nothing_is_overwritten(a_course, tmp_path, capsys, name):
    (a_course / "glossary.md").write_text("# Words\n", encoding="utf-8")
    target = tmp_path / "solved"
    target.mkdir()
    (target / name).write_text("mine")
    assert main(["solutions", str(target)]) == 1
    assert "is there already: name a folder without the course" in capsys.readouterr().err
    assert [path.name for path in target.iterdir()] == [name]
    assert (target / name).read_text() == "mine"


@pytest.mark.parametrize("inside", [".", "notebooks", "notebooks/solved", "other/../notebooks/x"])
def test_the_course_itself_is_no_place_for_them(a_course, inside, capsys):
    before = sorted(path.name for path in a_course.rglob("*"))
    assert main(["solutions", inside]) == 1
    assert "lies in the course itself: name a folder elsewhere" in capsys.readouterr().err
    assert sorted(path.name for path in a_course.rglob("*")) == before


@pytest.mark.usefixtures("a_course")
def test_a_file_in_place_of_the_folder(tmp_path, capsys):
    (tmp_path / "solved").write_text("mine")
    assert main(["solutions", str(tmp_path / "solved")]) == 1
    assert capsys.readouterr().err.startswith("attnlab: ")
    assert (tmp_path / "solved").read_text() == "mine"


def test_progress_is_printed(capsys):
    assert check.which_temperature(2)
    capsys.readouterr()  # no notebook shows the verdict here, so it has printed itself
    assert main(["progress"]) == 0
    assert capsys.readouterr().out == f"{check.progress()}\n"


@pytest.mark.parametrize("module", [wording, comparing])
def test_examples(module):
    examples = doctest.testmod(module, extraglobs={"np": wording.np})
    assert examples.attempted > 0
    assert examples.failed == 0
