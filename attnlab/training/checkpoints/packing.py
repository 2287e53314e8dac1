"""Packing: nested Python values as JSON and tensors, and back, with no pickle."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def pack(value: Any, name: str, tensors: dict[str, Tensor]) -> Any:
    """Turn a value into what JSON can hold, and put its tensors into `tensors`.

    Args:
        value: numbers, words, None and tensors, in lists, tuples and dicts of any depth.
        name: what the value is called; its tensors are named after it.
        tensors: is added to.

    Raises:
        TypeError: there is something else in it, named by where it is.

    >>> tensors = {}
    >>> pack({"betas": (0.9, 0.98), "mean": torch.ones(2)}, "state", tensors)
    {'dict': [['betas', {'tuple': [0.9, 0.98]}], ['mean', {'tensor': 'state.mean'}]]}
    >>> tensors
    {'state.mean': tensor([1., 1.])}
    """
    if isinstance(value, Tensor):
        tensors[name] = value.detach().clone(memory_format=torch.contiguous_format)
        return {"tensor": name}
    if isinstance(value, dict):
        return {
            "dict": [[key, pack(part, f"{name}.{key}", tensors)] for key, part in value.items()]
        }
    if isinstance(value, list | tuple):
        parts = [pack(part, f"{name}.{index}", tensors) for index, part in enumerate(value)]
        return {"tuple": parts} if isinstance(value, tuple) else parts
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if getattr(value, "shape", None) == ():  # a number of NumPy
        return value.item()
    raise TypeError(
        f"{name} is a {type(value).__name__}, and only numbers, words, None, tensors, and lists, "
        "tuples and dicts of them can be saved: leave it out, or save what it is made of"
    )


def unpack(packed: Any, tensors: dict[str, Tensor]) -> Any:
    """The value that was packed; its tensors are those of `tensors`.

    >>> unpack({"tuple": [1, {"tensor": "mean"}]}, {"mean": torch.ones(2)})
    (1, tensor([1., 1.]))
    """
    if isinstance(packed, list):
        return [unpack(part, tensors) for part in packed]
    if not isinstance(packed, dict):
        return packed
    ((kind, inside),) = packed.items()
    if kind == "tensor":
        return tensors[inside]
    if kind == "tuple":
        return tuple(unpack(part, tensors) for part in inside)
    return {key: unpack(part, tensors) for key, part in inside}
