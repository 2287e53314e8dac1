"""Chapter 4, with a pencil: weights on a bell, and the spread of wider numbers."""

from __future__ import annotations

import numpy as np

from attnlab.check.exercise import Question, WrongAnswer
from attnlab.check.wording import few, said


def _shares(scores: list[float]) -> list[float]:
    e = np.exp(scores)
    return list(e / e.sum())


BELL_BY_HAND = Question(
    number="4.1",
    name="bell_by_hand",
    title="A bell with a pencil",
    difficulty="easy",
    minutes=3,
    asks="3 numbers, the weights of the readings of 9, 12 and 15 o'clock",
    answer=_shares([-0.5, 0.0, -0.5]),
    tolerance=0.007,
    wrongs=(
        WrongAnswer(
            "scores",
            [-0.5, 0.0, -0.5],
            "These are the scores, and they are right. To become weights they go through exp, and "
            "are shared out.",
        ),
        WrongAnswer(
            "not shared out",
            [0.61, 1.0, 0.61],
            lambda mine: f"These are the exponentials. They sum to {said(mine.sum())}: share out.",
        ),
        WrongAnswer(
            "no exp",
            [0.5, 0.0, 0.5],
            "You divide the scores by their sum, so the nearest reading gets nothing. First exp of "
            "each score: exp(0) is 1.",
        ),
        WrongAnswer(
            "bandwidth not squared",
            _shares([-1.5, 0.0, -1.5]),
            "You scored −9 / 6. The bandwidth is squared before it is doubled.",
        ),
        WrongAnswer(
            "the 2 forgotten",
            _shares([-1.0, 0.0, -1.0]),
            "You scored −1 for the outer two. The squared distance is divided by 2 × 9, not by 9.",
        ),
        WrongAnswer(
            "the 2 squared, too",
            _shares([-0.25, 0.0, -0.25]),
            "You scored −9 / 36. Only the bandwidth is squared, not the 2.",
        ),
        WrongAnswer(
            "distance not squared",
            _shares([-3 / 18, 0.0, -3 / 18]),
            "You scored −3 / 18. The distance is squared, too.",
        ),
        WrongAnswer(
            "minus forgotten",
            _shares([0.5, 0.0, 0.5]),
            "In your answer the farther readings weigh more. A score falls with the distance: mind "
            "the minus.",
        ),
        WrongAnswer(
            "bandwidth of the chapter",
            _shares([-9 / 8, 0.0, -9 / 8]),
            "That is bandwidth 2, as in the chapter. Here it is 3.",
        ),
        WrongAnswer(
            "hour of the chapter",
            _shares([-4 / 18, -1 / 18, -16 / 18]),
            "That is hour 11, as in the chapter. Here it is 12.",
        ),
        WrongAnswer(
            "all alike",
            [1 / 3, 1 / 3, 1 / 3],
            "Equal weights belong to equal distances. One of the three is nearer than the others.",
        ),
        WrongAnswer(
            "sum is not 1",
            [0.3, 0.5, 0.3],
            lambda mine: f"Your weights sum to {said(mine.sum())}. Weights sum to 1.",
            lambda mine: abs(mine.sum() - 1) > 0.02,
        ),
        WrongAnswer(
            "lopsided",
            [0.3, 0.5, 0.2],
            lambda mine: (
                f"You give 9 and 15 o'clock {few(mine[[0, 2]])}. Both lie 3 hours from 12, and "
                "nearness does not ask on which side."
            ),
            lambda mine: abs(mine[0] - mine[2]) > 0.02,
        ),
    ),
    otherwise="9 and 15 o'clock weigh the same, as they should. How much below 0 is their score, "
    "and what is exp of it?",
    hints=(
        "Three distances, three scores, three exponentials, one sum. One distance is 0.",
        'The section "Nearness as a score" does it for hour 11 and bandwidth 2.',
        "score = −distance² / (2 × bandwidth²), with bandwidth² = 9; exp(−0.5) is 0.61.",
        "In the middle nearly half of the weight; at both ends the same.",
    ),
    solution="my_bell = [0.27, 0.45, 0.27]  # scores −9/18, 0, −9/18; exp 0.61, 1, 0.61",
)

WIDER_ENTRIES = Question(
    number="4.3",
    name="wider_entries",
    title="Twice as large",
    difficulty="medium",
    minutes=5,
    asks="2 numbers: the variance of the dot product for d = 64, and what to divide it by",
    answer=[1024.0, 32.0],
    wrongs=(
        WrongAnswer(
            "as for variance 1",
            [64.0, 8.0],
            "That is for entries of variance 1. Here both vectors are twice as large.",
        ),
        WrongAnswer(
            "twice",
            [128.0, 128**0.5],
            "You double the variance. Query and key are both twice as large, so each product is 4 "
            "times as large; and the variance is a mean of squares.",
            lambda mine: abs(mine[0] - 128) < 0.5,
        ),
        WrongAnswer(
            "four times",
            [256.0, 16.0],
            "Each product is 4 times as large. But the variance is a mean of squares: what happens "
            "to a square?",
            lambda mine: abs(mine[0] - 256) < 0.5,
        ),
        WrongAnswer(
            "one product",
            [16.0, 4.0],
            "That is the variance of one product. The dot product adds up 64 of them.",
            lambda mine: abs(mine[0] - 16) < 0.1,
        ),
        WrongAnswer(
            "divided by the variance",
            [1024.0, 1024.0],
            "The variance is right. Dividing by it makes the spread far too small: a number c below "
            "the line divides the variance by c².",
            lambda mine: abs(mine[0] - 1024) < 0.5 and abs(mine[1] - 1024) < 0.5,
        ),
        WrongAnswer(
            "root of d alone",
            [1024.0, 8.0],
            lambda mine: (
                f"The variance is right. Divided by {said(mine[1])} the scores keep a variance of "
                f"{said(1024 / mine[1] ** 2)}; it shall be 1."
            ),
            lambda mine: abs(mine[0] - 1024) < 0.5 and mine[1] > 0,
        ),
        WrongAnswer(
            "sizes turned round",
            [32.0, 1024.0],
            "The right two numbers, the other way round: first the variance.",
        ),
        WrongAnswer(
            "divisor alone",
            [64.0**2, 32.0],
            "The divisor is right. The variance is its square.",
            lambda mine: abs(mine[1] - 32) < 0.05,
        ),
    ),
    otherwise="Two steps: the variance of one product, query times key; then add up 64 of them.",
    hints=(
        "Entries of variance 4 are entries of variance 1, times 2.",
        'The section "Why the square root?", the cell that says: variances add up.',
        "The mean square of one product is 4 × 4; the variance is d times that; divide by its root.",
        "The figure with score_spread(2 * query, 2 * key): undivided it is 4 times as wide as "
        "Figure 4.2 at the same d.",
    ),
    solution="my_spread = [16 * 64, 4 * 64**0.5]  # the variance, and what to divide by",
)

EXERCISES = (BELL_BY_HAND, WIDER_ENTRIES)
