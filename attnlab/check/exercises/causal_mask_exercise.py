"""Chapter 6: who may look at whom, if nobody may look ahead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Mistake
from attnlab.check.wording import few, said
from attnlab.core import causal


def _by_place(offset: Callable[[int, int], int]) -> Callable[[Any, Any], Any]:
    """A triangle by place in the table, whatever the positions are."""

    def triangle(query: Any, key: Any) -> Any:
        sizes = len(query), len(key)
        return np.tril(np.ones(sizes), offset(*sizes)) == 1

    return triangle


CAUSAL_MASK = Exercise(
    number="6.4",
    name="causal_mask",
    title="Nobody looks ahead",
    difficulty="easy",
    minutes=5,
    parameters={"query": "query", "key": "key"},
    result="query key",
    reference=causal,
    probes=(
        lambda _: {"query": np.array([3, 4]), "key": np.arange(5)},
        lambda _: {"query": np.arange(7), "key": np.arange(3)},
        lambda _: {"query": np.array([5, 0, 2]), "key": np.array([4, 2, 0, 6, 1])},
    ),
    mistakes=(
        Mistake(
            "not at itself",
            lambda query, key: key[None, :] < query[:, None],
            lambda seen: (
                f"The word at position {said(seen.query[0])} may not look at itself in your table, "
                "and the first word of a sentence at nothing. It may: not later includes the same."
            ),
        ),
        Mistake(
            "turned round",
            lambda query, key: key[None, :] > query[:, None],
            "In your table the future is allowed, and all else forbidden. True means: may attend.",
        ),
        Mistake(
            "only ahead",
            lambda query, key: key[None, :] >= query[:, None],
            lambda seen: (
                f"The word at position {said(seen.query[0])} may look at those that come later, and "
                "not at earlier ones: the comparison points the wrong way."
            ),
        ),
        Mistake(
            "turned on its side",
            lambda query, key: causal(query, key).T,
            "Your table is turned on its side: a row for each key. Queries are rows, keys are "
            "columns.",
        ),
        Mistake(
            "rows ask about queries",
            lambda query, key: query[None, :] <= key[:, None],
            "In your table the keys are rows and ask who comes before them. Queries are rows: they "
            "ask about the keys.",
        ),
        Mistake(
            "place in the table for position",
            _by_place(lambda queries, keys: 0),
            lambda seen: (
                f"Your table is a triangle that begins at its corner, as if the queries stood at 0, "
                f"1, 2, …; here they stand at {few(seen.query)}. Compare the positions themselves."
            ),
        ),
        Mistake(
            "triangle at the end",
            _by_place(lambda queries, keys: keys - queries),
            lambda seen: (
                "Your triangle ends in the last corner, as if the queries were the last words. "
                f"Here they stand at {few(seen.query)}: compare the positions themselves."
            ),
        ),
        Mistake(
            "triangle of the future",
            lambda query, key: np.triu(np.ones((len(query), len(key))), 1) == 1,
            "Your triangle is True above the diagonal, where the future is, if the queries stand at "
            "0, 1, 2, …. True means: may attend; and compare the positions themselves.",
        ),
        Mistake(
            "triangle of the future, with itself",
            lambda query, key: np.triu(np.ones((len(query), len(key)))) == 1,
            "Your triangle is True on and above the diagonal, where the future is, if the queries "
            "stand at 0, 1, 2, …. The past is allowed; and compare the positions themselves.",
        ),
        Mistake(
            "triangle of numbers",
            lambda query, key: np.tril(np.ones((len(query), len(key)))),
            lambda seen: (
                "It is a triangle of ones that begins at the corner of the table. A mask holds True "
                f"and False, and the queries stand at {few(seen.query)}: compare positions."
            ),
        ),
        Mistake(
            "numbers for yes and no",
            lambda query, key: causal(query, key) * 1.0,
            "The ones stand where they should, but a mask is a table of True and False here: hand "
            "over the comparison as it is.",
        ),
        Mistake(
            "added to the scores",
            lambda query, key: np.where(causal(query, key), 0.0, -np.inf),
            "This table of 0 and minus infinity could be added to scores. A mask says True where "
            "one may attend; the infinity comes in later.",
        ),
        Mistake(
            "triangle to be added",
            lambda query, key: np.triu(np.full((len(query), len(key)), -np.inf), 1),
            lambda seen: (
                "This triangle of minus infinity begins at the corner, and could be added to scores. "
                "A mask says True where one may attend, and the queries stand at "
                f"{few(seen.query)}: compare positions."
            ),
        ),
        Mistake(
            "all allowed",
            lambda query, key: causal(query[:, None] * 0 + np.inf, key)[:, 0],
            "Your table allows every pair, also those in the future.",
        ),
        Mistake(
            "itself only",
            lambda query, key: key[None, :] == query[:, None],
            "Each word may look at itself only in your table. It may look back, too.",
        ),
        Mistake(
            "differences",
            lambda query, key: query[:, None] - key[None, :],
            "These are the distances, below 0 for the future. Ask of each whether it is allowed.",
        ),
        Mistake(
            "differences, the other way",
            lambda query, key: key[None, :] - query[:, None],
            "These are the distances, above 0 for the future. Ask of each whether it is allowed.",
        ),
        Mistake(
            "no pairs",
            lambda query, key: key <= query,
            "Side by side the positions cannot be compared. Stand one of the two in a column, with "
            "[:, None], so that each query meets each key.",
        ),
        Mistake(
            "no pairs, the other way",
            lambda query, key: query >= key,
            "Side by side the positions cannot be compared. Stand the queries in a column, with "
            "[:, None], so that each query meets each key.",
        ),
        Mistake(
            "one question for the whole table",
            lambda query, key: bool(key[None, :] <= query[:, None]),
            "Python wants a single yes or no here, and there is one for each pair: if, and, or and "
            "not cannot ask a table. Compare all pairs at once, and hand over what comes out.",
        ),
    ),
    hints=(
        "A mask is a question about two positions. Which question is it here?",
        'The section "Masks are questions about positions"; how pairs are made stands in '
        '"Sentences of unequal length".',
        "allowed[i, j] = position of key j ≤ position of query i.",
        "For query positions 3 and 4, and keys 0 to 4: four yes and a no, then five yes.",
    ),
    solution="""def my_causal(query, key):
    return key <= query[:, None]  # the queries in a column: each meets all keys
""",
)

EXERCISES = (CAUSAL_MASK,)
