"""The stability map: which learning rates ten layers bear, by order of the norm and warm-up.

python -m attnlab.recipes.stability      trains what is not stored yet
"""

from __future__ import annotations

from pathlib import Path

from attnlab.nn.blocks import post_norm, pre_norm
from attnlab.recipes.grid import Row, fill, rows, settings
from attnlab.recipes.multi_hop_stack import follow, multi_hop_stack

STORED = Path(__file__).with_suffix(".json")
"""Where the results lie."""

ORDERS = {"post-norm": post_norm, "pre-norm": pre_norm}
"""The place of the norm."""

LEARNING_RATES = (0.001, 0.006, 0.02)
"""The full learning rates."""

SETTINGS = [
    *settings(steps=[110], order=tuple(ORDERS), warm_up=(1, 55), lr=LEARNING_RATES),
    *settings(steps=[400], order=["post-norm"], warm_up=[1], lr=[0.001, 0.006]),
    *settings(steps=[400], order=["pre-norm"], warm_up=[1], lr=[0.02]),
]
"""Ten layers; a warm-up of 1 is none. What fails without it in 110 steps gets 400 as well."""


def stability() -> list[Row]:
    """The stored results: a row for each setting, with shares of three seeds.

    >>> sorted(stability()[0])
    ['lr', 'order', 'right', 'seeds', 'steps', 'trained', 'warm_up']
    """
    return rows(STORED)


def measure(*, seed: int, order: str, warm_up: int, lr: float, steps: int) -> dict[str, float]:
    """Train the stack of chapter 9 on one hop; gives the shares right."""
    model = multi_hop_stack(10, 32, seed=seed, around=ORDERS[order])
    return follow(model, seed=seed, steps=steps, lr=lr, hops=1, batch=32, warm_up=warm_up)


if __name__ == "__main__":
    fill(STORED, "python -m attnlab.recipes.stability", SETTINGS, measure)
