"""Digits as sentences of sixteen patches: a vision Transformer beside a convolutional net.

python -m attnlab.recipes.patches_as_words      trains what is not stored yet
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from attnlab.nn import GridPositions, Patches, VisionTransformer
from attnlab.recipes.flexible import digits
from attnlab.recipes.grid import Row, best_of, fill, rows, settings
from attnlab.training import train

STORED = Path(__file__).with_suffix(".json")
"""Where the results lie."""

STEPS, BATCH, SIZE, D_MODEL = 400, 32, 2, 32
SEEDS = (0, 1, 2, 3, 4)
TRAINED_ON = 1200

ARMS = ("vision Transformer", "convolutional net")
"""Two nets with about as many parameters: 18,218 and 17,966."""

LEARNING_RATES = (0.001, 0.003, 0.01)
"""Of which each arm gets the one that serves it best."""

SETTINGS = settings(arm=ARMS, lr=LEARNING_RATES)
"""All that is tried."""


def patches_as_words() -> list[Row]:
    """The stored results: a row for each setting, with what five seeds found.

    `right` is the share of right answers on unseen digits, `chosen_by` on others, by which the
    learning rate is chosen, and `trained` on the digits of training. `order` says how much of the
    grid the table of positions has learnt, as `grid_order` measures it, and `at_first` before
    training; of a net without positions both are 0.

    >>> sorted(patches_as_words()[0])
    ['arm', 'at_first', 'chosen_by', 'lr', 'order', 'right', 'seeds', 'trained']
    """
    return rows(STORED)


def at_best_lr(arm: str) -> Row:
    """The stored row of the learning rate that serves this arm best.

    Raises:
        ValueError: nothing is stored of it, naming it.

    >>> at_best_lr("vision Transformer")["lr"] in LEARNING_RATES
    True
    """
    return best_of(patches_as_words(), arm=arm)


def net(arm: str, *, seed: int) -> nn.Module:
    """A new net from digits, (batch, 1, 8, 8), to a score for each, (batch, 10).

    >>> [sum(each.numel() for each in net(arm, seed=0).parameters()) for arm in ARMS]
    [18218, 17966]
    """
    torch.manual_seed(seed)
    if arm == "vision Transformer":
        positions = GridPositions(D_MODEL, 8 // SIZE, 8 // SIZE, front=1)
        return VisionTransformer(Patches(1, SIZE, D_MODEL), 10, positions, heads=4, layers=2)
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(16, 32, 3, padding=1, stride=2), nn.ReLU()),
        *(nn.Conv2d(32, 44, 3, padding=1), nn.ReLU()),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(44, 10)),
    )


def loss(model: nn.Module, image: Tensor, digit: Tensor) -> Tensor:
    """Cross-entropy of the digits."""
    return cross_entropy(model(image), digit)


def batches(seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Digits of training, drawn again and again."""
    random = torch.Generator().manual_seed(seed)
    image, digit = digits(seed)
    while True:
        chosen = torch.randint(TRAINED_ON, (BATCH,), generator=random)
        yield image[chosen], digit[chosen]


def measure(*, seed: int, arm: str, lr: float, steps: int = STEPS) -> dict[str, float]:
    """Train one net."""
    model = net(arm, seed=seed)
    at_first = _order(model)
    for _ in train(model, batches(seed), loss, steps=steps, lr=lr):
        pass
    image, digit = digits(seed)
    parts = {"right": slice(1400, None), "trained": slice(1200), "chosen_by": slice(1200, 1400)}
    found = {name: right(model, image[part], digit[part]) for name, part in parts.items()}
    return found | {"order": _order(model), "at_first": at_first}


@torch.no_grad()
def right(model: nn.Module, image: Tensor, digit: Tensor) -> float:
    """The share of right answers."""
    return (model.eval()(image).argmax(-1) == digit).double().mean().item()


def similarity(positions: GridPositions) -> Tensor:
    """The cosine between the vectors of each two places, (rows, columns, rows, columns).

    >>> round(float(similarity(GridPositions(8, 4, 4))[1, 2, 1, 2]), 3)
    1.0
    """
    table = nn.functional.normalize(positions.table.detach()[positions.front :], dim=-1)
    sides = positions.height, positions.width
    return (table @ table.T).reshape(*sides, *sides)


def grid_order(positions: GridPositions) -> float:
    """How much the vectors know of the grid: the correlation of likeness with nearness.

    Over all pairs of different places it correlates the cosine of their vectors with their distance
    in rows and columns, with the sign turned: 1 if the nearer two places are the more alike they
    are, about 0 if the vectors know nothing of the grid.

    >>> abs(grid_order(GridPositions(64, 4, 4))) < 0.5
    True
    """
    alike = similarity(positions).flatten(0, 1).flatten(1)
    place = torch.cartesian_prod(torch.arange(positions.height), torch.arange(positions.width))
    distance = torch.cdist(place.float(), place.float())
    different = distance > 0
    pair = torch.stack([alike[different], -distance[different]])
    return float(torch.corrcoef(pair)[0, 1])


def _order(model: nn.Module) -> float:
    positions = getattr(model, "encoding", None)
    return grid_order(positions) if isinstance(positions, GridPositions) else 0.0


if __name__ == "__main__":
    fill(STORED, "python -m attnlab.recipes.patches_as_words", SETTINGS, measure, SEEDS)
