"""How numbers and lists of things are said in a sentence: the same on every machine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np


def said(value: Any, most: int = 12) -> str:
    """A number, a word or a small array as a short text.

    >>> said(0.6123456), said(3.0), said(np.array([1.0, 0.25]))
    ('0.612', '3', '[1, 0.25]')
    """
    if isinstance(value, str):
        return repr(str(value))
    if isinstance(value, dict | set):
        return f"a {type(value).__name__}"
    array = np.asarray(value)
    if array.ndim == 0:
        return _number(array[()])
    if array.size > most:
        return f"numbers of shape {shape_said(array.shape)}"
    return "[" + ", ".join(said(part) for part in array) + "]"


def counted(number: Any, noun: str) -> str:
    """A number of things in good English.

    >>> counted(1, "run"), counted(2, "run")
    ('1 run', '2 runs')
    """
    return f"{said(number)} {noun}{'' if number == 1 else 's'}"


def told_apart(one: Any, other: Any, most: int = 12) -> tuple[str, str]:
    """Two numbers or small arrays that differ, with as many places as it takes to see it.

    >>> told_apart(16.69812, 16.69834), told_apart(1.0, 2.0)
    (('16.6981', '16.6983'), ('1', '2'))
    """
    words = said(one, most), said(other, most)
    for places in range(4, 16):
        if words[0] != words[1] or not _has_places(one, most):
            break
        words = _with_places(one, places), _with_places(other, places)
    return words


def _has_places(value: Any, most: int) -> bool:
    array = np.asarray(value)
    return array.dtype.kind == "f" and array.size <= most


def _with_places(value: Any, places: int) -> str:
    array = np.asarray(value)
    if array.ndim:
        return "[" + ", ".join(_with_places(part, places) for part in array) + "]"
    return f"{float(array):.{places}f}".rstrip("0").rstrip(".")


def few(values: Any, most: int = 4) -> str:
    """Some numbers in a sentence; one if all are alike, to three places.

    >>> few([0.61, 0.2, 1.19]), few([1.0, 1.0, 1.0])
    ('0.61, 0.2 and 1.19', '1')
    """
    words = [_number(value) for value in np.asarray(values).ravel()]
    words = words[:1] if len(set(words)) == 1 else words
    if len(words) > most:
        return ", ".join([*words[:most], "…"])
    return listed(words)


def listed(words: Iterable[str], last: str = "and") -> str:
    """Words with commas between them, and `last` before the last one.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    *others, final = words
    return f"{', '.join(others)} {last} {final}" if others else final


def shape_said(shape: Iterable[int], axes: str = "") -> str:
    """A shape, with the names of its axes if they are given.

    >>> shape_said((2, 3)), shape_said((2, 3), "query key"), shape_said(())
    ('(2, 3)', '(query 2, key 3)', 'a single number')
    """
    sizes, names = tuple(shape), axes.split()
    if not sizes:
        return "a single number"
    if len(names) != len(sizes):
        return f"({', '.join(map(str, sizes))}{',' if len(sizes) == 1 else ''})"
    return "(" + ", ".join(f"{name} {size}" for name, size in zip(names, sizes, strict=True)) + ")"


def _number(value: Any) -> str:
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, str):
        return repr(str(value))
    if isinstance(value, complex | np.complexfloating):
        return str(complex(value))
    if not isinstance(value, float | np.floating):
        return f"a {type(value).__name__}"
    number = float(value)
    if number != number or number in (float("inf"), float("-inf")):
        return {"nan": "NaN", "inf": "inf", "-inf": "-inf"}[str(number)]
    if number == 0 or 0.001 <= abs(number) < 1e6:
        text = f"{number:.3f}".rstrip("0").rstrip(".")
        return "0" if text == "-0" else text
    return f"{number:.3g}"
