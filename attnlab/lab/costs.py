"""What a function costs, counted and not timed: the same on every machine."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode


def multiplications(function: Callable[..., Any], *shapes: tuple[int, ...]) -> int:
    """How many multiplications of numbers a function takes for its products of matrices.

    It is called with tensors that have a shape and no numbers, so the largest ones are counted in
    no time. What is done number by number, such as exp, is not counted.

    Args:
        function: of tensors.
        shapes: of each tensor that it gets.

    Raises:
        TypeError: a shape that is none.

    >>> multiplications(lambda a, b: a @ b, (2, 3), (3, 5))
    30
    """
    for shape in shapes:
        if not isinstance(shape, tuple):
            raise TypeError(f"a shape is {shape!r}, and must be a tuple such as (300, 64)")
    tensors = [torch.zeros(shape, device="meta") for shape in shapes]
    with FlopCounterMode(display=False) as counter:
        function(*tensors)
    return counter.get_total_flops() // 2  # each multiplication comes with an addition


def peak_memory(function: Callable[..., Any], *arrays: Any) -> int:
    """How many bytes a function of NumPy arrays holds at once, beside its arguments, at most.

    Raises:
        TypeError: PyTorch tensors, whose memory Python does not see.

    >>> x = np.zeros(1000)  # 8,000 bytes
    >>> round(peak_memory(lambda x: (x + 1) + (x + 2), x), -3)
    24000
    """
    if any(isinstance(array, torch.Tensor) for array in arrays):
        raise TypeError("Python does not see the memory of PyTorch tensors: give NumPy arrays")
    tracemalloc.start()
    try:
        function(*arrays)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
