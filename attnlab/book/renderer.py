"""mdBook's second renderer: it puts beside the finished pages what moves their figures."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from attnlab.book.front_end import put_front_end, put_notebook
from attnlab.book.preprocessor import chapters_of, is_notebook, number
from attnlab.book.stored import stored


def render(context: dict) -> Path:
    """Complete the pages in the html renderer's folder; gives that folder.

    Args:
        context: mdBook's for a renderer: root, destination, book, config.

    Raises:
        FileNotFoundError: the pages are not there, or the front-end packages are not installed.
    """
    pages = Path(context["destination"]).parent / "html"
    if not (pages / "index.html").exists():
        raise FileNotFoundError(
            "there are no pages in book/html: book.toml needs [output.html] as well"
        )
    folder = f"{context['config']['book']['src']}/"
    put_front_end(pages / "live", Path(context["root"]))
    for item in chapters_of(context["book"]["items"]):
        if is_notebook(item):
            notebook = stored(item["content"], folder + item["path"])
            put_notebook(pages / "live", notebook, number(item["path"]))
    return pages


def main() -> int:
    """What mdBook calls."""
    try:
        render(json.load(sys.stdin))
    except (OSError, ValueError) as error:
        print(f"attnlab: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
