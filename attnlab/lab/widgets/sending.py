"""What a figure sends to the browser: checked arrays with four axes, and words."""

from __future__ import annotations

import numpy as np


def numbers(name: str, array) -> np.ndarray:
    """A copy as float64 with the axes (layer, head, row, column), each number finite."""
    array = np.asarray(array.detach().cpu().double() if hasattr(array, "detach") else array)
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


def words_of(name: str, words, count: int) -> list[str]:
    """One word for each row or column; the position where none are given."""
    if words is None:
        return [str(position) for position in range(count)]
    if isinstance(words, str):
        raise TypeError(f"{name} is one string: write {name}.split() for a list of words")
    words = [str(word) for word in words]
    if len(words) != count:
        raise ValueError(
            f"{name} has {len(words)} words, and the figure {count}: give one for each"
        )
    return words


def sent(array, _widget=None):
    """An array as its shape and bytes, which travel beside the JSON."""
    if array is None:
        return None
    return {"shape": list(array.shape), "data": memoryview(array.tobytes())}
