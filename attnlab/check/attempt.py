"""One attempt at an exercise that is not right: what was called, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from attnlab.check.calling import alike, copies, outcome_of
from attnlab.check.comparing import axes_of, read
from attnlab.check.exercise import Exercise
from attnlab.check.running import Outcome, Runner
from attnlab.check.untouched import untouched

_SECONDS = 0.2  # of the processor, for a call of what was made of a solution


class Cause(NamedTuple):
    """Why an attempt is wrong: a short name, and what is said of it."""

    name: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """The calls of a student's function, up to the first that returned nothing to compare.

    Args:
        exercise: which one.
        mine: what the student wrote.
        calls: the arguments of each call.
        outcomes: what came of each.
        wanted: what should have come of each.
        run: calls another function as the student's is called, watched and stopped like it.
    """

    exercise: Exercise
    mine: Any
    calls: list[dict[str, Any]]
    outcomes: list[Outcome]
    wanted: list[Outcome]
    run: Callable[[Any, dict[str, Any]], Outcome]

    @property
    def first_wrong(self) -> int:
        """The number of the first call that is not right."""
        pairs = enumerate(zip(self.outcomes, self.wanted, strict=True))
        return next(number for number, (got, right) in pairs if not alike(got, right))

    def is_like(self, function: Callable[..., Any]) -> bool:
        """Whether one of the checker's own functions comes to the same in every call."""
        pairs = zip(self.calls, self.outcomes, strict=True)
        return all(alike(out, outcome_of(self.exercise, function, given)) for given, out in pairs)

    def is_like_made(self, function: Callable[..., Any], runner: Runner) -> bool:
        """The same of a function that was made of the solution, and may never come to an end."""
        pairs = zip(self.calls, self.outcomes, strict=True)
        return all(alike(out, self._watched(function, given, runner)) for given, out in pairs)

    def _watched(
        self, function: Callable[..., Any], given: dict[str, Any], runner: Runner
    ) -> Outcome:
        parts, values = tuple(axes_of(self.exercise.result)), copies(given).values()
        with untouched():
            return runner.call(
                lambda: read(self.exercise.use(function, *values), parts), at_most=_SECONDS
            )
