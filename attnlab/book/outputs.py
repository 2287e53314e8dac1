"""What a cell showed, as one line of HTML that Markdown leaves alone."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from attnlab.book.elements import check_html, one_block, one_line
from attnlab.book.maths import in_html
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
_VERDICT = 'class="attn-finding"'  # of a bet (attnlab.lab.bet)
# What a terminal would have overwritten, and signs that no page can hold.
_OVERWRITTEN = re.compile(r"[^\n]*\r(?!\n|\Z)")
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]|\r")
# The picture of a drawing, for viewers that take its style away: a page does not.
_STILL = re.compile(r'<img class="attn-flow-still"[^>]*>')


def best(data: dict) -> str | None:
    """The kind in which an output is shown: the most lively that it has; None if no page can."""
    return next((kind for kind in _KINDS if kind in data), None)


def picture_name(chapter: str, cell: str, index: int, kind: str) -> str:
    """The file of a picture: output `index` of this cell."""
    return f"{chapter}-{cell}-{index}.{ENDING[kind]}"


def output_html(
    output,
    index: int,
    cell: str,
    *,
    chapter: str,
    file: str,
    maths: Callable[[str, bool, str], str],
    prose: Callable[[str, str], str] = lambda markdown, _: markdown,
    state: str = "",
) -> str:
    """One output of a cell.

    Args:
        output: of a notebook, format 4.
        index: its place among the cell's outputs.
        cell: the id of the cell.
        chapter: the number of the chapter, such as "05".
        file: the notebook's name, for messages.
        maths: (formula, display, place for messages) -> what stands for it on the page.
        prose: (Markdown, cell id) -> the same with its links and formulas made ready.
        state: the name of the script that holds what moves it, if not that of its chapter.

    Raises:
        BookError: a picture without words, HTML that would not do on a page what it does in the
            notebook, or an output that no page can show.
    """
    if output.output_type == "stream":
        return _text(output.text, f"attn-{output.name}")
    if output.output_type == "error":
        return _text("\n".join(output.traceback), "attn-traceback")
    data, kind = output.data, best(output.data)
    if kind is None:
        known = ", ".join(sorted(data)) or "nothing"
        raise BookError(file, f"no page can show {known}", "show text or a picture", cell)
    plain = data.get("text/plain", "")
    if kind == VIEW:
        return _live(chapter, cell, index, data, file, state)
    if kind in ENDING:
        words = _words(plain, file, cell)
        source = f"live/{picture_name(chapter, cell, index, kind)}"
        return _out(f'<img class="attn-picture" src="{source}" alt="{words}" loading="lazy">')
    if kind == "text/html":
        markup = _STILL.sub("", data[kind])
        check_html(markup, file, cell)
        return _out(in_html(one_block(markup), maths, f"{file}, cell {cell}"))
    if kind == "text/latex":
        return _out(maths(data[kind].strip().strip("$").strip(), True, f"{file}, cell {cell}"))
    if kind == "text/markdown":
        return f'<div class="attn-out">\n\n{prose(data[kind], cell)}\n\n</div>'
    return _text(plain, "attn-result")


def asks(data: dict) -> bool:
    """Whether this asks the reader something: a quiz, or a bet."""
    return speaks(data) and _VERDICT not in data["text/html"]


def speaks(data: dict) -> bool:
    """Whether this moves, and has words in place of a picture: a quiz, a bet, or its verdict."""
    return VIEW in data and "image/png" not in data and "text/html" in data


def _live(chapter: str, cell: str, index: int, data: dict, file: str, state: str) -> str:
    """The place of a live figure; its picture is for a page without JavaScript, and for paper."""
    words = _words(data.get("text/plain", ""), file, cell)
    kind, still = "attn-view", ""
    if speaks(data):
        check_html(data["text/html"], file, cell)
        kind = "attn-view attn-asks" if asks(data) else "attn-view attn-answers"
        still = f"<div>{one_line(data['text/html'])}</div>"
    elif "image/png" in data:
        source = f"live/{picture_name(chapter, cell, index, 'image/png')}"
        still = f'<img class="attn-picture" src="{source}" alt="{words}">'
    waiting = f"<noscript>{still}</noscript>" if still else ""
    own = f' data-state="{state}"' if state else ""
    return (
        f'<div class="attn-out {kind}" data-chapter="{chapter}" '
        f'data-model="{data[VIEW]["model_id"]}" data-cell="{cell}" data-words="{words}"{own}>'
        f"{waiting}</div>"
    )


def _words(plain: str, file: str, cell: str) -> str:
    """The alternative text of a picture."""
    plain = plain.strip()
    if not plain or re.match(r"<[\w.]+ .*>$", plain, re.DOTALL):
        cure = "let its repr say in words what is seen, as attnlab.lab's figures do"
        raise BookError(file, "this picture has no words for those who cannot see it", cure, cell)
    return one_line(html.escape(plain))


def _text(text: str, kind: str) -> str:
    shown = one_line(_UNSEEN.sub("", _coloured(_OVERWRITTEN.sub("", text.rstrip("\n")))))
    if not re.sub("<[^>]*>", "", shown).strip():
        return ""
    return _out(f'<pre class="attn-text {kind}" tabindex="0">{shown}</pre>')


def _coloured(text: str) -> str:
    """As HTML, with the colours that a terminal would show."""
    if "\x1b" not in text:
        return html.escape(text)
    from nbconvert.filters import ansi2html  # half a second, which few notebooks need

    return ansi2html(text)


def _out(inner: str) -> str:
    return f'<div class="attn-out">{inner}</div>'
