"""Chapter 6: nobody looks too far."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Mistake
from attnlab.check.wording import few, said
from attnlab.core import causal, window


def _steps(query: Any, key: Any) -> Any:
    """How far ahead of the query each key is."""
    return key[None, :] - query[:, None]


def _if_steps(allowed: Callable[[Any, Any], Any]) -> Callable[[Any, Any, Any], Any]:
    return lambda query, key, reach: allowed(_steps(query, key), reach)


WINDOW_MASK = Exercise(
    number="6.6",
    name="window_mask",
    title="Not too far",
    difficulty="easy",
    minutes=5,
    parameters={"query": "query", "key": "key", "reach": ""},
    result="query key",
    reference=window,
    probes=(
        lambda _: {"query": np.array([2, 4]), "key": np.arange(6), "reach": 1},
        lambda _: {"query": np.arange(7), "key": np.arange(5), "reach": 2},
        lambda _: {"query": np.array([6, 0, 3]), "key": np.array([5, 1, 9, 3, 2]), "reach": 3},
        lambda _: {"query": np.arange(3), "key": np.arange(5), "reach": 0},
    ),
    mistakes=(
        Mistake(
            "one too short",
            _if_steps(lambda steps, reach: abs(steps) < reach),
            lambda seen: (
                f"With reach {seen.reach} your words see no further than {seen.reach - 1}: at a "
                "distance of just the reach a look is allowed."
            ),
        ),
        Mistake(
            "one too far",
            _if_steps(lambda steps, reach: abs(steps) <= reach + 1),
            lambda seen: (
                f"With reach {seen.reach} your words see as far as {seen.reach + 1}. The word itself "
                "is at distance 0, not 1."
            ),
        ),
        Mistake(
            "the last one left out",
            _if_steps(lambda steps, reach: (steps >= -reach) & (steps < reach)),
            lambda seen: (
                f"Your window reaches {seen.reach} back, but only {seen.reach - 1} ahead: the end of "
                "a range or slice is left out."
            ),
        ),
        Mistake(
            "twice as far",
            _if_steps(lambda steps, reach: abs(steps) <= 2 * reach),
            lambda seen: (
                f"Your window reaches {2 * seen.reach} to each side. The reach, {seen.reach}, is that "
                "to one side, not half of it."
            ),
        ),
        Mistake(
            "turned round",
            _if_steps(lambda steps, reach: abs(steps) > reach),
            "Your mask allows the far and forbids the near. True means: may attend.",
        ),
        Mistake(
            "back only",
            lambda query, key, reach: window(query, key, reach) & causal(query, key),
            lambda seen: (
                f"The word at {said(seen.query[0])} may look back in your mask, not ahead. A window "
                "opens on both sides; with causal it is combined by & where that is wanted."
            ),
        ),
        Mistake(
            "so many words, and back only",
            _if_steps(lambda steps, reach: (steps <= 0) & (steps > -reach)),
            lambda seen: (
                f"Your words see {seen.reach} in all, themselves and back. A reach of {seen.reach} "
                f"is a distance, {seen.reach} to each side."
            ),
        ),
        Mistake(
            "ahead only",
            _if_steps(lambda steps, reach: (steps >= 0) & (steps <= reach)),
            lambda seen: (
                f"The word at {said(seen.query[0])} may look ahead in your mask, not back. A window "
                "opens on both sides."
            ),
        ),
        Mistake(
            "all the past",
            _if_steps(lambda steps, reach: steps <= reach),
            "A word may look back as far as it likes in your mask: a negative difference is always "
            "below the reach. Take its size, without the sign.",
        ),
        Mistake(
            "all the future",
            _if_steps(lambda steps, reach: -steps <= reach),
            "A word may look ahead as far as it likes in your mask: a negative difference is always "
            "below the reach. Take its size, without the sign.",
        ),
        Mistake(
            "only at just this distance",
            _if_steps(lambda steps, reach: abs(steps) == reach),
            lambda seen: (
                f"Your words see only what is just {seen.reach} away. What is nearer counts, too."
            ),
        ),
        Mistake(
            "not at itself",
            _if_steps(lambda steps, reach: (abs(steps) <= reach) & (steps != 0)),
            "In your mask no word may look at itself. It may: its distance is 0.",
        ),
        Mistake(
            "reach as the whole width",
            _if_steps(lambda steps, reach: abs(steps) <= reach // 2),
            lambda seen: (
                f"You take {seen.reach} for the width of the whole window. It is the reach to each "
                "side."
            ),
        ),
        Mistake(
            "place in the table for position",
            lambda query, key, reach: window(np.arange(len(query)), np.arange(len(key)), reach),
            lambda seen: (
                "Your window runs along the diagonal of the table, as if the queries stood at 0, 1, "
                f"2, …; here they stand at {few(seen.query)}. Compare the positions themselves."
            ),
        ),
        Mistake(
            "or in place of and",
            _if_steps(lambda steps, reach: (steps <= reach) | (steps >= -reach)),
            "Your mask allows every pair. Both must hold, not too far ahead and not too far back: "
            "what joins them?",
        ),
        Mistake(
            "turned on its side",
            lambda query, key, reach: window(query, key, reach).T,
            "Your table is turned on its side: a row for each key. Queries are rows, keys are "
            "columns.",
        ),
        Mistake(
            "numbers for yes and no",
            lambda query, key, reach: window(query, key, reach) * 1.0,
            "The ones stand where they should, but a mask is a table of True and False here: hand "
            "over the comparison as it is.",
        ),
        Mistake(
            "distances",
            lambda query, key, reach: abs(_steps(query, key)) + 0 * reach,
            "These are the distances, and they are right. Now ask of each: is it within reach?",
        ),
        Mistake(
            "no pairs",
            lambda query, key, reach: abs(query - key) <= reach,
            "Side by side the positions cannot be subtracted. Stand the queries in a column, so that "
            "each meets all keys.",
        ),
        Mistake(
            "no pairs, the other way",
            lambda query, key, reach: abs(key - query) <= reach,
            "Side by side the positions cannot be subtracted. Stand the queries in a column, so that "
            "each meets all keys.",
        ),
        Mistake(
            "one question for the whole table",
            lambda query, key, reach: -reach <= _steps(query, key) <= reach,
            "Python wants a single yes or no here, and your table has one for each pair. NumPy "
            "compares one side at a time: a < b < c, and, or and if cannot ask a table. Put each "
            "comparison in brackets, and join them by &.",
        ),
        Mistake(
            "always 1",
            _if_steps(lambda steps, reach: abs(steps) <= 1 + 0 * reach),
            lambda seen: (
                f"Your window reaches 1 to each side; asked is {seen.reach}. Use what is handed in."
            ),
        ),
    ),
    hints=(
        "How far apart are a query and a key, whichever comes first?",
        "Table 6.7, and the line above it.",
        "allowed[i, j] = |position of query i − position of key j| ≤ reach.",
        "For queries at 2 and 4, keys 0 to 5, reach 1: yes at 1, 2, 3, and at 3, 4, 5.",
    ),
    solution="""def my_window(query, key, reach):
    return abs(query[:, None] - key) <= reach  # the queries in a column
""",
)

EXERCISES = (WINDOW_MASK,)
