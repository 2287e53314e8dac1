"""mdBook's preprocessor: the stored notebooks become chapters, and pages are made from the sources.

mdBook calls `python -m attnlab.book.preprocessor supports html`, and then the same without words,
hands [context, book] in as JSON and takes the book back.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from attnlab.book.chapter import chapter
from attnlab.book.links import linked
from attnlab.book.maths import Formulas
from attnlab.book.stored import stored


def preprocessed(context: dict, book: dict) -> dict:
    """The book with every notebook turned into a chapter.

    Args:
        context: mdBook's: root, config, renderer, mdbook_version.
        book: mdBook's: items, of which those that are chapters have name, content, path, sub_items.

    Raises:
        ValueError: what stops the build, naming the file, the cell and the cure.
    """
    root = Path(context["root"])
    folder = root / context["config"]["book"]["src"]
    formulas = Formulas()
    chapters = [item for item in chapters_of(book["items"]) if is_notebook(item)]
    for item in chapters:
        item["content"] = page(item["content"], item["path"], folder, formulas)
    everything = list(chapters_of(book["items"]))
    for item, text in zip(
        everything, formulas.fill([item["content"] for item in everything], root), strict=True
    ):
        item["content"] = text
    return book


def page(text: str, path: str, folder: Path, formulas: Formulas) -> str:
    """The Markdown of one chapter, its formulas as marks to be filled."""
    file = f"{folder.name}/{path}"
    notebook = stored(text, file)

    def prose(markdown: str, cell: str) -> str:
        markdown = formulas.taken(markdown, f"{file}, cell {cell}")
        return linked(markdown, file, cell, folder)

    return chapter(notebook, file, number(path), prose=prose, maths=formulas)


def number(path: str) -> str:
    """The number of the chapter in this file: 05 for 05_many_heads.ipynb."""
    return Path(path).name.split("_")[0]


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
    context, book = json.load(sys.stdin)
    try:
        json.dump(preprocessed(context, book), sys.stdout)
    except (OSError, ValueError) as error:
        print(f"attnlab: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
