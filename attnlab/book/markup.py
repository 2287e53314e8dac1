"""Plain words as HTML, in which Markdown finds nothing to do."""

from __future__ import annotations

import html
import re

_CODE = re.compile(r"`([^`]+)`")
_STRESSED = re.compile(r"\*(?=\S)([^*]+?)(?<=\S)\*")


def inline(text: str) -> str:
    """A sentence as HTML; `code` and *stress* are marked, all else is taken as it stands.

    >>> inline("*sat* gives `mat` 0.70 < 0.75")
    '<em>sat</em> gives <code>mat</code> 0.70 &lt; 0.75'
    """
    parts = _CODE.split(html.escape(" ".join(text.split()), quote=False))
    return "".join(
        f"<code>{part}</code>" if i % 2 else _STRESSED.sub(r"<em>\1</em>", part)
        for i, part in enumerate(parts)
    )


def link(address: str, words: str) -> str:
    """A link with these words, which are HTML already."""
    return f'<a href="{html.escape(address)}">{words}</a>'
