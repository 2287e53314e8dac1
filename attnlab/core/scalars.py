"""Single numbers that are handed in: what they must be, and how others are refused."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

_TYPES = [f"{kind}{bits}" for kind in ("int", "uint", "float") for bits in (8, 16, 32, 64)]
_TYPES += ["bfloat16"]


def number(name: str, value: Any) -> Any:
    """The number, a NumPy one as Python's own, which leaves the type of an array as it is.

    A tensor of no axes stays what it is, with its gradient.

    Raises:
        TypeError: a text, None, a boolean, a list or an array of several numbers, naming the
            argument.

    >>> number("width", np.float64(2))
    2.0
    """
    if type(value) is float or type(value) is int:
        return value
    if isinstance(value, Real) and not isinstance(value, bool):
        return int(value) if isinstance(value, Integral) else float(value)
    if getattr(value, "shape", None) == () and str(value.dtype).rpartition(".")[2] in _TYPES:
        return value if hasattr(value, "detach") else value.item()
    raise TypeError(f"{name} is {_shown(value)}, and must be a single number")


def whole_number(name: str, value: Any, example: str = "such as 1 or 2") -> int:
    """The whole number as Python's own.

    Raises:
        TypeError: anything else, 2.0 and True among them, naming the argument.

    >>> whole_number("heads", np.int8(2))
    2
    """
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise TypeError(f"{name} is {_shown(value)}, and must be a whole number, {example}")
    return int(value)


def at_least(name: str, value: Any, least: int, because: str) -> int:
    """The whole number as Python's own, if it is not below the least that there may be.

    Raises:
        TypeError: as `whole_number`.
        ValueError: a number below the least, naming the argument and the reason.

    >>> at_least("chunk", 3, 1, "a chunk holds a word")
    3
    """
    value = whole_number(name, value)
    if value < least:
        raise ValueError(f"{name} is {value}, and must be at least {least}: {because}")
    return value


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"a {type(value).__name__}"
