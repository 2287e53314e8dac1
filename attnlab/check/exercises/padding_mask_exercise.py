"""Chapter 6: nobody looks at fillers."""

from __future__ import annotations

from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw, Mistake, Seen
from attnlab.check.wording import few
from attnlab.core import padding


def _real(lengths: Any, key: Any) -> Any:
    return key[None, :] < lengths[:, None]


def _shortest(lengths: Any) -> Any:
    return 0 * lengths + lengths.min()


def _by_place(seen: Seen) -> str:
    if not np.array_equal(seen.got, padding(seen.lengths, np.arange(len(seen.key)))):
        raise ValueError("something else is wrong")
    return (
        "it takes the first columns for the words, whatever stands there; here the keys stand at "
        f"{few(seen.key, most=5)}. Compare the positions that are handed in with the lengths."
    )


PADDING_MASK = Exercise(
    number="6.5",
    name="padding_mask",
    title="Nobody looks at fillers",
    difficulty="medium",
    minutes=8,
    parameters={"lengths": "sentence", "key": "key"},
    result="sentence query key",
    reference=padding,
    probes=(
        lambda _: {"lengths": np.array([2, 4]), "key": np.arange(5)},
        lambda _: {"lengths": np.array([7, 1, 3]), "key": np.arange(7)},
        lambda _: {"lengths": np.array([1, 2, 0, 3, 2]), "key": np.arange(3)},
    ),
    mistakes=(
        Mistake(
            "one filler too many",
            lambda lengths, key: (key <= lengths[:, None])[:, None],
            lambda seen: (
                f"A sentence of {seen.lengths[0]} words may have {int(seen.got[0, 0].sum())} keys in "
                "your mask, one of them a filler. Positions are counted from 0: the last word "
                f"stands at {seen.lengths[0] - 1}."
            ),
        ),
        Mistake(
            "one word too few",
            lambda lengths, key: padding(np.maximum(lengths - 1, 0), key),
            lambda seen: (
                f"A sentence of {seen.lengths[0]} words has {int(seen.got[0, 0].sum())} of them left "
                "in your mask: the last word is real, too."
            ),
        ),
        Mistake(
            "turned round",
            lambda lengths, key: ~padding(lengths, key),
            "Your mask is True for the fillers. True means: may attend.",
        ),
        Mistake(
            "no axis for the queries",
            _real,
            "This says of each sentence which keys are real, and is right as far as it goes. Scores "
            "have an axis of queries in between: make room for it, one row for all of them.",
        ),
        Mistake(
            "turned round, and no axis",
            lambda lengths, key: ~_real(lengths, key),
            "Your mask is True for the fillers; True means: may attend. And scores have an axis of "
            "queries between sentences and keys: make room for it.",
        ),
        Mistake(
            "the column in the wrong place",
            lambda lengths, key: _real(lengths, key)[:, :, None],
            "Your mask forbids fillers to ask: it stands along the queries, and the axis of length 1 "
            "along the keys. It should be the other way round: nobody looks at them.",
        ),
        Mistake(
            "the new axis in front",
            lambda lengths, key: _real(lengths, key)[None],
            "Your axis of length 1 is the first, so the sentences lie along the queries. Sentences "
            "come first, then queries, then keys.",
        ),
        Mistake(
            "fillers as queries, too",
            lambda lengths, key: _real(lengths, key)[:, :, None] & _real(lengths, key)[:, None],
            "Your mask also forbids fillers to ask, so it has empty rows. A padding mask hides keys "
            "only; their own rows are skipped later.",
        ),
        Mistake(
            "stretched",
            lambda lengths, key: np.repeat(padding(lengths, key), len(key), axis=1),
            lambda seen: (
                f"True and False stand where they should, but you wrote the same row "
                f"{seen.got.shape[1]} times for each sentence. One row will do: NumPy stretches an "
                "axis of length 1."
            ),
        ),
        Mistake(
            "fillers in front",
            lambda lengths, key: (key >= len(key) - lengths[:, None])[:, None],
            "Your mask takes the last words of each row for real. The fillers are at the end, and "
            "the words come first.",
        ),
        Mistake(
            "all as the shortest",
            lambda lengths, key: padding(_shortest(lengths), key),
            lambda seen: (
                f"All your sentences have {few(seen.lengths.min())} keys, as the shortest has. Each "
                "has a length of its own."
            ),
        ),
        Mistake(
            "all allowed",
            lambda lengths, key: padding(0 * lengths + len(key), key),
            "Your mask allows every key, the fillers as well.",
        ),
        Mistake(
            "turned on its side",
            lambda lengths, key: _real(lengths, key).T,
            "Your mask has a row for each key and a column for each sentence. Sentences come first; "
            "and an axis of queries is missing.",
        ),
        Mistake(
            "turned on its side, with an axis",
            lambda lengths, key: _real(lengths, key).T[:, None],
            "Your mask begins with the keys and ends with the sentences. Sentences come first, keys "
            "last.",
        ),
        Mistake(
            "turned on its side, with an axis in front",
            lambda lengths, key: _real(lengths, key).T[None],
            "Your mask ends with the sentences. Sentences come first, then queries, then keys.",
        ),
        Mistake(
            "as wide as the longest",
            lambda lengths, key: padding(lengths, np.arange(lengths.max())),
            lambda seen: (
                f"Your mask has {seen.got.shape[-1]} keys, as many as the longest sentence has words. "
                f"Here are {len(seen.key)} keys: ask each of them."
            ),
        ),
        Mistake(
            "numbers for yes and no",
            lambda lengths, key: padding(lengths, key) * 1.0,
            "The ones stand where they should, but a mask is a table of True and False here: hand "
            "over the comparison as it is.",
        ),
        Mistake(
            "numbers, and no axis",
            lambda lengths, key: _real(lengths, key) * 1.0,
            "The ones stand where they should, but a mask is a table of True and False, and scores "
            "have an axis of queries in between: make room for it.",
        ),
        Mistake(
            "added to the scores",
            lambda lengths, key: np.where(padding(lengths, key), 0.0, -np.inf),
            "This table of 0 and minus infinity could be added to scores. A mask says True where "
            "one may attend; the infinity comes in later.",
        ),
        Mistake(
            "no pairs",
            lambda lengths, key: key < lengths,
            "Side by side lengths and positions cannot be compared. Stand the lengths in a column, "
            "so that each meets all positions.",
        ),
        Mistake(
            "no pairs, the other way",
            lambda lengths, key: lengths > key,
            "Side by side lengths and positions cannot be compared. Stand the lengths in a column, "
            "so that each meets all positions.",
        ),
        Mistake(
            "one question for the whole table",
            lambda lengths, key: bool(_real(lengths, key)),
            "Python wants a single yes or no here, and there is one for each sentence and key: if, "
            "and, or and not cannot ask a table. Compare all at once, and hand over what comes out.",
        ),
    ),
    flaws=(
        Flaw(
            "place in the table for position",
            lambda lengths, key: padding(lengths, np.arange(len(key))),
            lambda _: {"lengths": np.array([1, 4]), "key": np.array([3, 4, 0, 2, 1])},
            _by_place,
        ),
    ),
    hints=(
        "The question is put to a key: does it stand before the end of its sentence?",
        'The section "Sentences of unequal length": Table 6.3, and the shape two cells on.',
        "allowed[s, 0, j] = position of key j < length of sentence s; shape (sentence, 1, key).",
        "For lengths 2 and 4, and keys 0 to 4: one row with two yes, and one with four.",
    ),
    solution="""def my_padding(lengths, key):
    real = key < lengths[:, None]  # sentence, key
    return real[:, None, :]  # sentence, query, key: one row for all queries
""",
)

EXERCISES = (PADDING_MASK,)
