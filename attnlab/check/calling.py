"""Calls of the checker's own functions, and whether two calls came to the same."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.comparing import UnreadableError, axes_of, read, same
from attnlab.check.exercise import Exercise, Probe
from attnlab.check.running import Outcome
from attnlab.check.student_lines import raised_by
from attnlab.check.untouched import untouched

_SEED = 7


def outcome_of(exercise: Exercise, function: Callable[..., Any], given: dict[str, Any]) -> Outcome:
    """What one of the checker's own functions makes of a call, without watching it."""
    values = copies(given).values()
    try:
        with untouched(), np.errstate(all="ignore"):
            result = exercise.use(function, *values)
            return Outcome(parts=read(result, tuple(axes_of(exercise.result))))
    except UnreadableError as refusal:
        return Outcome(refusal=str(refusal))
    except Exception as error:
        return Outcome(error=raised_by(error))


def arguments_of(probe: Probe) -> dict[str, Any]:
    """The arguments of one call: the same each time."""
    with untouched():
        return probe(np.random.default_rng(_SEED))


def copies(given: dict[str, Any]) -> dict[str, Any]:
    """Copies that share nothing with the arguments."""
    return {name: _copied(value) for name, value in given.items()}


def alike(ours: Outcome, theirs: Outcome) -> bool:
    """Whether two calls came to the same: the same numbers, or the same error."""
    if ours.parts is not None and theirs.parts is not None:
        return all(map(same, ours.parts, theirs.parts))
    if ours.error is not None and theirs.error is not None:
        return ours.error.sentence == theirs.error.sentence
    return ours.refusal is not None and ours.refusal == theirs.refusal


def _copied(value: Any) -> Any:
    if type(value).__module__.split(".")[0] == "torch" and hasattr(value, "clone"):
        return value.detach().clone().requires_grad_(value.requires_grad)
    return copy.deepcopy(value)
