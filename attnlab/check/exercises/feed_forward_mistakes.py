"""Chapter 9: wrong ways to write the small network of each word."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Mistake
from attnlab.check.wording import few, said


def relu(numbers: Any) -> Any:
    """The larger of each number and 0."""
    return np.maximum(numbers, 0)


def _with_bend(bend: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda x, w1, b1, w2, b2: bend(x @ w1 + b1) @ w2 + b2


def _gelu(numbers: Any) -> Any:
    return numbers * np.vectorize(lambda z: (1 + math.erf(z / math.sqrt(2))) / 2)(numbers)


def _softmax(numbers: Any) -> Any:
    e = np.exp(numbers - numbers.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


right = _with_bend(relu)


def _norm(rows: Any) -> Any:
    return (rows - rows.mean(1, keepdims=True)) / np.sqrt(rows.var(1, keepdims=True) + 1e-5)


MISTAKES = (
    Mistake(
        "ReLU forgotten",
        _with_bend(lambda hidden: hidden),
        "Nothing bends between your two matrices, so they are as good as one. Set the negative "
        "hidden numbers to 0.",
    ),
    Mistake(
        "ReLU at the end",
        lambda x, w1, b1, w2, b2: relu((x @ w1 + b1) @ w2 + b2),
        lambda seen: (
            f"Your smallest output is {said(seen.got.min())}, the right one "
            f"{said(seen.wanted.min())}. The ReLU stands between the matrices, not behind them."
        ),
    ),
    Mistake(
        "ReLU twice",
        lambda *given: relu(right(*given)),
        lambda seen: (
            f"Your smallest output is {said(seen.got.min())}, the right one "
            f"{said(seen.wanted.min())}. Only the hidden numbers go through a ReLU; the output may "
            "be negative."
        ),
    ),
    Mistake(
        "first bias forgotten",
        lambda x, w1, b1, w2, b2: relu(x @ w1) @ w2 + b2,
        lambda seen: (
            f"The first bias, {few(seen.b1)}, makes no difference to your answer. Add it to the "
            "hidden numbers."
        ),
    ),
    Mistake(
        "second bias forgotten",
        lambda x, w1, b1, w2, b2: relu(x @ w1 + b1) @ w2,
        lambda seen: (
            f"Each of your words lacks the same, {few((seen.wanted - seen.got)[0])}: the second "
            "bias is still to be added."
        ),
    ),
    Mistake(
        "no bias",
        lambda x, w1, b1, w2, b2: relu(x @ w1) @ w2,
        "Neither bias makes a difference to your answer. Add one behind each matrix.",
    ),
    Mistake(
        "bias after ReLU",
        lambda x, w1, b1, w2, b2: (relu(x @ w1) + b1) @ w2 + b2,
        "You add the first bias after the ReLU. A unit says how high a sum must be before it "
        "answers: the bias belongs inside.",
    ),
    Mistake(
        "hidden numbers returned",
        lambda x, w1, b1, w2, b2: relu(x @ w1 + b1),
        lambda seen: (
            f"You return the {seen.W1.shape[1]} hidden numbers of each word. The second matrix "
            "brings them back to the old width."
        ),
    ),
    Mistake(
        "0 taken as an axis",
        lambda x, w1, b1, w2, b2: np.max(x @ w1 + b1, 0) @ w2 + b2,
        lambda seen: (
            f"One vector comes out for all {len(seen.x)} words: np.max reads the 0 as an axis, and "
            "takes the largest down each column. What compares number by number is np.maximum."
        ),
    ),
    Mistake(
        "Python's own max",
        lambda x, w1, b1, w2, b2: max(0, x @ w1 + b1) @ w2 + b2,
        "max and if take a table as a whole, and cannot say whether it is larger than 0. Number by "
        "number does np.maximum.",
    ),
    Mistake(
        "smaller in place of larger",
        _with_bend(lambda hidden: np.minimum(hidden, 0)),
        "Your units let through what is negative, and nothing else: minimum for maximum.",
    ),
    Mistake(
        "minus taken away",
        _with_bend(np.abs),
        "You take the minus away from negative hidden numbers. ReLU makes 0 of them.",
    ),
    Mistake(
        "yes or no",
        _with_bend(lambda hidden: (hidden > 0) * 1.0),
        "Each of your units says 1 or 0. A unit above 0 keeps its number: how much matters, too.",
    ),
    Mistake(
        "tanh",
        _with_bend(np.tanh),
        "Your units bend by tanh, as the network of chapter 4. The one of a Transformer block has "
        "ReLU: the larger of the number and 0.",
    ),
    Mistake(
        "sigmoid",
        _with_bend(lambda hidden: 1 / (1 + np.exp(-hidden))),
        "Your hidden numbers all lie between 0 and 1, by a sigmoid. ReLU has no upper end.",
    ),
    Mistake(
        "GELU",
        _with_bend(_gelu),
        "You bend by GELU, ReLU's rounder relative in many later models. Asked is ReLU itself.",
    ),
    Mistake(
        "softmax",
        _with_bend(_softmax),
        "Your hidden numbers share out 1, by softmax. Units do not compete: each goes through the "
        "ReLU on its own.",
    ),
    Mistake(
        "old vectors added",
        lambda x, *more: x + right(x, *more),
        lambda seen: (
            f"Your first word is the right one plus the old one, {few(seen.x[0])}. The way round "
            "belongs to the block, not to this layer."
        ),
    ),
    Mistake(
        "norm at the end",
        lambda *given: _norm(right(*given)),
        "Each of your rows has mean 0: you normalise them. The norm belongs to the block, not to "
        "this layer.",
    ),
    Mistake(
        "words mixed",
        lambda x, *more: right(x.mean(axis=0) + 0 * x, *more),
        lambda seen: (
            f"All {len(seen.x)} words get the same, {few(seen.got[0])}. Each word goes through "
            "alone: no sum or mean over words."
        ),
    ),
    Mistake(
        "one word only",
        lambda x, *more: right(x, *more)[0],
        lambda seen: (
            f"You return one vector, that of the first of {len(seen.x)} words: is a return inside "
            "the loop?"
        ),
    ),
    Mistake(
        "matrices the wrong way round",
        lambda x, w1, b1, w2, b2: relu(x @ w2 + b1) @ w1 + b2,
        lambda seen: (
            f"A word has {seen.x.shape[1]} numbers, so what it meets must have "
            f"{seen.x.shape[1]} rows, as W1 has it. Neither W2 comes first, nor is W1 turned "
            "on its side as in PyTorch."
        ),
    ),
    Mistake(
        "ReLU before the first matrix",
        lambda x, w1, b1, w2, b2: (relu(x) @ w1 + b1) @ w2 + b2,
        "You bend the words, not the hidden numbers: your ReLU stands before the first matrix. It "
        "belongs between the two.",
    ),
    Mistake(
        "number by number",
        lambda x, w1, b1, w2, b2: relu(x * w1 + b1) * w2 + b2,
        "A star multiplies number by number, and these shapes do not fit for that. A word meets a "
        "matrix by @.",
    ),
    Mistake(
        "matrix before the words",
        lambda x, w1, b1, w2, b2: w2 @ relu(w1 @ x + b1) + b2,
        "You put W1 before x, as for a word that is a column. Here words are rows, so x comes first.",
    ),
)
