"""Sharding: who holds which parameters when, by FSDP, and how many bytes that takes.

torchrun --standalone --nproc-per-node 2 -m attnlab.recipes.in_processes sharding
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributed.tensor import DTensor

from attnlab.training.loop import adamw, train
from attnlab.training.parallel import place, shared_loss
from attnlab.training.training_memory import PARTS, training_memory

try:
    from torch.distributed.fsdp import fully_shard
except ImportError:  # PyTorch 2.5
    fully_shard = None

WIDTH, HIDDEN, BLOCKS, ROWS, STEPS = 64, 192, 4, 24, 5


class Block(nn.Module):
    """A feed-forward layer with a residual connection, which can be looked at while it works."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(WIDTH, HIDDEN), nn.Linear(HIDDEN, WIDTH)
        self.seen: Callable[[str], None] = lambda _: None

    def forward(self, x: Tensor) -> Tensor:
        hidden = torch.relu(self.first(x))
        self.seen("forward")
        if hidden.requires_grad:
            hidden.register_hook(lambda _: self.seen("backward"))
        return x + self.second(hidden)


def model(seed: int = 0) -> nn.Sequential:
    """A new one: four blocks."""
    torch.manual_seed(seed)
    return nn.Sequential(*(Block() for _ in range(BLOCKS)))


def sharded(whole: nn.Sequential) -> nn.Sequential:
    """The same, of which each process keeps a share; a block is put together when it works.

    Raises:
        ValueError: this PyTorch is older than 2.6.
    """
    if fully_shard is None:
        raise ValueError(
            f"this PyTorch, {torch.__version__}, has no torch.distributed.fsdp.fully_shard: take "
            "2.6 or newer"
        )
    for block in whole:
        fully_shard(block)
    fully_shard(whole)
    return whole


def loss(model: nn.Module, x: Tensor) -> Tensor:
    """The mean square between the model's output and the input's cosine."""
    return (model(x) - x.cos()).square().mean()


def batches(random: torch.Generator) -> Iterator[tuple]:
    """Rows of normal numbers, without end."""
    while True:
        yield (torch.randn(ROWS, WIDTH, generator=random),)


def measured() -> dict[str, Any]:
    """What one process holds, and whether the end is that of one process; all must call it.

    Returns:
        processes, parameters: how many there are
        bytes: of parameters, gradients and the optimiser in this process
        formula: the same by `training_memory`
        unsharded: the same where nothing is sharded, as DDP does it
        events: for each moment of a step, which block works, and which blocks are whole here
        most: the most bytes of parameters at once
        apart: the largest difference of any parameter from training in one process
    """
    alone, ours = model(), sharded(model())
    count = sum(parameter.numel() for parameter in alone.parameters())
    optimizer = adamw(ours)
    for _ in train(ours, _drawn(), shared_loss(loss), steps=STEPS, optimizer=optimizer):
        pass
    for _ in train(alone, _drawn(), loss, steps=STEPS):
        pass
    pairs = zip(ours.parameters(), alone.parameters(), strict=True)
    apart = max((whole_of(a) - b).abs().max().item() for a, b in pairs)
    held, world = held_bytes(ours, optimizer), place().world
    events = watched(ours)
    return {
        "processes": world,
        "parameters": count,
        "bytes": held,
        "formula": training_memory(count, world, PARTS),
        "unsharded": training_memory(count),
        "events": events,
        "most": max(event["bytes"] for event in events),
        "apart": apart,
    }


def whole_of(numbers: Tensor) -> Tensor:
    """All of a parameter, of which each process may hold a share; then all must call it."""
    return numbers.full_tensor() if isinstance(numbers, DTensor) else numbers


def held_bytes(model: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, int]:
    """Bytes of parameters, gradients and the optimiser's running means in this process."""
    parameters = list(model.parameters())
    means = [mean for state in optimizer.state.values() for mean in state.values() if mean.ndim > 0]
    found = {
        "parameters": sum(map(_bytes, parameters)),
        "gradients": sum(_bytes(p.grad) for p in parameters if p.grad is not None),
        "optimizer": sum(map(_bytes, means)),
    }
    return found | {"total": sum(found.values())}


def watched(model: nn.Sequential) -> list[dict[str, Any]]:
    """One step's moments: in each, which block works and which are whole in this process."""
    events: list[dict[str, Any]] = []

    def look(number: int, way: str) -> None:
        whole = [not isinstance(next(block.parameters()), DTensor) for block in model]
        held = sum(_bytes(p) for p in model.parameters())
        events.append({"way": way, "block": number, "whole": whole, "bytes": held})

    for number, block in enumerate(model):
        if isinstance(block, Block):
            block.seen = partial(look, number)
    loss(model, *next(_drawn())).backward()
    look(-1, "after")
    return events


def _drawn() -> Iterator[tuple]:
    return batches(torch.Generator().manual_seed(0))


def _bytes(numbers: Tensor) -> int:
    return (numbers.to_local() if isinstance(numbers, DTensor) else numbers).nbytes
