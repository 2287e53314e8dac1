"""How wide must the window be? The error of a classifier of frames against its window.

python -m attnlab.recipes.reaches      trains what is not stored yet
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import mean

import torch
from torch import Tensor, nn

from attnlab.core import window as within
from attnlab.nn import FrameClassifier, RelativePositions
from attnlab.recipes.grid import Row, best_of, fill, pick, rows, settings
from attnlab.tasks import prevailing, tones
from attnlab.training import train

STORED = Path(__file__).with_suffix(".json")
"""Where the results lie."""

FRAMES, BANDS, STEPS, BATCH = 64, 4, 300, 16
SEEDS = (0, 1, 2, 3, 4)

REACHES = (2, 4, 8, 16)
"""How far the frames lie that decide on a symbol."""

WINDOWS = (0, 1, 2, 4, 8, 16, 32, FRAMES - 1)
"""How many frames on each side the model hears; the last one is all of them."""

SEQUENCES = (10, 30, 100, 300)
"""From how many sequences the model learns where data are few; without a limit it is 0."""

LEARNING_RATES = (0.01, 0.03, 0.1)
"""Of which each setting gets the one that serves it best; at 0.3 nothing is learnt any more."""

SETTINGS = [
    *settings(reach=REACHES, window=WINDOWS, sequences=(0,), lr=LEARNING_RATES[1:]),
    *settings(reach=(8,), window=(8, FRAMES - 1), sequences=(0,), lr=(0.3,)),
    *settings(reach=(8,), window=WINDOWS[3:], sequences=SEQUENCES, lr=LEARNING_RATES),
]
"""All that is tried."""


def reaches() -> list[Row]:
    """The stored results: a row for each setting, with errors of five seeds.

    `error` is the share of wrong symbols on unseen sequences, and `chosen_by` the share of right
    ones on others, by which the learning rate is chosen. `trained` is the error on the sequences
    of training; where these are new at each step (`sequences` is 0), on as many others.

    >>> sorted(reaches()[0])
    ['chosen_by', 'error', 'lr', 'reach', 'seeds', 'sequences', 'trained', 'window']
    """
    return rows(STORED)


def at_best_lr(reach: int, window: int, sequences: int = 0) -> Row:
    """The stored row of the learning rate that serves this setting best.

    Raises:
        ValueError: nothing is stored of these, naming them.

    >>> at_best_lr(8, 8)["lr"] in LEARNING_RATES
    True
    """
    return best_of(reaches(), reach=reach, window=window, sequences=sequences)


def curve(reach: int, sequences: int = 0) -> dict[int, float]:
    """The error at each window that is stored, each at its best learning rate, over the seeds.

    >>> [window for window, error in curve(4).items() if error < 0.1]
    [4, 8, 16, 32, 63]
    """
    windows = {row["window"] for row in pick(reaches(), reach=reach, sequences=sequences)}
    rows = {window: at_best_lr(reach, window, sequences) for window in sorted(windows)}
    return {window: round(mean(row["error"]), 4) for window, row in rows.items()}


def least_error(reach: int, window: int, count: int = 2000) -> float:
    """The error of the best guess that can be made of what a window lets through.

    It is measured, on so many sequences, and without any training.

    >>> least_error(reach=8, window=8) < 0.07 < 0.3 < least_error(reach=8, window=4)
    True
    """
    sound, symbols = _unseen(reach, 2, count)
    return (prevailing(sound, min(window, reach)) != symbols).double().mean().item()


def hearing(window: int, *, seed: int) -> tuple[FrameClassifier, Tensor]:
    """A new classifier, and the mask of its window; it has the same parameters for any window."""
    torch.manual_seed(seed)
    places = torch.arange(FRAMES)
    encoding = RelativePositions(heads=1, length=FRAMES)
    return FrameClassifier(BANDS, BANDS, encoding), within(places, places, window)


def measure(
    *, seed: int, reach: int, window: int, sequences: int, lr: float, steps: int = STEPS
) -> dict[str, float]:
    """Train one classifier, from so many sequences or, if these are 0, from new ones each step."""
    model, mask = hearing(window, seed=seed)
    random = torch.Generator().manual_seed(seed)
    known = _drawn(random, reach, sequences or 200)

    def loss(model: nn.Module, sound: Tensor, symbols: Tensor) -> Tensor:
        logits = model(sound, mask)
        return nn.functional.cross_entropy(logits.flatten(0, 1), symbols.flatten())

    batches = _new(random, reach) if sequences == 0 else _again(random, *known)
    for _ in train(model, batches, loss, steps=steps, lr=lr, warm_up=30):
        pass
    return {
        "error": wrong(model, mask, *_unseen(reach, 0)),
        "trained": wrong(model, mask, *known),
        "chosen_by": 1 - wrong(model, mask, *_unseen(reach, 1)),
    }


def wrong(model: nn.Module, mask: Tensor | None, sound: Tensor, symbols: Tensor) -> float:
    """The share of frames that the model gives a wrong symbol."""
    with torch.no_grad():
        return (model.eval()(sound, mask).argmax(-1) != symbols).double().mean().item()


def _drawn(random: torch.Generator, reach: int, count: int) -> tuple[Tensor, Tensor]:
    return tones(random, count, frames=FRAMES, reach=reach, bands=BANDS)


def _unseen(reach: int, which: int, count: int = 300) -> tuple[Tensor, Tensor]:
    return _drawn(torch.Generator().manual_seed(1000 + which), reach, count)


def _new(random: torch.Generator, reach: int) -> Iterator[tuple[Tensor, Tensor]]:
    while True:
        yield _drawn(random, reach, BATCH)


def _again(
    random: torch.Generator, sound: Tensor, symbols: Tensor
) -> Iterator[tuple[Tensor, Tensor]]:
    while True:
        chosen = torch.randint(len(sound), (BATCH,), generator=random)
        yield sound[chosen], symbols[chosen]


if __name__ == "__main__":
    fill(STORED, "python -m attnlab.recipes.reaches", SETTINGS, measure, SEEDS)
