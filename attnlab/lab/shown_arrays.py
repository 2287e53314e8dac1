"""From whatever holds numbers to a NumPy array that can be shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from attnlab.core.arrays import check_unmasked


def as_array(name: str, values: Any) -> np.ndarray:
    """The values as a NumPy array: tensors of any type, on any device, with or without gradient.

    Types that NumPy lacks, such as bfloat16, come as float32, which holds all their numbers.

    Raises:
        TypeError: an array with a mask of its own, which would be lost, or without numbers.
        ValueError: rows of different lengths.

    >>> as_array("values", torch.ones(2, dtype=torch.bfloat16))
    array([1., 1.], dtype=float32)
    """
    check_unmasked(name, values)
    if hasattr(values, "detach"):
        return _of_tensor(name, values)
    try:
        if _holds_arrays(values):
            return np.stack([as_array(name, value) for value in values])
        array = np.asarray(values)
    except ValueError as error:
        if "shape" not in str(error):
            raise
        raise ValueError(f"{name} has rows of different lengths: give all the same") from None
    if array.dtype.kind == "O" and array.ndim == 0:
        raise TypeError(
            f"{name} is a {type(values).__name__}, and must be an array, a tensor or a list"
        )
    return array


def real_array(name: str, values: Any) -> np.ndarray:
    """The values as `as_array` gives them, if they are real numbers or booleans.

    Raises:
        TypeError: texts, complex numbers or anything else, and as `as_array`.
        ValueError: as `as_array`.
    """
    array = as_array(name, values)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} holds {array.dtype}, and needs real numbers")
    return array


def listed_words(name: str, words: Any) -> list[str]:
    """The words as strings.

    Raises:
        TypeError: a single text, or nothing that could be listed.
    """
    if isinstance(words, str):
        raise TypeError(f"{name} is one string: write {name}.split() for a list of words")
    if not isinstance(words, Iterable):
        raise TypeError(f"{name} is {words!r}, and must be a list of words")
    return [str(word) for word in words]


def _holds_arrays(values: Any) -> bool:
    """Whether there are tensors, or arrays with a mask of their own, in a list of any depth."""
    return isinstance(values, list | tuple) and any(
        hasattr(value, "detach") or hasattr(value, "harden_mask") or _holds_arrays(value)
        for value in values
    )


def _of_tensor(name: str, tensor: Any) -> np.ndarray:
    if tensor.device.type == "meta":
        raise TypeError(f"{name} lies on meta, where tensors have a shape and no numbers")
    tensor = tensor.detach().cpu().to_dense().resolve_conj().resolve_neg()
    if str(tensor.dtype) == "torch.complex32":
        tensor = tensor.cfloat()
    if tensor.is_floating_point() and str(tensor.dtype).rpartition(".")[2] not in (
        "float16",
        "float32",
        "float64",
    ):
        tensor = tensor.float()
    return tensor.numpy()
