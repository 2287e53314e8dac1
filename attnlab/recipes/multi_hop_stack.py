"""The models of chapter 9 that follow friends: layers between two linear maps."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from attnlab.nn import EncoderLayer
from attnlab.nn.blocks import pre_norm
from attnlab.tasks import multi_hop_recall
from attnlab.training import train

CONTENT = 4
"""How many numbers a person's content has."""


def multi_hop_stack(
    layers: int,
    width: int,
    *,
    seed: int,
    heads: int = 1,
    people: int = 6,
    around: Callable = pre_norm,
    norm: Callable[[int], nn.Module] = nn.LayerNorm,
) -> nn.Sequential:
    """Layers without dropout, d_ff = 2 width, between two linear maps.

    Args:
        layers, width, heads: of the stack; `width` is its d_model.
        seed: of the starting parameters.
        people: how many people a circle has.
        around: `pre_norm`, `post_norm`, or another (x, sublayer, norm) -> x.
        norm: norm(width) -> the module that takes the place of LayerNorm.

    >>> multi_hop_stack(2, 32, seed=0)(torch.zeros(1, 6, 16)).shape
    torch.Size([1, 6, 4])
    """
    torch.manual_seed(seed)
    shape = {"heads": heads, "d_ff": 2 * width, "around": around, "dropout": 0.0}
    blocks = [EncoderLayer(width, **shape) for _ in range(layers)]
    for block in blocks:
        block.norms = nn.ModuleList(norm(width) for _ in range(2))
    into = nn.Linear(2 * people + CONTENT, width)
    return nn.Sequential(into, *blocks, nn.Linear(width, CONTENT))


def error(model: nn.Module, group: Tensor, answer: Tensor) -> Tensor:
    """The mean square of what the model's contents are off by."""
    return (model(group) - answer).square().mean()


def share_right(model: nn.Module, group: Tensor, answer: Tensor) -> float:
    """How many of the model's contents lie nearest to the right one of the group's."""
    contents = group[..., -CONTENT:]
    with torch.no_grad():
        nearest = torch.cdist(model.eval()(group), contents).argmin(dim=-1)
    return (nearest == torch.cdist(answer, contents).argmin(dim=-1)).double().mean().item()


def follow(
    model: nn.Module,
    *,
    seed: int,
    steps: int,
    lr: float,
    hops: int,
    batch: int = 64,
    warm_up: int = 50,
    people: int = 6,
) -> dict[str, float]:
    """Train, and give two shares: `trained`, of the groups of the last ten steps, and `right`,
    of 1,000 groups that training has not seen."""
    task = {"people": people, "hops": hops}
    last: deque = deque(maxlen=10)
    batches = _kept(_groups(seed, batch, task), last)
    for _ in train(model, batches, error, steps=steps, lr=lr, warm_up=warm_up):
        pass
    seen = (torch.cat(parts) for parts in zip(*last, strict=True))
    new = multi_hop_recall(torch.Generator().manual_seed(99), 1000, **task)
    return {"trained": share_right(model, *seen), "right": share_right(model, *new)}


def _groups(seed: int, batch: int, task: dict[str, int]) -> Iterator[tuple[Tensor, Tensor]]:
    random = torch.Generator().manual_seed(seed)
    while True:
        yield multi_hop_recall(random, batch, **task)


def _kept(batches: Iterator[tuple], last: deque) -> Iterator[tuple]:
    for batch in batches:
        last.append(batch)
        yield batch
