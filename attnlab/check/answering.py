"""The judge of answers: numbers and words that the student hands in."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from attnlab.check.after_right import after_right
from attnlab.check.comparing import as_array
from attnlab.check.exercise import Question, WrongAnswer
from attnlab.check.running import Runner
from attnlab.check.untouched import untouched
from attnlab.check.verdict import Verdict
from attnlab.check.wording import listed, said, shape_said


def judge_answer(question: Question, mine: Any, seconds: int | float = 10.0) -> Verdict:
    """What is to be said of this answer.

    Args:
        question: which one.
        mine: what the student handed in; `...` is no answer yet.
        seconds: after which reading it is given up.
    """
    if mine is ... or (type(mine) in (list, tuple) and any(part is ... for part in mine)):
        words = f"Write your answer in place of the three dots: {question.asks}."
        return Verdict(question, "not attempted yet", [words])
    if callable(mine):
        return Verdict(
            question, "wrong type", [f"You handed in a function; asked is {question.asks}."]
        )
    outcome = Runner(seconds).call(lambda: (as_array(mine),))
    if outcome.parts is None:
        return Verdict(question, "wrong type", [f"Asked is {question.asks}."])
    if (bare := _unquoted(outcome.parts[0])) and np.asarray(question.answer).dtype.kind != "U":
        words = f"Take the quotes away: {bare} is a number, {bare!r} a word."
        return Verdict(question, "wrong type", [words])
    with untouched(), np.errstate(all="ignore"):
        return _judged(question, outcome.parts[0])


def near(question: Question, value: np.ndarray, example: Any) -> bool:
    """Whether an answer is the example, up to the question's tolerance, or up to case."""
    target = np.asarray(example)
    if target.dtype.kind == "U":
        return _word(value) == _word(target)
    return value.shape == target.shape and bool(
        np.allclose(value, target, rtol=0, atol=question.tolerance, equal_nan=True)
    )


def _judged(question: Question, value: np.ndarray) -> Verdict:
    target = np.asarray(question.answer)
    if (value.dtype.kind == "U") != (target.dtype.kind == "U") or value.dtype.kind == "c":
        return Verdict(question, "wrong type", [f"Asked is {question.asks}."])
    if question.choices and _word(value) not in map(str.lower, question.choices):
        words = f"Choose one of {listed(map(repr, question.choices), 'or')}."
        return Verdict(question, "wrong type", [words])
    if target.ndim == 1 and value.size == target.size:
        value = value.reshape(target.shape)  # a table, row by row, is the same numbers
    if value.shape != target.shape:
        words = f"It is {shape_said(value.shape)}; asked is {question.asks}."
        return Verdict(question, "wrong shape", [words])
    accepted = (
        question.accepts(value) if question.accepts else near(question, value, question.answer)
    )
    if accepted:
        return Verdict(question, "right", after_right(question, value))
    name, words = _named(question, value) or (
        None,
        question.otherwise or _direction(question, value),
    )
    return Verdict(question, "wrong value", [words], name)


def _named(question: Question, value: np.ndarray) -> tuple[str, str] | None:
    """Why it is wrong, if it is a known answer, or the right one with too few places."""
    known = [wrong for wrong in question.wrongs if fits(question, wrong, value)]
    meant = [wrong for wrong in known if near(question, value, wrong.example)]
    if is_near(question, value) and not meant:
        return "rounded", "You are very near: work with more places, and hand in three."
    for wrong in (*meant, *known):
        return wrong.name, wrong.says if isinstance(wrong.says, str) else wrong.says(value)
    return None


def is_near(question: Question, value: np.ndarray) -> bool:
    """Whether it is the one right answer, rounded or cut off too early."""
    exact = np.asarray(question.answer)
    whole = exact.dtype.kind != "f" or np.array_equal(exact, np.round(exact))
    if question.accepts or whole or value.dtype.kind not in "iuf":
        return False
    places = [(np.round(exact, n), np.trunc(exact * 10**n) / 10**n) for n in (1, 2)]
    shorter = any(np.allclose(value, cut) for pair in places for cut in pair)
    return shorter or bool(np.allclose(value, exact, rtol=0, atol=2 * question.tolerance))


def fits(question: Question, wrong: WrongAnswer, value: np.ndarray) -> bool:
    """Whether an answer is the one that is meant."""
    if wrong.when is None:
        return near(question, value, wrong.example)
    return bool(wrong.when(value))


def _direction(question: Question, value: np.ndarray) -> str:
    target = np.asarray(question.answer)
    if target.dtype.kind == "U":
        return f"It is not {said(value[()])}."
    bad = ~np.isclose(value, target, rtol=0, atol=question.tolerance)
    which = "" if target.ndim == 0 else f" of entry {int(bad.ravel().argmax()) + 1}"
    place = () if target.ndim == 0 else np.unravel_index(int(bad.ravel().argmax()), target.shape)
    if not np.isfinite(value[place]):
        return f"The answer{which} is a finite number."
    size = "large" if value[place] > target[place] else "small"
    return f"{said(value[place])}{which} is too {size}."


def _unquoted(value: np.ndarray) -> str:
    """The number that stands in quotes, if it is one."""
    text = str(value) if value.dtype.kind == "U" and value.ndim == 0 else ""
    try:
        return text if text and np.isfinite(float(Fraction(text))) else ""
    except (ValueError, ZeroDivisionError):
        return ""


def _word(value: np.ndarray) -> str:
    return " ".join(str(value[()]).lower().split()).strip(".!'\"")
