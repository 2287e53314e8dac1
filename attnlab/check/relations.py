"""How wrong numbers hang together with the right ones, if that can be said in a word."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from attnlab.check.comparing import same

Pair = tuple[np.ndarray, np.ndarray]
_MOST = 9  # places to which people round


def relation(pairs: Sequence[Pair]) -> str | None:
    """What holds of every pair of a result and the right one, in the numbers of the first.

    >>> relation([(np.array([2.0, 4.0]), np.array([1.0, 2.0]))])
    'In every example each number is the right one times 2.'
    """
    wrong = [(got, right) for got, right in pairs if not same(got, right)]
    if sum(right.size for _, right in wrong) < 2:  # of one number anything can be said
        return None
    kinds = [dict(_kinds(got, right)) for got, right in wrong]
    return next((words for kind, words in kinds[0].items() if all(kind in k for k in kinds)), None)


def rounded(pairs: Sequence[Pair]) -> int | None:
    """The places to which all results are rounded, if they are the right ones but for that."""
    for places in range(_MOST):
        if all(_is_rounded(got, right, places) for got, right in pairs):
            return places
    return None


def _is_rounded(got: np.ndarray, right: np.ndarray, places: int) -> bool:
    if got.shape != right.shape or got.dtype.kind not in "iuf" or right.dtype.kind != "f":
        return False
    return bool(np.allclose(got, right.round(places), rtol=0, atol=1e-9, equal_nan=True))


def _kinds(got: np.ndarray, right: np.ndarray) -> Iterator[tuple[str, str]]:
    """Each relation that holds of one pair, by a short name, and what is said of it."""
    with np.errstate(all="ignore"):
        if got.dtype.kind == right.dtype.kind == "b":
            if got.shape == right.shape and same(got, ~right):
                yield "not", "True and False are exchanged."
        elif got.dtype.kind in "iuf" and right.dtype.kind in "iuf":
            yield from (
                _of_shapes(got, right) if got.shape != right.shape else _of_values(got, right)
            )


def _of_shapes(got: np.ndarray, right: np.ndarray) -> Iterator[tuple[str, str]]:
    if right.ndim == 2 and got.shape == right.shape[::-1] and same(got.T, right):
        yield "transposed", "They are the right numbers, transposed."
    elif got.size == right.size and same(got.reshape(right.shape), right):
        yield "reshaped", "They are the right numbers in another shape."
    elif right.ndim and got.shape == right.shape[1:]:
        if same(got, right[0]):
            yield "first", f"It is the first {_part(right)} alone: does `return` stand in the loop?"
        if same(got, right[-1]):
            yield (
                "last",
                f"It is the last {_part(right)} alone: does each overwrite the one before?",
            )
    for axis in range(right.ndim):
        for keep in (False, True):
            if same(got, right.sum(axis=axis, keepdims=keep)):
                yield f"sum {axis}", f"They are the right numbers, summed along axis {axis}."


def _part(right: np.ndarray) -> str:
    return "number" if right.ndim == 1 else "row"


def _of_values(got: np.ndarray, right: np.ndarray) -> Iterator[tuple[str, str]]:
    if right.size > 1:
        yield from _of_order(got, right)
    if np.ptp(right) > 0 and same(got, np.trunc(right)):
        yield "whole", "The places behind the point are lost: was the array made for whole numbers?"
    if same(got, -right):
        yield "sign", "They are the right numbers with the sign turned round."
    for name, function in _FUNCTIONS.items():
        if (
            np.isfinite(got).all()
            and not same(right, function(right))
            and same(got, function(right))
        ):
            yield name, f"Your numbers are {name} of the right ones."
    yield from _of_scale(got, right)


def _of_order(got: np.ndarray, right: np.ndarray) -> Iterator[tuple[str, str]]:
    for axis in range(right.ndim):
        if right.shape[axis] > 1 and same(np.flip(got, axis), right):
            words = f"They are the right numbers in reverse order along axis {axis}."
            yield f"reverse {axis}", words
        for step, words in ((1, "behind"), (-1, "before")):
            if right.shape[axis] > 2 and _is_shifted(got, right, axis, step):
                sentence = f"They are the right numbers, one place {words} along axis {axis}."
                yield f"{words} {axis}", sentence


def _is_shifted(got: np.ndarray, right: np.ndarray, axis: int, step: int) -> bool:
    """Whether each entry but the outermost is that of its neighbour, and neighbours differ."""
    ours, theirs = _cut(got, axis, -step), _cut(right, axis, step)
    return same(ours, theirs) and not same(theirs, _cut(right, axis, -step))


def _cut(table: np.ndarray, axis: int, end: int) -> np.ndarray:
    """Without the last entry along an axis, or, if end is -1, without the first."""
    last = table.shape[axis] - 1
    return np.take(table, range(last) if end > 0 else range(1, last + 1), axis)


def _of_scale(got: np.ndarray, right: np.ndarray) -> Iterator[tuple[str, str]]:
    """A factor or a summand, first that of all examples, then that of each."""
    for pattern, words in ((got / right, "times"), (got - right, "plus")):
        first = pattern.ravel()[0]
        if abs(first) < 1e300 and np.isclose(pattern, first, rtol=1e-5).all():
            by = f"{words} {first:.4g}"
            yield by, f"In every example each number is the right one {by}{_known(first)}"
            if right.size > 1:
                yield words, f"Here each of them is the right number {by}."


def _known(factor: float) -> str:
    """What a factor hints at."""
    bases = {2: 1 / np.log(2), 10: 1 / np.log(10)}
    found = [base for base, value in bases.items() if np.isclose(abs(factor), value, rtol=1e-4)]
    return f": is it the logarithm to base {found[0]}, where ln belongs?" if found else "."


_FUNCTIONS: dict[str, Callable[[np.ndarray], Any]] = {
    "the logarithms": np.log,
    "exp": np.exp,
    "the squares": np.square,
    "the roots": np.sqrt,
    "one divided by each": lambda right: 1 / right,
    "the absolute values": np.abs,
}
