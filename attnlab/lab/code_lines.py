"""Lines of the package's own code, found in its source, so that what is shown is what runs."""

from __future__ import annotations

import inspect
from functools import cache
from importlib import import_module
from operator import attrgetter
from typing import NamedTuple


class Anchor(NamedTuple):
    """Where a line of code stands: module, name of the function within it, how the line begins."""

    module: str
    name: str
    start: str


@cache
def code_line(anchor: Anchor) -> tuple[str, str]:
    """The line without its indent, and where it stands: its file and its function.

    Raises:
        ValueError: none of the function's lines begins so, or more than one.

    >>> code_line(Anchor("attnlab.nn.blocks", "pre_norm", "return"))
    ('return x + sublayer(norm(x))', 'attnlab/nn/blocks.py, pre_norm')
    """
    found = attrgetter(anchor.name)(import_module(anchor.module))
    stripped = [line.strip() for line in inspect.getsource(found).splitlines()]
    lines = [line for line in stripped if line.startswith(anchor.start)]
    if len(lines) != 1:
        raise ValueError(
            f"{anchor.start!r} begins {len(lines)} lines of {anchor.name} in {anchor.module}, and "
            "must begin exactly one: give more of the line"
        )
    return lines[0], f"{anchor.module.replace('.', '/')}.py, {anchor.name}"
