"""What a larger model and a longer reading would give: losses, and a law through them.

python -m attnlab.recipes.scaling      trains what is not stored yet
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

import numpy as np
import torch

from attnlab.nn import LanguageModel
from attnlab.recipes.grid import Row, fill, pick, rows, settings
from attnlab.recipes.reading import course_windows, reading_config, reading_scores
from attnlab.training import next_token_loss, train

STORED = Path(__file__).with_suffix(".json")
"""Where the results lie."""

SIZES: Mapping[str, dict[str, Any]] = {
    "tiny": {"d_model": 16, "layers": 1, "dropout": 0.0},
    "small": {"d_model": 32, "layers": 2, "dropout": 0.0},
    "middle": {"d_model": 64, "layers": 2, "dropout": 0.0},
    "large": {"d_model": 128, "layers": 2, "dropout": 0.1},
    "huge": {"d_model": 208, "layers": 3, "dropout": 0.1},
}
"""By name, the numbers of five models, from 11 thousand parameters to 1.7 million."""

STEPS = (150, 300, 600, 1200)
"""How long the model of size "middle" reads; the others read for the longest."""

BATCH = 8
"""How many windows of the text are read in a step."""

LEARNING_RATES: Mapping[str, tuple[float, ...]] = {
    "tiny": (0.006, 0.012, 0.024),
    "small": (0.006, 0.012, 0.024),
    "middle": (0.003, 0.006, 0.012),
    "large": (0.003, 0.006, 0.012),
    "huge": (0.0015, 0.003, 0.006),
}
"""For each size, the rates of which every setting gets the one that serves it best."""

SEEDS = (0, 1, 2)

SETTINGS = [
    *(
        row
        for size in SIZES
        for row in settings(size=[size], steps=STEPS[-1:], lr=LEARNING_RATES[size])
    ),
    *settings(size=["middle"], steps=STEPS[:-1], lr=LEARNING_RATES["middle"]),
]
"""All that is tried."""


def scaling() -> list[Row]:
    """The stored results: a row for each setting, with the losses of the seeds, in nats a token.

    `loss` is measured on the chapters held out, `chosen_by` on the one by which the rate is
    chosen, `trained` on the text that was read.

    >>> sorted(scaling()[0])
    ['chosen_by', 'loss', 'lr', 'parameters', 'seeds', 'size', 'steps', 'trained']
    """
    return rows(STORED)


def at_best_lr(size: str, steps: int = STEPS[-1]) -> Row:
    """The stored row of the rate at which this size reads best in so many steps.

    Raises:
        ValueError: nothing is stored of these, naming them.

    >>> at_best_lr("middle", 150)["lr"] in LEARNING_RATES["middle"]
    True
    """
    if not (found := pick(scaling(), size=size, steps=steps)):
        raise ValueError(
            f"nothing is stored of size {size!r} and {steps} steps: take one of {', '.join(SIZES)} "
            f"with {STEPS[-1]}, or 'middle' with one of {STEPS}"
        )
    return min(found, key=lambda row: mean(row["chosen_by"]))


def measure(*, seed: int, size: str, steps: int, lr: float) -> dict[str, float]:
    """Let one model read, and give what `scaling` tells of."""
    config = reading_config(SIZES[size]["d_model"], SIZES[size]["layers"])
    torch.manual_seed(seed)
    model = LanguageModel(replace(config, dropout=SIZES[size]["dropout"]))
    batches = course_windows(torch.Generator().manual_seed(seed), batch=BATCH)
    for _ in train(model, batches, next_token_loss, steps=steps, lr=lr):
        pass
    splits = {"loss": "test", "chosen_by": "validation", "trained": "train"}
    losses = {
        name: reading_scores(model, split, most=400)["loss"] for name, split in splits.items()
    }
    return losses | {"parameters": sum(each.numel() for each in model.parameters())}


class Law(NamedTuple):
    """loss = floor + factor x^-exponent"""

    floor: float
    factor: float
    exponent: float

    def at(self, x):
        """What the law says of x parameters or steps, a number or an array of them."""
        return self.floor + self.factor * x**-self.exponent


def fitted(x: np.ndarray, losses: np.ndarray, floors: np.ndarray | None = None) -> Law:
    """The law that fits best: a straight line through the logarithms, for the best of many floors.

        log(loss - floor) = log factor - exponent log x

    Args:
        x: numbers above 0, (n,), at least three different ones.
        losses: of each, (n,).
        floors: which are tried; 4,000 from 0 to just below the smallest loss if not given. [0] is
            the law without a floor.

    Source: Kaplan et al. 2020, eq. 1.1 (no floor); Hoffmann et al. 2022, eq. 2 (with one).
    """
    floors = np.linspace(0, 0.999 * losses.min(), 4000) if floors is None else floors
    slopes, begins = np.polyfit(np.log(x), np.log(losses[:, None] - floors), 1)
    factors = np.exp(begins)
    errors = np.square(floors + factors * x[:, None] ** slopes - losses[:, None]).sum(0)
    best = int(errors.argmin())
    return Law(float(floors[best]), float(factors[best]), -float(slopes[best]))


def intervals(x: np.ndarray, runs: np.ndarray, draws: int = 300, **options) -> list[Law]:
    """The laws through losses whose seeds are drawn anew, with repetition, for each x.

    Args:
        x: (n,).
        runs: the losses, (n, seeds).
        draws: how many laws.
        options: as `fitted` takes them.
    """
    random = np.random.default_rng(0)
    count = runs.shape[1]
    chosen = random.integers(count, size=(draws, *runs.shape))
    return [fitted(x, np.take_along_axis(runs, each, 1).mean(1), **options) for each in chosen]


if __name__ == "__main__":
    fill(STORED, "python -m attnlab.recipes.scaling", SETTINGS, measure, SEEDS)
