"""What every attention that does not make the whole matrix of weights asks of its sequences."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from attnlab.core.arrays import Array, check_axes, floating, meet
from attnlab.core.precision import check_same_type


def check_sequences(query: Array, key: Array, value: Array) -> ModuleType:
    """The library of query, key and value, once it is sure that they belong together.

    Raises:
        TypeError: not real numbers, of two types, or NumPy mixed with torch.
        ValueError: fewer than two axes, no key, another number of values than of keys, or batch
            axes that do not fit.
    """
    sequences = {"query": query, "key": key, "value": value}
    xp = floating(**sequences)
    for name, axes in {"query": "query d_k", "key": "key d_k", "value": "key d_v"}.items():
        check_axes(name, sequences[name], axes)
    check_same_type(xp, **sequences)
    check_pairs(key, value)
    for name, array in {"key": key, "value": value}.items():
        if not meet(query.shape[:-2], array.shape[:-2]):
            raise ValueError(
                f"query has batch axes {tuple(query.shape[:-2])} and {name} "
                f"{tuple(array.shape[:-2])}: counted from the right, each must be equal, or 1 in "
                "one of them"
            )
    return xp


def check_pairs(key: Array, value: Array) -> None:
    """Raises ValueError unless there is a key, one value for each, and batch axes that fit."""
    if key.shape[-2] != value.shape[-2]:
        raise ValueError(
            f"key has {key.shape[-2]} positions and value {value.shape[-2]}: "
            "each key needs exactly one value, so take both from the same words"
        )
    if key.shape[-2] == 0:
        raise ValueError(
            f"key has shape {tuple(key.shape)}, no position at all: a query needs at least one "
            "key to read from"
        )
    if not meet(key.shape[:-2], value.shape[:-2]):
        raise ValueError(
            f"key has batch axes {tuple(key.shape[:-2])} and value {tuple(value.shape[:-2])}: "
            "counted from the right, each must be equal, or 1 in one of them"
        )


def check_attend(attend: Any) -> None:
    """Raises TypeError unless `attend` can be called."""
    if not callable(attend):
        raise TypeError(
            f"attend is {attend!r}, and must be a function (query, key, value, mask) -> output, "
            "such as attention"
        )


def check_causal(causal: Any) -> None:
    """Raises TypeError unless `causal` is True or False, which a mask in its place is not."""
    if not isinstance(causal, bool):
        raise TypeError(
            f"causal is a {type(causal).__name__}, and must be True or False: a mask cannot be "
            "handed in here, since not all scores are made"
        )


def check_same_words(query: Array, key: Array, because: str) -> None:
    """Raises ValueError unless there are as many queries as keys."""
    if query.shape[-2] != key.shape[-2]:
        raise ValueError(
            f"query has {query.shape[-2]} positions and key {key.shape[-2]}: {because}, "
            "so take query and key from the same words"
        )
