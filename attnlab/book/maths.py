"""Formulas, set by KaTeX while the book is built, all of it in one call of node."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

from attnlab.book.links import outside_code

_FORMULA = re.compile(r"\$\$(.+?)\$\$|(?<![\\$\w])\$(?!\s)([^$\n]+?)(?<!\s)\$(?![\w$])", re.DOTALL)
_TEXT = re.compile(r">([^<]+)<")
_PROGRAM = """
const katex = require("katex");
const formulas = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(formulas.map(([tex, displayMode, place]) => {
  try {
    const options = { displayMode, throwOnError: true, strict: "error" };
    return { html: katex.renderToString(tex, options) };
  } catch (error) {
    return { error: `${place}: ${error.message}` };
  }
})));
"""


class Formulas:
    """Formulas met while pages are made; `fill` puts what KaTeX made of them in their places."""

    def __init__(self):
        self.met: list[tuple[str, bool, str]] = []

    def __call__(self, formula: str, display: bool, place: str = "") -> str:
        """A mark that stands for the formula until `fill`."""
        self.met.append((formula, display, place))
        return f"\x02{len(self.met) - 1}\x03"

    def taken(self, markdown: str, place: str) -> str:
        """Markdown with $…$ and $$…$$ outside code replaced by marks."""

        def mark(found: re.Match) -> str:
            return self(found[1] or found[2], bool(found[1]), place)

        return outside_code(markdown, lambda text: _FORMULA.sub(mark, text))

    def fill(self, pages: list[str], root: Path) -> list[str]:
        """The pages with every mark replaced.

        Raises:
            ValueError: KaTeX does not understand a formula (naming its place), or is not there.
        """
        made = _by_katex(self.met, root) if self.met else []
        return [re.sub(r"\x02(\d+)\x03", lambda m: made[int(m[1])], page) for page in pages]


def _by_katex(formulas: list, root: Path) -> list[str]:
    node = shutil.which("node")
    if not node or not (root / "node_modules" / "katex").is_dir():
        raise ValueError("formulas need Node.js and KaTeX: install Node.js, then make book")
    result = subprocess.run(
        [node, "-e", _PROGRAM],
        input=json.dumps(formulas),
        capture_output=True,
        encoding="utf-8",
        cwd=root,
        check=True,
    )
    answers = json.loads(result.stdout)
    if errors := [answer["error"] for answer in answers if "error" in answer]:
        raise ValueError("\n".join(errors))
    return [_quiet(answer["html"]) for answer in answers]


def _quiet(markup: str) -> str:
    """Text nodes in which Markdown finds nothing to do."""

    def escape(found: re.Match) -> str:
        text = html.unescape(found[1])
        kept = "".join(c if c.isalnum() or c == " " else f"&#{ord(c)};" for c in text)
        return f">{kept}<"

    return _TEXT.sub(escape, markup.replace("\n", " "))
