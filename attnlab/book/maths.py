"""Formulas, set by KaTeX while the book is built, all of it in one call of node."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path

from attnlab.book.links import outside_code
from attnlab.book.trouble import BookError

# In HTML: what MathJax passes over, other tags, and text.
_PARTS = re.compile(
    r"<(?P<kept>pre|code|script|style|svg|textarea)\b.*?</(?P=kept)\s*>|<[^>]*>|(?P<text>[^<]+)",
    re.DOTALL | re.IGNORECASE,
)
# $$…$$, an environment, or $…$ that is no amount of money, over lines but not over paragraphs.
_FORMULA = re.compile(
    r"(?<!\\)\$\$(?P<display>.+?)(?<!\\)\$\$"
    r"|(?P<environment>\\begin\{(?P<name>[a-z]+\*?)\}.*?\\end\{(?P=name)\})"
    r"|(?<![\\$\w])\$(?![\s$])(?P<inline>(?:\\.|[^$\\\n]|\n(?!\s*\n))+?)(?<!\s)\$(?![\w$])",
    re.DOTALL,
)
_TEXT = re.compile(r">([^<]+)<")
# A part in its colour of palette.css, as MathJax spells it in Jupyter: \class{mjx-attn-query}{Q}.
# Jupyter drops every class that does not begin with mjx-.
_PROGRAM = r"""
const katex = require("katex");
const formulas = JSON.parse(require("fs").readFileSync(0, "utf8"));
const COLOURED = ["query", "key", "value", "output"].map((part) => `mjx-attn-${part}`);
const macros = { "\\class": "\\htmlClass{#1}{#2}" };
function trust({ command, class: name }) {
  if (command !== "\\htmlClass") return false;
  if (COLOURED.includes(name)) return true;
  throw new Error(`the class ${name} is none of ${COLOURED.join(", ")}`);
}
process.stdout.write(JSON.stringify(formulas.map(([tex, displayMode]) => {
  try {
    const options = { displayMode, throwOnError: true, strict: false, macros, trust };
    return { html: katex.renderToString(tex, options) };
  } catch (error) {
    return { error: error.message };
  }
})));
"""


def in_html(markup: str, maths: Callable[[str, bool, str], str], place: str) -> str:
    """HTML with its formulas set, as MathJax sets those of an output in Jupyter.

    Args:
        markup: HTML; what stands in pre, code, style or svg is left alone.
        maths: (formula, display, place) -> what stands for it on the page.
        place: where it stands, for messages.
    """

    def mark(found: re.Match) -> str:
        display = found["display"] or found["environment"]
        return maths(html.unescape(display or found["inline"]), bool(display), place)

    def part(found: re.Match) -> str:
        return _FORMULA.sub(mark, found["text"]) if found["text"] else found[0]

    return _PARTS.sub(part, markup)


class Formulas:
    """Formulas met while pages are made; `fill` puts what KaTeX made of them in their places."""

    def __init__(self):
        self.met: list[tuple[str, bool, str]] = []
        self._mark = uuid.uuid4().hex  # that no page holds by itself

    def __call__(self, formula: str, display: bool, place: str = "") -> str:
        """A mark that stands for the formula until `fill`; its place is named in messages."""
        self.met.append((formula, display, place))
        return f"\x02{self._mark}.{len(self.met) - 1}\x03"

    def taken(self, markdown: str, place: str) -> str:
        """Markdown with $…$, $$…$$ and environments outside code replaced by marks."""

        def mark(found: re.Match) -> str:
            display = found["display"] or found["environment"]
            return self(display or found["inline"], bool(display), place)

        return outside_code(markdown, lambda text: _FORMULA.sub(mark, text))

    def on(self, page: str) -> bool:
        """Is there a mark on this page?"""
        return self._mark in page

    def fill(self, pages: list[str], root: Path) -> list[str]:
        """The pages with every mark replaced.

        Args:
            pages: Markdown or HTML with marks.
            root: the folder that holds node_modules.

        Raises:
            BookError: KaTeX does not understand a formula, naming its place.
            ValueError: node or KaTeX is not there, with the cure.
        """
        if not self.met:
            return pages
        made = _by_katex(self.met, root)
        mark = re.compile(rf"\x02{self._mark}\.(\d+)\x03")
        return [mark.sub(lambda found: made[int(found[1])], page) for page in pages]


def _by_katex(formulas: list[tuple[str, bool, str]], root: Path) -> list[str]:
    node = shutil.which("node")
    if not node or not (root / "node_modules" / "katex").is_dir():
        raise ValueError("formulas need Node.js and KaTeX: install Node.js, then make book")
    given = json.dumps([formula[:2] for formula in formulas])
    result = subprocess.run(
        [node, "-e", _PROGRAM], input=given, capture_output=True, encoding="utf-8", cwd=root
    )
    if result.returncode:
        lines = [line for line in result.stderr.splitlines() if "Error" in line]
        words = lines[0].strip() if lines else f"exit code {result.returncode}"
        raise ValueError(f"node failed to set the formulas ({words}): try make book again")
    answers = json.loads(result.stdout)
    for answer, (formula, _, place) in zip(answers, formulas, strict=True):
        if "error" in answer:
            reason = answer["error"].removeprefix("KaTeX parse error: ").rstrip(".")
            cure = r"mend the formula, or write \$ where a dollar is meant"
            raise BookError(place, f"KaTeX refuses {formula.strip()!r} ({reason})", cure)
    return [_quiet(answer["html"]) for answer in answers]


def _quiet(markup: str) -> str:
    """Text nodes in which Markdown finds nothing to do."""

    def escape(found: re.Match) -> str:
        text = html.unescape(found[1])
        kept = "".join(c if c.isalnum() or c == " " else f"&#{ord(c)};" for c in text)
        return f">{kept}<"

    return _TEXT.sub(escape, markup.replace("\n", " "))
