"""What a notebook asks: exercises that say what went wrong, hints, solutions and progress.

    check.softmax(mine)        judges what you wrote for the exercise "softmax"
    check.hint("softmax")      the next of four hints
    check.solution("softmax")  after you solved it, or when asked twice
    check.progress()           all exercises, and how far you are

Nothing is sent anywhere; progress is kept in one small file in your own folder.
"""

from __future__ import annotations

from typing import Any

from attnlab.check.verdict import NotRightError, spoken

__all__ = ["NotRightError", "hint", "progress", "solution"]


def hint(name: str) -> Any:
    """The next hint for this exercise, such as check.hint("softmax").

    Raises:
        ValueError: no exercise has this name; the nearest is proposed.
    """
    from attnlab.check.hints import hint as next_hint

    return spoken(next_hint(name))


def solution(name: str) -> Any:
    """A right answer, such as check.solution("softmax"): after a pass, or when asked twice.

    Raises:
        ValueError: no exercise has this name; the nearest is proposed.
    """
    from attnlab.check.hints import solution as show

    return spoken(show(name))


def progress() -> Any:
    """A table of all exercises with the best that you reached in each, and of your bets."""
    from attnlab.check.standing import standing

    return spoken(standing())


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    from attnlab.check.catalogue import all_exercises, proposal
    from attnlab.check.checker import Checker

    if name not in all_exercises():
        raise AttributeError(proposal(name))
    return Checker(all_exercises()[name])


def __dir__() -> list[str]:
    from attnlab.check.catalogue import all_exercises

    return sorted([*__all__, *all_exercises()])
