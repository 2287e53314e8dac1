"""Attention within a convolutional net: a block of it against more convolution of equal cost.

python -m attnlab.recipes.non_local      trains what is not stored yet
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from attnlab.nn import NonLocalBlock, Residual
from attnlab.recipes.grid import Row, best_of, fill, rows, settings
from attnlab.tasks import far_pairs
from attnlab.training import train

STORED = Path(__file__).with_suffix(".json")
"""Where the results lie."""

STEPS, BATCH, CHANNELS = 500, 32, 24
SEEDS = (0, 1, 2, 3, 4)

ARMS = {
    "nothing": (),
    "a block of attention": None,
    "two convolutions": (1, 1),
    "two dilated convolutions": (3, 4),
    "six dilated convolutions": (1, 3, 4, 1, 3, 4),
}
"""What stands in the middle of the net: attention, or convolutions, by how many pixels apart the
nine are that each takes. Dilated ones of 1, 3 and 4 pixels together span the picture."""

LEARNING_RATES = (0.003, 0.01, 0.02)
"""Of which each arm gets the one that serves it best."""

SETTINGS = settings(arm=ARMS, lr=LEARNING_RATES)
"""All that is tried."""


def non_local() -> list[Row]:
    """The stored results: a row for each setting, with what five seeds found.

    `right` is the share of right answers on unseen pictures of `far_pairs`, `chosen_by` on others,
    by which the learning rate is chosen, and `trained` on some of those of training. `gate` is
    where the gate of the block has come to from 0; without a block it is 0.

    >>> sorted(non_local()[0])
    ['arm', 'chosen_by', 'gate', 'lr', 'right', 'seeds', 'trained']
    """
    return rows(STORED)


def at_best_lr(arm: str) -> Row:
    """The stored row of the learning rate that serves this arm best.

    Raises:
        ValueError: nothing is stored of it, naming it.

    >>> min(at_best_lr("a block of attention")["right"]) > max(at_best_lr("nothing")["right"])
    True
    """
    return best_of(non_local(), arm=arm)


def net(arm: str, *, seed: int) -> nn.Sequential:
    """A new net: a convolution, what the arm puts in the middle, and a perceptron for each pixel.

    >>> net("a block of attention", seed=0)(torch.zeros(2, 3, 9, 9)).shape
    torch.Size([2, 4, 9, 9])
    """
    torch.manual_seed(seed)
    reaches = ARMS[arm]
    middle = [NonLocalBlock(CHANNELS, CHANNELS)]
    if reaches is not None:
        middle = [Residual(nn.Sequential(*_convolution(CHANNELS, reach))) for reach in reaches]
    perceptron = nn.Conv2d(CHANNELS, 32, 1), nn.ReLU(), nn.Conv2d(32, 4, 1)
    return nn.Sequential(*_convolution(3, 1), *middle, nn.BatchNorm2d(CHANNELS), *perceptron)


def _convolution(channels: int, reach: int) -> list[nn.Module]:
    convolution = nn.Conv2d(channels, CHANNELS, 3, padding=reach, dilation=reach)
    return [convolution, nn.ReLU(), nn.BatchNorm2d(CHANNELS)]


def measure(*, seed: int, arm: str, lr: float, steps: int = STEPS) -> dict[str, float]:
    """Train one net, from new pictures at each step."""
    model = net(arm, seed=seed)

    def loss(model: nn.Module, image: Tensor, answer: Tensor) -> Tensor:
        return cross_entropy(model(image), answer, ignore_index=-1)

    for _ in train(model, _new(seed), loss, steps=steps, lr=lr):
        pass
    known = zip(*(batch for batch, _ in zip(_new(seed), range(10), strict=False)), strict=True)
    return {
        "right": right(model, *_unseen(0)),
        "trained": right(model, *map(torch.cat, known)),
        "chosen_by": right(model, *_unseen(1)),
        "gate": sum(float(p.detach()) for n, p in model.named_parameters() if n.endswith("gate")),
    }


@torch.no_grad()
def right(model: nn.Module, image: Tensor, answer: Tensor) -> float:
    """The share of marks that are answered rightly."""
    return (model.eval()(image).argmax(1) == answer)[answer >= 0].double().mean().item()


def _new(seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    random = torch.Generator().manual_seed(seed)
    while True:
        yield far_pairs(random, BATCH)


def _unseen(which: int) -> tuple[Tensor, Tensor]:
    return far_pairs(torch.Generator().manual_seed(1000 + which), 500)


if __name__ == "__main__":
    fill(STORED, "python -m attnlab.recipes.non_local", SETTINGS, measure, SEEDS)
