"""Chapter 2: what the scores see of two matrices is their product."""

from __future__ import annotations

from typing import Any

import numpy as np

from attnlab.check.exercise import Question, WrongAnswer
from attnlab.check.exercises.three_vectors_questions import W_KEY, W_QUERY
from attnlab.check.wording import listed, said


def _products(mine: Any) -> Any:
    return mine[0] @ mine[1].T


def _same_scores(mine: Any) -> bool:
    return bool(np.allclose(_products(mine), W_QUERY @ W_KEY.T)) and not np.allclose(
        mine, [W_QUERY, W_KEY]
    )


def _worst_row(mine: Any) -> str:
    before = W_QUERY @ W_KEY.T
    row = int(np.abs(_products(mine) - before).sum(axis=1).argmax())
    part = ("who", "where", "what", "link")[row]
    return (
        f"In your w_query @ w_key.T the row of {part} is {listed(map(said, _products(mine)[row]))}, "
        f"and it was {listed(map(said, before[row]))}."
    )


SAME_SCORES = Question(
    number="2.6",
    name="same_scores",
    title="Other matrices, same scores",
    difficulty="hard",
    minutes=10,
    asks="2 matrices of 4 rows and 2 columns, the new w_query and the new w_key",
    answer=np.array([2 * W_QUERY, W_KEY / 2]),
    accepts=_same_scores,
    wrongs=(
        WrongAnswer(
            "the same pair",
            np.array([W_QUERY, W_KEY]),
            "That is the pair of the chapter. Find another one.",
            lambda mine: np.allclose(mine, [W_QUERY, W_KEY]),
        ),
        WrongAnswer(
            "scores multiplied",
            np.array([2 * W_QUERY, W_KEY]),
            lambda mine: (
                f"All scores become {said(_products(mine)[0, 1])} times what they were: softmax "
                "sees that. What one matrix gains the other must lose."
            ),
            lambda mine: (
                abs(_products(mine)[0, 1]) > 1e-9
                and np.allclose(_products(mine), _products(mine)[0, 1] * (W_QUERY @ W_KEY.T))
            ),
        ),
        WrongAnswer(
            "swapped",
            np.array([W_KEY, W_QUERY]),
            "Now each word asks what it answered to: the table of scores is turned on its side. "
            "How cat looks at on is no longer the same.",
            lambda mine: np.allclose(_products(mine), (W_QUERY @ W_KEY.T).T),
        ),
        WrongAnswer(
            "added to both",
            np.array([W_QUERY + 1, W_KEY - 1]),
            lambda mine: (
                "The score of a who for a who was 0, and is "
                f"{said(_products(mine)[0, 0])} now. What is added does not cancel out in a "
                "product: multiply and divide."
            ),
            lambda mine: (
                np.ptp(mine[0] - W_QUERY) < 1e-9
                and np.ptp(mine[1] - W_KEY) < 1e-9
                and abs(_products(mine)[0, 0]) > 1e-9
            ),
        ),
        WrongAnswer(
            "another product",
            np.array([W_QUERY[:, ::-1], W_KEY]),
            lambda mine: f"{_worst_row(mine)} What you do to one matrix, undo in the other.",
            lambda mine: not np.allclose(_products(mine), W_QUERY @ W_KEY.T),
        ),
    ),
    hints=(
        "Scores only see the product of the two. When are two products equal, as 6 × 2 and 3 × 4?",
        'The section "Looking is not being looked at" has the product: x W_q W_kᵀ xᵀ.',
        "For any M that has an inverse, (W_q M) (W_k M⁻¹ᵀ)ᵀ = W_q W_kᵀ. A number will do as M.",
        "The sizes: both matrices keep 4 rows and 2 columns, and my_pair[0] @ my_pair[1].T is "
        "w_query @ w_key.T. To swap the two columns of both works, too.",
    ),
    solution="""my_pair = [
    [[0, 2], [2, 0], [0, 0], [-2, 4]],  # 2 * w_query
    [[0.5, 0], [0, 0.5], [0, 0], [0, 0]],  # w_key / 2
]""",
)

EXERCISES = (SAME_SCORES,)
