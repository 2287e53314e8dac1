"""The page of the glossary: the words of the course, each with the cell that explains it."""

from __future__ import annotations

import re

from attnlab.book.course import Chapter, Course, table
from attnlab.book.markup import inline, link
from attnlab.book.trouble import BookError

CELL = "glossary"
_INTRODUCTION = """# The words of the course

The words in the order of the alphabet; each leads to the place where it is first explained."""
_SUMMARY = "## What to remember"
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_FENCE = re.compile(r"```.*?```", re.DOTALL)
_ITALIC = re.compile(r"(?<!\*)\*([^*\n]+)\*(?!\*)")


def glossary_page(course: Course) -> str:
    """The Markdown of the page, made from the glossary of chapter 0.

    Raises:
        BookError: a word that its chapter does not explain, or a chapter that is not there.
    """
    start = course.start
    chapters = {str(int(chapter.number)): chapter for chapter in course.chapters}
    rows = []
    entries = sorted(table(course.text(start, CELL)), key=lambda entry: entry[0].casefold())
    for words, meaning, numbers in entries:
        named = [number.strip() for number in numbers.split(",")]
        if unknown := [number for number in named if number not in chapters]:
            what = f"{words} is said to be explained in chapter {unknown[0]}, which is not there"
            raise BookError(start.file, what, "mend its number", CELL)
        own = [chapters[number] for number in named]
        links = ", ".join(_linked(word.strip(), own, start) for word in words.split(","))
        where = ", ".join(link(chapter.page, n) for n, chapter in zip(named, own, strict=True))
        meaning = inline(meaning)
        rows.append(f'<tr><th scope="row">{links}</th><td>{meaning}</td><td>{where}</td></tr>')
    return f"{_INTRODUCTION}\n\n{_TABLE.format(rows=chr(10).join(rows))}\n"


_TABLE = """<table class="attn-glossary">
<thead><tr><th scope="col">word</th><th scope="col">meaning</th><th scope="col">chapter</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>"""  # noqa: E501


def _linked(word: str, chapters: list[Chapter], start: Chapter) -> str:
    if place := explained(word, chapters):
        return link(place, inline(word))
    what = f"the word {word} does not occur in {chapters[0].file}"
    raise BookError(start.file, what, "mend the word or its chapter", CELL)


def explained(word: str, chapters: list[Chapter]) -> str | None:
    """The address of the cell in which one of these chapters explains a word.

    It is the first that prints the word in bold; if none does, the first in italics; then the
    first with a part of the word in bold, as "additive" of "additive score"; then the first that
    says the word below its title. The summary at a chapter's end explains only what nothing else
    does. One and several (head, heads) count as the same.
    """
    whole, part = _either([word]), _either(word.split())
    said = re.compile(rf"(?<!\w){_either([word])}(?!\w)", re.IGNORECASE)
    ways = [
        lambda text: _printed(_BOLD, text, whole) and not text.startswith(_SUMMARY),
        lambda text: _printed(_ITALIC, text, whole),
        lambda text: _printed(_BOLD, text, part) and not text.startswith(_SUMMARY),
        lambda text: bool(said.search(text)),
    ]
    cells = {place: text for chapter in chapters for place, text in _texts(chapter).items()}
    for way in ways:
        for place, text in cells.items():
            if way(text):
                return place
    return None


def _texts(chapter: Chapter) -> dict[str, str]:
    """What is written below the title, cell by cell, by the cells' addresses."""
    texts = [cell for cell in chapter.cells.values() if cell.cell_type == "markdown"]
    return {chapter.place(cell.id): _FENCE.sub("", cell.source) for cell in texts[1:]}


def _either(words: list[str]) -> str:
    """A pattern for any of these, one or several."""
    found = []
    for word in words:
        found.append(f"{re.escape(word)}(?:e?s)?")
        if word.endswith("y"):
            found.append(f"{re.escape(word[:-1])}ies")
    return f"(?:{'|'.join(found)})"


def _printed(way: re.Pattern, text: str, wanted: str) -> bool:
    """Whether the text prints what is wanted, and nothing else, in this way."""
    one = re.compile(rf"{wanted}[.:,]?", re.IGNORECASE)
    return any(one.fullmatch(found) for found in way.findall(text))
