"""What the functions of this room ask of their arguments, and how they refuse others, by name."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from functools import wraps
from numbers import Integral, Real
from typing import Any

import torch
from torch import Tensor


def real(name: str, value: Any, least: float, most: float = math.inf, cure: str = "") -> float:
    """The number as Python's own, from least to most.

    Raises:
        TypeError: a text, None, a boolean or a tensor.
        ValueError: out of range, or NaN.

    >>> real("clip", np.float32(2), 0.0)
    2.0
    """
    if not isinstance(value, Real) or isinstance(value, bool):
        raise TypeError(f"{name} is {_shown(value)}, and must be a number{_after(cure)}")
    if value < least or not value <= most:  # so NaN is refused too
        wanted = f"from {least:g} to {most:g}" if most < math.inf else f"at least {least:g}"
        wanted = "a number" if least == -math.inf else wanted
        raise ValueError(f"{name} is {value}, and must be {wanted}{_after(cure)}")
    return float(value)


def positive(name: str, value: Any, cure: str, *, finite: bool = True) -> float:
    """A number above 0.

    Raises:
        TypeError, ValueError: as `real`.
    """
    checked = real(name, value, -math.inf, cure=cure) if value == value else value
    if not value > 0 or (finite and value == math.inf):
        wanted = "above 0 and finite" if finite else "above 0"
        raise ValueError(f"{name} is {value}, and must be {wanted}{_after(cure)}")
    return checked


def whole(name: str, value: Any, least: int, cure: str = "") -> int:
    """A whole number of at least `least`, as Python's own.

    Raises:
        TypeError: anything else, 3.0 and True among them.
        ValueError: a smaller one.

    >>> whole("step", np.int64(3), 0)
    3
    """
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise TypeError(f"{name} is {_shown(value)}, and must be a whole number{_after(cure)}")
    if value < least:
        raise ValueError(f"{name} is {value}, and must be at least {least}{_after(cure)}")
    return int(value)


def renamed(**names: str) -> Callable[[Callable], Callable]:
    """Lets a function take keywords by their old names too, with a warning, for one version.

    >>> @renamed(rate="lr")
    ... def descend(lr):
    ...     return lr
    >>> descend(lr=0.1)
    0.1
    """

    def wrap(function: Callable) -> Callable:
        @wraps(function)
        def called(*values: Any, **given: Any) -> Any:
            for old in names.keys() & given.keys():
                new, name = names[old], function.__name__
                if new in given:
                    raise TypeError(f"{name} got {old} and {new}, which are one: leave {old} out")
                warnings.warn(f"{old} of {name} is now {new}", DeprecationWarning, stacklevel=2)
                given[new] = given.pop(old)
            return function(*values, **given)

        return called

    return wrap


def check_tokens(name: str, tokens: Any, axes: str) -> None:
    """Refuse what are no token numbers in a tensor.

    Raises:
        TypeError: a text, a list, an array, or a tensor of fractions or booleans.
    """
    if not isinstance(tokens, Tensor):
        kind = "text" if isinstance(tokens, str) else type(tokens).__name__
        raise TypeError(
            f"{name} is a {kind}, and must be a tensor of token numbers {axes}: "
            "write torch.tensor([vocabulary.encode(text)])"
        )
    if not is_whole(tokens.dtype):
        raise TypeError(
            f"{name} holds {tokens.dtype}, and token numbers are whole: write {name}.long() if "
            "they are"
        )


def is_whole(dtype: torch.dtype) -> bool:
    """Whether tensors of this type hold whole numbers; booleans are none."""
    return not (dtype.is_floating_point or dtype.is_complex or dtype == torch.bool)


def check_scores(name: str, scores: Any) -> None:
    """Refuse what holds no real numbers with a fraction part in a tensor.

    Raises:
        TypeError: anything else, naming it.
    """
    if not isinstance(scores, Tensor):
        raise TypeError(
            f"{name} is a {type(scores).__name__}, and must be a tensor of real numbers: write "
            f"torch.as_tensor({name})"
        )
    if not scores.dtype.is_floating_point:
        raise TypeError(
            f"{name} holds {scores.dtype}, and needs real numbers with a fraction part: write "
            f"{name}.float()"
        )


def widened(scores: Tensor) -> Tensor:
    """In float32 if they have 16 bits, where sums and logarithms keep their digits."""
    return scores.float() if scores.itemsize < 4 else scores


def _after(cure: str) -> str:
    return f": {cure}" if cure else ""


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"a {type(value).__name__}"
