"""The Markdown of a cell, made ready to mean on a page what it means in Jupyter."""

from __future__ import annotations

import re
from pathlib import Path

from attnlab.book.elements import check_html
from attnlab.book.links import linked, outside_code
from attnlab.book.maths import Formulas
from attnlab.book.trouble import BookError

_FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})([^\n]*)$", re.MULTILINE)
_BRACED = re.compile(r"^(#{1,6}[ \t].*)\{([^{}\n]*\}[ \t]*)$", re.MULTILINE)


def ready(markdown: str, file: str, cell: str, folder: Path, formulas: Formulas) -> str:
    """Links and formulas made ready, and nothing in it that a page would show differently.

    Args:
        markdown: of one cell.
        file, cell: where it stands, for messages.
        folder: of the notebooks.
        formulas: take the cell's formulas and leave marks in their places.

    Raises:
        BookError: a link into nothing, HTML that a page cannot show, code that is never closed.
    """
    _check_fences(markdown, file, cell)
    markdown = formulas.taken(markdown, f"{file}, cell {cell}")
    words = []
    outside_code(markdown, lambda text: words.append(text) or text)
    check_html(" ".join(words), file, cell, prose=True)
    markdown = linked(markdown, file, cell, folder)
    # mdBook takes {words} at a heading's end for its attributes.
    return outside_code(markdown, lambda text: _BRACED.sub(r"\1&#123;\2", text))


def _check_fences(markdown: str, file: str, cell: str) -> None:
    opened = ""
    for ticks, rest in _FENCE.findall(markdown):
        if not opened and not (ticks[0] == "`" and "`" in rest):
            opened = ticks
        elif opened and ticks.startswith(opened) and not rest.strip():
            opened = ""
    if opened:
        raise BookError(file, f"code begins with {opened} and never ends", f"add {opened}", cell)
