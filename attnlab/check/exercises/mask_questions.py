"""Chapter 6, with a pencil: one row with a forbidden word, and how far a change goes."""

from __future__ import annotations

import numpy as np

from attnlab.check.exercise import Question, WrongAnswer
from attnlab.check.wording import said

ONE_FORBIDDEN = Question(
    number="6.1",
    name="one_forbidden",
    title="One forbidden word",
    difficulty="easy",
    minutes=3,
    asks="3 numbers, the weights of the three words",
    answer=[0.731, 0.269, 0.0],
    tolerance=0.006,
    wrongs=(
        WrongAnswer(
            "nobody forbidden",
            [0.665, 0.245, 0.09],
            "The last word gets 0.09: these are the weights without a mask. Its score is 0 already, "
            "so a score of 0 cannot be what forbids it.",
        ),
        WrongAnswer(
            "after softmax",
            [0.665, 0.245, 0.0],
            lambda mine: (
                f"Your weights sum to {said(mine.sum())}: the forbidden word was still in the sum "
                "when you divided. Leave exp(0) out of the sum."
            ),
        ),
        WrongAnswer(
            "not shared out",
            [7.389, 2.718, 0.0],
            lambda mine: f"These are the exponentials: divide by their sum, {said(mine.sum())}.",
        ),
        WrongAnswer(
            "no exp",
            [2 / 3, 1 / 3, 0.0],
            "You divided the scores by their sum. First exp of each, then divide.",
        ),
        WrongAnswer(
            "shared equally",
            [0.5, 0.5, 0.0],
            "Half each is for equal scores. Here they are 2 and 1.",
        ),
        WrongAnswer(
            "the first forbidden",
            [0.0, 0.731, 0.269],
            "You forbade the first word. It is the last that may not be looked at.",
        ),
        WrongAnswer(
            "order turned round",
            [0.269, 0.731, 0.0],
            "You gave the second word more than the first, and its score is lower.",
        ),
        WrongAnswer(
            "the forbidden word has weight",
            [0.7, 0.2, 0.1],
            lambda mine: f"The forbidden word gets {said(mine[2])}. It must get exactly 0.",
            lambda mine: abs(mine[2]) > 1e-9,
        ),
        WrongAnswer(
            "sum is not 1",
            [0.7, 0.2, 0.0],
            lambda mine: f"Your weights sum to {said(mine.sum())}. The allowed ones share 1.",
            lambda mine: abs(mine.sum() - 1) > 0.02,
        ),
    ),
    hints=(
        "Do as if the last word were not there, and write 0 behind.",
        'In the section "Sentences of unequal length" a loop does just this.',
        "weight = exp(score) / sum of exp over the allowed words only.",
        "Two words with scores 2 and 1: a difference of 1 makes a ratio of 2.72 to 1.",
    ),
    solution="""e = np.exp([2, 1, -np.inf])  # 7.39, 2.72, 0
my_row = e / e.sum()
""",
)


def _is(*numbers: int) -> np.ndarray:
    return np.array(numbers)


HOW_FAR = Question(
    number="6.2",
    name="how_far",
    title="How far does a change go?",
    difficulty="medium",
    minutes=6,
    asks="3 numbers: outputs that move after 1 layer, after 2, layers until cat moves",
    answer=[3, 4, 3],
    wrongs=(
        WrongAnswer(
            "without mat itself",
            [2, 3, 3],
            "In both layers it is one more. Who may look at mat: itself, and all its neighbours by an "
            "edge of Figure 6.2? Neighbours in the sentence may be others.",
            lambda mine: np.array_equal(mine[:2], _is(2, 3)),
        ),
        WrongAnswer(
            "no mask",
            [6, 6, 1],
            "That is what happens without a mask. Here a word sees its neighbours in grammar only.",
            lambda mine: mine[0] == 6,
        ),
        WrongAnswer(
            "the causal mask",
            [1, 1, 3],
            "mat alone moves under the causal mask, where nothing comes after it. Here the mask is "
            "joined: who has an edge to mat?",
            lambda mine: mine[0] == 1,
        ),
        WrongAnswer(
            "all within one step of two places",
            [3, 3, 3],
            "You let the change stay where it is after the first layer. Those who moved have "
            "neighbours, too, and these look at them in the second layer.",
            lambda mine: np.array_equal(mine[:2], _is(3, 3)),
        ),
        WrongAnswer(
            "new ones only",
            [3, 1, 3],
            "In the second layer one more word begins to move, but those that moved before still "
            "do: count them all.",
            lambda mine: np.array_equal(mine[:2], _is(3, 1)),
        ),
        WrongAnswer(
            "all in two layers",
            [3, 6, 2],
            "Two layers do not reach everyone: each goes one edge further, no more.",
            lambda mine: mine[0] == 3 and mine[1] > 4,
        ),
        WrongAnswer(
            "edges counted one too few",
            [3, 4, 2],
            "The outputs are right. Now walk from mat to cat along the edges: one layer for each of "
            "them.",
            lambda mine: np.array_equal(mine[:2], _is(3, 4)) and mine[2] < 3,
        ),
        WrongAnswer(
            "words counted in place of edges",
            [3, 4, 4],
            "The outputs are right. For the layers count the edges from mat to cat, not the words.",
            lambda mine: np.array_equal(mine[:2], _is(3, 4)) and mine[2] > 3,
        ),
    ),
    otherwise="Start with the words that may look at mat: its neighbours in grammar, and itself.",
    hints=(
        "After one layer those move that may look at mat. Who may look at those?",
        'Figure 6.2, and the section "The leak test": the function moved, and deep for layers.',
        "Each layer carries a change one edge further; a word that may look at itself stays moved.",
        "Draw the edges: The – cat – sat – on – mat – the, and walk from mat.",
    ),
    solution="my_counts = [3, 4, 3]  # on, the, mat; sat as well; then cat",
)

EXERCISES = (ONE_FORBIDDEN, HOW_FAR)
