"""What every function of the core asks of its arrays, and the words in which it refuses them.

The core is written once, on the Python array API (https://data-apis.org/array-api), so the same
lines run on NumPy arrays and on PyTorch tensors, with gradients.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

from array_api_compat import array_namespace, is_array_api_obj

from attnlab.core.shapes import Bool, Float, Integer, Real

if TYPE_CHECKING:
    Mask = Bool
else:

    class Mask:
        """Booleans that broadcast to (..., query, key): ``Mask[Array, "query key"]``."""

        def __class_getitem__(cls, wanted: tuple[Any, str]) -> Any:
            array, (query, key) = wanted[0], wanted[1].split()
            every = Bool[array, f"... #{query} #{key}"]
            return every | Bool[array, f"#{key}"] | Bool[array, ""]


Array = Any  # a NumPy array or a PyTorch tensor
_libraries: dict[tuple[type, ...], ModuleType] = {}  # by the types of arrays: asked very often

__all__ = [
    "Array",
    "Bool",
    "Float",
    "Integer",
    "Mask",
    "Real",
    "check_axes",
    "check_boolean",
    "check_unmasked",
    "fits",
    "floating",
    "kind_of",
    "meet",
    "namespace",
    "real_numbers",
]


def namespace(**arrays: Array) -> ModuleType:
    """The library that the named arrays belong to, behind the array API's names.

    Raises TypeError if one of them is no array, if NumPy and PyTorch are mixed, or if an array
    has a mask of its own, which would be lost without a word.
    """
    kinds = tuple(map(type, arrays.values()))
    if kinds not in _libraries:
        _libraries[kinds] = _library_of(arrays)
    return _libraries[kinds]


def _library_of(arrays: dict[str, Array]) -> ModuleType:
    for name, array in arrays.items():
        if not is_array_api_obj(array):
            raise TypeError(
                f"{name} is a {type(array).__name__}, not an array: "
                f"write np.array({name}) or torch.tensor({name})"
            )
        check_unmasked(name, array)
    try:
        return array_namespace(*arrays.values())
    except TypeError:
        kinds = ", ".join(f"{name} is a {_library(array)}" for name, array in arrays.items())
        raise TypeError(
            f"{kinds}: take one library for all of them, "
            "with torch.from_numpy(array) or tensor.detach().numpy()"
        ) from None


def floating(**arrays: Array) -> ModuleType:
    """Like `namespace`, for arrays that must hold real numbers with a fraction part.

    Raises TypeError for integers, booleans and complex numbers, naming the argument.
    """
    xp = namespace(**arrays)
    for name, array in arrays.items():
        if not kind_of(xp, array.dtype, "real floating"):
            raise TypeError(
                f"{name} holds {array.dtype}, and needs real numbers with a fraction part: "
                f"write {name}.astype(float) in NumPy or {name}.double() in torch"
            )
    return xp


def check_unmasked(name: str, array: Any) -> None:
    """Raises TypeError for NumPy's masked arrays and PyTorch's masked tensors."""
    kind = type(array).__name__
    if kind in ("MaskedArray", "MaskedTensor", "mvoid") or hasattr(array, "harden_mask"):
        raise TypeError(
            f"{name} is a {kind} with a mask of its own, which would be lost: hand in the numbers "
            f"alone, {name}.filled(0) or {name}.get_data(), and the mask as a boolean array, "
            "True = may attend"
        )


def real_numbers(**arrays: Array) -> ModuleType:
    """Like `namespace`, for arrays that must hold real numbers, whole or not: positions, lengths.

    Raises TypeError for booleans and complex numbers, naming the argument.
    """
    xp = namespace(**arrays)
    for name, array in arrays.items():
        if not any(kind_of(xp, array.dtype, kind) for kind in ("integral", "real floating")):
            raise TypeError(
                f"{name} holds {array.dtype}, and needs numbers: positions, such as np.arange(n)"
            )
    return xp


@lru_cache(100)
def kind_of(xp: ModuleType, dtype: Any, kind: str) -> bool:
    """Whether `dtype` is of this kind of the array API, remembered because it is asked often."""
    return xp.isdtype(dtype, kind)


def check_axes(name: str, array: Array, axes: str) -> None:
    """Raises ValueError unless `array` has at least the named axes, such as "query d_k"."""
    names = axes.split()
    if array.ndim < len(names):
        raise ValueError(
            f"{name} has shape {tuple(array.shape)}, and needs at least {len(names)} axes "
            f"(..., {', '.join(names)}): a single vector is one row, {name}[None, :]"
        )


def check_boolean(name: str, mask: Array) -> None:
    """Raises TypeError unless `mask` holds booleans."""
    if not kind_of(namespace(mask=mask), mask.dtype, "bool"):
        raise TypeError(
            f"{name} holds {mask.dtype}, and must be boolean, True = may attend: "
            f"write {name} == 1 if 1 means allowed, {name} == 0 if 0 does"
        )


def fits(shape: Sequence[int], onto: Sequence[int]) -> bool:
    """Whether an array of this shape can be spread over one of shape `onto`, which stays as it is.

    Counted from the right, each axis is as long as the other's, or 1.

    >>> fits((1, 3), (2, 3)), fits((2,), (2, 3)), fits((2, 3), (3,))
    (True, False, False)
    """
    pairs = zip(reversed(shape), reversed(onto), strict=False)
    return len(shape) <= len(onto) and all(one in (1, other) for one, other in pairs)


def meet(shape: Sequence[int], other: Sequence[int]) -> bool:
    """Whether two shapes can be spread over each other: axes are equally long, or 1 in one of them.

    >>> meet((4, 1), (5,)), meet((4, 2), (5,))
    (True, False)
    """
    pairs = zip(reversed(shape), reversed(other), strict=False)
    return all(one == two or 1 in (one, two) for one, two in pairs)


def _library(array: Array) -> str:
    return "torch tensor" if type(array).__module__.startswith("torch") else "NumPy array"
