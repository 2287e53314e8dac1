"""What every generator of data asks of its source of randomness and of its counts."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import torch


def check_draw(random: Any, **counts: Any) -> None:
    """Refuse a source of randomness that is none, and counts that are not whole, by name.

    Raises:
        TypeError: such as a seed in place of a generator.
        ValueError: a count below 0.
    """
    if not isinstance(random, torch.Generator):
        raise TypeError(
            f"random is {random!r}, and must be a generator: write torch.Generator().manual_seed(0)"
        )
    for name, count in counts.items():
        if not isinstance(count, Integral) or isinstance(count, bool):
            raise TypeError(f"{name} is {count!r}, and must be a whole number")
        if count < 0:
            raise ValueError(f"{name} is {count}, and must be at least 0")
