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
from attnlab.book.course import Chapter, Course
from attnlab.book.maths import Formulas
from attnlab.book.pages import end_of_chapter, with_pages
from attnlab.book.prose import ready
from attnlab.book.protocol import check_version, handed_in
from attnlab.book.stored import stored
from attnlab.book.trouble import BookError

_STYLE = '<link rel="stylesheet" href="live/katex.css">\n\n'


def preprocessed(context: dict, book: dict) -> dict:
    """The book with every notebook turned into a chapter.

    Args:
        context: mdBook's: root, config, renderer, mdbook_version.
        book: mdBook's: items, of which those that are chapters have name, content, path, sub_items.

    Raises:
        ValueError: what stops the build, naming the file, the cell and the cure.
    """
    root = Path(context["root"])
    formulas = Formulas()
    notebooks = [item for item in chapters_of(book["items"]) if is_notebook(item)]
    course = course_of(context, notebooks, formulas)
    for item, known in zip(notebooks, course.chapters, strict=True):
        item["content"] = page(known, course) + end_of_chapter(course, known)
    book["items"] = with_pages(book["items"], course)
    everything = list(chapters_of(book["items"]))
    texts = [item["content"] for item in everything]
    for item, text in zip(everything, formulas.fill(texts, root), strict=True):
        # The formulas' style sheet comes with the pages that need it, and with no other.
        item["content"] = f"{_STYLE}{text}" if formulas.on(item["content"]) else text
    return book


def course_of(context: dict, notebooks: list[dict], formulas: Formulas) -> Course:
    """What pages are made from: the chapters of these items, read and checked."""
    root, config = Path(context["root"]), context["config"]
    folder = root / config["book"]["src"]
    chapters: list[Chapter] = []
    for item in notebooks:
        file = f"{folder.name}/{item['path']}"
        _check_path(item["path"], file, [known.number for known in chapters])
        notebook = stored(item["content"], file)
        chapters.append(Chapter(number(item["path"]), item["name"], item["path"], file, notebook))

    def prose(markdown: str, file: str, cell: str) -> str:
        return ready(markdown, file, cell, folder, formulas)

    repository = config["output"]["html"].get("git-repository-url", "")
    return Course(root, folder, repository, chapters, prose, formulas)


def page(known: Chapter, course: Course) -> str:
    """The Markdown of one chapter, its formulas as marks to be filled."""

    def prose(markdown: str, cell: str) -> str:
        return course.prose(markdown, known.file, cell)

    return chapter(known.notebook, known.file, known.number, prose=prose, maths=course.maths)


def number(path: str) -> str:
    """The number of the chapter in this file: 05 for 05_many_heads.ipynb."""
    return Path(path).name.split("_")[0]


def _check_path(path: str, file: str, numbers: list[str]) -> None:
    if "/" in path:
        raise BookError(file, "chapters lie side by side", f"move it to {file.split('/')[0]}/")
    if number(path) in numbers:
        raise BookError(file, f"there is a chapter {number(path)} already", "number it anew")


def chapters_of(items: list) -> Iterator[dict]:
    for item in items:
        if isinstance(item, dict) and "Chapter" in item:
            yield item["Chapter"]
            yield from chapters_of(item["Chapter"]["sub_items"])


def is_notebook(item: dict) -> bool:
    return (item["path"] or "").endswith(".ipynb")


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
