"""Hops: how many layers, or heads in one layer, the friend's friend takes, by the size of a group.

python -m attnlab.recipes.hops      trains what is not stored yet
"""

from __future__ import annotations

from pathlib import Path

from attnlab.recipes.friends_stack import follow, friends_stack
from attnlab.recipes.grid import Row, fill, rows, settings

STORED = Path(__file__).with_suffix(".json")
"""Where the figures lie."""

STACKS = {
    "2 layers, 1 head": {"layers": 2, "width": 32, "heads": 1},
    "1 layer, 1 head": {"layers": 1, "width": 48, "heads": 1},
    "1 layer, 2 heads": {"layers": 1, "width": 48, "heads": 2},
    "1 layer, 3 heads": {"layers": 1, "width": 48, "heads": 3},
    "1 layer, 4 heads": {"layers": 1, "width": 48, "heads": 4},
    "1 layer, 6 heads": {"layers": 1, "width": 48, "heads": 6},
    "1 layer, 12 heads": {"layers": 1, "width": 48, "heads": 12},
}
"""The stacks; the single layer is wider, so that it has a few parameters more than the two."""

SETTINGS = settings(rate=(0.01, 0.003, 0.03), people=(6, 12), stack=tuple(STACKS))
"""All that is tried."""


def hops() -> list[Row]:
    """The stored figures: a row for each setting, with shares of three seeds.

    >>> sorted(hops()[0])
    ['people', 'rate', 'right', 'seeds', 'stack', 'trained']
    """
    return rows(STORED)


def measure(*, seed: int, people: int, stack: str, rate: float) -> dict[str, float]:
    """Train for 600 steps on two hops; gives the shares right."""
    model = friends_stack(**STACKS[stack], seed=seed, people=people)
    return follow(model, seed=seed, steps=600, rate=rate, hops=2, people=people)


if __name__ == "__main__":
    fill(STORED, "python -m attnlab.recipes.hops", SETTINGS, measure)
