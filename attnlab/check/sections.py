"""Markdown as the exercises use it: headings, what stands under them, and code between fences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"^```python\n(.*?)^```$\n?", re.M | re.S)


@dataclass(frozen=True)
class Section:
    """A heading and the text below it, up to the next heading of the same level or above.

    Args:
        title: the words of the heading.
        text: what stands below, without blank lines around it.
    """

    title: str
    text: str


def sections(text: str, level: int) -> list[Section]:
    """The sections of a level; what stands before the first is left out.

    >>> sections("# a\\n\\nb\\n\\n# c\\n", 1)
    [Section(title='a', text='b'), Section(title='c', text='')]
    """
    return _divided(text, level)[1:]


def above(text: str, level: int) -> str:
    """What stands before the first heading of a level."""
    return _divided(text, level)[0].text


def code_blocks(text: str) -> list[str]:
    """The code between fences, block by block."""
    return [found.group(1) for found in _FENCE.finditer(text)]


def without_code(text: str) -> str:
    """The text without its blocks of code."""
    return _FENCE.sub("", text).strip("\n")


def _divided(text: str, level: int) -> list[Section]:
    """What stands before the first heading, without a title, and the sections."""
    mark = "#" * level + " "
    found: list[tuple[str, list[str]]] = [("", [])]
    for line, is_code in _lines(text):
        if not is_code and line.startswith(mark):
            found.append((line.removeprefix(mark).strip(), []))
        else:
            found[-1][1].append(line)
    return [Section(title, "\n".join(lines).strip("\n")) for title, lines in found]


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it belongs to a block of code."""
    inside = False
    for line in text.splitlines():
        fence = line.startswith("```")
        yield line, inside or fence
        inside ^= fence
