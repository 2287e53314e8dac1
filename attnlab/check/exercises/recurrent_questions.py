"""Chapter 12, with a pencil: two contexts, and what the gates of a GRU make of a state."""

from __future__ import annotations

from attnlab.check.exercise import Question, WrongAnswer
from attnlab.check.wording import said

TWO_CONTEXTS = Question(
    number="12.1",
    name="two_contexts",
    title="Two contexts with a pencil",
    difficulty="easy",
    minutes=3,
    asks="4 numbers: who and where of the first context, who and where of the second",
    answer=[0.5, 0.5, 1, 0],
    tolerance=0.015,
    wrongs=(
        WrongAnswer(
            "sum in place of mean",
            [1.5, 1.5, 1, 0],
            "Your first context is the sum of the states. Equal scores give equal weights, and these "
            "sum to 1.",
        ),
        WrongAnswer(
            "nothing from equal scores",
            [0, 0, 1, 0],
            "Equal scores, even scores of 0, do not mean no weight: softmax always shares out a 1.",
        ),
        WrongAnswer(
            "a hundred times the state",
            [0.5, 0.5, 100, 0],
            "The states are weighed by shares, not by scores. A share is never above 1.",
        ),
        WrongAnswer(
            "one of the three",
            [0.333, 0.333, 1, 0],
            "A third is each weight, and they are right. Now weigh the states with it, and add.",
        ),
        WrongAnswer(
            "weights in place of contexts",
            [0.333, 0.333, 1, 1],
            "These look like weights. A context has a who and a where: the weighted sum of the states.",
            lambda mine: abs(mine[0] - 1 / 3) < 0.01,
        ),
        WrongAnswer(
            "the wrong word",
            [0.5, 0.5, 0, 1],
            "Your second context is the state of mat. It is cat whose score is high.",
        ),
        WrongAnswer(
            "the best takes all, and the rest share",
            [0.5, 0.5, 0.67, 0.33],
            lambda mine: (
                f"Your second context has a where of {said(mine[3])}. With 100 more in its score cat "
                "leaves exp(−100) to each of the others: how much is that?"
            ),
            lambda mine: abs(mine[0] - 0.5) < 0.02 and mine[3] > 0.015,
        ),
        WrongAnswer(
            "first context off",
            [0.79, 0.21, 1, 0],
            lambda mine: (
                f"A first context of ({said(mine[0])}, {said(mine[1])}) has a favourite. With equal scores "
                "none of the three states has an advantage."
            ),
            lambda mine: abs(mine[0] - mine[1]) > 0.015,
        ),
    ),
    hints=(
        "From scores to weights by softmax, from weights to a context by adding up states.",
        'The section "A context for every word" does it for the scores 2, 1 and 0.',
        "Equal scores: each weight is 1/3. A lead of 100: exp(−100) is left for the others.",
        "The first context lies in the middle of the three states; the second on one of them.",
    ),
    solution="my_contexts = [0.5, 0.5, 1, 0]  # the mean of all states; the state of cat",
)

WHAT_GATES_DO = Question(
    number="12.2",
    name="what_gates_do",
    title="What the gates do",
    difficulty="medium",
    minutes=8,
    asks="3 numbers, the new state for each pair of gates",
    answer=[-0.38, 0.8, 0.2],
    tolerance=0.006,
    wrongs=(
        WrongAnswer(
            "gate turned round",
            [0.8, -0.38, 0.6],
            "You exchanged keeping and writing. Here z is the share of the old state that stays.",
            lambda mine: abs(mine[0] - 0.8) < 0.01,
        ),
        WrongAnswer(
            "tanh forgotten",
            [-0.4, 0.8, 0.2],
            "Your first number is −0.4: the candidate passes through tanh. In the third that makes no "
            "difference.",
            lambda mine: abs(mine[0] + 0.4) < 0.006 and abs(mine[2] - 0.2) < 0.006,
        ),
        WrongAnswer(
            "the old state kept as well",
            [0.42, 0.8, 0.8],
            "You add the candidate to the whole old state. With z = 0 nothing of it stays.",
            lambda mine: abs(mine[0] - 0.42) < 0.01,
        ),
        WrongAnswer(
            "the old state multiplied by nothing",
            [-0.38, 0.42, 0.2],
            "With z = 1 you still write. 1 − z is 0 then: the candidate has no share at all.",
            lambda mine: abs(mine[1] - 0.8) > 0.01,
        ),
        WrongAnswer(
            "reset forgotten",
            [-0.38, 0.8, -0.085],
            "Your third number is made with r = 1. With r = 0.5 the candidate sees half of h U_n.",
        ),
        WrongAnswer(
            "reset on the word",
            [-0.38, 0.8, -0.203],
            "In your third number r halves x W_n, or all of the candidate. It is for h U_n alone: how much "
            "of the old state is seen.",
            lambda mine: min(abs(mine[2] - wrong) for wrong in (-0.203, 0.052, 0.058)) < 0.006,
        ),
        WrongAnswer(
            "candidate alone",
            [-0.38, 0.8, 0.0],
            "0 is the candidate of the third. It has a share of 1 − z; z of the old state stays.",
        ),
        WrongAnswer(
            "reset on the old state too",
            [-0.38, 0.8, 0.1],
            "In your third number r has also halved the part that is kept. What is kept is z × h, all of h.",
        ),
        WrongAnswer(
            "shares exchanged in the third",
            [-0.38, 0.8, 0.6],
            "In your third number you keep 0.75 of the old state. z is 0.25.",
        ),
        WrongAnswer(
            "first",
            [0.2, 0.8, 0.2],
            lambda mine: (
                f"Your first state is {said(mine[0])}. With z = 0 it is the candidate, and with r = 1 that "
                "is tanh(x W_n + h U_n)."
            ),
            lambda mine: abs(mine[0] + 0.38) > 0.006,
        ),
    ),
    hints=(
        "Which gate decides what stays, and which what the candidate sees?",
        'The formulas of the GRU in the section "Gates".',
        "candidate = tanh(0.4 + r × (−0.8)), then h ← z × 0.8 + (1 − z) × candidate.",
        "One of the three states is the old one. In another the candidate is tanh(0), nothing.",
    ),
    solution="""plain = np.tanh(0.4 - 0.8)  # z = 0, r = 1: the recurrent network without gates
kept = 0.8  # z = 1: the state never changes
between = 0.25 * 0.8 + 0.75 * np.tanh(0.4 + 0.5 * -0.8)
my_states = [plain, kept, between]
""",
)

EXERCISES = (TWO_CONTEXTS, WHAT_GATES_DO)
