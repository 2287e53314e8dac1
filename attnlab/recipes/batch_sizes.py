"""Does twice the batch need half the steps? Steps until digits are reversed, for each batch size.

python -m attnlab.recipes.batch_sizes      trains what is not stored yet
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import mean

import numpy as np
import torch

from attnlab.nn import TokenClassifier
from attnlab.recipes.digits import REVERSE, predicted, tagging_loss
from attnlab.recipes.grid import Row, best_of, fill, rows, settings
from attnlab.tasks import reverse_digits
from attnlab.training import train

STORED = Path(__file__).with_suffix(".json")
"""Where the results lie."""

BATCHES = (2, 4, 8, 16, 32, 64, 128, 256, 512)
"""How many rows of digits a step sees."""

LEARNING_RATES = (3e-3, 1e-2, 3e-2, 6e-2)
"""Of which each batch size gets the one with which it needs the fewest steps."""

SEEDS = (0, 1, 2, 3, 4)
ENOUGH, MOST, EVERY = 0.99, 1000, 2

SETTINGS = settings(batch=BATCHES, lr=LEARNING_RATES)
"""All that is tried."""


def batch_sizes() -> list[Row]:
    """The stored results: for each batch size and learning rate the steps from five seeds.

    `steps` is after how many steps 99 % of the digits of unseen rows were right; 1,000 where that
    never came. `chosen_by` is its negative, so that the best rate is that of the fewest steps.

    >>> sorted(batch_sizes()[0])
    ['batch', 'chosen_by', 'lr', 'seeds', 'steps']
    """
    return rows(STORED)


def steps_needed(batch: int) -> list[float]:
    """The steps from each seed, at the learning rate that serves this batch size best.

    Raises:
        ValueError: nothing is stored of this size, naming those that are.

    >>> mean(steps_needed(8)) > mean(steps_needed(512))
    True
    """
    return best_of(batch_sizes(), batch=batch)["steps"]


def critical_batch() -> tuple[float, float]:
    """The fewest steps there can be, and the batch size that needs twice as many, fitted.

        steps = fewest (1 + critical / batch)

    Far below the critical batch size twice the batch is half the steps, far above it nothing more
    is gained. Fitted by least squares to the logarithms of the mean steps.

    Source: McCandlish et al. 2018, "An Empirical Model of Large-Batch Training", eq. 2.11.
    """
    sizes = np.array(BATCHES, float)
    steps = np.array([mean(steps_needed(batch)) for batch in BATCHES])
    tried = np.geomspace(0.1, 10_000, 2000)
    shapes = np.log(1 + tried[:, None] / sizes)
    offsets = (np.log(steps) - shapes).mean(axis=1)
    errors = ((np.log(steps) - shapes - offsets[:, None]) ** 2).sum(axis=1)
    found = errors.argmin()
    return float(np.exp(offsets[found])), float(tried[found])


def measure(*, seed: int, batch: int, lr: float) -> dict[str, float]:
    """Train until 99 % of unseen digits are right, and count the steps."""
    torch.manual_seed(seed)
    model = TokenClassifier(REVERSE.config)
    unseen = reverse_digits(torch.Generator().manual_seed(1_000_003), 500)
    steps = train(
        model,
        _drawn(seed, batch),
        tagging_loss,
        steps=MOST,
        lr=lr,
        schedule=lambda number: min(1.0, number / 20),
    )
    taken = 0
    for step in steps:
        taken = step.number
        if taken % EVERY == 0 and _right(model, *unseen) >= ENOUGH:
            break
    return {"steps": taken, "chosen_by": -taken}


def _right(model, source, target) -> float:
    """The share of digits, each for itself."""
    return (predicted(model, source)[:, : target.shape[1]] == target).double().mean().item()


def _drawn(seed: int, batch: int) -> Iterator[tuple]:
    random = torch.Generator().manual_seed(seed)
    while True:
        yield reverse_digits(random, batch)


if __name__ == "__main__":
    fill(STORED, "python -m attnlab.recipes.batch_sizes", SETTINGS, measure, SEEDS)
