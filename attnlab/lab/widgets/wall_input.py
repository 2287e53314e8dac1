"""What a wall of heads is made from, checked: weights and words of sentences, and measures."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from attnlab.lab.shown_arrays import as_array, listed_words, real_array

LAYERS, DOES, CHANGE = "layer and head", "what it does", "change without it"
MOST = 250_000  # bytes of weights in one figure
_MARKS = {
    "previous word": "←",
    "next word": "→",
    "itself": "•",
    "same word": "=",
    "separator": "|",
    "[CLS]": "[",
    "[SEP]": "]",
    "syntax": "§",
    "many words": "≈",
    "broad": "≈",
}


def sentences_of(weights, tokens) -> tuple[list[np.ndarray], list[list[str]]]:
    """An array (layer, head, query, key) and a list of words for each sentence.

    Raises:
        TypeError, ValueError: naming the argument, both sizes and the cure.
    """
    if isinstance(tokens, str):
        raise TypeError("tokens is one string: write tokens.split() for a list of words")
    single = len(tokens) > 0 and all(isinstance(each, str) for each in tokens)
    weights, tokens = ([weights], [tokens]) if single else (list(weights), list(tokens))
    if len(weights) != len(tokens) or not tokens:
        raise ValueError(
            f"weights has {len(weights)} sentences and tokens {len(tokens)}: give each both"
        )
    arrays = [_weights_of(each, place) for place, each in enumerate(weights)]
    words = [listed_words("tokens", each) for each in tokens]
    for place, (array, row) in enumerate(zip(arrays, words, strict=True)):
        _check_fit(array, row, arrays[0], place)
    return arrays, words


def bytes_of(arrays: list[np.ndarray]) -> np.ndarray:
    """All weights in a row, in steps of 1/255, as bytes.

    Raises:
        ValueError: more than one figure should hold.
    """
    count = sum(array.size for array in arrays)
    if count > MOST:
        raise ValueError(
            f"weights has {count} numbers in {len(arrays)} sentences, and a figure holds {MOST}: "
            "show fewer sentences, or shorter ones"
        )
    steps = [np.rint(255 * np.minimum(array, 1.0)) for array in arrays]
    return np.concatenate([each.ravel() for each in steps]).astype(np.uint8)


def kinds_of(kinds, layers: int, heads: int) -> tuple[list[str], np.ndarray | None]:
    """The names of the kinds, and how much of each every head does, (kind, layer × head)."""
    if not kinds:
        return [], None
    if not isinstance(kinds, Mapping):
        raise TypeError(f"kinds is {kinds!r}, and must be a dictionary: a name, and its numbers")
    names = [str(name) for name in kinds]
    if taken := sorted(set(names) & {LAYERS, DOES, CHANGE}):
        raise ValueError(f"kinds has {taken}, which the wall is sorted by in any case: rename them")
    rows = [_measured(f"kinds[{name!r}]", kinds[name], layers, heads) for name in kinds]
    return names, np.stack(rows)


def changes_of(changes, sentences: int, layers: int, heads: int) -> np.ndarray | None:
    """How far the embedding moves without each head, (sentence, layer × head)."""
    if changes is None:
        return None
    changes = as_array("changes", changes)
    rows = [changes] * sentences if np.ndim(changes) == 2 else list(changes)
    if len(rows) != sentences:
        raise ValueError(
            f"changes has {len(rows)} sentences, and tokens {sentences}: give one array for each, "
            "or one for all"
        )
    return np.stack([_measured("changes", row, layers, heads, most=2.0) for row in rows])


def names_of(names, tokens: list[list[str]]) -> list[str]:
    """What each sentence is called: its words, without marks such as [CLS], if nothing else."""
    if names is None:
        names = [_spoken(words) or f"sentence {place + 1}" for place, words in enumerate(tokens)]
    names = listed_words("names", names)
    if len(names) != len(tokens):
        raise ValueError(f"names has {len(names)} names, and tokens {len(tokens)} sentences")
    if len(set(names)) < len(names):
        raise ValueError("names has the same name twice: each sentence needs one of its own")
    return names


def marks_of(marks, kinds: list[str]) -> list[str]:
    """A sign for each kind."""
    if marks is None:
        return [_MARKS.get(kind, kind[:1]) for kind in kinds]
    marks = listed_words("marks", marks)
    if len(marks) != len(kinds) or any(not 0 < len(mark) < 3 for mark in marks):
        raise ValueError(
            f"marks is {marks}, and needs a sign of one or two letters for each of {len(kinds)} "
            "kinds"
        )
    return marks


def _weights_of(weights, place: int) -> np.ndarray:
    array = real_array("weights", weights)
    if array.ndim != 4 or 0 in array.shape or array.shape[2] != array.shape[3]:
        raise ValueError(
            f"weights of sentence {place} has shape {array.shape}, and needs (layer, head, query, "
            "key), with as many queries as keys"
        )
    array = array.astype(np.float64)
    wrong = np.argwhere(~((array >= 0) & (array <= 1 + 1e-6)))
    if len(wrong):
        where = tuple(int(i) for i in wrong[0])
        raise ValueError(
            f"weights of sentence {place} holds {array[where]} at {list(where)}, and a weight is "
            "from 0 to 1: give what softmax gave"
        )
    return array


def _check_fit(array: np.ndarray, words: list[str], first: np.ndarray, place: int) -> None:
    if len(words) != array.shape[2]:
        raise ValueError(
            f"weights of sentence {place} has {array.shape[2]} queries, and its tokens "
            f"{len(words)}: give a word for each"
        )
    if array.shape[:2] != first.shape[:2]:
        raise ValueError(
            f"weights of sentence {place} has {array.shape[:2]} layers and heads, and those of "
            f"sentence 0 {first.shape[:2]}: all are of one model"
        )


def _measured(name: str, values, layers: int, heads: int, most: float = 1.0) -> np.ndarray:
    array = real_array(name, values)
    if array.shape != (layers, heads):
        raise ValueError(
            f"{name} has shape {array.shape}, and weights {(layers, heads)} layers and heads: give "
            "a number for each head"
        )
    array = array.astype(np.float64)
    if not ((array >= -1e-6) & (array <= most + 1e-6)).all():
        raise ValueError(
            f"{name} goes from {array.min():.4g} to {array.max():.4g}, and must stay from 0 to "
            f"{most:g}"
        )
    return np.clip(array, 0, most).ravel().round(6)


def _spoken(words: list[str]) -> str:
    """A sentence of its pieces: without marks, and what begins with ## joined to what it ends."""
    kept = [word for word in words if not (word[:1] == "[" and word[-1:] == "]")]
    return " ".join(kept).replace(" ##", "")
