"""How long a chapter takes to read, by its words, code and figures: python tests/minutes.py

Each chapter says so in its first cell, and is held to it (tests/test_notebooks.py).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat

from attnlab.book.outputs import ENDING
from attnlab.book.stored import tags

FOLDER = Path(__file__).parents[1] / "notebooks"
LONGEST, MOST_WORDS = 60, 2200  # of a chapter, without its exercises and sources
WORDS_A_MINUTE, LINES_A_MINUTE, MINUTES_A_FIGURE = 200, 3, 2
_LABEL = re.compile(r"\((?:easy|medium|hard), (\d+) minutes")
_HEADER = re.compile(r"^(\d+) minutes(?:, and (\d+) more of exercises)?\.", re.MULTILINE)
# What is not read word by word: code apart from the text, formulas, marks, where links lead.
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$", re.DOTALL)
_MARKS = re.compile(r"<[^>\n]+>|\]\([^)]*\)")


@dataclass(frozen=True)
class Tally:
    """What there is in a chapter.

    Args:
        words: of prose, without the exercises and the sources; a formula is one word.
        lines: of code that is shown, without the exercises.
        figures: live or still, two minutes each.
        exercises: their minutes, by their own labels.
    """

    words: int
    lines: int
    figures: int
    exercises: int

    @property
    def minutes(self) -> float:
        """To read it and to move its figures, without the exercises."""
        reading = self.words / WORDS_A_MINUTE + self.lines / LINES_A_MINUTE
        return reading + self.figures * MINUTES_A_FIGURE


def tally(book) -> Tally:
    """What there is in this notebook."""
    cells = list(_sections(book))
    read = [cell for cell, section in cells if section not in ("Exercises", "Sources")]
    prose = [cell.source for cell in read if cell.cell_type == "markdown"]
    code = [cell for cell in read if cell.cell_type == "code"]
    asked = [cell.source for cell, section in cells if section == "Exercises"]
    return Tally(
        words=sum(map(words, prose)),
        lines=sum(len(shown(cell)) for cell in code),
        figures=sum(map(figures, code)),
        exercises=sum(int(label) for text in asked for label in _LABEL.findall(text)),
    )


def said(book) -> tuple[int, int]:
    """The minutes that the first cell states: of the chapter, and of its exercises.

    Raises:
        ValueError: it states none.
    """
    found = _HEADER.search(book.cells[0].source)
    if not found:
        raise ValueError('the first cell must say "40 minutes, and 45 more of exercises."')
    return int(found[1]), int(found[2] or 0)


def words(markdown: str) -> int:
    """How many words there are to read.

    >>> words("The *cat* [sat](on.html): $q \\\\cdot k$\\n```\\nx = 1\\n```")
    4
    """
    text = _FORMULA.sub(" x ", _FENCE.sub(" ", markdown))
    return sum(bool(re.search(r"\w", word)) for word in _MARKS.sub(" ", text).split())


def shown(cell) -> list[str]:
    """The lines of its code that are in sight."""
    hidden = {"remove-cell", "remove-input", "hide-cell", "hide-input"} & set(tags(cell))
    if hidden or cell.metadata.get("jupyter", {}).get("source_hidden"):
        return []
    return [line for line in cell.source.splitlines() if line.strip()]


def figures(cell) -> int:
    """How many of its outputs are pictures: a live figure has one, a quiz or a bet has none."""
    return sum(bool(set(ENDING) & set(output.get("data", {}))) for output in cell.outputs)


def _sections(book) -> Iterator[tuple]:
    """Each cell, and the heading of the section in which it stands."""
    section = ""
    for cell in book.cells:
        heading = cell.cell_type == "markdown" and re.match(r"## +(.+)", cell.source)
        section = heading[1].strip() if heading else section
        yield cell, section


def main() -> None:
    """Print the table."""
    print("chapter                          words  lines  figures  minutes  exercises  says")
    for path in sorted(FOLDER.glob("*.ipynb")):
        book = nbformat.read(path, as_version=4)
        found = tally(book)
        try:
            says = "{} and {}".format(*said(book))
        except ValueError:
            says = "nothing"
        print(
            f"{path.stem:32}{found.words:6}{found.lines:7}{found.figures:9}"
            f"{found.minutes:9.0f}{found.exercises:11}  {says}"
        )


if __name__ == "__main__":
    main()
