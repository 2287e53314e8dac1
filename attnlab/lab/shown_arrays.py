"""From whatever holds numbers to a NumPy array that can be shown."""

from __future__ import annotations

from typing import Any

import numpy as np

from attnlab.core.arrays import check_unmasked


def as_array(name: str, values: Any) -> np.ndarray:
    """The values as a NumPy array: tensors of any type, on any device, with or without gradient.

    Types that NumPy lacks, such as bfloat16, come as float32, which holds all their numbers.

    Raises:
        TypeError: an array with a mask of its own, which would be lost.

    >>> as_array("values", torch.ones(2, dtype=torch.bfloat16))
    array([1., 1.], dtype=float32)
    """
    check_unmasked(name, values)
    if hasattr(values, "detach"):
        return _of_tensor(values)
    if isinstance(values, list | tuple) and any(hasattr(value, "detach") for value in values):
        return np.stack([as_array(name, value) for value in values])
    return np.asarray(values)


def _of_tensor(tensor: Any) -> np.ndarray:
    tensor = tensor.detach().cpu().resolve_conj().resolve_neg()
    if tensor.is_floating_point() and str(tensor.dtype).rpartition(".")[2] not in (
        "float16",
        "float32",
        "float64",
    ):
        tensor = tensor.float()
    return tensor.numpy()
