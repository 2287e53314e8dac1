"""What the numbers of a model must be, asked when a config is made and not when it is used."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any


def check_config(config: Any, kind: type) -> None:
    """Refuse what is no config of this kind.

    Raises:
        TypeError: naming both.
    """
    if not isinstance(config, kind):
        found = config.__name__ if isinstance(config, type) else f"a {type(config).__name__}"
        raise TypeError(f"config is {found}, and must be one: write {kind.__name__}(...)")


def check_counts(config: Any, *names: str) -> None:
    """Refuse sizes that are no whole numbers of at least 1.

    Raises:
        TypeError, ValueError: naming the field.
    """
    check_sizes(**{name: getattr(config, name) for name in names})


def check_sizes(**sizes: Any) -> None:
    """Refuse sizes that are no whole numbers of at least 1.

    Raises:
        TypeError, ValueError: naming the argument.
    """
    for name, value in sizes.items():
        if not isinstance(value, Integral) or isinstance(value, bool):
            raise TypeError(f"{name} is {value!r}, and must be a whole number, at least 1")
        if value < 1:
            raise ValueError(f"{name} is {value}, and must be at least 1")


def check_flags(config: Any, *names: str) -> None:
    """Refuse anything but True and False.

    Raises:
        TypeError: naming the field.
    """
    for name in names:
        value = getattr(config, name)
        if not isinstance(value, bool):
            raise TypeError(f"{name} is {value!r}, and must be True or False")


def check_shares(**shares: Any) -> None:
    """Refuse what is no share that can be dropped, a number from 0 to below 1.

    Raises:
        TypeError, ValueError: naming the argument.
    """
    for name, value in shares.items():
        if not isinstance(value, Real) or isinstance(value, bool):
            raise TypeError(f"{name} is {value!r}, and must be a number from 0 to below 1")
        if value < 0.0 or not value < 1.0:  # so NaN is refused too
            raise ValueError(
                f"{name} is {value}, and must be at least 0 and below 1: 0.1 drops one in ten"
            )


def check_pairs(heads: int, d_model: int) -> None:
    """Refuse heads whose features cannot be turned in pairs, as rotary positions do.

    Raises:
        ValueError: naming both sizes.
    """
    if d_model // heads % 2:
        raise ValueError(
            f"heads is {heads} and d_model {d_model}, so each head has {d_model // heads} features "
            "and rotary positions turn them in pairs: take an even number for each head"
        )


def check_epsilon(epsilon: float) -> None:
    """Refuse what keeps no variance from 0.

    Raises:
        TypeError, ValueError: no number, or not above 0 and below 1.
    """
    if isinstance(epsilon, bool) or not isinstance(epsilon, int | float):
        raise TypeError(f"epsilon is {epsilon!r}, and must be a number such as 1e-12")
    if not 0 < epsilon < 1:
        raise ValueError(f"epsilon is {epsilon}, and must be above 0 and below 1, such as 1e-12")
