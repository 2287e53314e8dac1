"""The page of the glossary: the words of the course, each with the cell that explains it."""

from __future__ import annotations

import re

from attnlab.book.course import Chapter, Course, table
from attnlab.book.markup import inline, link
from attnlab.book.trouble import BookError

FILE = "glossary.md"
_INTRODUCTION = """# The words of the course

The words in the order of the alphabet; each leads to the place where it is first explained. A word without a chapter is one that you will meet elsewhere, or the field's name for something that the course calls by another one."""  # noqa: E501
_SUMMARY = "## What to remember"
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_FENCE = re.compile(r"```.*?```", re.DOTALL)
_ITALIC = re.compile(r"(?<!\*)\*([^*\n]+)\*(?!\*)")
_CHAPTERS = re.compile(r"\[(\d+)\](?:, \[(\d+)\])*|–")


def glossary_page(course: Course) -> str:
    """The Markdown of the page, made from glossary.md, which lies beside the notebooks.

    Raises:
        BookError: there is no such file, a word that its chapter does not explain, or a chapter
            that is not there.
    """
    entries = sorted(glossary(course), key=lambda entry: entry[0].casefold())
    rows = "\n".join(_row(course, *entry) for entry in entries)
    return f"{_INTRODUCTION}\n\n{_TABLE.format(rows=rows)}\n"


def glossary(course: Course) -> list[tuple[str, str, list[str]]]:
    """Of each entry its words, their meaning, and the numbers of the chapters that explain them.

    Raises:
        BookError: there is no glossary, or a row has another form than that.
    """
    file = course.folder / FILE
    if not file.is_file():
        cure = f"run git checkout {_named(course)}"
        raise BookError(_named(course), "the glossary is missing", cure)
    return [_entry(course, row) for row in table(file.read_text(encoding="utf-8"))]


def _entry(course: Course, row: list[str]) -> tuple[str, str, list[str]]:
    if len(row) != 3 or not all(row) or not _CHAPTERS.fullmatch(row[2]):
        cure = "write | word | meaning | [5], [8] |, or | word | meaning | – |"
        raise BookError(_named(course), f"this is no entry: {' | '.join(row)}", cure)
    words, meaning, chapters = row
    return words, meaning, re.findall(r"\d+", chapters)


def _named(course: Course) -> str:
    return f"{course.folder.name}/{FILE}"


def _row(course: Course, words: str, meaning: str, numbers: list[str]) -> str:
    chapters = {str(int(chapter.number)): chapter for chapter in course.chapters}
    if unknown := [number for number in numbers if number not in chapters]:
        what = f"{words} is said to be explained in chapter {unknown[0]}, which is not there"
        raise BookError(_named(course), what, "mend its number")
    own = [chapters[number] for number in numbers]
    links = ", ".join(_linked(word.strip(), own, course) for word in words.split(","))
    where = ", ".join(link(chapter.page, n) for n, chapter in zip(numbers, own, strict=True))
    return f'<tr><th scope="row">{links}</th><td>{inline(meaning)}</td><td>{where or "–"}</td></tr>'


_TABLE = """<table class="attn-glossary">
<thead><tr><th scope="col">word</th><th scope="col">meaning</th><th scope="col">chapter</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>"""  # noqa: E501


def _linked(word: str, chapters: list[Chapter], course: Course) -> str:
    if not chapters:
        return inline(word)
    if place := explained(word, chapters):
        return link(place, inline(word))
    what = f"the word {word} does not occur in {chapters[0].file}"
    raise BookError(_named(course), what, "mend the word or its chapter")


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
