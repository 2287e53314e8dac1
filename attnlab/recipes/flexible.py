"""Does flexible need data? Accuracy against the number of pictures, for convolution and attention.

python -m attnlab.recipes.flexible      trains what is not stored yet
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from attnlab.nn import (
    EncoderLayer,
    Features,
    FeedForward,
    GridPositions,
    Patches,
    PositionEncoding,
    RelativeGridPositions,
    Residual,
    pre_norm,
)
from attnlab.recipes.grid import Row, best_of, fill, rows, settings
from attnlab.tasks import far_rows
from attnlab.training import train

STORED = Path(__file__).with_suffix(".json")
"""Where the results lie."""

D_MODEL, PARAMETERS = 16, 6000
SEEDS = (0, 1, 2, 3, 4)

ARMS = (
    "convolution",
    "dilated convolution",
    "attention",
    "attention, positions",
    "attention, relative",
    "convolution, then attention",
)
"""Nets with the same number of parameters, up to one in a hundred; `net` says what is in them."""

TASKS = {"digits": (30, 200, 1200), "far rows": (30, 300, 3000)}
"""What is learnt, from how many pictures."""

SHAPES = {"digits": (1, 8, 10), "far rows": (3, 9, 4)}
"""Channels, side and answers of each task."""

PATCHES = {"digits": 2, "far rows": 1}
"""The side of the patches that attention reads as words; at 1 they are pixels."""

PACE = {"digits": (500, 32), "far rows": (300, 16)}
"""How many steps each training takes, and of how many pictures a step."""

LEARNING_RATES = (0.003, 0.01, 0.03)
"""Of which each setting gets the one that serves it best."""

SETTINGS = [
    setting
    for task, sizes in TASKS.items()
    for setting in settings(task=(task,), arm=ARMS, pictures=sizes, lr=LEARNING_RATES)
]
"""All that is tried."""


def flexible() -> list[Row]:
    """The stored results: a row for each setting, with the shares of right answers of five seeds.

    `right` is measured on unseen pictures, `chosen_by` on others, by which the learning rate is
    chosen, and `trained` on the pictures of training.

    >>> sorted(flexible()[0])
    ['arm', 'chosen_by', 'lr', 'pictures', 'right', 'seeds', 'task', 'trained']
    """
    return rows(STORED)


def at_best_lr(task: str, arm: str, pictures: int) -> Row:
    """The stored row of the learning rate that serves this setting best.

    Raises:
        ValueError: nothing is stored of these, naming them.

    >>> at_best_lr("digits", "convolution", 200)["lr"] in LEARNING_RATES
    True
    """
    return best_of(flexible(), task=task, arm=arm, pictures=pictures)


def net(task: str, arm: str, *, seed: int) -> nn.Sequential:
    """A new net: what makes a vector of each place of a picture, and what makes scores of one.

    The first ends in a perceptron for each place, as large as it must be for `PARAMETERS` in all.
    Of convolutions there are three, each of 3 by 3; dilated ones reach 1, 3 and 4 pixels far, so
    that together they span the picture. Attention has one layer with two heads, over pixels, or
    patches of digits. The last arm has two convolutions, of which the first takes every second
    pixel of digits, and then attention with relative positions.

    >>> round(sum(each.numel() for each in net("digits", "attention", seed=0).parameters()), -2)
    6000
    """
    torch.manual_seed(seed)
    channels, side, answers = SHAPES[task]
    parts = _trunk(arm, channels, side, PATCHES[task])
    head = nn.Sequential(nn.LayerNorm(D_MODEL), nn.Linear(D_MODEL, answers))
    spent = sum(each.numel() for part in (*parts, head) for each in part.parameters())
    norm = nn.LayerNorm(D_MODEL)
    room = PARAMETERS - spent - 3 * D_MODEL  # of the norm, and of the perceptron's last vector
    perceptron = FeedForward(D_MODEL, round(room / (2 * D_MODEL + 1)))
    trunk = nn.Sequential(*parts, Residual(nn.Sequential(norm, perceptron)))
    return nn.Sequential(trunk, head)


def _trunk(arm: str, channels: int, side: int, size: int) -> list[nn.Module]:
    if arm == "convolution":
        return [Features(_stem(channels, 1, 1), D_MODEL)]
    if arm == "dilated convolution":
        return [Features(_stem(channels, 3, 4), D_MODEL)]
    places = side // size
    encoding = {
        "attention": PositionEncoding,
        "attention, positions": lambda: GridPositions(D_MODEL, places, places),
    }.get(arm, lambda: RelativeGridPositions(2, places, places))()
    words = Patches(channels, size, D_MODEL)
    if arm == "convolution, then attention":
        words = Features(_stem(channels, 1, stride=size), D_MODEL)
    options = {"around": pre_norm, "dropout": 0.0, "attend": encoding.attend}
    return [words, encoding, EncoderLayer(D_MODEL, 2, D_MODEL, **options)]


def _stem(channels: int, *reaches: int, stride: int = 1) -> nn.Sequential:
    """A convolution, and others with a way round, which take pixels so far apart."""
    first = nn.Conv2d(channels, D_MODEL, 3, padding=1, stride=stride)
    later = [nn.Conv2d(D_MODEL, D_MODEL, 3, padding=r, dilation=r) for r in reaches]
    return nn.Sequential(first, *(Residual(nn.Sequential(nn.ReLU(), each)) for each in later))


def scores(model: nn.Sequential, image: Tensor, answer: Tensor) -> tuple[Tensor, Tensor]:
    """The scores of all that is asked, and the answers: of the mean of a picture, or of pixels."""
    trunk, head = model
    features = trunk(image)
    if answer.ndim == 1:
        return head(features.mean(1)), answer
    asked = answer.flatten(1) >= 0
    return head(features[asked]), answer.flatten(1)[asked]


def measure(
    *, seed: int, task: str, arm: str, pictures: int, lr: float, steps: int | None = None
) -> dict[str, float]:
    """Train one net on so many pictures."""
    model = net(task, arm, seed=seed)
    usual, batch = PACE[task]
    random = torch.Generator().manual_seed(seed)
    image, answer = known = _known(task, pictures, seed)

    def batches() -> Iterator[tuple[Tensor, Tensor]]:
        while True:
            chosen = torch.randint(len(image), (batch,), generator=random)
            yield image[chosen], answer[chosen]

    def loss(model: nn.Sequential, image: Tensor, answer: Tensor) -> Tensor:
        return cross_entropy(*scores(model, image, answer))

    for _ in train(model, batches(), loss, steps=steps or usual, lr=lr):
        pass
    return {
        "right": right(model, *_unseen(task, "test", seed)),
        "trained": right(model, *(part[:300] for part in known)),
        "chosen_by": right(model, *_unseen(task, "validation", seed)),
    }


@torch.no_grad()
def right(model: nn.Sequential, image: Tensor, answer: Tensor) -> float:
    """The share of right answers."""
    model.eval()
    logits, answer = scores(model, image, answer)
    return (logits.argmax(-1) == answer).double().mean().item()


def _known(task: str, pictures: int, seed: int) -> tuple[Tensor, Tensor]:
    if task == "digits":
        image, digit = digits(seed)
        return image[:pictures], digit[:pictures]
    return far_rows(torch.Generator().manual_seed(100 + seed), pictures)


def _unseen(task: str, split: str, seed: int) -> tuple[Tensor, Tensor]:
    if task == "digits":
        part = slice(1200, 1400) if split == "validation" else slice(1400, None)
        image, digit = digits(seed)
        return image[part], digit[part]
    return far_rows(torch.Generator().manual_seed(1000 + (split == "test")), 300)


@cache
def digits(seed: int) -> tuple[Tensor, Tensor]:
    """The 1,797 digits of scikit-learn in an order of this seed: (n, 1, 8, 8) from 0 to 1, (n,)."""
    from sklearn.datasets import load_digits

    pixels, digit = load_digits(return_X_y=True)
    order = torch.randperm(len(digit), generator=torch.Generator().manual_seed(seed))
    image = torch.tensor(pixels, dtype=torch.float32).reshape(-1, 1, 8, 8) / 16
    return image[order], torch.tensor(digit)[order]


if __name__ == "__main__":
    fill(STORED, "python -m attnlab.recipes.flexible", SETTINGS, measure, SEEDS)
