"""How far position encodings carry: trained on 4 to 16 words, asked 16 to 64, in three tasks.

python -m attnlab.recipes.extrapolation      trains what is not stored yet
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from attnlab.nn import ENCODINGS, Encoding, Learned, OneLookClassifier
from attnlab.recipes.grid import Row, fill, rows, settings
from attnlab.tasks import IN_AND_OUT, in_or_out, mixed_lengths, word_before, word_before_mark
from attnlab.training import train

STORED = Path(__file__).with_suffix(".json")
"""Where the figures lie."""

LENGTHS = (16, 24, 32, 64)
"""The words of the sentences that are asked; training has met none longer than the first."""


class Count(Encoding):
    """Adds to every number of a word's vector the same small function of its place."""

    def __init__(self, size: Callable[[Tensor], Tensor]):
        super().__init__()
        self.size = size

    def forward(self, x: Tensor, first: int = 0) -> Tensor:
        return x + self.size(torch.arange(first, first + x.shape[1]))[:, None]


def plain_table(d_model: int, heads: int, length: int) -> Learned:  # noqa: ARG001
    """A learnt table that starts at random, in place of as sinusoids."""
    encoding = Learned(d_model, length)
    nn.init.normal_(encoding.table)
    return encoding


MAKERS: dict[str, Callable[[int, int, int], Encoding]] = {
    **ENCODINGS,
    "learned, random start": plain_table,
    "count / 16": lambda *_: Count(lambda place: place / 16),
    "log count": lambda *_: Count(lambda place: torch.log1p(place)),
}
"""The encodings of the course, the learnt table with a plain start, and two ways to count."""

TASKS = {
    "in or out": {"task": in_or_out, "classes": 2, "mark": None},
    "two back from the end": {"task": word_before, "classes": 6, "mark": None},
    "two back from the mark": {"task": word_before_mark, "classes": 6, "mark": 0},
}
"""The questions. In the last one the "?" may stand anywhere, and it is the one that looks."""

SETTINGS = settings(rate=(0.01, 0.003, 0.03), task=tuple(TASKS), encoding=tuple(MAKERS))
"""All that is tried."""


def extrapolation() -> list[Row]:
    """The stored figures: a row for each setting, with shares of three seeds.

    >>> sorted(extrapolation()[0])
    ['at 16', 'at 24', 'at 32', 'at 64', 'encoding', 'rate', 'seeds', 'task', 'trained']
    """
    return rows(STORED)


def measure(*, seed: int, task: str, encoding: str, rate: float) -> dict[str, float]:
    """Train for 400 steps; gives shares right, of the last ten batches and of new sentences."""
    asked = TASKS[task]
    torch.manual_seed(seed)
    made = MAKERS[encoding](32, 4, 64)
    model = OneLookClassifier(len(IN_AND_OUT), asked["classes"], made, mark=asked["mark"])
    last: deque = deque(maxlen=10)

    def loss(model: nn.Module, words: Tensor, answer: Tensor) -> Tensor:
        last.append((words, answer))
        return cross_entropy(model(words), answer)

    batches = mixed_lengths(asked["task"], torch.Generator().manual_seed(seed))
    for _ in train(model, batches, loss, steps=400, rate=rate):
        pass
    figures = {"trained": sum(_right(model, *batch) for batch in last) / len(last)}
    for length in LENGTHS:
        batch = asked["task"](torch.Generator().manual_seed(99), 2000, length=length)
        figures[f"at {length}"] = _right(model, *batch)
    return figures


def _right(model: nn.Module, words: Tensor, answer: Tensor) -> float:
    with torch.no_grad():
        return (model.eval()(words).argmax(dim=1) == answer).double().mean().item()


if __name__ == "__main__":
    fill(STORED, "python -m attnlab.recipes.extrapolation", SETTINGS, measure)
