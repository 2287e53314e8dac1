"""Chapter 2: queries, keys and values are three maps of the same words."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Mistake, Seen
from attnlab.check.wording import few, shape_said

_ORDER = "First the query, then the key, then the value."


def _reference(x: Any, w_query: Any, w_key: Any, w_value: Any) -> Any:
    return x @ w_query, x @ w_key, x @ w_value


def _turned(x: Any, w_query: Any, w_key: Any, w_value: Any) -> Any:
    return w_query.T @ x.T, w_key.T @ x.T, w_value.T @ x.T


def _divided(x: Any, w_query: Any, w_key: Any, w_value: Any) -> Any:
    unit = math.sqrt(w_key.shape[1])
    return x @ w_query / unit, x @ w_key / unit, x @ w_value


def _added(x: Any, w_query: Any, w_key: Any, w_value: Any) -> Any:
    return tuple((x @ matrix).sum(axis=0) for matrix in (w_query, w_key, w_value))


def _sizes(seen: Seen) -> str:
    return f"x is {shape_said(seen.x.shape)}, w_query {shape_said(seen.w_query.shape)}"


PROJECT = Exercise(
    number="2.3",
    name="project",
    title="Three maps of one word",
    difficulty="easy",
    minutes=5,
    parameters={
        "x": "word d_model",
        "w_query": "d_model d_k",
        "w_key": "d_model d_k",
        "w_value": "d_model d_v",
    },
    result={"query": "word d_k", "key": "word d_k", "value": "word d_v"},
    reference=_reference,
    probes=(
        lambda _: {
            "x": np.array([[1.0, 0], [0, 2], [1, 3]]),
            "w_query": np.array([[1.0, 0, 2, 1], [0, 1, 1, 0]]),
            "w_key": np.array([[0.0, 1, 1, 3], [2, 0, 1, 1]]),
            "w_value": np.array([[5.0], [10]]),
        },
        lambda random: {
            "x": random.normal(size=(5, 7)),
            "w_query": random.normal(size=(7, 3)),
            "w_key": random.normal(size=(7, 3)),
            "w_value": random.normal(size=(7, 2)),
        },
        lambda random: {
            "x": random.normal(size=(1, 5)),
            "w_query": random.normal(size=(5, 2)),
            "w_key": random.normal(size=(5, 2)),
            "w_value": random.normal(size=(5, 3)),
        },
    ),
    mistakes=(
        Mistake(
            "matrix first",
            lambda x, w_query, w_key, w_value: (w_query @ x, w_key @ x, w_value @ x),
            lambda seen: (
                f"The matrix stands first, and does not fit: {_sizes(seen)}. In this course words "
                "are rows, and a row stands left of its matrix."
            ),
        ),
        Mistake(
            "turned matrix",
            lambda x, w_query, w_key, w_value: (x @ w_query.T, x @ w_key.T, x @ w_value.T),
            lambda seen: (
                f"The matrices are turned on their side, and then do not fit: {_sizes(seen)}. "
                "Leave off the .T: their first axis is as long as a word already."
            ),
        ),
        Mistake(
            "number by number",
            lambda x, w_query, w_key, w_value: (x * w_query, x * w_key, x * w_value),
            "You wrote *, which multiplies numbers in the same place. A row times a matrix is @.",
        ),
        Mistake(
            "words as columns",
            _turned,
            lambda seen: (
                f"Your query is {shape_said(seen.got[0].shape)}: each word is a column. In this "
                "course words are rows, in what comes in and in what goes out."
            ),
        ),
        Mistake(
            "query and key swapped",
            lambda x, w_query, w_key, w_value: (x @ w_key, x @ w_query, x @ w_value),
            "Your query is the right key, and your key the right query: the two are swapped, in "
            "the maps or in the return.",
        ),
        Mistake(
            "value first",
            lambda x, w_query, w_key, w_value: (x @ w_value, x @ w_key, x @ w_query),
            "Your three are right, and in reverse order. First the query, then the key, then the "
            "value.",
        ),
        Mistake(
            "key, value, query",
            lambda x, w_query, w_key, w_value: (x @ w_key, x @ w_value, x @ w_query),
            f"Your three are right, but in the order key, value, query. {_ORDER}",
        ),
        Mistake(
            "value, query, key",
            lambda x, w_query, w_key, w_value: (x @ w_value, x @ w_query, x @ w_key),
            f"Your three are right, but in the order value, query, key. {_ORDER}",
        ),
        Mistake(
            "query, value, key",
            lambda x, w_query, w_key, w_value: (x @ w_query, x @ w_value, x @ w_key),
            f"Your three are right, but in the order query, value, key. {_ORDER}",
        ),
        Mistake(
            "query divided already",
            lambda x, w_query, w_key, w_value: (
                x @ w_query / math.sqrt(w_key.shape[1]),
                x @ w_key,
                x @ w_value,
            ),
            lambda seen: (
                f"Your query is divided by √{seen.w_key.shape[1]}. That belongs to the scores: the "
                "maps are nothing but products."
            ),
        ),
        Mistake(
            "one map for query and key",
            lambda x, w_query, w_key, w_value: (x @ w_query, x @ w_query, x @ w_value),
            lambda seen: (
                f"Your key equals your query; for the first word both are {few(seen.got[1][0])}. "
                "What a word asks and what it answers to need a matrix each."
            ),
        ),
        Mistake(
            "key as value",
            lambda x, w_query, w_key, w_value: (x @ w_query, x @ w_key, x @ w_key),
            lambda seen: (
                f"Your value equals your key, with {seen.got[2].shape[1]} numbers a word. What a "
                "word hands over has a map of its own, w_value."
            ),
        ),
        Mistake(
            "word as value",
            lambda x, w_query, w_key, w_value: (x @ w_query, x @ w_key, x),
            "Your value is the word itself, as in chapter 1. It goes through its matrix, too: "
            "w_value decides what is handed over.",
        ),
        Mistake(
            "no maps",
            lambda x, w_query, w_key, w_value: (x, x, x),
            "You return the words three times, unchanged. Each goes through a matrix of its own.",
        ),
        Mistake(
            "numbers of a query meet numbers of a word",
            lambda x, w_query, w_key, w_value: (w_query @ x.T, w_key @ x.T, w_value @ x.T),
            lambda seen: (
                f"Rows of {seen.w_query.shape[1]} numbers meet {seen.x.shape[1]} rows. Either one map "
                "is put after the other, or x is turned on its side. Each of the three is x, as it "
                "is, times one matrix."
            ),
        ),
        Mistake(
            "first word only",
            lambda x, w_query, w_key, w_value: (x[0] @ w_query, x[0] @ w_key, x[0] @ w_value),
            lambda seen: (
                f"Your query is {few(seen.got[0])}, that of the first word. All "
                f"{len(seen.x)} words at once: the whole x stands left of the matrix."
            ),
        ),
        Mistake(
            "words added up",
            _added,
            lambda seen: (
                f"You return one query, {few(seen.got[0])}: those of all {len(seen.x)} words added "
                "up. Each word keeps its own row."
            ),
        ),
        Mistake(
            "divided already",
            _divided,
            lambda seen: (
                f"Your query and your key are divided by √{seen.w_key.shape[1]}. That belongs to "
                "the scores, and only once: the maps are nothing but products."
            ),
        ),
    ),
    hints=(
        "Each of the three is one product. Which of the two factors stands on the left?",
        'The section "Three maps of one word": the cells above Tables 2.2 and 2.3.',
        "Q = x W_q, K = x W_k, V = x W_v.",
        "With x and the matrices of the chapter: the query of cat is (0, 3), its key (3, 0), its "
        "value (3, 0, 0).",
    ),
    solution="""def my_project(x, w_query, w_key, w_value):
    query = x @ w_query
    key = x @ w_key
    value = x @ w_value
    return query, key, value
""",
)

EXERCISES = (PROJECT,)
