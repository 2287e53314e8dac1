"""Chapter 7: what goes wrong when hands are turned for the first time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Mistake, Seen
from attnlab.check.wording import few, said
from attnlab.core import rotary, sinusoids


def angles(x: Any, positions: Any) -> Any:
    width = x.shape[1]
    return positions[:, None] / 10000.0 ** (np.arange(0, width, 2) / width)


def turned(x: Any, a: Any) -> Any:
    """Each pair of neighbours turned by its angle."""
    first, second = x[:, 0::2], x[:, 1::2]
    return _woven(first * np.cos(a) - second * np.sin(a), first * np.sin(a) + second * np.cos(a))


def _woven(first: Any, second: Any) -> Any:
    return np.stack([first, second], axis=-1).reshape(len(first), -1)


def _with(turns: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda x, positions: turned(x, turns(x, positions))


def _with_speeds(speeds: Callable[[int], Any]) -> Callable[[Any, Any], Any]:
    return lambda x, positions: turned(x, positions[:, None] * speeds(x.shape[1]))


def _halves(x: Any, positions: Any) -> Any:
    a, half = angles(x, positions), x.shape[1] // 2
    first, second = x[:, :half], x[:, half:]
    return np.hstack(
        [first * np.cos(a) - second * np.sin(a), first * np.sin(a) + second * np.cos(a)]
    )


def _halves_behind(x: Any, positions: Any) -> Any:
    hands = rotary(x, positions)
    return np.hstack([hands[:, 0::2], hands[:, 1::2]])


def _turned_already(x: Any, positions: Any) -> Any:
    a, new = angles(x, positions), np.array(x, float)
    new[:, 0::2] = new[:, 0::2] * np.cos(a) - new[:, 1::2] * np.sin(a)
    new[:, 1::2] = new[:, 0::2] * np.sin(a) + new[:, 1::2] * np.cos(a)
    return new


def _with_both(first_sign: float, second_sign: float) -> Callable[[Any, Any], Any]:
    def mistaken(x: Any, positions: Any) -> Any:
        a, first, second = angles(x, positions), x[:, 0::2], x[:, 1::2]
        return _woven(
            first * np.cos(a) + first_sign * second * np.sin(a),
            first * np.sin(a) + second_sign * second * np.cos(a),
        )

    return mistaken


def _by_one_number(wave: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda x, positions: x * np.repeat(wave(angles(x, positions)), 2, axis=1)


def _hand(seen: Seen, row: int = 1) -> str:
    return (
        f"At position {said(seen.positions[row])} your first hand was {few(seen.x[row, :2])} and "
        f"became {few(seen.got[row, :2])}"
    )


def _second_hand(seen: Seen, row: int = 1) -> str:
    return (
        f"At position {said(seen.positions[row])} your second hand became {few(seen.got[row, 2:4])}, "
        f"and it should become {few(seen.wanted[row, 2:4])}"
    )


MISTAKES = (
    Mistake(
        "halves paired",
        _halves,
        lambda seen: (
            f"You turn feature i together with feature i + {seen.x.shape[1] // 2}, halves with each "
            "other, as some language models do. Here neighbours are a hand: 0 with 1, 2 with 3."
        ),
    ),
    Mistake(
        "pairs torn apart",
        _halves_behind,
        "Your hands are turned well, but you hand back all first numbers, then all second ones. "
        "Put them back where they were, in turns.",
    ),
    Mistake(
        "turned back",
        lambda x, positions: rotary(x, -positions),
        lambda seen: (
            f"{_hand(seen)}: you turn the other way, as `turn` of the chapter does. Scores would not "
            "notice if keys turn so, too. Here (1, 0) turns towards (0, 1): exchange two signs."
        ),
    ),
    Mistake(
        "minus forgotten",
        _with_both(1.0, 1.0),
        lambda seen: (
            f"{_hand(seen, 2)}, and your second hand there has another length than before. In a "
            "turn one of the four products is taken off."
        ),
    ),
    Mistake(
        "mirrored",
        _with_both(1.0, -1.0),
        "Your hands keep their lengths, but they are mirrored: both minus signs are gone from one "
        "line to the other. At position 0 nothing may change.",
    ),
    Mistake(
        "turned twice",
        _turned_already,
        lambda seen: (
            f"{_hand(seen, 2)}. The first number is right; for the second you used the new first "
            "number, not the old one. Keep the old ones until both are computed."
        ),
    ),
    Mistake(
        "sine and cosine exchanged",
        lambda x, positions: _woven(
            x[:, 0::2] * np.sin(angles(x, positions)) - x[:, 1::2] * np.cos(angles(x, positions)),
            x[:, 0::2] * np.cos(angles(x, positions)) + x[:, 1::2] * np.sin(angles(x, positions)),
        ),
        lambda seen: (
            f"At position 0 your first hand was {few(seen.x[0, :2])} and became "
            f"{few(seen.got[0, :2])}; it must stay. Sine and cosine have changed places."
        ),
    ),
    Mistake(
        "added",
        lambda x, positions: x + sinusoids(positions, x.shape[1]),
        "You add sinusoids to x. Rotary adds nothing: it turns each pair of numbers, and keeps its "
        "length.",
    ),
    Mistake(
        "multiplied by the sinusoid",
        lambda x, positions: x * sinusoids(positions, x.shape[1]),
        "You multiply x by the sinusoid, number by number. A turn mixes the two numbers of a hand.",
    ),
    Mistake(
        "cosine only",
        _by_one_number(np.cos),
        lambda seen: (
            f"{_hand(seen)}: shorter than before. You multiply by the cosine only; a turn also "
            "brings in the other number of the hand, times the sine."
        ),
    ),
    Mistake(
        "one speed for all",
        _with_speeds(lambda width: np.ones(width // 2)),
        lambda seen: (
            f"{_second_hand(seen)}: all your hands turn equally fast. Each clock is slower than the "
            "one before."
        ),
    ),
    Mistake(
        "the 2 forgotten",
        _with_speeds(lambda width: 10000.0 ** (-np.arange(width // 2) / width)),
        lambda seen: f"{_second_hand(seen)}: it is too fast. If i counts pairs, it is 2i / d.",
    ),
    Mistake(
        "the 2 twice",
        _with_speeds(lambda width: 10000.0 ** (-2 * np.arange(0, width, 2) / width)),
        lambda seen: (
            f"{_second_hand(seen)}: it is too slow. If you count 0, 2, 4, …, the 2 of 2i is in there."
        ),
    ),
    Mistake(
        "multiplied by the power",
        _with_speeds(lambda width: 10000.0 ** (np.arange(0, width, 2) / width)),
        lambda seen: (
            f"{_second_hand(seen)}: each of your clocks is faster than the one before. Divide the "
            "position by the power."
        ),
    ),
    Mistake(
        "positions ignored",
        lambda x, positions: rotary(x, np.arange(len(x))),
        lambda seen: (
            f"The rows stand at {few(seen.positions, 5)}, and you turn them as if at 0, 1, 2, …: "
            "use the positions handed in."
        ),
    ),
    Mistake(
        "counted from 1",
        lambda x, positions: rotary(x, positions + 1),
        lambda seen: (
            f"At position 0 your first hand was {few(seen.x[0, :2])} and became "
            f"{few(seen.got[0, :2])}; there it must stay. Take the positions as they are."
        ),
    ),
    Mistake(
        "degrees",
        _with(lambda x, positions: np.radians(angles(x, positions))),
        lambda seen: f"{_hand(seen)}, a turn by degrees. np.sin takes radians: leave them.",
    ),
    Mistake(
        "one wave each",
        lambda x, positions: _woven(
            x[:, 0::2] * np.cos(angles(x, positions)), x[:, 1::2] * np.sin(angles(x, positions))
        ),
        "You multiply the first number of each hand by the cosine and the second by the sine. A turn "
        "mixes them: each new number is made of both old ones.",
    ),
    Mistake(
        "angles in halves",
        lambda x, positions: (
            x * np.cos(np.tile(angles(x, positions), 2))
            + _woven(-x[:, 1::2], x[:, 0::2]) * np.sin(np.tile(angles(x, positions), 2))
        ),
        "You put the list of angles twice, one behind the other, so the two numbers of a hand get "
        "different ones. Each angle is needed twice side by side: repeat, not tile.",
    ),
    Mistake(
        "pairs not joined",
        lambda x, positions: rotary(x, positions).reshape(len(x), -1, 2),
        lambda seen: (
            "Your hands are turned, but still stand as pairs. Join them to vectors of "
            f"{seen.x.shape[1]} numbers."
        ),
    ),
    Mistake(
        "positions not lined up",
        lambda x, positions: positions / angles(x, positions)[0],
        "Positions and speeds are two lists of different lengths. Make the positions a column, so that "
        "each meets each speed.",
    ),
)
