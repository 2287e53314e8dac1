"""Chapter 4: what a constant number does for the additive score, measured."""

from __future__ import annotations

import math
from typing import Any

from attnlab.check.exercise import Question, WrongAnswer
from attnlab.check.wording import few, said

_CHANCE = math.log(4)


def _at_chance(cost: Any) -> bool:
    return bool(1.3 < cost < 1.7)


def _learnt(cost: Any) -> bool:
    return bool(0 <= cost < 0.5)


BIAS = Question(
    number="4.6",
    name="bias",
    title="One constant number",
    difficulty="hard",
    minutes=20,
    asks="2 numbers: the cost at the end of training without the 1, and with it",
    answer=[1.41, 0.04],
    accepts=lambda mine: _at_chance(mine[0]) and _learnt(mine[1]),
    wrongs=(
        WrongAnswer(
            "turned round",
            [0.04, 1.41],
            "The right costs, the other way round: first without the 1.",
            lambda mine: _learnt(mine[0]) and _at_chance(mine[1]),
        ),
        WrongAnswer(
            "both at chance",
            [1.41, 1.41],
            lambda mine: (
                f"Both costs, {few(mine)}, are those of a guess among four, {_CHANCE:.2f}. Is the 1 "
                "really in the keys when the score is taken, and not a 0? And is a ninth row in "
                "w_key, among what the search changes?"
            ),
            lambda mine: _at_chance(mine[0]) and _at_chance(mine[1]),
        ),
        WrongAnswer(
            "both learn",
            [0.04, 0.04],
            lambda mine: (
                f"Both costs, {few(mine)}, are low. The first must do without the 1, with numbers "
                "from randn alone. Does memory get its 1 in both? Or is the score a dot product?"
            ),
            lambda mine: _learnt(mine[0]) and _learnt(mine[1]),
        ),
        WrongAnswer(
            "shares of right answers",
            [25.0, 99.0],
            "These look like shares of right answers. Asked is the cost, the mean of −ln of "
            "the weight of item 0.",
            lambda mine: mine[1] > 50 or (mine[0] < 0.4 and 0.9 < mine[1] <= 1),
        ),
        WrongAnswer(
            "no cost",
            [-1.0, -1.0],
            "A cost below 0 cannot be: −ln of a weight is at least 0. Mind the minus.",
            lambda mine: min(mine) < 0,
        ),
        WrongAnswer(
            "worse than a guess",
            [9.0, 3.0],
            lambda mine: (
                f"A guess among four costs {_CHANCE:.2f}, and yours cost {few(mine)}. That is how "
                "training begins: does each step follow the slope downhill, and are its slopes set "
                "back to zero? The answer is always item 0."
            ),
            lambda mine: max(mine) >= 1.7,
        ),
        WrongAnswer(
            "hardly trained",
            [1.41, 0.9],
            lambda mine: (
                f"With the 1 it costs {said(mine[1])}: it learns, and is not done. Take 200 steps "
                "at rate 0.03, d = 64, and 64 questions a step."
            ),
            lambda mine: _at_chance(mine[0]),
        ),
        WrongAnswer(
            "too good without",
            [0.8, 0.04],
            lambda mine: (
                f"Without the 1 it costs {said(mine[0])}, better than a guess. Where do your "
                "questions differ? All numbers of memory come from randn, with both signs."
            ),
            lambda mine: mine[0] < 1.3,
        ),
    ),
    hints=(
        "Copy cost and learn under new names. Two things change: where questions come from, and "
        "one more number in each key.",
        'The section "What the additive score cannot do"; the cells learn and cost before it.',
        "key = (k, 1): its last row of w_key is added to each sum, tanh(q W_q + k W_k + b) w_v.",
        "Without the 1 about ln 4 = 1.39, as if it guessed, however long it trains. With it about "
        "0.04 and 99 % right: more than the dot product's 92 %, for it can learn to compare by "
        "distance.",
    ),
    solution="""import torch

from attnlab import additive


def my_cost(weights, random, batch, last):
    memory = torch.randn(batch, 4, 8, generator=random)
    asked = memory[:, :1] + 0.5 * torch.randn(batch, 1, 8, generator=random)
    key = torch.cat([memory, torch.full((batch, 4, 1), last)], dim=-1)  # last is 0 or 1
    scores = additive(asked, key, *weights)[:, 0]
    return torch.nn.functional.cross_entropy(scores, torch.zeros(batch, dtype=torch.long))


def my_training(last):
    random = torch.Generator().manual_seed(0)
    weights = [torch.randn(size, generator=random) for size in [(8, 64), (9, 64), (64,)]]
    search = torch.optim.Adam([w.requires_grad_() for w in weights], lr=0.03)
    for _ in range(200):
        my_cost(weights, random, 64, last).backward()
        search.step()
        search.zero_grad()
    with torch.no_grad():
        return my_cost(weights, random, 4000, last).item()


my_costs = [my_training(0.0), my_training(1.0)]
""",
)

EXERCISES = (BIAS,)
