"""Two mistakes of an exercise, made at once."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

from attnlab.check.attempt import Attempt, Cause
from attnlab.check.changes import with_changes
from attnlab.check.exercise import Exercise, Mistake
from attnlab.check.running import Runner
from attnlab.check.speaking import spoken

_SECONDS = 4.0  # of the processor, for all pairs together


def two_mistakes(attempt: Attempt) -> Cause | None:
    """The cause, if the solution with the changes of two mistakes comes to the same.

    Numbers are compared, and not errors: too many causes end in the same error.
    """
    if attempt.outcomes[-1].parts is None:
        return None
    changing = [mistake for mistake in attempt.exercise.mistakes if mistake.changes]
    runner = Runner(_SECONDS)  # of two ends of a loop, both may be taken away
    for one, other in combinations(changing, 2):
        function = None if runner.is_over else _with_both(attempt.exercise, one, other)
        if function and attempt.is_like_made(function, runner):
            said = [_said(mistake, attempt) for mistake in (one, other)]
            words = f"Two things at once, it seems. First: {said[0]} Second: {said[1]}"
            return Cause(f"{one.name}, and {other.name}", words)
    return None


def _with_both(exercise: Exercise, one: Mistake, other: Mistake) -> Callable[..., Any] | None:
    """The solution with both changes in it, in an order in which they can be made."""
    for changes in (one.changes + other.changes, other.changes + one.changes):
        try:
            source = with_changes(exercise.solution, changes)
            return exercise.made(source) if exercise.made else None
        except (ValueError, SyntaxError):  # the first takes away what the second would change
            continue
    return None


def _said(mistake: Mistake, attempt: Attempt) -> str:
    """What is said of one of them, without the numbers that both have made."""
    if mistake.of_results:
        return f"{mistake.name}."
    number = attempt.first_wrong
    outcome, wanted = attempt.outcomes[number], attempt.wanted[number]
    return spoken(mistake.says, outcome, wanted, attempt.calls[number])
