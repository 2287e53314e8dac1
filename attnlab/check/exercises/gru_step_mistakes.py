"""Chapter 12: what goes wrong in a step of a GRU."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Mistake
from attnlab.check.wording import few


def sigmoid(a: Any) -> Any:
    """1 / (1 + exp(-a))."""
    return 1 / (1 + np.exp(-a))


def _candidate(x: Any, h: Any, r: Any, w: Any, u: Any) -> Any:
    return np.tanh(x @ w + r * (h @ u))


def _sum(x: Any, h: Any, w: Any, u: Any) -> Any:
    return x @ w + h @ u


def gru_with(
    *,
    gate: Callable[..., Any] = sigmoid,
    into_gate: Callable[..., Any] = _sum,
    candidate: Callable[..., Any] = _candidate,
    new: Callable[..., Any] = lambda z, h, c: z * h + (1 - z) * c,
) -> Callable[..., Any]:
    """A step of a GRU with some of its parts replaced."""

    def step(x: Any, h: Any, w_z: Any, u_z: Any, w_r: Any, u_r: Any, w_n: Any, u_n: Any) -> Any:
        z, r = (gate(into_gate(x, h, w, u)) for w, u in ((w_z, u_z), (w_r, u_r)))
        return new(z, h, candidate(x, h, r, w_n, u_n))

    return step


RIGHT = gru_with()


def _gates_swapped(x: Any, h: Any, w_z: Any, u_z: Any, w_r: Any, u_r: Any, *rest: Any) -> Any:
    return RIGHT(x, h, w_r, u_r, w_z, u_z, *rest)


MISTAKES = (
    Mistake(
        "keeping and writing exchanged",
        gru_with(new=lambda z, h, c: (1 - z) * h + z * c),
        lambda seen: (
            f"Your new state is {few(seen.got)}: z is the share of the candidate with you, as in some "
            "papers. In this chapter z = 1 keeps the old state."
        ),
    ),
    Mistake(
        "gates exchanged",
        _gates_swapped,
        "z and r have changed places: z is for keeping and writing, r for what the candidate sees.",
    ),
    Mistake(
        "one gate for both",
        lambda x, h, w_z, u_z, w_r, u_r, *rest: RIGHT(x, h, w_z, u_z, w_z, u_z, *rest),
        "In your candidate stands z, or an r that is made of the matrices of z. Each gate has its own pair.",
    ),
    Mistake(
        "r at the end",
        lambda x, h, w_z, u_z, *rest: RIGHT(x, h, rest[0], rest[1], *rest),
        "At the end you weigh old state and candidate by r. Keeping and writing is what z is for.",
    ),
    Mistake(
        "r keeps",
        lambda x, h, w_z, u_z, w_r, u_r, *rest: (
            RIGHT(x, h, w_z, u_z, w_r, u_r, *rest)
            + (sigmoid(_sum(x, h, w_r, u_r)) - sigmoid(_sum(x, h, w_z, u_z))) * h
        ),
        "At the end r stands at the old state, and 1 − z at the candidate. Both shares come from z.",
    ),
    Mistake(
        "brackets of 1 − z",
        gru_with(new=lambda z, h, c: z * h + 1 - z * c),
        "Brackets are missing at the end: as it stands z × candidate is taken from 1. The candidate's share "
        "is all of 1 − z.",
    ),
    Mistake(
        "reset as a matrix product",
        gru_with(candidate=lambda x, h, r, w, u: np.tanh(x @ w + r @ (h @ u))),
        "In your candidate r @ … adds everything up to one number. A gate works number by number: "
        "multiply by *.",
    ),
    Mistake(
        "no U_n",
        gru_with(candidate=lambda x, h, r, w, u: np.tanh(x @ w + r * h)),
        "In your candidate the old state comes in as it is. It goes through its matrix U_n first.",
    ),
    Mistake(
        "no reset",
        gru_with(candidate=lambda x, h, r, w, u: np.tanh(x @ w + h @ u)),
        "Your candidate sees all of the old state. r says how much of it may be seen.",
    ),
    Mistake(
        "reset before the matrix",
        gru_with(candidate=lambda x, h, r, w, u: np.tanh(x @ w + (r * h) @ u)),
        "You multiply by r before the matrix, as the first paper did. Here, as in PyTorch, r comes after "
        "it. With a state of one number there is no difference, with more there is.",
    ),
    Mistake(
        "reset of everything",
        gru_with(candidate=lambda x, h, r, w, u: np.tanh(r * (x @ w + h @ u))),
        "r multiplies the word's part, too. It is for the old state's part alone: look at the brackets.",
    ),
    Mistake(
        "reset of the word",
        gru_with(candidate=lambda x, h, r, w, u: np.tanh(r * (x @ w) + h @ u)),
        "r multiplies the word's part. It says how much of the old state the candidate may see.",
    ),
    Mistake(
        "reset outside tanh",
        gru_with(candidate=lambda x, h, r, w, u: r * np.tanh(x @ w + h @ u)),
        "You multiply by r after tanh, and so shrink the whole candidate. r stands inside, at the part of "
        "the old state.",
    ),
    Mistake(
        "candidate without the old state",
        gru_with(candidate=lambda x, h, r, w, u: np.tanh(x @ w)),
        "Your candidate is made from the word alone, as in Table 12.4. That of a GRU sees the old state, too, "
        "as far as r lets it.",
    ),
    Mistake(
        "candidate without the word",
        gru_with(candidate=lambda x, h, r, w, u: np.tanh(r * (h @ u))),
        "Your candidate does not know of the word: x is missing in it.",
    ),
    Mistake(
        "no tanh",
        gru_with(candidate=lambda x, h, r, w, u: x @ w + r * (h @ u)),
        lambda seen: (
            f"Your new state is {few(seen.got)}. The candidate does not go through tanh, so states may "
            "grow from word to word."
        ),
    ),
    Mistake(
        "sigmoid in the candidate",
        gru_with(candidate=lambda x, h, r, w, u: sigmoid(x @ w + r * (h @ u))),
        "Your candidate goes through the sigmoid, and is never below 0. It takes tanh.",
    ),
    Mistake(
        "tanh in the gates",
        gru_with(gate=np.tanh),
        "Your gates go through tanh, which reaches from −1 to 1. A gate lies between 0 and 1: the sigmoid.",
    ),
    Mistake(
        "no sigmoid",
        gru_with(gate=lambda a: a),
        "Your gates may have any size: a share lies between 0 and 1. The sigmoid makes it so.",
    ),
    Mistake(
        "sigmoid of minus a",
        gru_with(gate=lambda a: sigmoid(-a)),
        "Your gates are open where they should be shut: the sigmoid has exp of −a, not of a.",
    ),
    Mistake(
        "gates from the word alone",
        gru_with(into_gate=lambda x, h, w, u: x @ w),
        "Your gates see the word alone, as in Table 12.4. Those of a GRU see the old state, too.",
    ),
    Mistake(
        "gates from the state alone",
        gru_with(into_gate=lambda x, h, w, u: h @ u),
        "Your gates do not see the word: it should decide, too, what is kept.",
    ),
    Mistake(
        "the old state not multiplied",
        gru_with(new=lambda z, h, c: h + (1 - z) * c),
        "The old state stays whole, and more comes on top of it: in the sum it has the share z.",
    ),
    Mistake(
        "the candidate not multiplied",
        gru_with(new=lambda z, h, c: z * h + c),
        lambda seen: (
            f"Your new state is {few(seen.got)}: the candidate comes in whole. The two shares sum to 1, "
            "and the old state has z of it."
        ),
    ),
    Mistake(
        "no gate at the end",
        gru_with(new=lambda z, h, c: c),
        "You return the candidate. What becomes of the state is decided by z.",
    ),
    Mistake(
        "plain recurrent network",
        gru_with(candidate=lambda x, h, r, w, u: np.tanh(x @ w + h @ u), new=lambda z, h, c: c),
        "That is tanh(x W + h U), the network without gates from the beginning of the chapter.",
    ),
    Mistake(
        "matrices on their side",
        lambda x, h, w_z, u_z, w_r, u_r, w_n, u_n: RIGHT(x, h, w_z, u_z.T, w_r, u_r.T, w_n, u_n.T),
        "You multiply the state by matrices turned on their side, as PyTorch keeps them. Here it is h U.",
    ),
    Mistake(
        "gates multiplied as matrices",
        gru_with(new=lambda z, h, c: z @ h + (1 - z) @ c),
        "@ multiplies and adds up, and one number is left. A gate decides number by number: multiply by *.",
    ),
    Mistake(
        "the matrix in front",
        gru_with(into_gate=lambda x, h, w, u: w @ x + u @ h),
        "Your matrix stands in front of the vector. Here the vector comes first, x W: the matrix has a row "
        "for each number of x.",
    ),
)

EXERCISES = ()  # the exercise itself stands in gru_step_exercise
