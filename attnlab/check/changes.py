"""A mistake as a change of the solution: what the student typed in its place."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attnlab.check.sections import code_blocks, without_code

_CHANGE = re.compile(r"^`(.+)` →(?: `(.+)`)?$")

Changes = tuple[tuple[str, str], ...]
"""What stands in a solution, and what is typed in its place, one after the other."""


def changed(solution: str, text: str) -> tuple[str, str]:
    """The solution with the changes made that a text begins with, and the rest of the text.

    A change is a line "`old` → `new`"; "`old` →" alone takes away. Each is made wherever `old`
    stands, one after the other. A block of code is a new body of the function, or, if it defines
    what is handed in, a new solution.

    Raises:
        ValueError: `old` does not stand in the solution, or nothing is changed.
    """
    blocks = code_blocks(text)
    changes, rest = changes_of(text)
    source = with_changes(_with_body(solution, blocks[0]) if blocks else solution, changes)
    if source == solution:
        raise ValueError("nothing is changed: give a line `old` → `new`, or a block of code")
    return source, rest


def changes_of(text: str) -> tuple[Changes, str]:
    """The changes that a text begins with, and the rest of it, without blocks of code."""
    found, rest = [], without_code(text).splitlines()
    while rest and (line := _CHANGE.match(rest[0])):
        found.append((line[1], line[2] or ""))
        del rest[0]
    return tuple(found), "\n".join(rest).strip("\n")


def with_changes(source: str, changes: Changes) -> str:
    """The source with each change made in turn.

    Raises:
        ValueError: what is to be changed does not stand in it.
    """
    for old, new in changes:
        if old not in source:
            raise ValueError(f"{old!r} does not stand in the solution")
        source = source.replace(old, new)
    return source


def handed_in(source: str) -> str:
    """The name that the source gives to what is handed in: its last function, class or value."""
    last = ast.parse(source).body[-1]
    if isinstance(last, ast.Assign) and isinstance(last.targets[0], ast.Name):
        return last.targets[0].id
    if isinstance(last, ast.FunctionDef | ast.ClassDef):
        return last.name
    raise ValueError("its last line hands nothing in: define a function, a class or a value")


def function_of(source: str, names: Mapping[str, Any], path: Path) -> Callable[..., Any]:
    """What is handed in, once the source has run among some names; its lines belong to a file."""
    space = dict(names)
    exec(compile(source, str(path), "exec"), space)
    return space[handed_in(source)]


def _with_body(solution: str, block: str) -> str:
    """The solution with another body; or the block itself, if it hands in something."""
    name = handed_in(solution)
    if re.search(rf"^(def|class) {name}\b", block, re.M):
        return block
    head = solution[: solution.index("\n", solution.index(f"def {name}")) + 1]
    return head + "".join(f"    {line}".rstrip() + "\n" for line in block.splitlines())
