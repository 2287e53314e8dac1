"""NumPy as it was when the checker was loaded, while the checker's own functions run."""

from __future__ import annotations

import contextlib
import types
from collections.abc import Iterator
from typing import Any

import numpy

_BEFORE = [
    (module, name, value)
    for module in (numpy, numpy.linalg, numpy.random)
    for name, value in list(vars(module).items())
    if not name.startswith("_") and callable(value) and not isinstance(value, types.ModuleType)
]


class Session:
    """What somebody replaced in NumPy in this session: a list of (module, name, value)."""

    def __init__(self) -> None:
        self.replaced: list[tuple[Any, str, Any]] = []

    @property
    def names(self) -> tuple[str, ...]:
        """Such as "numpy.exp"."""
        return tuple(f"{module.__name__}.{name}" for module, name, _ in self.replaced)

    def put_aside(self) -> None:
        """Remember what is replaced now, and give NumPy its own functions back."""
        self.replaced = [
            (module, name, vars(module).get(name))
            for module, name, value in _BEFORE
            if vars(module).get(name) is not value
        ]
        for module, name, value in _BEFORE if self.replaced else ():
            setattr(module, name, value)

    def put_back(self) -> None:
        """Replace again what was replaced."""
        for module, name, value in self.replaced:
            setattr(module, name, value)

    @contextlib.contextmanager
    def as_it_is(self) -> Iterator[None]:
        """Within the block everything is as the student has it; what is replaced there counts."""
        self.put_back()
        try:
            yield
        finally:
            self.put_aside()


@contextlib.contextmanager
def untouched() -> Iterator[Session]:
    """Within the block NumPy's functions are NumPy's own; after it they are as they were."""
    session = Session()
    session.put_aside()
    try:
        yield session
    finally:
        session.put_back()
