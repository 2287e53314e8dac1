"""HTML inside a notebook: what may stand on a page of the book, and what must not."""

from __future__ import annotations

import html
import re

from attnlab.book.trouble import BookError

_VOID = {"br", "hr", "img", "wbr", "col"}
_OPTIONAL = {"li", "p", "td", "th", "tr", "thead", "tbody", "tfoot", "dt", "dd", "colgroup"}
_DRAWN = {"svg", "g", "path", "circle", "line", "rect"}  # with a stroke they close themselves
_PAIRED = re.compile(
    "a|abbr|audio|b|blockquote|caption|center|cite|code|del|details|div|dl|em|figcaption|figure|font|"
    "h[1-6]|i|ins|kbd|mark|ol|picture|pre|q|s|samp|section|small|span|strong|style|sub|summary|"
    "sup|table|u|ul|var|svg|g|path|circle|line|rect|text|tspan"
)
_FORBIDDEN = re.compile("script|iframe|object|embed|link|meta|base|form|input|button|textarea")
# What CommonMark takes for a tag; anything else with < in it is text.
_ATTRIBUTE = r"""\s+[A-Za-z_:][\w.:-]*(?:\s*=\s*(?:[^\s"'=<>`]+|'[^']*'|"[^"]*"))?"""
_TAG = re.compile(rf"(?<!\\)<(/?)([A-Za-z][A-Za-z0-9-]*)((?:{_ATTRIBUTE})*)\s*(/?)>")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ASKS = re.compile(
    r"""\b(?:src|srcset|poster|data|background)\s*=\s*["']?\s*((?:https?:)?//[^\s"'>]+)"""
    r"""|(?:url\(\s*|@import\s+)["']?((?:https?:)?//[^\s"')]+)""",
    re.IGNORECASE,
)
_HANDLER = re.compile(r"\son\w+\s*=", re.IGNORECASE)
_PRE = re.compile(r"(<pre\b.*?</pre\s*>)", re.DOTALL | re.IGNORECASE)
_STYLE = re.compile(r"(<style\b.*?</style\s*>)", re.DOTALL | re.IGNORECASE)


def check_html(markup: str, file: str, cell: str, *, prose: bool = False) -> None:
    """Refuse HTML that would not do on a page what it does in the notebook.

    Args:
        markup: HTML, or Markdown without its code.
        file, cell: where it stands, for messages.
        prose: Markdown, in which Jupyter shows neither styles nor pictures without words.

    Raises:
        BookError: scripts, words in angle brackets that are no HTML, elements left open, or
            anything that another host would be asked for.
    """
    markup = _COMMENT.sub("", markup)
    if asked := _ASKS.search(markup):
        target = asked[1] or asked[2]
        cure = "store the picture in the notebook"
        raise BookError(file, f"{target} would be asked of another host", cure, cell)
    opened = []
    for closing, name, attributes, stroke in _TAG.findall(markup):
        element = name.lower()
        _check_element(element, name, attributes, file, cell, prose)
        if element in _VOID | _OPTIONAL or (stroke and element in _DRAWN):  # need not be closed
            continue
        if not closing:
            opened.append(element)
        elif not opened or opened.pop() != element:
            what = f"</{name}> closes nothing that is open"
            raise BookError(file, what, f"open <{name}> before it, or drop it", cell)
    if opened:
        raise BookError(file, f"<{opened[-1]}> is never closed", f"add </{opened[-1]}>", cell)


def one_block(markup: str) -> str:
    """The HTML without empty lines, at which Markdown would end it, and without a lone < or &.

    In a style these two have a meaning of their own.
    """
    parts = _STYLE.split(markup.replace("\r\n", "\n").strip())
    parts[::2] = [re.sub(r"<(?![A-Za-z/!])", "&lt;", part) for part in parts[::2]]
    parts[::2] = [re.sub(r"&(?![A-Za-z#])", "&amp;", part) for part in parts[::2]]
    parts = _PRE.split("".join(parts))
    for i, part in enumerate(parts):
        parts[i] = part.replace("\n", "&#10;") if i % 2 else re.sub(r"\n\s*\n", "\n", part)
    return "".join(parts)


def one_line(text: str) -> str:
    """Escaped text in one line, to stand in <pre> or in an attribute."""
    return text.strip("\n").replace("\r\n", "\n").replace("\n", "&#10;")


def _check_element(
    element: str, name: str, attributes: str, file: str, cell: str, prose: bool
) -> None:
    if (
        _FORBIDDEN.fullmatch(element)
        or _HANDLER.search(attributes)
        or (prose and element == "style")
    ):
        cure = "say it in Markdown, or show it as a live figure (attnlab.lab)"
        raise BookError(file, f"<{name}> is more than a page can show safely", cure, cell)
    if element not in _VOID | _OPTIONAL and not _PAIRED.fullmatch(element):
        if not prose:
            raise BookError(file, f"<{name}> is no HTML known here", "show a table or text", cell)
        cure = f"write `<{name}>` between backticks"
        raise BookError(file, f"<{name}> would vanish, for it reads as HTML", cure, cell)
    if element == "img" and not re.search(r"""\balt\s*=\s*(["'])\s*\S.*?\1""", attributes):
        where = html.unescape(attributes).strip()[:60]
        cure = 'say what is seen: <img alt="…">'
        raise BookError(file, f"the picture {where} has no words", cure, cell)
