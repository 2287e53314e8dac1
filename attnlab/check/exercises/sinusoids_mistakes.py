"""Chapter 7: what goes wrong when clocks are written for the first time."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Mistake, Seen
from attnlab.check.wording import few, said
from attnlab.core import sinusoids


def hands(angles: Any, first: Any = np.sin, second: Any = np.cos) -> Any:
    return np.stack([first(angles), second(angles)], axis=-1).reshape(len(angles), -1)


def clocks(d_model: int) -> Any:
    return np.arange(d_model // 2)


def _with_speeds(speeds: Callable[[int], Any]) -> Callable[[Any, int], Any]:
    return lambda positions, d_model: hands(positions[:, None] * speeds(d_model))


def _angles(positions: Any, d_model: int) -> Any:
    return positions[:, None] / 10000.0 ** (2 * clocks(d_model) / d_model)


def _each_feature_its_own_clock(positions: Any, d_model: int) -> Any:
    angles = positions[:, None] / 10000.0 ** (np.arange(d_model) / d_model)
    even = np.arange(d_model) % 2 == 0
    return np.where(even, np.sin(angles), np.cos(angles))


def _second_clock(seen: Seen) -> str:
    """Where the second clock stands at the second position, and where it should."""
    return (
        f"At position {said(seen.positions[1])} your second clock shows {few(seen.got[1, 2:4])}, "
        f"and it should show {few(seen.wanted[1, 2:4])}"
    )


MISTAKES = (
    Mistake(
        "sines, then cosines",
        lambda positions, d_model: np.hstack(
            [f(_angles(positions, d_model)) for f in (np.sin, np.cos)]
        ),
        lambda seen: (
            f"Your row of position {said(seen.positions[0])} begins {few(seen.got[0, :4])}: all "
            "sines stand in front, all cosines behind. They take turns, so that the two numbers "
            "of a clock stand side by side."
        ),
    ),
    Mistake(
        "cosine first",
        lambda positions, d_model: hands(_angles(positions, d_model), np.cos, np.sin),
        lambda seen: (
            f"Your row of position 0 begins {few(seen.got[0, :4])}: the cosine comes first. "
            "A hand is (sin a, cos a)."
        ),
    ),
    Mistake(
        "sines only",
        lambda positions, d_model: hands(_angles(positions, d_model), np.sin, np.sin),
        lambda seen: (
            f"Your row of position 0 is {few(seen.got[0])}: both numbers of each clock are "
            "sines. The second one is the cosine."
        ),
    ),
    Mistake(
        "a clock for every feature",
        _each_feature_its_own_clock,
        lambda seen: (
            "Your sines are right. But the cosine beside each belongs to a slower clock: you "
            f"make {seen.d_model} speeds. {seen.d_model} features are {seen.d_model // 2} clocks, "
            "and sine and cosine of a clock have one angle."
        ),
    ),
    Mistake(
        "the 2 forgotten",
        _with_speeds(lambda d_model: 10000.0 ** (-clocks(d_model) / d_model)),
        lambda seen: (
            f"{_second_clock(seen)}: it runs too fast. If i counts clocks, the exponent is 2i / d."
        ),
    ),
    Mistake(
        "the 2 twice",
        _with_speeds(lambda d_model: 10000.0 ** (-4 * clocks(d_model) / d_model)),
        lambda seen: (
            f"{_second_clock(seen)}: it runs too slowly. If you count 0, 2, 4, …, the 2 of 2i is "
            "in there already."
        ),
    ),
    Mistake(
        "multiplied",
        _with_speeds(lambda d_model: 10000.0 ** (2 * clocks(d_model) / d_model)),
        lambda seen: (
            f"{_second_clock(seen)}: each of your clocks is faster than the one before. Divide "
            "the position by the power of 10000."
        ),
    ),
    Mistake(
        "the brackets of the exponent",
        _with_speeds(lambda d_model: 10000.0**-2 * clocks(d_model) / d_model),
        lambda seen: (
            f"At position {said(seen.positions[1])} your first clock shows {few(seen.got[1, :2])}: "
            "it stands still. Python takes ** before * and /, so 10000 ** 2 * i / d is a square. "
            "Put the exponent in brackets."
        ),
    ),
    Mistake(
        "the power forgotten",
        lambda positions, d_model: hands(
            positions[:, None] / (10000.0 * 2 * clocks(d_model) / d_model)
        ),
        lambda seen: (
            f"{_second_clock(seen)}; and the first one divides by 0. 10000 is not multiplied by "
            "2i / d. It is raised to that power."
        ),
    ),
    Mistake(
        "the last clock at 10000",
        _with_speeds(lambda d_model: 10000.0 ** -np.linspace(0, 1, d_model // 2)),
        lambda seen: (
            "Your last clock runs at exactly 1/10000, so your exponents go from 0 to 1. Here they "
            f"end before 1: they are 2i / d, and the last i is {seen.d_model // 2 - 1}."
        ),
    ),
    Mistake(
        "all alike",
        _with_speeds(lambda d_model: np.ones(d_model // 2)),
        lambda seen: (
            f"{_second_clock(seen)}: all your clocks have the same speed. Clock i is slower than "
            "the one before."
        ),
    ),
    Mistake(
        "degrees",
        lambda positions, d_model: hands(np.radians(_angles(positions, d_model))),
        lambda seen: (
            f"At position 1 your fastest clock shows {few(seen.got[1, :2])}: it has turned by one "
            "degree. It turns by 1 radian, which np.sin takes as it is."
        ),
    ),
    Mistake(
        "once round a step",
        lambda positions, d_model: hands(2 * math.pi * _angles(positions, d_model)),
        lambda seen: (
            f"At position 1 your fastest clock shows {few(seen.got[1, :2].round(3))}: it goes once round at "
            "each step, and is back where it was. Leave 2π out: it turns by 1."
        ),
    ),
    Mistake(
        "counted from 1",
        lambda positions, d_model: sinusoids(positions + 1, d_model),
        lambda seen: (
            f"Your row of position {said(seen.positions[0])} is the one of the position after it. "
            "Positions are handed in; take them as they are."
        ),
    ),
    Mistake(
        "positions ignored",
        lambda positions, d_model: sinusoids(np.arange(len(positions)), d_model),
        lambda seen: (
            f"For the positions {few(seen.positions, 5)} you made the rows of 0, 1, 2, …: you use "
            "how many there are, and not which."
        ),
    ),
    Mistake(
        "angles",
        lambda positions, d_model: np.repeat(_angles(positions, d_model), 2, axis=1),
        lambda seen: (
            f"Your numbers grow with the position: the last row begins {few(seen.got[-1, :2])}. "
            "These are the angles. Each becomes two numbers, its sine and its cosine."
        ),
    ),
    Mistake(
        "one number a clock",
        lambda positions, d_model: np.sin(_angles(positions, d_model)),
        lambda seen: (
            f"Your rows have {seen.got.shape[1]} numbers, one for each of {seen.d_model // 2} "
            "clocks. A clock is two numbers."
        ),
    ),
    Mistake(
        "a hundredth each time",
        _with_speeds(lambda d_model: 100.0 ** -clocks(d_model)),
        lambda seen: (
            "Each of your clocks has a hundredth of the speed of the one before. So it was with four "
            f"features, in the example; with {seen.d_model} they are closer: 10000^(2i / d)."
        ),
    ),
    Mistake(
        "d outside the power",
        _with_speeds(lambda d_model: 10000.0 ** (-2 * clocks(d_model)) / d_model),
        lambda seen: (
            f"{_second_clock(seen)}, and your first clock is too slow, too: you divide by d after "
            "taking the power. d belongs into the exponent."
        ),
    ),
    Mistake(
        "the power is a square",
        lambda positions, d_model: hands(
            positions[:, None] / (10000.0**2 * clocks(d_model) / d_model)
        ),
        "Your first clock divides by 0. Python takes ** before * and /, so 10000 ** 2 * i / d is the "
        "square of 10000, times i / d. Put the exponent in brackets.",
    ),
    Mistake(
        "too many clocks",
        lambda positions, d_model: hands(
            positions[:, None] / 10000.0 ** (2 * np.arange(d_model) / d_model)
        ),
        lambda seen: (
            f"You made {seen.d_model} clocks, two numbers each. {seen.d_model} features are "
            f"{seen.d_model // 2} clocks."
        ),
    ),
    Mistake(
        "one long row",
        lambda positions, d_model: sinusoids(positions, d_model).ravel(),
        "All positions stand in one long row. Each needs a list of its own.",
    ),
    Mistake(
        "the first position only",
        lambda positions, d_model: sinusoids(positions, d_model)[0],
        lambda seen: (
            f"You return one row, for the first of {len(seen.positions)} positions: is a return inside "
            "the loop?"
        ),
    ),
    Mistake(
        "rows and columns exchanged",
        lambda positions, d_model: sinusoids(positions, d_model).T,
        "Your clocks are the rows and your positions the columns. Each position is a row.",
    ),
    Mistake(
        "speeds not lined up",
        lambda positions, d_model: hands(positions / 10000.0 ** (2 * clocks(d_model) / d_model)),
        "Positions and speeds are two lists of different lengths. Make the positions a column, "
        "so that each meets each speed.",
    ),
)
