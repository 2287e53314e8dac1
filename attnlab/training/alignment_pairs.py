"""Alignments as sets of pairs: each source word with its target word."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral
from typing import Any


def pairs_of(name: str, pairs: Iterable) -> set[tuple[int, ...]]:
    """The pairs, or triples, as Python's own numbers, which alone are equal by their values.

    Raises:
        TypeError: no pairs of whole numbers, naming the argument and the cure.

    >>> pairs_of("found", np.array([[0, 1], [2, 2]])) == {(0, 1), (2, 2)}
    True
    """
    if "bool" in str(getattr(pairs, "dtype", "")):
        raise TypeError(
            f"{name} holds booleans, and needs pairs (source index, target index): of a matrix "
            f"make them with map(tuple, zip(*{name}.nonzero())) in NumPy, {name}.nonzero() in torch"
        )
    if _single(pairs):
        _refuse(name, pairs)
    return {_pair(name, pair) for pair in pairs}


def _pair(name: str, pair: Any) -> tuple[int, ...]:
    if _single(pair):
        _refuse(name, pair)
    numbers = tuple(x.item() if _is_number(x) else x for x in pair)
    if len(numbers) not in (2, 3) or not all(
        isinstance(x, Integral) and not isinstance(x, bool) for x in numbers
    ):
        _refuse(name, pair)
    return tuple(map(int, numbers))


def _single(found: Any) -> bool:
    return isinstance(found, str | bytes) or not isinstance(found, Iterable) or _is_number(found)


def _is_number(found: Any) -> bool:
    return getattr(found, "shape", None) == ()


def _refuse(name: str, found: Any) -> None:
    shown = repr(found)
    raise TypeError(
        f"{name} holds {shown if len(shown) <= 60 else type(found).__name__}, and needs pairs of "
        "whole numbers, (source index, target index) or (sentence, source index, target index), as "
        "aligned(weights) makes them"
    )
