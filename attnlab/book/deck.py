"""A chapter as a deck of slides: nbconvert's sections, our outputs, notes for the speaker."""

from __future__ import annotations

import copy
import re
from pathlib import Path

from nbconvert import SlidesExporter
from nbformat.v4 import new_markdown_cell
from traitlets.config import Config

from attnlab.book.course import Chapter, Course
from attnlab.book.folding import is_folded, tells_verdict
from attnlab.book.lecturers import plan
from attnlab.book.links import outside_code
from attnlab.book.outputs import ENDING, asks, output_html
from attnlab.book.settings import said
from attnlab.book.trouble import BookError

TEMPLATE = Path(__file__).parent / "deck_template"
TYPES = ("slide", "subslide", "fragment", "notes", "skip", "-")
"""What a cell may be on the slides: the words of Jupyter's own slideshow metadata."""

_CAPTION = re.compile(r"\*\*(?:Figure|Table) [\d.]+\*\* .+?[.?!](?=\s|$)", re.DOTALL)
_HEADING = re.compile(r"#{1,2} +(.+)")
_ROOM = 20  # so many lines of code and rows of a table go on a slide


def deck(course: Course, chapter: Chapter) -> str:
    """The page with the slides of one chapter, its formulas as marks to be filled.

    A cell is a slide, a subslide, a fragment, part of the slide before ("-"), notes for the
    speaker, or skipped, as its metadata.slideshow.slide_type says. A figure is shown without the
    code that makes it, and with the first sentence of its caption; the notes say how to set it.
    What answers a prediction comes one step after the rest of its cell, and its verdict after that.
    Every slide has a heading: its own, or that of its section once more.

    Raises:
        BookError: a cell does not say what it is, or the lecture is missing or incomplete.
    """
    book = copy.deepcopy(chapter.notebook)
    section = ""
    for cell, after in zip(book.cells, [*book.cells[1:], None], strict=True):
        heading = cell.cell_type == "markdown" and _HEADING.match(cell.source)
        section = _plain(heading[1]) if heading else section
        if slide_type(cell, chapter.file) in ("slide", "subslide") and not heading:
            cell.metadata["attn_repeated"] = section
        if after is not None and slide_type(after, chapter.file) == "-":
            later = tells_verdict(after, cell)
            after.metadata["slideshow"]["slide_type"] = "fragment" if later else "-"
        if after is not None and (caption := _caption(cell, after, chapter.file)):
            cell.metadata["attn_caption"] = course.prose(caption, chapter.file, after.id)
    book.cells = [more for cell in book.cells for more in _with_notes(cell, course, chapter)]
    for cell in book.cells:
        if cell.cell_type == "markdown":
            cell.source = course.prose(cell.source, chapter.file, cell.id)
    book.metadata["title"] = chapter.name
    page, _ = _exporter(course, chapter).from_notebook_node(book)
    return page


def slide_type(cell, file: str) -> str:
    """What this cell is on the slides.

    Args:
        cell: of a notebook.
        file: the notebook's name, for messages.

    Raises:
        BookError: the cell does not say so, or says another word.
    """
    found = cell.metadata.get("slideshow", {}).get("slide_type")
    if found not in TYPES:
        what = "it has no type of slide" if found is None else f"{found} is no type of slide"
        words = ", ".join(TYPES[:-1])
        cure = f"set metadata.slideshow.slide_type to {words} or - (goes on with the slide before)"
        raise BookError(file, what, cure, cell.id)
    return found


def _exporter(course: Course, chapter: Chapter) -> SlidesExporter:
    """nbconvert's exporter with our template, and our way to show a cell's outputs."""

    def shown(cell) -> str:
        words = {"chapter": chapter.number, "file": chapter.file, "maths": course.maths}
        return "\n".join(
            output_html(output, index, cell.id, **words)
            for index, output in enumerate(cell.outputs)
        )

    folders = {"extra_template_basedirs": [str(TEMPLATE.parent)], "template_name": TEMPLATE.name}
    settings = {"TemplateExporter": folders, "HTMLExporter": {"exclude_anchor_links": True}}
    exporter = SlidesExporter(config=Config(settings))
    exporter.register_filter("shown", shown)
    exporter.register_filter("shows_code", _shows_code)
    exporter.register_filter("is_folded", is_folded)
    return exporter


def _shows_code(cell) -> bool:
    """Whether there is room for the code: not beside a figure or a card, nor over a long table."""
    data = [output.get("data", {}) for output in cell.outputs]
    figure = any(set(ENDING) & set(kinds) or asks(kinds) for kinds in data)
    figure |= any('class="attn-card"' in kinds.get("text/html", "") for kinds in data)
    rows = sum(kinds.get("text/html", "").count("<tr") for kinds in data)
    return not figure and rows + len(cell.source.splitlines()) < _ROOM


def _caption(cell, after, file: str) -> str:
    """The first sentence of a figure's caption, where the whole of it is for the speaker only."""
    if cell.cell_type != "code" or slide_type(after, file) != "notes":
        return ""
    found = _CAPTION.match(after.source)
    return found[0] if found else ""


def _plain(heading: str) -> str:
    """A heading without its marks.

    >>> _plain("The `mask` is *not* a [score](04_scoring_functions.ipynb)")
    'The mask is not a score'
    """
    return re.sub(r"[*`]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)).strip()


def _literal(words: str) -> str:
    """Words in which < is meant as it stands.

    >>> _literal("After <begin>, `<end>` is rare.")
    'After &lt;begin>, `<end>` is rare.'
    """
    return outside_code(words, lambda text: text.replace("<", "&lt;"))


def _with_notes(cell, course: Course, chapter: Chapter) -> list:
    """The cell, and behind a figure what to set and what to say about it."""
    shows = [show for show in plan(course, chapter)["show"] if show["figure"] == cell.id]
    figure = chapter.figure(cell.id) if shows else None
    if figure is None or slide_type(cell, chapter.file) == "skip":
        return [cell]
    lines = ["To show:", ""]
    for place, show in enumerate(shows, start=1):
        words = said(chapter, figure, show["set"], show.get("focus"))
        lines.append(f"{place}. **{words[:1].upper()}{words[1:]}.** {show['say']}")
    notes = {"slideshow": {"slide_type": "notes"}}
    return [
        cell,
        new_markdown_cell(_literal("\n".join(lines)), id=f"{cell.id}-notes", metadata=notes),
    ]
