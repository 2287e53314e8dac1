"""What a figure sends to the browser: checked arrays with four axes, and words."""

from __future__ import annotations

import numpy as np

from attnlab.lab.shown_arrays import as_array, listed_words


def numbers(name: str, array) -> np.ndarray:
    """A copy as float64 with the axes (layer, head, row, column), each number finite."""
    array = as_array(name, array)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} holds {array.dtype}, and needs real numbers")
    if not 2 <= array.ndim <= 4:
        raise ValueError(
            f"{name} has shape {array.shape}, and needs 2 to 4 axes: [layer, [head,]] row, column"
        )
    if 0 in array.shape:
        raise ValueError(f"{name} has shape {array.shape}: an axis of length 0 shows nothing")
    wrong = np.argwhere(~np.isfinite(array))
    if len(wrong):
        place = tuple(int(i) for i in wrong[0])
        raise ValueError(
            f"{name} holds {array[place]} at {list(place)}, and a figure shows finite numbers "
            "only: forbid a pair by mask, not by its score"
        )
    return np.array(array.reshape((1,) * (4 - array.ndim) + array.shape), np.float64, order="C")


def scored(scores, query, key, scale) -> tuple:
    """Checked scores, and the queries, keys and divisor that they come from, if given as these."""
    if (scores is None) == (query is None) or (query is None) != (key is None):
        raise TypeError("give either scores, or both query and key")
    if scores is None:
        query, key = _vectors(query, key)
        scale = float(np.sqrt(query.shape[-1])) if scale is None else float(scale)
        scores = query @ key.swapaxes(-1, -2) / scale
    return numbers("scores", scores), query, key, 1.0 if scale is None else scale


def scores_behind(weights: np.ndarray) -> np.ndarray:
    """Scores with these weights: their logarithms, since softmax takes no notice of a constant."""
    wrong = np.argwhere((weights < 0) | (weights > 1 + 1e-6))
    if len(wrong):
        place = tuple(int(i) for i in wrong[0])
        raise ValueError(
            f"weights holds {weights[place]} at {list(place)}, and a weight is from 0 to 1: "
            "give scores, before softmax, as scores"
        )
    return np.log(np.maximum(weights, 1e-300))


def words_of(name: str, words, count: int) -> list[str]:
    """One word for each row or column; the position where none are given."""
    if words is None:
        return [str(position) for position in range(count)]
    words = listed_words(name, words)
    if len(words) != count:
        raise ValueError(
            f"{name} has {len(words)} words, and the figure {count}: give one for each"
        )
    return words


def one_for_each_word(scores: list[float], words: list[str]) -> list[float]:
    """The scores, if there are as many as words.

    Raises:
        ValueError: there are not, naming both.
    """
    if len(scores) != len(words):
        raise ValueError(
            f"scores has {len(scores)} numbers, and words {len(words)}: give a score for each word"
        )
    return scores


def words_beside(queries: int, keys: int, words, key_words) -> tuple[list[str], list[str]]:
    """A word for each query and each key; `words` serve both unless `key_words` are given."""
    if key_words is None and words is not None and queries != keys:
        raise ValueError(
            f"scores has {queries} queries and {keys} keys: give key_words as well as words"
        )
    key_words = words if key_words is None else key_words
    return words_of("words", words, queries), words_of("key_words", key_words, keys)


def mask_of(mask, queries: int, keys: int):
    """A mask (query, key) as numbers with four axes, 1 = may attend; nothing stays nothing."""
    if mask is None:
        return None
    mask = as_array("mask", mask)
    if mask.dtype != bool:
        raise TypeError(f"mask holds {mask.dtype}, and must be boolean, True = may attend")
    try:
        mask = np.broadcast_to(mask, (queries, keys))
    except ValueError:
        raise ValueError(
            f"mask has shape {mask.shape}, and the figure {queries} queries by {keys} keys"
        ) from None
    return mask[None, None].astype(np.uint8)


def sent(array, _widget=None):
    """An array as its shape and bytes, which travel beside the JSON."""
    if array is None:
        return None
    return {"shape": list(array.shape), "data": memoryview(array.tobytes())}


def _vectors(query, key) -> tuple[np.ndarray, np.ndarray]:
    """Queries and keys as they are sent, with the same layers and heads."""
    query, key = numbers("query", query), numbers("key", key)
    if query.shape[-1] != key.shape[-1]:
        raise ValueError(
            f"query has vectors of length {query.shape[-1]} and key of length "
            f"{key.shape[-1]}: a dot product needs equal lengths"
        )
    try:
        batch = np.broadcast_shapes(query.shape[:2], key.shape[:2])
    except ValueError:
        raise ValueError(
            f"query has {query.shape[:2]} layers and heads and key {key.shape[:2]}: "
            "each must be equal, or 1 in one of them"
        ) from None
    query = np.broadcast_to(query, batch + query.shape[2:])
    return query, np.broadcast_to(key, batch + key.shape[2:])
