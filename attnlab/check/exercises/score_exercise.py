"""Chapter 1: the score of one pair of words."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Mistake, Seen
from attnlab.check.wording import said
from attnlab.core import scaled_dot


def _reference(query: Any, key: Any) -> Any:
    return scaled_dot(query[None, :], key[None, :])[0, 0]


def _size(seen: Seen) -> int:
    return len(seen.query)


SCORE = Exercise(
    number="1.2",
    name="score",
    title="The score of one pair",
    difficulty="easy",
    minutes=5,
    parameters={"query": "d", "key": "d"},
    result="",
    reference=_reference,
    probes=(
        lambda _: {"query": np.array([1.0, 1, 1, 0]), "key": np.array([3.0, 0, 1, 0])},
        lambda random: {
            "query": random.normal(size=3).round(1),
            "key": random.normal(size=3).round(1),
        },
        lambda random: {"query": random.normal(size=7), "key": random.normal(size=7)},
    ),
    mistakes=(
        Mistake(
            "no scale",
            lambda query, key: query @ key,
            lambda seen: (
                f"You return {said(seen.got)}, which is the dot product. One step is "
                f"missing: divide by the square root of the length, here √{_size(seen)}."
            ),
        ),
        Mistake(
            "divided by the length",
            lambda query, key: query @ key / len(query),
            lambda seen: (
                f"You return {said(seen.got)}: the product {said(seen.query @ seen.key)} "
                f"divided by the length, {_size(seen)}. Divide by its square root."
            ),
        ),
        Mistake(
            "always divided by 2",
            lambda query, key: query @ key / 2,
            lambda seen: (
                "You always divide by 2. That is the root of 4, for vectors of length 4; "
                f"here the length is {_size(seen)}. Ask the vector how long it is."
            ),
        ),
        Mistake(
            "multiplied by the root",
            lambda query, key: query @ key * math.sqrt(len(query)),
            lambda seen: (
                f"You return {said(seen.got)}: the product {said(seen.query @ seen.key)} "
                f"times √{_size(seen)}. Divide by the root."
            ),
        ),
        Mistake(
            "divided by the square",
            lambda query, key: query @ key / len(query) ** 2,
            lambda seen: (
                f"You divide by {_size(seen)} squared, which is {_size(seen) ** 2}. "
                "It is the square root that belongs there."
            ),
        ),
        Mistake(
            "not added up",
            lambda query, key: query * key / math.sqrt(len(query)),
            lambda seen: (
                f"You return {len(seen.got)} numbers, one product for each place. "
                "A score is one number: add them up."
            ),
        ),
        Mistake(
            "not added up, no scale",
            lambda query, key: query * key,
            lambda seen: (
                f"You return {len(seen.got)} products, one for each place. Add them up, and "
                f"divide by √{_size(seen)}."
            ),
        ),
        Mistake(
            "every place with every place",
            lambda query, key: np.outer(query, key) / math.sqrt(len(query)),
            lambda seen: (
                f"You return a table of {len(seen.got)} × {len(seen.got)}: each number of "
                "the query times each of the key. Only numbers in the same place meet."
            ),
        ),
        Mistake(
            "added in place of multiplied",
            lambda query, key: (query + key).sum() / math.sqrt(len(query)),
            "You add the two vectors. Numbers in the same place are multiplied, and only the "
            "products are added.",
        ),
        Mistake(
            "divided by the sizes of the vectors",
            lambda query, key: query @ key / np.sqrt((query @ query) * (key @ key)),
            lambda seen: (
                f"You return {said(seen.got)}, and it can never leave −1 to 1: you divide by "
                "how large the two vectors are. Divide by the root of how many numbers they have."
            ),
        ),
        Mistake(
            "query with itself",
            lambda query, key: query @ query / math.sqrt(len(query)),
            "Your score does not depend on the key: it is the query's score for itself.",
        ),
        Mistake(
            "root of everything",
            lambda query, key: np.sqrt(query @ key / len(query)),
            "You take the root of the whole, product and length. The root belongs to the length "
            "alone; the product can be negative, and has no root then.",
        ),
    ),
    hints=(
        "Two steps: the product of the two vectors, then one division.",
        'The sections "One score" and the cell below it; a @ b multiplies and adds up.',
        "score = (q₁k₁ + q₂k₂ + … + q_d k_d) / √d, where d is the length of the vectors.",
        "For (1, 1, 1, 0) and (3, 0, 1, 0) it gives 2; with two more zeros at the ends, 1.633.",
    ),
    solution="""def my_score(query, key):
    return query @ key / np.sqrt(len(query))
""",
)

EXERCISES = (SCORE,)
