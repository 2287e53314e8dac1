"""A docstring as HTML: paragraphs, what goes in and out, errors, examples."""

from __future__ import annotations

import html
import inspect
import re
from itertools import groupby

from attnlab.book.markup import inline

_PARTS = {
    "Args": "What it takes",
    "Returns": "What it gives",
    "Yields": "What it gives, one by one",
    "Raises": "What it refuses",
}
_ENTRY = re.compile(r"(\*{0,2}[A-Za-z_][\w.]*(?:, \*{0,2}[A-Za-z_][\w.]*)*): (.*)")


def docstring_html(text: str) -> str:
    """A docstring with the sections Args, Returns, Yields and Raises, as HTML.

    >>> docstring_html("Adds one.\\n\\nArgs:\\n    x: a number\\n        or two.")
    '<p>Adds one.</p>\\n<p><b>What it takes</b></p>\\n<dl><dt>x</dt><dd>a number or two.</dd></dl>'
    """
    blocks = re.split(r"\n\s*\n", inspect.cleandoc(text).replace("``", "`"))
    return "\n\n".join(_block(block) for block in _whole_examples(blocks) if block)


def _whole_examples(blocks: list[str]) -> list[str]:
    """Examples that follow each other, as one."""
    found = []
    for is_code, some in groupby(blocks, key=lambda block: block.startswith(">>>")):
        together = list(some)
        found += ["\n\n".join(together)] if is_code else together
    return found


def _block(block: str) -> str:
    if block.startswith((">>>", "    ")):
        plain = inspect.cleandoc(block).replace("<BLANKLINE>", "")
        return f"<pre><code>{html.escape(plain, quote=False)}</code></pre>"
    head, _, rest = block.partition("\n")
    if head.removesuffix(":") in _PARTS and head.endswith(":"):
        return f"<p><b>{_PARTS[head[:-1]]}</b></p>\n\n{_entries(inspect.cleandoc(rest))}"
    if block.startswith("- "):
        items = "".join(f"<li>{inline(item)}</li>" for item in re.split(r"(?m)^- ", block)[1:])
        return f"<ul>{items}</ul>"
    return f"<p>{inline(block)}</p>"


def _entries(text: str) -> str:
    """Names with their meaning; or, where there are no names, a paragraph."""
    entries: list[tuple[str, str]] = []
    for line in text.splitlines():
        found = None if line.startswith(" ") else _ENTRY.match(line)
        if found:
            entries.append((found[1], found[2]))
        elif entries:
            entries[-1] = (entries[-1][0], f"{entries[-1][1]} {line.strip()}")
        else:
            return f"<p>{inline(text)}</p>"
    rows = "".join(f"<dt>{name}</dt><dd>{inline(said)}</dd>" for name, said in entries)
    return f"<dl>{rows}</dl>"
