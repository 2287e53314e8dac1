"""Chapter 7, with a pencil: where all clocks start, and a query that asks for an earlier place."""

from __future__ import annotations

from typing import Any

import numpy as np

from attnlab.check.exercise import Question, WrongAnswer
from attnlab.check.wording import listed, said
from attnlab.core import dot, sinusoids

_WORDS = ("The", "cat", "sat", "on", "the", "mat")

START_VECTOR = Question(
    number="7.1",
    name="start_vector",
    title="Where all clocks start",
    difficulty="easy",
    minutes=3,
    asks="6 numbers, the sinusoid of position 0 with 6 features",
    answer=[0, 1, 0, 1, 0, 1],
    wrongs=(
        WrongAnswer(
            "cosine first",
            [1, 0, 1, 0, 1, 0],
            "You put the cosine first. A hand points at (sin a, cos a): the sine comes first.",
        ),
        WrongAnswer(
            "all sines in front",
            [0, 0, 0, 1, 1, 1],
            "You put all sines in front. Here they take turns: each clock has its two numbers "
            "side by side.",
        ),
        WrongAnswer(
            "all zero",
            [0, 0, 0, 0, 0, 0],
            "The angles are all 0, yes. But each hand is two numbers, the sine and the cosine of "
            "its angle, and one of the two is not 0 there.",
        ),
        WrongAnswer("all one", [1] * 6, "That is the cosine of 0 six times. Where are the sines?"),
        WrongAnswer(
            "position 1",
            np.round(sinusoids(np.array([1]), 6)[0], 2),
            "That is position 1. The first word stands at position 0, where no hand has turned.",
        ),
        WrongAnswer(
            "feature numbers",
            [0, 1, 2, 3, 4, 5],
            lambda mine: (
                f"{said(mine[np.abs(mine).argmax()])} cannot be: the hand of a clock has length 1, "
                "so its numbers lie between −1 and 1."
            ),
            lambda mine: bool((np.abs(mine) > 1).any()),
        ),
        WrongAnswer(
            "one clock only",
            [0, 1, 0, 0, 0, 0],
            "You wrote one clock. With six features there are three, and all stand at the same "
            "angle.",
            lambda mine: np.allclose(mine, [0, 1, 0, 0, 0, 0]),
        ),
    ),
    hints=(
        "Which angle has a clock turned at position 0, be it fast or slow?",
        'The section "A clock is two numbers"; in Figure 7.1 pull position to 0.',
        "For each clock (sin a, cos a), with a = position times speed.",
        "All hands at twelve o'clock.",
    ),
    solution="my_start = [0, 1, 0, 1, 0, 1]",
)


def _looked_at(turn: Any) -> list[int]:
    """Whom each of the six words looks at most if its query is its place, moved by so much."""
    p = sinusoids(np.arange(6), 8)
    return dot(sinusoids(np.arange(6) + float(turn), 8), p).argmax(axis=1).tolist()


def _told(turn: Any) -> str:
    pairs = [f"{_WORDS[i]} at {_WORDS[_looked_at(turn)[i]]}" for i in (3, 4, 5)]
    return f"With {said(turn)} in place of the 1, most weight goes so: {listed(pairs)}."


def _two_back(turn: Any) -> bool:
    return _looked_at(turn)[2:] == [0, 1, 2, 3]


TWO_PLACES_BACK = Question(
    number="7.2",
    name="two_places_back",
    title="Look back",
    difficulty="easy",
    minutes=4,
    asks="one number, what to write in turn(…, 8)",
    answer=-2.0,
    accepts=_two_back,
    wrongs=(
        WrongAnswer(
            "as in the figure",
            1.0,
            lambda turn: f"{_told(turn)} That is Figure 7.3: the next word.",
            lambda turn: _looked_at(turn)[:4] == [1, 2, 3, 4],
        ),
        WrongAnswer(
            "two places on",
            2.0,
            lambda turn: f"{_told(turn)} That is two places on. Which turn takes it back?",
            lambda turn: _looked_at(turn)[:3] == [2, 3, 4],
        ),
        WrongAnswer(
            "one place back",
            -1.0,
            lambda turn: f"{_told(turn)} The direction is right; go one place further.",
            lambda turn: _looked_at(turn)[2:] == [1, 2, 3, 4],
        ),
        WrongAnswer(
            "themselves",
            0.0,
            lambda turn: f"{_told(turn)} A turn by nothing: each word asks for its own place.",
            lambda turn: _looked_at(turn) == [0, 1, 2, 3, 4, 5],
        ),
        WrongAnswer(
            "elsewhere",
            -3.0,
            lambda turn: f"{_told(turn)} Each of these should look two places before itself.",
            lambda turn: True,
        ),
    ),
    hints=(
        "The query of a word is its own place, turned. Here turn(1, 8) turned it one place on.",
        'The section "One turn for all positions": the matrix is tried with a negative number, too.',
        "From position i to i + k the matrix is turn(k, 8). You want i − 2.",
        "In the row of sat the brightest cell stands under The, and in the row of mat under on.",
    ),
    solution="my_turn = -2  # 16 * p @ turn(-2, 8)",
)

EXERCISES = (START_VECTOR, TWO_PLACES_BACK)
