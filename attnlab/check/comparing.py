"""What a function returned, as plain arrays, and whether they are the right ones."""

from __future__ import annotations

import types
from collections.abc import Mapping
from decimal import Decimal
from numbers import Rational
from typing import Any

# Bound here, so that they stay as they are if somebody changes numpy in the session.
from numpy import abs as absolute
from numpy import array, asarray, errstate, isclose, ndarray, unravel_index, where

_NEAR = {2: (1e-2, 2e-3), 4: (2e-4, 1e-5)}  # bytes of a number: how near, relative and absolute
_NEAR_DOUBLE = (5e-6, 2e-6)  # so that float32 on the way is no mistake


NOTHING = "It returned nothing (None): its last line must `return` the result."
_UNCALLED = (types.FunctionType, types.MethodType, types.BuiltinFunctionType)


class UnreadableError(Exception):
    """What was returned cannot be read as the result; the words say why."""


def read(value: Any, names: tuple[str, ...]) -> tuple[ndarray, ...]:
    """Copies of the parts of a result as arrays; as many parts as there are names.

    Raises:
        UnreadableError: it is no array, number or list of numbers, or has another number of parts.
    """
    if len(names) == 1:
        return (as_array(value),)
    wanted = f"{len(names)} things ({', '.join(names)})"
    if isinstance(value, ndarray) and value.ndim and len(value) == len(names):
        value = list(value)
    if not isinstance(value, tuple | list) or len(value) != len(names):
        count = f"{len(value)} things" if isinstance(value, tuple | list) else kind(value)
        raise UnreadableError(f"It returned {count}, expected {wanted}: return {', '.join(names)}.")
    return tuple(as_array(part) for part in value)


def as_array(value: Any) -> ndarray:
    """A copy of an array, a tensor, a number or a list of them, as a NumPy array.

    Raises:
        UnreadableError: it is something else, with a word on what it is and the cure.
    """
    if value is None:
        raise UnreadableError(NOTHING)
    if isinstance(value, types.GeneratorType | map | zip | filter):
        raise UnreadableError(f"It returned {kind(value)}: make a list of it, list(…).")
    if isinstance(value, _UNCALLED):
        name = getattr(value, "__name__", "…")
        raise UnreadableError(
            f"It returned the function {name} itself, uncalled: brackets are missing, {name}(…)."
        )
    if _is_tensor(value):
        value = value.detach().cpu()
        value = (value.half() if "bfloat16" in str(value.dtype) else value).numpy()
    if isinstance(value, Rational | Decimal) and not isinstance(value, int):
        value = float(value)
    if isinstance(value, list | tuple):
        whole, value = value, [as_array(part) for part in value]
        if len({part.shape for part in value}) > 1:
            shapes = ", ".join(str(part.shape) for part in value[:3])
            if isinstance(whole, tuple):
                raise UnreadableError(
                    f"It returned {len(value)} things, of shapes {shapes}, expected one array: "
                    "return the result alone."
                )
            raise UnreadableError(
                f"It returned parts of different shapes, {shapes}: make one array."
            )
    elif not isinstance(value, ndarray | bool | int | float | complex | str) and not (
        hasattr(value, "__array__") or hasattr(value, "dtype")
    ):
        raise UnreadableError(f"It returned {kind(value)}, and not an array of numbers.")
    found = array(asarray(value))
    if found.dtype == object and all(isinstance(part, Rational | Decimal) for part in found.flat):
        found = found.astype(float)
    if found.dtype.kind not in "biufcU":
        raise UnreadableError(f"It returned an array of {found.dtype}, and not of numbers.")
    return found


def kind(value: Any) -> str:
    """What a value is, in words, from its type alone.

    >>> kind(None), kind((1, 2)), kind({})
    ('nothing (None)', 'a tuple', 'a dict')
    """
    if value is None:
        return "nothing (None)"
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def wrong_kind(got: ndarray, wanted: ndarray) -> str | None:
    """Why these are not the right kind of numbers; None if they are."""
    ours, theirs = wanted.dtype.kind, got.dtype.kind
    if ours == theirs or (ours in "iuf" and theirs in "iuf"):
        return None
    if ours == "b" and theirs in "iuf":
        numbers = f"It holds {got.dtype}, expected True and False"
        if ((got == 0) | (got == 1)).all():
            return f"{numbers}: hand over the comparison itself."
        return f"{numbers}."
    names = {"b": "True and False", "U": "words", "c": "complex numbers"}
    return f"It holds {names.get(theirs, 'numbers')}, expected {names.get(ours, 'numbers')}."


def same(got: ndarray, wanted: ndarray) -> bool:
    """Equal in shape, kind and numbers; NaN equals NaN, and near is near enough for the type."""
    return (
        got.shape == wanted.shape
        and wrong_kind(got, wanted) is None
        and bool(_near(got, wanted).all())
    )


def largest_difference(got: ndarray, wanted: ndarray) -> tuple[int, ...]:
    """The place where two arrays of the same shape differ most."""
    bad = ~asarray(_near(got, wanted))
    if wanted.dtype.kind in "bU":
        return _place(int(bad.ravel().argmax()), got.shape)
    with errstate(all="ignore"):
        gap = absolute(got.astype("complex128") - wanted.astype("complex128"))
    gap = where(gap == gap, gap, float("inf"))  # NaN differs most
    return _place(int(where(bad, gap, -1.0).ravel().argmax()), got.shape)


def _near(got: ndarray, wanted: ndarray) -> Any:
    if wanted.dtype.kind in "bU":
        return got == wanted
    sizes = [part.dtype.itemsize for part in (got, wanted) if part.dtype.kind == "f"]
    relative, absolute_gap = _NEAR.get(min(sizes, default=8), _NEAR_DOUBLE)
    with errstate(all="ignore"):
        return isclose(
            got.astype("float64") if got.dtype.kind != "c" else got,
            wanted.astype("float64") if wanted.dtype.kind != "c" else wanted,
            rtol=relative,
            atol=absolute_gap,
            equal_nan=True,
        )


def _place(index: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(i) for i in unravel_index(index, shape)) if shape else ()


def _is_tensor(value: Any) -> bool:
    return type(value).__module__.split(".")[0] == "torch" and hasattr(value, "detach")


def axes_of(result: str | Mapping[str, str]) -> dict[str, str]:
    """The parts of a result and their axes; a single one is called "result"."""
    return {"result": result} if isinstance(result, str) else dict(result)
