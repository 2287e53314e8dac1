"""What a cell showed, as one line of HTML that Markdown leaves alone."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from nbconvert.filters import ansi2html, strip_ansi

from attnlab.book.stored import VIEW
from attnlab.book.trouble import BookError

_KINDS = [
    VIEW,
    "text/html",
    "text/markdown",
    "image/svg+xml",
    "image/png",
    "image/jpeg",
    "text/latex",
    "text/plain",
]
ENDING = {"image/svg+xml": "svg", "image/png": "png", "image/jpeg": "jpg"}


def best(data: dict) -> str:
    """The kind in which an output is shown: the most lively that it has.

    Raises:
        LookupError: none of them can be shown on a page.
    """
    return next(kind for kind in _KINDS if kind in data)


def picture_name(chapter: str, cell: str, index: int, kind: str) -> str:
    """The file of a picture: output `index` of this cell."""
    return f"{chapter}-{cell}-{index}.{ENDING[kind]}"


def output_html(
    output, index: int, cell: str, *, chapter: str, file: str, maths: Callable[[str, bool], str]
) -> str:
    """One output of a cell.

    Args:
        output: of a notebook, format 4.
        index: its place among the cell's outputs.
        cell: the id of the cell.
        chapter: the number of the chapter, such as "05".
        file: the notebook's name, for messages.
        maths: (formula, display) -> what stands for it on the page.

    Raises:
        BookError: a picture without words, or an output that no page can show.
    """
    if output.output_type == "stream":
        return _text(output.text, f"attn-{output.name}")
    if output.output_type == "error":
        return _text("\n".join(output.traceback), "attn-traceback")
    data = output.data
    try:
        kind = best(data)
    except StopIteration:
        known = ", ".join(sorted(data)) or "nothing"
        raise BookError(file, f"no page can show {known}", "show text or a picture", cell) from None
    plain = data.get("text/plain", "")
    if kind == VIEW:
        return _live(chapter, cell, index, data[VIEW]["model_id"], data, file)
    if kind in ENDING:
        words = _words(plain, file, cell)
        source = f"live/{picture_name(chapter, cell, index, kind)}"
        return _out(f'<img class="attn-picture" src="{source}" alt="{words}" loading="lazy">')
    if kind == "text/html":
        return _out(_one_line(data[kind]))
    if kind == "text/latex":
        return _out(maths(data[kind].strip().strip("$").strip(), True))
    if kind == "text/markdown":
        return f"\n{data[kind]}\n"
    return _text(plain, "attn-result")


def _live(chapter: str, cell: str, index: int, model: str, data: dict, file: str) -> str:
    """The place of a live figure; its picture is for a page without JavaScript, and for paper."""
    words = _words(data.get("text/plain", ""), file, cell)
    still = ""
    if "image/png" in data:
        source = f"live/{picture_name(chapter, cell, index, 'image/png')}"
        still = f'<noscript><img class="attn-picture" src="{source}" alt="{words}"></noscript>'
    return (
        f'<div class="attn-out attn-view" data-chapter="{chapter}" data-model="{model}" '
        f'data-cell="{cell}" data-words="{words}">{still}</div>'
    )


def _words(plain: str, file: str, cell: str) -> str:
    """The alternative text of a picture."""
    plain = plain.strip()
    if not plain or re.match(r"<[\w.]+ .*>$", plain):
        cure = "let its repr say in words what is seen, as attnlab.lab's figures do"
        raise BookError(file, "this picture has no words for those who cannot see it", cure, cell)
    return _one_line(html.escape(plain))


def _text(text: str, kind: str) -> str:
    shown = ansi2html(text.rstrip("\n"))
    if not strip_ansi(text).strip():
        return ""
    return _out(f'<pre class="attn-text {kind}" tabindex="0">{_one_line(shown)}</pre>')


def _out(inner: str) -> str:
    return f'<div class="attn-out">{inner}</div>'


def _one_line(markup: str) -> str:
    """Markdown ends a block of HTML at an empty line, so there is none."""
    return markup.strip("\n").replace("\r\n", "\n").replace("\n", "&#10;")
