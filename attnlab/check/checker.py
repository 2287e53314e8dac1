"""What stands behind `check.softmax`: call it with what you wrote."""

from __future__ import annotations

from typing import Any

from attnlab.check.answering import judge_answer
from attnlab.check.diary import record
from attnlab.check.exercise import Exercise, Question
from attnlab.check.judging import judge
from attnlab.check.verdict import NotRightError, Verdict, spoken


class Checker:
    """Checks one exercise.

    Args:
        task: the exercise.
    """

    def __init__(self, task: Exercise | Question):
        self.task = task
        self.__doc__ = f"{self!r}"

    def __repr__(self) -> str:
        task = self.task
        return f"{task.check_line}: {task.heading} ({task.difficulty}, {task.minutes} minutes)"

    def __call__(self, mine: Any, *, strict: bool = False, seconds: int | float = 10.0) -> Verdict:
        """Say what is right or wrong with it, and count the attempt.

        Args:
            mine: the function, the number or the word that you wrote.
            strict: raise unless it is right.
            seconds: after which it is stopped.

        Raises:
            NotRightError: if strict, and it is not right.
        """
        verdict = (
            judge(self.task, mine, seconds)
            if isinstance(self.task, Exercise)
            else judge_answer(self.task, mine, seconds)
        )
        if verdict.state != "not attempted yet":
            verdict = verdict.with_words(record(self.task.name, verdict.state, verdict.name))
        if strict and not verdict:
            raise NotRightError(repr(verdict))
        return spoken(verdict)
