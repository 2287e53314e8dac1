"""The card at the end of a chapter: its formula, its code and its picture, and what to remember."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Sequence
from typing import Any

from attnlab.lab.shown_arrays import listed_words
from attnlab.lab.widgets.assets import short_style, style_element

_OWN = {
    "query": "q query queries w_q w_query",
    "key": "k key keys w_k w_key",
    "value": "v value values w_v w_value",
    "output": "y output outputs",
}
_KIND = {name: kind for kind, names in _OWN.items() for name in names.split()}
_PART = re.compile(r"\\(query|key|value|output)\{")  # \query{Q}: in the colour of queries
_CODE = re.compile(r"(?P<note>#[^\n]*)|(?P<name>\b[A-Za-z_]\w*\b)")

_MARKS = re.compile(r"`(?P<code>[^`]+)`|(?P<formula>\$[^$]+\$)|\*(?P<em>[^*]+)\*")


class Card:
    """What `card` shows: HTML with formulas in LaTeX, and the same as text."""

    _css = short_style("palette.css", "card.css")

    def __init__(self, name: str, formulas: list[str], code: str, picture, remember: list[str]):
        self.name, self.formulas, self.code = name, formulas, code
        self.picture, self.remember = picture, remember

    def __repr__(self) -> str:
        parts = [self.name, *self.formulas, "", self.code, "", repr(self.picture), ""]
        return "\n".join([*parts, *(f"- {line}" for line in self.remember)])

    def _repr_html_(self) -> str:
        coloured = (_PART.sub(r"\\class{mjx-attn-\1}{", each) for each in self.formulas)
        formulas = "".join(f"<div>$${html.escape(each)}$$</div>" for each in coloured)
        points = "".join(f"<li>{_marked(line)}</li>" for line in self.remember)
        picture, place = _picture(self.picture)
        return (
            f'<div class="attn-card">{style_element(Card)}\n'
            f'<div class="attn-card-name">{html.escape(self.name)}</div>\n'
            f'<div class="attn-card-parts {place}">\n'
            f'<div class="attn-card-text"><div class="attn-card-formulas">{formulas}</div>\n'
            f'<pre class="attn-card-code">{_coloured(self.code)}</pre></div>\n'
            f'<div class="attn-card-picture">{picture}</div>\n'
            f'</div>\n<ul class="attn-card-remember">{points}</ul></div>'
        )


def card(
    name: str,
    *,
    formula: str | Sequence[str],
    code: str,
    picture,
    remember: str | Sequence[str],
) -> Card:
    r"""Sum up a chapter: formula, code and picture side by side, and what to remember.

    Args:
        name: of what the chapter is about.
        formula: LaTeX without dollars, one or several; what is written \query{Q}, \key{K},
            \value{V} or \output{Y} has its colour.
        code: a few lines of Python. Names of queries, keys, values and outputs get their colours.
        picture: what `attention_flow`, `lines` or `pictures` give, or a live figure as it stands.
        remember: one sentence or several, with `code`, *words* and formulas between dollars.

    Raises:
        TypeError: what is no text, or no picture.
        ValueError: a formula with dollars, or nothing where something must stand.

    >>> card("A mean", formula=r"\frac{a+b}{2}", code="(a + b) / 2", picture=lines([1, 2],
    ...      {"mean": [1, 2]}, across="a", up="b"), remember=["Half the sum."])
    A mean
    \frac{a+b}{2}
    <BLANKLINE>
    (a + b) / 2
    <BLANKLINE>
    b over a: mean
    <BLANKLINE>
    - Half the sum.
    """
    for what, text in {"name": name, "code": code}.items():
        if not isinstance(text, str):
            raise TypeError(f"{what} is a {type(text).__name__}, and must be a text")
    formulas, points = _several("formula", formula), _several("remember", remember)
    _several("code", code)
    if with_dollars := [text for text in formulas if re.search(r"(?<!\\)\$", text)]:
        raise ValueError(f"formula is {with_dollars[0]!r}: leave its dollars away")
    _picture(picture)  # which says if it is none
    return Card(name, formulas, code.strip("\n"), picture, points)


def _several(name: str, texts: str | Sequence[str]) -> list[str]:
    found = [texts] if isinstance(texts, str) else listed_words(name, texts)
    if not found or not all(text.strip() for text in found):
        raise ValueError(f"{name} is empty: give one line or several")
    return found


def _picture(picture: Any) -> tuple[str, str]:
    """A picture as HTML, and how much room it takes: beside the others, below them, or high."""
    if hasattr(picture, "_repr_html_"):
        return picture._repr_html_(), "attn-card-below"
    if hasattr(picture, "_repr_png_"):
        png = base64.b64encode(picture._repr_png_()).decode("ascii")
    elif hasattr(picture, "_repr_mimebundle_"):
        bundle = picture._repr_mimebundle_()
        png = (bundle[0] if isinstance(bundle, tuple) else bundle).get("image/png")
    else:
        png = None
    if not png:
        raise TypeError(f"picture is {picture!r}, and must be a picture or a figure of attnlab.lab")
    words = html.escape(repr(picture)).replace("\n", " ")
    source = f"data:image/png;base64,{png}"
    return f'<img class="attn-picture" alt="{words}" src="{source}">', "attn-card-beside"


def _coloured(code: str) -> str:
    """Code as HTML: what is a query, key, value or output has its colour, and notes are quiet."""

    def colour(found: re.Match) -> str:
        kind = "note" if found["note"] else _KIND.get(found[0].lower())
        return f"\x02{kind}\x03{found[0]}\x04" if kind else found[0]

    marked = html.escape(_CODE.sub(colour, code), quote=False)
    opened = re.sub("\x02(\\w+)\x03", r'<span class="attn-\1">', marked)
    return opened.replace("\x04", "</span>")


def _marked(text: str) -> str:
    """Text as HTML: code between backticks, words between stars; formulas stay as they are."""

    def mark(found: re.Match) -> str:
        kind = found.lastgroup or "formula"
        return found[0] if kind == "formula" else f"<{kind}>{found[kind]}</{kind}>"

    return _MARKS.sub(mark, html.escape(text, quote=False))
