"""Chapter 3, with a pencil: shares of three scores, and the temperature of a ratio."""

from __future__ import annotations

import numpy as np

from attnlab.check.exercise import Question, WrongAnswer
from attnlab.check.wording import said

SHARES_BY_HAND = Question(
    number="3.1",
    name="shares_by_hand",
    title="Shares with a pencil",
    difficulty="easy",
    minutes=3,
    asks="3 numbers, the shares of A, B and C",
    answer=[1 / 8, 2 / 8, 5 / 8],
    tolerance=0.006,
    wrongs=(
        WrongAnswer(
            "no exp",
            [0.0, np.log(2) / np.log(10), np.log(5) / np.log(10)],
            "You divided the scores by their sum. First exp of each, then divide.",
        ),
        WrongAnswer(
            "not shared out",
            [1.0, 2.0, 5.0],
            lambda mine: (
                f"These are the exponentials. They sum to {said(mine.sum())}: divide by it."
            ),
        ),
        WrongAnswer(
            "divided by the largest",
            [0.2, 0.4, 1.0],
            lambda mine: (
                f"Your shares sum to {said(mine.sum())}: you divided by the largest. "
                "Divide by the sum."
            ),
        ),
        WrongAnswer(
            "exp of 0 is 0",
            [0.0, 2 / 7, 5 / 7],
            "You gave A nothing. exp(0) is 1, not 0, and no share is ever 0.",
        ),
        WrongAnswer("all alike", [1 / 3, 1 / 3, 1 / 3], "Equal shares belong to equal scores."),
        WrongAnswer(
            "order turned round",
            [5 / 8, 2 / 8, 1 / 8],
            "You gave A the largest share, and it has the lowest score.",
        ),
        WrongAnswer(
            "sum is not 1",
            [0.1, 0.2, 0.5],
            lambda mine: f"Your shares sum to {said(mine.sum())}. Shares sum to 1.",
            lambda mine: abs(mine.sum() - 1) > 0.02,
        ),
    ),
    hints=(
        "ln is the reverse of exp: exp(ln 2) is 2.",
        'The section "Exponentiate, then normalise" does it for 2, 1 and −1.',
        "share of i = exp(sᵢ) / Σⱼ exp(sⱼ); the three exponentials are whole numbers.",
        "Three eighths-numbers: how many eighths does each get? Together eight.",
    ),
    solution="my_shares = [1 / 8, 2 / 8, 5 / 8]",
)

WHICH_TEMPERATURE = Question(
    number="3.2",
    name="which_temperature",
    title="A temperature for a ratio",
    difficulty="medium",
    minutes=5,
    asks="one number, the temperature",
    answer=2.0,
    wrongs=(
        WrongAnswer(
            "upside down",
            0.5,
            "At 0.5 the difference becomes 4, and the ratio exp(4) = 54.6. You multiplied by the "
            "temperature: scores are divided by it.",
        ),
        WrongAnswer(
            "no temperature",
            1.0,
            "At 1 nothing changes: the difference is 2, and the ratio exp(2) = 7.39.",
        ),
        WrongAnswer(
            "the ratio itself",
            2.72,
            "You answered with the ratio. Which difference of scores has the ratio 2.72?",
        ),
        WrongAnswer(
            "ratio of the scores",
            3.0,
            "3 is the ratio of the scores. Softmax sees their difference, 2.",
        ),
        WrongAnswer(
            "not above 0",
            -2.0,
            "A temperature is above 0: below, the lowest score would win.",
            lambda mine: mine <= 0,
        ),
        WrongAnswer(
            "too cold",
            1.5,
            lambda mine: (
                f"At {said(mine)} the ratio is exp(2 / {said(mine)}), which is more than "
                "2.72: not hot enough."
            ),
            lambda mine: mine < 2,
        ),
        WrongAnswer(
            "too hot",
            8.0,
            lambda mine: (
                f"At {said(mine)} the ratio is {said(np.exp(2 / mine))}, less than 2.72: too hot."
            ),
            lambda mine: mine > 2,
        ),
    ),
    hints=(
        "2.72 is exp of what?",
        'The sections "Differences become ratios" and "Temperature".',
        "ratio = exp((3 − 1) / T).",
        "Shares of 0.27 and 0.73: try softmax(np.array([1.0, 3.0]), temperature=…).",
    ),
    solution="my_temperature = 2  # the difference, 2, becomes 1, and exp(1) = 2.72",
)

EXERCISES = (SHARES_BY_HAND, WHICH_TEMPERATURE)
