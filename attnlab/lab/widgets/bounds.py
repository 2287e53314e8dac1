"""Traits that say what they may be: all are sent to the page, and checked wherever they are set."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import traitlets as t

from attnlab.lab.widgets.sending import numbers


def now(bound, figure) -> Any:
    """A bound as it is now: it may name a trait of the figure, or be worked out from the figure."""
    if isinstance(bound, str):
        return getattr(figure, bound)
    return bound(figure) if callable(bound) else bound


class _Bounded(t.TraitType):
    """A trait with a default, and with words on how to put right what it refuses."""

    def __init__(self, default, cure: str = ""):
        super().__init__(default)
        self.cure = cure
        self.tag(sync=True)

    def _cross_validate(self, obj, value):
        """Not `validate`, which comes before the traits are set from which the bounds follow."""
        value = super()._cross_validate(obj, value)
        if not self.allows(obj, value):
            said = repr(value) if isinstance(value, str) else value
            raise ValueError(f"{self.name} is {said}, and must be {self.range(obj)}{self.cure}")
        return value

    def allows(self, figure, value) -> bool:
        """Whether the figure can be shown with this value."""
        raise NotImplementedError

    def range(self, figure) -> str:
        """What may be in its place, in words."""
        raise NotImplementedError


class _Between(_Bounded):
    """A number from `low` to `high`, both included; without end if `high` is None."""

    def __init__(self, low, high=None, *, default, cure: str = ""):
        super().__init__(default, cure)
        self.low, self.high = low, high

    def allows(self, figure, value) -> bool:
        low, high = now(self.low, figure), now(self.high, figure)
        return low <= value and (high is None or value <= high)

    def range(self, figure) -> str:
        low, high = now(self.low, figure), now(self.high, figure)
        return f"at least {low}" if high is None else f"from {low} to {high}"


class Whole(_Between, t.Int):
    """A whole number from `low` to `high`; both may follow from the figure, as `now` says."""

    def __init__(self, low, high=None, *, default=0, cure: str = ""):
        super().__init__(low, high, default=default, cure=cure)


class Real(_Between, t.Float):
    """A real number from `low` to `high`."""


class Positive(_Bounded, t.Float):
    """A finite number above 0, or from a smallest one on."""

    def __init__(self, default=1.0, *, least: float | str = 0.0, cure: str = ""):
        super().__init__(default, cure)
        self.least = least

    def allows(self, figure, value) -> bool:
        return value > 0 and now(self.least, figure) <= value < math.inf

    def range(self, figure) -> str:
        least = now(self.least, figure)
        return f"finite and at least {least}" if least else "above 0 and finite"


class OneOf(_Bounded, t.Unicode):
    """One of some words, a list of them or what `now` makes one of."""

    def __init__(self, words, default: str = "", *, cure: str = ""):
        super().__init__(default, cure)
        self.words = words

    def allows(self, figure, value) -> bool:
        return value in now(self.words, figure)

    def range(self, figure) -> str:
        return f"one of {', '.join(now(self.words, figure))}"


class Numbers(t.TraitType):
    """Finite numbers as an array with one axis or two; a page may change them.

    Args:
        axes: a name for each axis.
    """

    default_value = None

    def __init__(self, *axes: str, allow_none: bool = False):
        super().__init__(allow_none=allow_none)
        self.axes = axes
        self.tag(sync=True, to_json=lambda array, _: None if array is None else array.tolist())

    def validate(self, obj, value):  # noqa: ARG002
        """The value as an array of its own."""
        shape = np.shape(value)
        if len(self.axes) == 1 and shape == (0,):
            return np.zeros(0)
        if len(shape) != len(self.axes):
            raise ValueError(f"{self.name} has shape {shape}, and needs ({', '.join(self.axes)})")
        rows = [value] if len(shape) == 1 else value
        return numbers(str(self.name), rows)[0, 0].reshape(shape)
