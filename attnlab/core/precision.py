"""In which precision is reckoned: 16-bit numbers in float32, all others in their own.

Of float16 and bfloat16, sums, products and constants such as 1e-5 would lose most of their digits
or overflow. As the fused kernels do, the core computes them in float32 and rounds once, at the end.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from attnlab.core.arrays import Array


def widened(xp: ModuleType, *arrays: Array) -> tuple[Array, ...]:
    """The arrays as they are, or in float32 where they have 16 bits or fewer.

    >>> import array_api_compat.numpy as xp
    >>> [x.dtype.name for x in widened(xp, np.ones(1, np.float16), np.ones(1))]
    ['float32', 'float64']
    """
    for array in arrays:
        if array.itemsize < 4:
            return tuple(_widened(xp, array) for array in arrays)
    return arrays


def narrowed(xp: ModuleType, result: Array, *sources: Array) -> Array:
    """The result in the type that its sources have together: what `widened` did, undone.

    >>> import array_api_compat.numpy as xp
    >>> narrowed(xp, np.ones(1, np.float32), np.ones(1, np.float16)).dtype
    dtype('float16')
    """
    for source in sources:
        if source.itemsize < 4:
            return xp.astype(result, _common(xp, sources), copy=False)
    return result


def check_same_type(xp: ModuleType, **arrays: Array) -> None:
    """Refuse PyTorch tensors that cannot be multiplied: of float32 and float64, or elsewhere.

    NumPy brings its arrays to the wider type by itself.

    Raises:
        TypeError: float64 beside float32, naming both arguments.
        ValueError: tensors on two devices, naming both.
    """
    if xp.__name__ != "array_api_compat.torch":
        return
    name, first = next(iter(arrays.items()))
    device = first.device
    for other, array in arrays.items():
        if array.dtype != first.dtype and max(array.itemsize, 4) != max(first.itemsize, 4):
            raise TypeError(
                f"{name} holds {first.dtype} and {other} {array.dtype}: give both one type, "
                f"{other}.to({name}.dtype)"
            )
        if array.device != device:
            raise ValueError(
                f"{name} lies on {device} and {other} on {array.device}: bring both to one "
                f"device, {other}.to({name}.device)"
            )


def _widened(xp: ModuleType, array: Array) -> Array:
    return xp.astype(array, xp.float32) if array.itemsize < 4 else array


def _common(xp: ModuleType, sources: tuple[Array, ...]) -> Any:
    return xp.result_type(*(source.dtype for source in sources))
