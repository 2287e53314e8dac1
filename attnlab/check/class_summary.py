"""What a class has done: which exercises cost how many tries, which mistakes were made most."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from attnlab.check.answering import judge_answer
from attnlab.check.catalogue import all_exercises
from attnlab.check.exercise import Exercise, Task
from attnlab.check.hand_ins import HandIn, HandIns, plain
from attnlab.check.judging import judge
from attnlab.check.verdict import STATES

_GENERAL = {
    "rounded": "The numbers are the right ones, rounded.",
    "a rounded constant": "A constant was written with too few digits.",
    "a copied number": "A number of the example stands in the code, where an argument belongs.",
    "names of the notebook": "The function uses a name of the notebook in place of its argument.",
    "the stub's line": "The line `raise NotImplementedError` was left in.",
    "one slip": "The numbers are those of a right solution with one slip in it.",
    "right up to a step": "The steps are right up to one.",
    "related": "The numbers are the right ones in another order, or all changed alike.",
    "swapped": "The results are right, in another order.",
    "remembers": "Asked the same again, it answers otherwise.",
    "the package": "The function of the package was called, and not written.",
    "slow": "It is right, and too slow on a longer example.",
    "changes its argument": "It changes its argument, which belongs to the caller.",
}


@dataclass(frozen=True)
class Cost:
    """What an exercise has cost those who tried it.

    Args:
        task: the exercise.
        tries: (how many, who), of those who got it right, up to then; the fewest first.
        others: (how many, who, best), of those who have tried and not got it right yet.
    """

    task: Task
    tries: list[tuple[int, str]]
    others: list[tuple[int, str, str]]

    @property
    def tried(self) -> int:
        """By how many students."""
        return len(self.tries) + len(self.others)

    @property
    def usual(self) -> float | None:
        """The median of the tries of those who got it right; None if nobody has."""
        return median(count for count, _ in self.tries) if self.tries else None

    @property
    def most(self) -> tuple[int, str]:
        """The most tries, and whose they are."""
        return max([*self.tries, *[(count, who) for count, who, _ in self.others]])


@dataclass(frozen=True)
class Slip:
    """A mistake that was made.

    Args:
        task: in which exercise.
        name: of the mistake.
        sentence: what the checker says of it, in an example of its own; empty if none is known.
        students: how many have made it.
        times: how often, all together.
    """

    task: Task
    name: str
    sentence: str
    students: int
    times: int


@dataclass(frozen=True)
class ClassSummary:
    """What there is to say of a class.

    Args:
        handed: what was read.
        costs: of each exercise that anybody has tried, in the order of the course.
        slips: the mistakes, those that most students made first.
        bets: (claim, bets, of them right, mean of how sure), in the order of their names.
        unknown: exercises in the files that this version of the course does not have.
    """

    handed: HandIns
    costs: list[Cost]
    slips: list[Slip]
    bets: list[tuple[str, int, int, float]]
    unknown: list[str]

    @property
    def waiting(self) -> list[str]:
        """Who has handed in a file without an attempt."""
        return [each.student for each in self.handed.students if not each.attempts]


def summary(handed: HandIns, most: int = 25) -> ClassSummary:
    """Sum up what a class has handed in.

    Args:
        handed: what was read.
        most: how many mistakes are told.
    """
    known = all_exercises()
    costs = [_cost(task, handed.students) for task in known.values()]
    names = {name for each in handed.students for name in each.exercises}
    return ClassSummary(
        handed,
        [cost for cost in costs if cost.tried],
        _slips(handed.students, most),
        _bets(handed.students),
        sorted(map(plain, names - set(known))),
    )


def tries_of(entry: dict[str, Any]) -> int:
    """How many tries an exercise took up to the first right answer, or has taken so far."""
    return entry.get("tries", entry["attempts"])


def _cost(task: Task, students: list[HandIn]) -> Cost:
    found = [(each.student, e) for each in students if (e := each.exercises.get(task.name))]
    right = [(tries_of(e), who) for who, e in found if e["best"] == STATES[-1]]
    others = [(e["attempts"], who, e["best"]) for who, e in found if e["best"] != STATES[-1]]
    return Cost(task, sorted(right), sorted(others))


def _slips(students: list[HandIn], most: int) -> list[Slip]:
    made: Counter[tuple[str, str]] = Counter()
    times: Counter[tuple[str, str]] = Counter()
    known = all_exercises()
    for each in students:
        for name, entry in each.exercises.items():
            for mistake, often in entry.get("mistakes", {}).items():
                if name in known:
                    made[name, mistake] += 1
                    times[name, mistake] += often
    first = sorted(made, key=lambda key: (-made[key], -times[key], known[key[0]].place, key))
    return [
        Slip(known[name], plain(mistake)[:80], _sentence(known[name], mistake), *counts)
        for name, mistake in first[:most]
        for counts in [(made[name, mistake], times[name, mistake])]
    ]


def _sentence(task: Task, mistake: str) -> str:
    """What the checker says of a mistake, made here again: nothing is taken from the files."""
    if isinstance(task, Exercise):
        for part in (*task.mistakes, *task.flaws):
            if part.name == mistake:
                return judge(task, part.function).paragraphs[0]
    else:
        for wrong in task.wrongs:
            if wrong.name == mistake:
                return judge_answer(task, np.asarray(wrong.example)).paragraphs[0]
    return _GENERAL.get(mistake, "")


def _bets(students: list[HandIn]) -> list[tuple[str, int, int, float]]:
    claims = sorted({claim for each in students for claim in each.bets})
    found = []
    for claim in claims:
        bets = [each.bets[claim] for each in students if claim in each.bets]
        sure = sum(min(max(bet["sure"], 0), 100) for bet in bets) / len(bets)
        found.append((plain(claim)[:80], len(bets), sum(bet["right"] for bet in bets), sure))
    return found
