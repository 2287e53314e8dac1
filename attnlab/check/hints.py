"""Help that is asked for: hints one by one, and the solution to those who ask twice."""

from __future__ import annotations

from collections import Counter

from attnlab.check.catalogue import named
from attnlab.check.diary import recorded
from attnlab.check.verdict import Message, code

KINDS = ("a nudge", "where to look", "the formula", "the picture to reach")
_given: Counter[str] = Counter()
_asked: Counter[str] = Counter()


def hint(name: str) -> Message:
    """The next hint for this exercise: a nudge, where to look, the formula, the picture to reach.

    Raises:
        ValueError: no exercise has this name; the nearest is proposed.
    """
    task = named(name)
    number = min(_given[name], len(task.hints) - 1)
    _given[name] += 1
    last = number == len(task.hints) - 1
    more = (
        f"This was the last hint; check.solution({name!r}) is next."
        if last
        else f"For the next one, call check.hint({name!r}) again."
    )
    heading = f"{task.heading}: hint {number + 1} of {len(task.hints)}, {KINDS[number]}."
    return Message(heading, [*_paragraphs(task.hints[number]), more])


def solution(name: str) -> Message:
    """A right answer: after a pass, or when asked twice; the first time, the next hint.

    Raises:
        ValueError: no exercise has this name; the nearest is proposed.
    """
    task = named(name)
    passed = recorded()[0].get(name, {}).get("best") == "right"
    _asked[name] += 1
    if not passed and _asked[name] < 2:
        first = hint(name)
        words = f"Not solved yet. Call check.solution({name!r}) once more to see it; first, a hint:"
        return Message(first.heading, [words, *first.paragraphs[:-1]])
    return Message(f"{task.heading}: a solution.", [code(task.solution.strip("\n"))])


def forget() -> None:
    """Begin again with the first hint of each exercise."""
    _given.clear()
    _asked.clear()


def _paragraphs(text: str) -> list[str]:
    return text.split("\n\n") if not text.startswith("    ") else [text]
