"""Who misses the neighbours? Digits with shuffled pixels, for a convolution and for attention.

python -m attnlab.recipes.shuffled_pixels      trains what is not stored yet
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from attnlab.core import as_pixels
from attnlab.nn import FrameClassifier, GridPositions
from attnlab.recipes.grid import Row, best_of, fill, rows, settings
from attnlab.training import train

STORED = Path(__file__).with_suffix(".json")
"""Where the results lie."""

SIDE, DIGITS = 8, 10
LEARNT, CHOOSING = 1200, 297
"""How many pictures are learnt, and by how many others the learning rate is chosen."""

STEPS, BATCH, SEEDS = 500, 32, (0, 1, 2, 3, 4)
"""The same for all."""

PICTURES = ("whole", "shuffled")
"""What is learnt: pictures as they are, or all with their pixels shuffled in the same way."""

LEARNING_RATES = (0.01, 0.02, 0.03, 0.05)
"""Of which each network gets its best, for either kind of pictures."""


class PixelReader(nn.Module):
    """One layer of attention over the set of pixels; the answer is the mean of what all say.

    Each pixel is a vector of its one number, plus a learnt one that says where it stands.
    """

    def __init__(self, d_model: int = 32, heads: int = 8):
        super().__init__()
        places = GridPositions(d_model, SIDE, SIDE)
        nn.init.normal_(places.table)  # as large as what they are added to
        self.pixels = FrameClassifier(1, DIGITS, places, d_model=d_model, heads=heads)

    def forward(self, images: Tensor) -> Tensor:
        return self.pixels(as_pixels(images)).mean(dim=-2)


def _convolutions(channels: int = 24) -> nn.Module:
    """Three layers of 3 x 3, and the mean of all places."""
    sizes = zip((1, channels, channels), (channels,) * 3, strict=True)
    layers = [part for size in sizes for part in (nn.Conv2d(*size, 3, padding=1), nn.GELU())]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 10))


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "convolution": _convolutions,
    "attention": PixelReader,
}
"""What is compared, of equally many parameters within 2 %."""

SETTINGS = settings(network=NETWORKS, pictures=PICTURES, lr=LEARNING_RATES)
"""All that is tried."""


def shuffled_pixels() -> list[Row]:
    """The stored results: a row for each setting, with shares of five seeds.

    `right` is the share of right answers on unseen pictures, `trained` that on those of training,
    and by `chosen_by`, that on others, the learning rate is chosen.

    >>> sorted(shuffled_pixels()[0])
    ['chosen_by', 'lr', 'network', 'pictures', 'right', 'seeds', 'trained']
    """
    return rows(STORED)


def at_best_lr(network: str, pictures: str) -> Row:
    """The stored row of the learning rate that serves this network best.

    Raises:
        ValueError: nothing is stored of these, naming what is.

    >>> at_best_lr("attention", "shuffled")["lr"] in LEARNING_RATES
    True
    """
    return best_of(shuffled_pixels(), network=network, pictures=pictures)


def digits(seed: int, pictures: str = "whole") -> tuple[Tensor, Tensor]:
    """All digits of scikit-learn in an order of this seed, (picture, 1, 8, 8), and their names.

    Shuffled ones have their pixels in another order, the same in every picture.

    >>> images, names = digits(0)
    >>> images.shape, names.shape
    (torch.Size([1797, 1, 8, 8]), torch.Size([1797]))
    """
    random = torch.Generator().manual_seed(seed)
    images, names = map(torch.tensor, load_digits(return_X_y=True))
    order = torch.randperm(len(images), generator=random)
    places = torch.randperm(SIDE**2, generator=random)
    if pictures == "whole":
        places = torch.arange(SIDE**2)
    return images[order][:, places].float().reshape(-1, 1, SIDE, SIDE) / 16, names[order]


def measure(
    *, seed: int, network: str, pictures: str, lr: float, steps: int = STEPS
) -> dict[str, float]:
    """Train one network, and count the right answers."""
    images, names = digits(seed, pictures)
    torch.manual_seed(seed)
    model = NETWORKS[network]()
    batches = _batches(torch.Generator().manual_seed(seed), images[:LEARNT], names[:LEARNT])
    for _ in train(model, batches, _loss, steps=steps, lr=lr, warm_up=30):
        pass
    with torch.no_grad():
        right = (model.eval()(images).argmax(dim=-1) == names).double()
    parts = right.split([LEARNT, CHOOSING, len(images) - LEARNT - CHOOSING])
    return dict(
        zip(("trained", "chosen_by", "right"), (p.mean().item() for p in parts), strict=True)
    )


def _loss(model: nn.Module, images: Tensor, names: Tensor) -> Tensor:
    return cross_entropy(model(images), names)


def _batches(
    random: torch.Generator, images: Tensor, names: Tensor
) -> Iterator[tuple[Tensor, Tensor]]:
    while True:
        chosen = torch.randint(len(images), (BATCH,), generator=random)
        yield images[chosen], names[chosen]


if __name__ == "__main__":
    fill(STORED, "python -m attnlab.recipes.shuffled_pixels", SETTINGS, measure, SEEDS)
