"""Why a call is wrong, when nobody knows the mistake: which axis, which number, which line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from attnlab.check.comparing import NOTHING, axes_of, largest_difference, same, wrong_kind
from attnlab.check.error_meanings import meaning
from attnlab.check.exercise import Exercise
from attnlab.check.running import Outcome
from attnlab.check.verdict import code
from attnlab.check.wording import listed, said, shape_said, told_apart

_SMALL = 36  # numbers that can be followed by hand


def explained(
    exercise: Exercise,
    given: Mapping[str, Any],
    outcome: Outcome,
    wanted: Outcome,
    *,
    named: bool = False,
    hint: str = "",
) -> tuple[str, list[str]]:
    """The state of a call that is not right, and what is to be said of it.

    Less is said if the mistake is known by name. The hint says how the numbers hang together.
    """
    if outcome.stopped:
        return "raised an error", [_stopped(outcome, hint)]
    if outcome.error:
        lines = [*outcome.error.lines, outcome.error.sentence]
        return "raised an error", [
            code("\n".join(lines)),
            *([] if named else _meaning(outcome.error.sentence, exercise, given)),
            f"It was called with {_handed(exercise, given)}.",
        ]
    if outcome.parts is None or wanted.parts is None:
        return "wrong type", [
            _refused(outcome),
            f"It was called with {_handed(exercise, given)}.",
        ]
    parts = zip(axes_of(exercise.result).items(), outcome.parts, wanted.parts, strict=True)
    for (name, axes), got, right in parts:
        if same(got, right):
            continue
        part = "" if isinstance(exercise.result, str) else f"{name}: "
        if got.shape != right.shape:
            words = _shapes(exercise, given, axes, got, right)
            return "wrong shape", [part + words, hint]
        if wrong := wrong_kind(got, right):
            return "wrong type", [part + wrong]
        return "wrong value", _values(given, part, axes, got, right, hint)
    return "wrong value", []


def _stopped(outcome: Outcome, hint: str) -> str:
    """That it took too long, and where to look: in a loop, or where it waits."""
    after = f"It was stopped after {outcome.stopped}"
    if outcome.waited:
        return f"{after}, in which it hardly worked: what does it wait for?"
    return f"{after}, and was still working{hint or ': does every loop in it come to an end?'}"


def _refused(outcome: Outcome) -> str:
    if outcome.printed and outcome.refusal == NOTHING:
        return "It prints its result, and returns nothing (None): write return in place of print."
    return outcome.refusal or ""


def _shapes(
    exercise: Exercise, given: Mapping[str, Any], axes: str, got: np.ndarray, right: np.ndarray
) -> str:
    names = _names(axes, right.ndim)
    text = (
        f"It returned {shape_said(got.shape)}, expected {shape_said(right.shape, ' '.join(names))}."
    )
    if got.ndim != right.ndim:
        fewer = "too few" if got.ndim < right.ndim else "too many"
        return f"{text} It has {fewer} axes: {got.ndim}, expected {right.ndim}."
    sizes = _sizes(exercise, given)
    for place, name in enumerate(names):
        if got.shape[place] != right.shape[place]:
            whose = sizes.get(got.shape[place])
            source = (
                f" {got.shape[place]} is the size of {whose}." if whose and whose != name else ""
            )
            return (
                f"{text} Axis {place}, {name}, has {got.shape[place]} entries, "
                f"expected {right.shape[place]}.{source}"
            )
    return text


def _values(
    given: Mapping[str, Any],
    part: str,
    axes: str,
    got: np.ndarray,
    right: np.ndarray,
    hint: str,
) -> list[str]:
    place = largest_difference(got, right)
    names = _names(axes, right.ndim)
    where = (
        listed(f"{name} {index}" for name, index in zip(names, place, strict=True)) if place else ""
    )
    mine, theirs = told_apart(got[place] if place else got, right[place] if place else right)
    differ = "They differ first" if right.dtype == bool else "The largest difference is"
    words = [
        f"{part}{differ} at {where}: got {mine}, expected {theirs}."
        if place
        else f"{part}It gives {mine}, expected {theirs}.",
        hint,
    ]
    sizes = [np.size(value) for value in given.values() if _is_numbers(value)]
    if sum(sizes) + right.size <= _SMALL:
        lines = [f"{name} = {said(value, _SMALL)}" for name, value in given.items()]
        mine, theirs = told_apart(got, right, _SMALL)
        lines += [f"got      {mine}", f"expected {theirs}"]
        words += ["To follow by hand:", code("\n".join(lines))]
    return words


def _meaning(sentence: str, exercise: Exercise, given: Mapping[str, Any]) -> list[str]:
    """What an error wants to say, if somebody has put it into words."""
    said_of_it = meaning(sentence, _sizes(exercise, given), listed(given))
    return [said_of_it] if said_of_it else []


def _handed(exercise: Exercise, given: Mapping[str, Any]) -> str:
    words = []
    for name, value in given.items():
        if _is_numbers(value) and np.ndim(value):
            axes = exercise.parameters.get(name, "")
            names = " ".join(_names(axes, np.ndim(value)))
            words.append(f"{name} of shape {shape_said(np.shape(value), names)}")
        else:
            words.append(
                f"{name} = {said(value) if _is_numbers(value) or isinstance(value, str) else '…'}"
            )
    return listed(words)


def _sizes(exercise: Exercise, given: Mapping[str, Any]) -> dict[int, str]:
    """Which axis has this size; all axes of a probe differ in size."""
    found: dict[int, str] = {}
    for argument, value in given.items():
        if _is_numbers(value):
            names = _names(exercise.parameters.get(argument, ""), np.ndim(value))
            for size, name in zip(np.shape(value), names, strict=True):
                found.setdefault(int(size), name)
    return found


def _names(axes: str, count: int) -> list[str]:
    """The names of the last axes; those before them are batch axes."""
    names = [name for name in axes.split() if name != "..."][-count:] if count else []
    return ["batch"] * (count - len(names)) + names


def _is_numbers(value: Any) -> bool:
    return hasattr(value, "shape") or isinstance(value, bool | int | float | list)
