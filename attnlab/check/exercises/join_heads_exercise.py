"""Chapter 5: put the pieces of every vector end to end again."""

from __future__ import annotations

from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Mistake, Probe
from attnlab.check.wording import few
from attnlab.core import join_heads, split_heads


def _first(_: np.random.Generator) -> dict[str, Any]:
    # Each number says where it comes from: 23 is the third number of the second word.
    whole = 10.0 * np.arange(1, 5)[:, None] + np.arange(1, 7)
    return {"x": split_heads(whole, 2)}


def _random(*shape: int) -> Probe:
    return lambda random: {"x": random.normal(size=shape)}


JOIN_HEADS = Exercise(
    number="5.5",
    name="join_heads",
    title="Join the heads",
    difficulty="medium",
    minutes=8,
    parameters={"x": "heads position d_k"},
    result="position d_model",
    reference=join_heads,
    probes=(_first, _random(3, 5, 2), _random(2, 3, 7), _random(5, 2, 3)),
    mistakes=(
        Mistake(
            "reshape without a swap",
            lambda x: x.reshape(x.shape[1], -1),
            lambda seen: (
                f"Your first row is {few(seen.got[0], 6)}: the beginnings of several words, all from "
                "head 0. A row must hold one word, from all heads: first swap two axes, then "
                "reshape."
            ),
        ),
        Mistake(
            "one below the other",
            lambda x: x.reshape(-1, x.shape[2]),
            lambda seen: (
                f"You put the heads one below the other: {len(seen.got)} rows for "
                f"{seen.x.shape[1]} words. Put them side by side: along the other axis."
            ),
        ),
        Mistake(
            "heads added",
            lambda x: x.sum(axis=0),
            "You add the heads up, so nobody can tell them apart any more. Put them end to end.",
        ),
        Mistake(
            "heads averaged",
            lambda x: x.mean(axis=0),
            "You take the mean of the heads, so nobody can tell them apart any more. Put them end "
            "to end.",
        ),
        Mistake(
            "numbers of the heads alternate",
            lambda x: np.moveaxis(x, 0, -1).reshape(x.shape[1], -1),
            lambda seen: (
                f"Your first row is {few(seen.got[0], 6)}: numbers from the heads in turn. First all "
                "of head 0, then all of head 1: heads must be the middle axis before the reshape."
            ),
        ),
        Mistake(
            "not yet end to end",
            lambda x: x.swapaxes(0, 1),
            "Words are in front now, and each still has an axis of heads. Lay the pieces of a word "
            "end to end: reshape.",
        ),
        Mistake(
            "stacked behind",
            lambda x: np.stack(list(x), axis=-1),
            "np.stack makes a new axis, here the last. The pieces of a word go end to end along "
            "the axis that they have: concatenate.",
        ),
        Mistake(
            "the first head only",
            lambda x: x[0],
            "You return head 0 alone: is a return inside the loop?",
        ),
        Mistake(
            "the last head only",
            lambda x: x[-1],
            "You return the last head alone: each turn of a loop must add to what was there.",
        ),
        Mistake(
            "heads in reverse order",
            lambda x: np.hstack(list(x[::-1])),
            lambda seen: (
                f"Your first row is {few(seen.got[0], 6)}: the last head comes first. Start with "
                "head 0."
            ),
        ),
        Mistake(
            "words as columns",
            lambda x: x.swapaxes(1, 2).reshape(-1, x.shape[1]),
            "Your words are columns. Words are rows: turn the result on its side.",
        ),
        Mistake(
            "heads taken for words",
            lambda x: x.swapaxes(0, 1).reshape(len(x), -1),
            lambda seen: (
                f"You make {len(seen.x)} rows, one a head. x.shape begins with the heads: the words "
                "are its second axis."
            ),
        ),
        Mistake(
            "counted from the whole",
            lambda x: np.concatenate(list(x), axis=2),
            "Each part that you put together is one head, with only two axes, 0 and 1. Side by "
            "side is along the last of these.",
        ),
        Mistake(
            "all axes turned round",
            lambda x: x.T.reshape(x.shape[1], -1),
            "x.T turns all three axes round, so the numbers of a piece come first. Only heads and "
            "words should change places: swapaxes(0, 1).",
        ),
        Mistake(
            "one long row",
            lambda x: x.reshape(-1),
            lambda seen: (
                f"You return one row of {len(seen.got)} numbers. Each of the {seen.x.shape[1]} words "
                "needs a row of its own."
            ),
        ),
        Mistake("unchanged", lambda x: x, "You return x as it came: nothing is joined yet."),
    ),
    hints=(
        "Go the way of the last exercise backwards, in reverse order.",
        'The section "What the heads bring home" joins two heads with np.hstack.',
        "(heads, position, d_k) → (position, heads, d_k) → (position, heads · d_k).",
        "[[1 2] [5 6]] and [[3 4] [7 8]] become [[1 2 3 4] [5 6 7 8]].",
    ),
    solution="""def my_join_heads(x):
    heads, words, d_k = x.shape
    pieces = x.swapaxes(0, 1)  # word, head, d_k
    return pieces.reshape(words, heads * d_k)
""",
)

EXERCISES = (JOIN_HEADS,)
