"""Chapter 5: the whole layer, project, split, attend, join, project."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw, Probe, Seen
from attnlab.check.exercises.multi_head_mistakes import MISTAKES, RIGHT, layer_with
from attnlab.check.wording import few
from attnlab.core import attention, dot

_NAMES = ("w_query", "w_key", "w_value", "w_output")


def _plain(q: Any, k: Any, v: Any) -> Any:
    e = np.exp(dot(q, k) / math.sqrt(q.shape[-1]))
    return e / e.sum(axis=-1, keepdims=True) @ v


def _one_maximum(q: Any, k: Any, v: Any) -> Any:
    scores = dot(q, k) / math.sqrt(q.shape[-1])
    e = np.exp(scores - scores.max())
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(total == 0, 1, total) @ v


def _everyone_meets(q: Any, k: Any, v: Any) -> Any:
    heads, words, d_k = q.shape
    same_head = np.kron(np.eye(heads), np.ones((words, words))) == 1
    q, k, v = (part.reshape(heads * words, d_k) for part in (q, k, v))
    return attention(q, k, v, same_head).reshape(heads, words, d_k)


def _random(words: int, d_model: int, heads: int, size: float = 1.0) -> Probe:
    def probe(random: np.random.Generator) -> dict[str, Any]:
        x = size * random.normal(size=(words, d_model))
        square = (d_model, d_model)
        matrices = {name: random.normal(size=square) / math.sqrt(d_model) for name in _NAMES}
        return {"x": x, **matrices, "heads": heads}

    return probe


def _first(_: np.random.Generator) -> dict[str, Any]:
    matrices = ([[1, 0], [0, 2]], [[1, 1], [0, 1]], [[0, 1], [1, 1]], [[1, 2], [0, 1]])
    named = {name: np.array(matrix, float) for name, matrix in zip(_NAMES, matrices, strict=True)}
    return {"x": np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 1.0]]), **named, "heads": 2}


def _rows_far_apart(_: np.random.Generator) -> dict[str, Any]:
    # One head; the scores of the second word are about −400, those of the others about 400.
    x = np.array([[28.0, 20.0], [-28.0, 20.5], [27.0, 19.9]])
    maps = ([[1, 0], [0, 0]], [[0, 0], [1, 0]], [[1, 0], [0, 1]], [[1, 0], [0, 1]])
    named = {name: np.array(matrix, float) for name, matrix in zip(_NAMES, maps, strict=True)}
    return {"x": x, **named, "heads": 1}


def _rounded(seen: Seen) -> str:
    lost = np.isnan(seen.got[1]) | (seen.got[1] == 0)
    if not lost.all() or not np.allclose(seen.got[0], seen.wanted[0]):
        raise ValueError("something else is wrong")
    return (
        f"where a word has scores far below those of another, it gets {few(seen.got[1])}: all its "
        "exponentials round to 0. One maximum for all rows does that; subtract the largest score "
        "of each row, or call softmax."
    )


def _infinite(seen: Seen) -> str:
    if not np.isnan(seen.got).any():
        raise ValueError("something else is wrong")
    return (
        "for vectors a hundred times as long it gives NaN: exp of a large score is infinite. "
        "Subtract the largest score of each row first, or call softmax."
    )


MULTI_HEAD = Exercise(
    number="5.6",
    name="multi_head",
    title="The whole layer",
    difficulty="hard",
    minutes=15,
    parameters={
        "x": "position d_model",
        **dict.fromkeys(_NAMES, "d_model d_model"),
        "heads": "",
    },
    result="position d_model",
    reference=RIGHT,
    probes=(_first, _random(5, 6, 2), _random(4, 6, 3), _random(7, 15, 5)),
    mistakes=MISTAKES,
    flaws=(
        Flaw(
            "one maximum for all rows", layer_with(attend=_one_maximum), _rows_far_apart, _rounded
        ),
        Flaw(
            "overflows",
            layer_with(attend=_plain),
            _random(5, 6, 2, size=100.0),
            _infinite,
        ),
        Flaw(
            "larger than needed",
            layer_with(attend=_everyone_meets),
            _random(100, 80, 8),
            lambda seen: (
                f"for {len(seen.x)} words and {seen.heads} heads it holds far more than "
                f"{seen.heads} tables of {len(seen.x)} × {len(seen.x)}. Queries need not meet keys of "
                "other heads, and @ multiplies and adds in one go."
            ),
            most_bytes=9 * 8 * 8 * 100 * 100,
        ),
    ),
    hints=(
        "Five steps, and you wrote two of them in the last two exercises.",
        'The section "The last matrix", and the cell that proves "no loop, same numbers".',
        "output = join(attention(split(x W_q), split(x W_k), split(x W_v))) W_o.",
        "Five words of length 6 and two heads: (5, 6) → (2, 5, 3) → (5, 6).",
    ),
    solution="""from attnlab import attention, join_heads, split_heads
def my_multi_head(x, w_query, w_key, w_value, w_output, heads):
    query, key, value = x @ w_query, x @ w_key, x @ w_value  # project
    query, key, value = (split_heads(wide, heads) for wide in [query, key, value])
    return join_heads(attention(query, key, value)) @ w_output  # attend, join, project
""",
)

EXERCISES = (MULTI_HEAD,)
