"""mdBook's preprocessor: the stored notebooks become chapters, and pages are made from the sources.

mdBook calls `python -m attnlab.book preprocessor supports html`, and then the same without words,
hands [context, book] in as JSON and takes the book back.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from attnlab.book.chapter import chapter
from attnlab.book.contents import is_notebook
from attnlab.book.course import Chapter, Course
from attnlab.book.pages import end_of_chapter, with_pages
from attnlab.book.protocol import check_version, handed_in

_STYLE = '<link rel="stylesheet" href="live/katex.css">\n\n'


def preprocessed(context: dict, book: dict) -> dict:
    """The book with every notebook turned into a chapter.

    Args:
        context: mdBook's: root, config, renderer, mdbook_version.
        book: mdBook's: items, of which those that are chapters have name, content, path, sub_items.

    Raises:
        ValueError: what stops the build, naming the file, the cell and the cure.
    """
    notebooks = [item for item in chapters_of(book["items"]) if is_notebook(item["path"])]
    course = Course.read(
        Path(context["root"]),
        config=context["config"],
        notebooks=[(item["name"], item["path"], item["content"]) for item in notebooks],
    )
    for item, known in zip(notebooks, course.chapters, strict=True):
        item["content"] = page(known, course) + end_of_chapter(course, known)
    book["items"] = with_pages(book["items"], course)
    everything = list(chapters_of(book["items"]))
    texts = [item["content"] for item in everything]
    for item, text in zip(everything, course.maths.fill(texts, course.root), strict=True):
        # The formulas' style sheet comes with the pages that need it, and with no other.
        item["content"] = f"{_STYLE}{text}" if course.maths.on(item["content"]) else text
    return book


def page(known: Chapter, course: Course) -> str:
    """The Markdown of one chapter, its formulas as marks to be filled."""

    def prose(markdown: str, cell: str) -> str:
        return course.prose(markdown, known.file, cell)

    return chapter(known.notebook, known.file, known.number, prose=prose, maths=course.maths)


def chapters_of(items: list) -> Iterator[dict]:
    for item in items:
        if isinstance(item, dict) and "Chapter" in item:
            yield item["Chapter"]
            yield from chapters_of(item["Chapter"]["sub_items"])


def main(arguments: list[str]) -> int:
    """What mdBook calls."""
    if arguments[:1] == ["supports"]:
        return 0 if arguments[1:] == ["html"] else 1
    try:
        context, book = handed_in()
        check_version(context.get("mdbook_version", ""))
        json.dump(preprocessed(context, book), sys.stdout)
    except (OSError, ValueError) as error:
        print(f"attnlab: {error}", file=sys.stderr)
        return 1
    return 0
