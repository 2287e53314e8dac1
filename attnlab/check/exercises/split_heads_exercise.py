"""Chapter 5: cut every vector into pieces, and put the heads in front."""

from __future__ import annotations

from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Mistake, Seen
from attnlab.check.wording import few
from attnlab.core import split_heads


def _pieces(x: Any, heads: int) -> Any:
    return x.reshape(len(x), heads, x.shape[1] // heads)


def _slices(x: Any, heads: int, step: int, width: int) -> Any:
    return np.stack([x[:, head * step : head * step + width] for head in range(heads)])


def _width(seen: Seen) -> int:
    return seen.x.shape[1] // seen.heads


def _telling(words: int, d_model: int) -> np.ndarray:
    """Numbers that say where they come from: 23 is the third number of the second word."""
    return 10.0 * np.arange(1, words + 1)[:, None] + np.arange(1, d_model + 1)


SPLIT_HEADS = Exercise(
    number="5.4",
    name="split_heads",
    title="Split the heads",
    difficulty="medium",
    minutes=10,
    parameters={"x": "position d_model", "heads": ""},
    result="heads position d_k",
    reference=split_heads,
    probes=(
        lambda _: {"x": _telling(2, 6), "heads": 2},
        lambda random: {"x": random.normal(size=(6, 12)), "heads": 3},
        lambda random: {"x": random.normal(size=(8, 10)), "heads": 2},
        lambda random: {"x": random.normal(size=(10, 20)), "heads": 5},
    ),
    mistakes=(
        Mistake(
            "reshape without a swap",
            lambda x, heads: x.reshape(heads, len(x), x.shape[1] // heads),
            lambda seen: (
                f"Your head 0 holds {few(seen.got[0, 0])} and then {few(seen.got[0, 1])}, both of "
                "the first word: reshape alone deals out words, and each head gets all numbers of "
                "some. It must get some numbers of all words: cut each word first, then swap axes."
            ),
        ),
        Mistake(
            "heads left in the middle",
            _pieces,
            "You have cut each word well, but the axis of heads is still the second, behind the "
            "words. attention works on the last two axes: bring the heads to the front.",
        ),
        Mistake(
            "every other number",
            lambda x, heads: x.reshape(len(x), -1, heads).transpose(2, 0, 1),
            lambda seen: (
                f"Of the first word your head 0 takes {few(seen.got[0, 0])}: numbers that lie "
                f"{seen.heads} apart. A head gets neighbours, {few(seen.wanted[0, 0])}."
            ),
        ),
        Mistake(
            "words cut in place of vectors",
            lambda x, heads: x.reshape(heads, -1, x.shape[1]),
            lambda seen: (
                f"Each of your heads has {seen.got.shape[1]} of the {len(seen.x)} words, with whole "
                "vectors. Cut the other axis: each head sees all words, but a piece of each."
            ),
        ),
        Mistake(
            "last two axes swapped",
            lambda x, heads: _pieces(x, heads).transpose(1, 2, 0),
            "The heads are in front, but within a head your words are columns. Words are rows: "
            "swap the last two axes.",
        ),
        Mistake(
            "d_k in front",
            lambda x, heads: _pieces(x, heads).transpose(2, 0, 1),
            "In front stand the numbers of a piece, and the heads come last. Another axis must "
            "come to the front.",
        ),
        Mistake(
            "all axes turned round",
            lambda x, heads: _pieces(x, heads).T,
            ".T turns all three axes round. Only two of them should change places: the words and "
            "the heads.",
        ),
        Mistake(
            "heads at the end",
            lambda x, heads: np.dstack(np.split(x, heads, axis=1)),
            "The pieces are right, but the axis of heads is the last. attention works on the last "
            "two axes: the heads belong in front.",
        ),
        Mistake(
            "heads taken for d_k",
            lambda x, heads: x.reshape(len(x), -1, heads).transpose(1, 0, 2),
            lambda seen: (
                f"You cut pieces of length {seen.heads}, and get {len(seen.got)} of them. "
                f"{seen.heads} is how many heads there are; how long a piece is follows from it."
            ),
        ),
        Mistake(
            "turned on its side first",
            lambda x, heads: x.T.reshape(heads, len(x), -1),
            lambda seen: (
                f"The first row of your head 0 is {few(seen.got[0, 0])}, one number of several "
                "words: x.T turns the table on its side before the cut. Cut first, swap then."
            ),
        ),
        Mistake(
            "whole vectors for all",
            lambda x, heads: np.stack([x] * heads),
            lambda seen: (
                f"Each of your heads gets whole vectors, {seen.x.shape[1]} numbers a word. Each "
                "should get a piece: the width is shared out."
            ),
        ),
        Mistake(
            "the same piece for all",
            lambda x, heads: _slices(x, heads, 0, x.shape[1] // heads),
            lambda seen: (
                f"All your heads hold the same piece, {few(seen.got[0, 0])} of the first word. The "
                "slice must move on with the head."
            ),
        ),
        Mistake(
            "slices overlap",
            lambda x, heads: _slices(x, heads, 1, x.shape[1] // heads),
            lambda seen: (
                f"Of the first word your head 0 has {few(seen.got[0, 0])}, and head 1 "
                f"{few(seen.got[1, 0])}: the pieces overlap. Each begins where the last one ends, "
                f"{_width(seen)} numbers on."
            ),
        ),
        Mistake(
            "the first head only",
            lambda x, heads: x[:, : x.shape[1] // heads],
            "You return the first head alone. All of them are wanted, stacked: is a return inside "
            "the loop?",
        ),
        Mistake(
            "not cut",
            lambda x, heads: x,
            "You return x as it came: not cut, or put together again. The pieces need an axis of heads.",
        ),
        Mistake(
            "no axis of heads",
            lambda x, heads: x.reshape(len(x) * heads, x.shape[1] // heads),
            lambda seen: (
                f"Your pieces stand in one list of {len(seen.got)} rows, head by head of each word. "
                "The heads need an axis of their own, in front."
            ),
        ),
        Mistake(
            "one below the other",
            lambda x, heads: np.vstack(np.split(x, heads, axis=1)),
            lambda seen: (
                f"Your pieces stand one below the other, in one table of {len(seen.got)} rows. The "
                "heads need an axis of their own, in front."
            ),
        ),
        Mistake(
            "long rows",
            lambda x, heads: x.reshape(heads, -1),
            lambda seen: (
                f"You deal all numbers out into {seen.heads} long rows. Cut each word by itself: "
                "three axes."
            ),
        ),
        Mistake(
            "always two heads",
            lambda x, heads: _pieces(x, 2 + 0 * heads).swapaxes(0, 1),
            lambda seen: f"Asked for {seen.heads} heads, you make 2: use what is handed in.",
        ),
        Mistake(
            "words shared out in place of numbers",
            lambda x, heads: x.reshape(len(x), heads, len(x) // heads),
            "The sizes do not fit. You divide the number of words by that of heads: d_k is a part "
            "of d_model, x.shape[1].",
        ),
        Mistake(
            "whole numbers only",
            lambda x, heads: split_heads(x.astype(int), heads),
            lambda seen: (
                f"Your numbers stand where they should, but cut to whole ones: {few(seen.got[0, 0])} "
                f"in place of {few(seen.wanted[0, 0])}. A table made with dtype=int cannot hold more."
            ),
        ),
        Mistake(
            "d_k is no whole number",
            lambda x, heads: x.reshape(len(x), heads, x.shape[1] / heads),
            "A length must be a whole number, and / gives 3.0 where 3 is wanted: divide with //.",
        ),
    ),
    hints=(
        "Two steps: cut each word, then bring the heads to the front.",
        'The section "Heads are a batch": compare its eight numbers before and after.',
        "(position, d_model) → (position, heads, d_k) → (heads, position, d_k): reshape, then "
        "swap axes 0 and 1.",
        "[[1 2 3 4] [5 6 7 8]] becomes [[1 2] [5 6]] for head 0 and [[3 4] [7 8]] for head 1.",
    ),
    solution="""def my_split_heads(x, heads):
    words, d_model = x.shape
    pieces = x.reshape(words, heads, d_model // heads)  # word, head, d_k
    return pieces.swapaxes(0, 1)  # head, word, d_k
""",
)

EXERCISES = (SPLIT_HEADS,)
