"""Chapter 1, with a pencil: one score, and one number that changes where a word looks."""

from __future__ import annotations

from typing import Any

import numpy as np

from attnlab.check.exercise import Question, WrongAnswer
from attnlab.core import attention_weights

SENTENCE = np.array(
    [[0, 0, 1, 0], [3, 0, 1, 0], [1, 1, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0], [0, 3, 1, 0.0]]
)
"""The cat sat on the mat, one row a word, as in the chapter."""

_ON, _MAT = 3, 5


def _looks(on: Any) -> tuple[float, float]:
    """How much *on* looks at *mat* and at itself, with this vector."""
    words = SENTENCE.copy()
    words[_ON] = on
    weights = attention_weights(words[[_ON]], words)[0]
    return float(weights[_MAT]), float(weights[_ON])


_BEFORE = _looks(SENTENCE[_ON])


def _changed(on: Any) -> int:
    return int((np.abs(np.asarray(on) - SENTENCE[_ON]) > 1e-9).sum())


def _looks_better(on: Any) -> bool:
    mat, itself = _looks(on)
    return _changed(on) == 1 and mat > _BEFORE[0] + 1e-3 and itself < _BEFORE[1] - 1e-3


def _now(on: Any) -> str:
    mat, itself = _looks(on)
    return (
        f"*on* now gives mat {mat:.2f} (before: {_BEFORE[0]:.2f}) and itself {itself:.2f} "
        f"(before: {_BEFORE[1]:.2f})"
    )


SCORE_OF_ON = Question(
    number="1.1",
    name="score_of_on",
    title="One score with a pencil",
    difficulty="easy",
    minutes=2,
    asks="one number, the score of on for mat",
    answer=1.5,
    wrongs=(
        WrongAnswer(
            "no scale", 3.0, "3 is the dot product. A score is that, divided by the root of 4."
        ),
        WrongAnswer(
            "divided by the length",
            0.75,
            "You divided the product, 3, by the length, 4. Divide by the root of the length.",
        ),
        WrongAnswer("multiplied", 6.0, "You multiplied the product, 3, by the root. Divide by it."),
        WrongAnswer(
            "on for itself",
            1.0,
            "That is the score of on for itself. Multiply its numbers with those of mat.",
        ),
        WrongAnswer("mat for itself", 5.0, "That is mat for itself. Take on for one of the two."),
        WrongAnswer(
            "all numbers added",
            3.5,
            lambda _: "Have you added the numbers of the two? Multiply them in pairs, then add up.",
        ),
    ),
    hints=(
        "Write the two vectors one below the other: on is (0, 1, 0, 1), mat is (0, 3, 1, 0).",
        'The section "One score" does the same for sat and cat.',
        "Multiply number by number, add up, and divide by the root of 4.",
        "Figure 1.1: point at the row of on and the column of mat; the sum stands to the right.",
    ),
    solution="my_score_of_on = (0 * 0 + 1 * 3 + 0 * 1 + 1 * 0) / 2",
)

LOOK_AT_MAT = Question(
    number="1.4",
    name="look_at_mat",
    title="Change one number",
    difficulty="medium",
    minutes=5,
    asks="4 numbers, the new vector of on: who, where, what, link",
    answer=[0.0, 1.0, 0.0, 0.0],
    accepts=_looks_better,
    wrongs=(
        WrongAnswer(
            "nothing changed",
            [0.0, 1.0, 0.0, 1.0],
            "That is the vector as it was. Change one of its four numbers.",
            lambda on: _changed(on) == 0,
        ),
        WrongAnswer(
            "several changed",
            [0.0, 2.0, 0.0, 0.0],
            lambda on: f"You changed {_changed(on)} numbers; change one. {_now(on)}.",
            lambda on: _changed(on) > 1,
        ),
        WrongAnswer(
            "also more at itself",
            [0.0, 1.1, 0.0, 1.0],
            lambda on: (
                f"{_now(on)}: more at mat, but more at itself, too. To ask more loudly makes "
                "it answer itself more loudly. Which of its numbers does no other word have?"
            ),
            lambda on: _looks(on)[0] > _BEFORE[0] + 1e-3 and _looks(on)[1] > _BEFORE[1] - 1e-3,
        ),
        WrongAnswer(
            "less at mat",
            [0.0, 0.0, 0.0, 1.0],
            lambda on: (
                f"{_now(on)}: it does not look more at mat. Which number do on and mat share?"
            ),
            lambda on: _looks(on)[0] <= _BEFORE[0] + 1e-3,
        ),
    ),
    hints=(
        "Every number of on takes part in its score for itself. Which take part in that for mat?",
        "Table 1.1: in which columns have both on and mat a number above 0? In which only on?",
        "Weights share 1: if the score for itself falls and no other does, all the others gain.",
        "In the end on gives mat 0.42 and itself 0.15; before, 0.38 and 0.23.",
    ),
    solution="my_on = [0, 1, 0, 0]  # who, where, what, link: no other word has a link",
)

EXERCISES = (SCORE_OF_ON, LOOK_AT_MAT)
