"""The libraries and precisions that every function of the core is tested on."""

import numpy as np
import pytest
import torch

DTYPES = ["float16", "float32", "float64"]
TOLERANCE = {"float16": 4e-3, "float32": 1e-6, "float64": 1e-12}


def make(library: str, array, dtype: str = "float64"):
    """The array in this library and precision; whole numbers and booleans as they are."""
    array = np.asarray(array)
    if array.dtype.kind == "f":
        array = array.astype(dtype)
    return torch.from_numpy(array.copy()) if library == "torch" else array


def numbers(array) -> np.ndarray:
    """Back to NumPy in float64 or bool, from either library."""
    array = array.detach().numpy() if isinstance(array, torch.Tensor) else array
    return array.astype(np.float64) if array.dtype.kind == "f" else array


def same_kind(result, like) -> bool:
    """Whether the result is of the library and precision of its input."""
    return type(result) is type(like) and result.dtype == like.dtype


everywhere = pytest.mark.parametrize(
    ("library", "dtype"), [(library, d) for library in ("numpy", "torch") for d in DTYPES]
)
