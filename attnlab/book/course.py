"""What the pages for reference are made from: the chapters as they are stored, and their ledger."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from nbformat import NotebookNode

from attnlab.book.chapter import anchor
from attnlab.book.contents import chapter_number, contents, is_notebook
from attnlab.book.maths import Formulas
from attnlab.book.outputs import output_html, speaks
from attnlab.book.prose import ready
from attnlab.book.stored import VIEW, stored, tags
from attnlab.book.toml_files import toml
from attnlab.book.trouble import BookError

_LABEL = re.compile(r"\*\*(Figure \d+\.\d+)\.?\*\*")


@dataclass(frozen=True)
class LiveFigure:
    """A live figure of a chapter.

    Args:
        cell: the id of the cell that shows it.
        index: which of the cell's outputs it is.
        output: that output.
        label: such as "Figure 5.1".
        caption: the Markdown that follows it, without its label.
    """

    cell: str
    index: int
    output: dict
    label: str
    caption: str

    @property
    def model(self) -> str:
        """The id of the widget that is shown."""
        return self.output["data"][VIEW]["model_id"]


@dataclass(frozen=True)
class Chapter:
    """A chapter as it is stored.

    Args:
        number: such as "05".
        title: as the table of contents names it.
        path: of the notebook within its folder, such as "05_many_heads.ipynb".
        file: the same, as messages and links to the repository name it.
        notebook: checked by attnlab.book.stored.
    """

    number: str
    title: str
    path: str
    file: str
    notebook: NotebookNode

    @property
    def page(self) -> str:
        """The file of its page: 05_many_heads.html."""
        return f"{self.path.removesuffix('.ipynb')}.html"

    @property
    def name(self) -> str:
        """Number and title: 5 · Many heads."""
        return f"{int(self.number)} · {self.title}"

    @cached_property
    def cells(self) -> dict:
        """The cells that are on the page, by their ids."""
        return {c.id: c for c in self.notebook.cells if "remove-cell" not in tags(c)}

    @cached_property
    def figures(self) -> list[LiveFigure]:
        """Its live figures, in their order; its quizzes and bets are none.

        Raises:
            BookError: one has no caption behind it.
        """
        cells = list(self.cells.values())
        return [
            self._figure(cell, index, cells[place + 1 : place + 2])
            for place, cell in enumerate(cells)
            for index, output in enumerate(cell.get("outputs", []))
            if VIEW in output.get("data", {}) and not speaks(output.data)
        ]

    def _figure(self, cell, index: int, following: list) -> LiveFigure:
        text = following[0].source.strip().split("\n\n")[0] if following else ""
        found = _LABEL.match(text)
        if not found:
            cure = "begin the next cell with its caption: **Figure 5.1.** What is seen"
            raise BookError(self.file, "this live figure has no caption", cure, cell.id)
        caption = text[found.end() :].strip()
        return LiveFigure(cell.id, index, cell.outputs[index], found[1], caption)

    def figure(self, cell: str) -> LiveFigure | None:
        """The live figure of this cell, if it shows one."""
        return next((figure for figure in self.figures if figure.cell == cell), None)

    def place(self, cell: str) -> str:
        """The address of a cell on its page: 05_many_heads.html#cell-the-figure."""
        return f"{self.page}#{anchor(cell)}"


@dataclass(frozen=True)
class Course:
    """All chapters that are written, and what stands beside them.

    Args:
        root: the folder of book.toml.
        folder: that of the notebooks.
        repository: the address of the repository, from book.toml.
        chapters: in their order.
        maths: (formula, display) -> the mark that stands for it until the pages are filled.
    """

    root: Path
    folder: Path
    repository: str
    chapters: list[Chapter]
    maths: Formulas = field(default_factory=Formulas)

    @classmethod
    def read(
        cls,
        root: Path,
        *,
        config: dict | None = None,
        notebooks: Iterable[tuple[str, str, str]] | None = None,
    ) -> Course:
        """The course in a folder, its notebooks checked.

        Args:
            root: the folder of book.toml.
            config: what book.toml says, where mdBook has read it already.
            notebooks: (title, path, JSON) of each, where mdBook has read them already; else those
                that SUMMARY.md names.

        Raises:
            BookError: what cannot become a page, naming the file, the cell and the cure.
        """
        config = toml(root / "book.toml", root.name) if config is None else config
        folder = root / config["book"]["src"]
        chapters: list[Chapter] = []
        for title, path, text in _sources(folder) if notebooks is None else notebooks:
            file = f"{folder.name}/{path}"
            _check_path(path, file, [known.number for known in chapters])
            notebook = stored(text, file)
            chapters.append(Chapter(chapter_number(path), title, path, file, notebook))
        repository = config["output"]["html"].get("git-repository-url", "")
        return cls(root, folder, repository, chapters)

    def prose(self, markdown: str, file: str, cell: str) -> str:
        """The Markdown of a cell with its links and formulas made ready."""
        return ready(markdown, file, cell, self.folder, self.maths)

    def text(self, chapter: Chapter, cell: str) -> str:
        """The Markdown of a cell that pages draw on.

        Raises:
            BookError: it is not there.
        """
        if cell not in chapter.cells:
            cure = "name it again, or change what attnlab/book looks for"
            raise BookError(
                chapter.file, "pages are made from this cell, and it is gone", cure, cell
            )
        return chapter.cells[cell].source

    @property
    def start(self) -> Chapter:
        """Chapter 0, with the map.

        Raises:
            BookError: it is not in the table of contents.
        """
        for chapter in self.chapters:
            if chapter.number == "00":
                return chapter
        file = f"{self.folder.name}/SUMMARY.md"
        raise BookError(file, "chapter 00 is not in it", "name 00_start_here.ipynb in it")

    @cached_property
    def ledger(self) -> dict:
        """claims.toml: the names of all chapters, and the claims.

        Raises:
            BookError: it is not there, or not TOML.
        """
        return toml(self.folder / "claims.toml", self.folder.name)

    def shown(self, chapter: Chapter, figure: LiveFigure, state: str = "") -> str:
        """A live figure as HTML, for any page; `state` as for `output_html`."""
        return output_html(
            figure.output,
            figure.index,
            figure.cell,
            chapter=chapter.number,
            file=chapter.file,
            maths=self.maths,
            state=state,
        )


def _sources(folder: Path) -> Iterator[tuple[str, str, str]]:
    for title, path in contents(folder):
        if is_notebook(path):
            yield title, path, (folder / path).read_text(encoding="utf-8")


def _check_path(path: str, file: str, numbers: list[str]) -> None:
    number = chapter_number(path)
    if "/" in path:
        raise BookError(file, "chapters lie side by side", f"move it to {file.split('/')[0]}/")
    if number in numbers:
        raise BookError(file, f"there is a chapter {number} already", "number it anew")


def table(markdown: str) -> list[list[str]]:
    """The rows of the first table in Markdown, its head left out.

    >>> table("| word | meaning |\\n|---|---|\\n| score | how well two words fit |")
    [['score', 'how well two words fit']]
    """
    lines = [line.strip() for line in markdown.splitlines()]
    lines = [line for line in lines if line.startswith("|")]
    return [[part.strip() for part in line.strip("|").split("|")] for line in lines[2:]]
