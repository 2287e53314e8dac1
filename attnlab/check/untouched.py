"""NumPy as it was when the checker was loaded, while the checker's own functions run."""

from __future__ import annotations

import contextlib
import types
from collections.abc import Iterator

import numpy

_MODULES = (numpy, numpy.linalg, numpy.random)
_BEFORE = [
    (module, name, value)
    for module in _MODULES
    for name, value in list(vars(module).items())
    if not name.startswith("_") and callable(value) and not isinstance(value, types.ModuleType)
]


def changed_names() -> tuple[str, ...]:
    """Which functions of NumPy somebody replaced in this session."""
    return tuple(
        f"{module.__name__}.{name}"
        for module, name, value in _BEFORE
        if vars(module).get(name) is not value
    )


@contextlib.contextmanager
def untouched() -> Iterator[None]:
    """Within the block NumPy's functions are NumPy's own; after it they are as they were."""
    replaced = [
        (module, name, vars(module).get(name))
        for module, name, value in _BEFORE
        if vars(module).get(name) is not value
    ]
    try:
        for module, name, value in _BEFORE if replaced else ():
            setattr(module, name, value)
        yield
    finally:
        for module, name, value in replaced:
            setattr(module, name, value)
