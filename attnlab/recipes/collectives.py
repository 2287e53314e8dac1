"""Collectives: what processes say to each other, by hand and by PyTorch, counted and timed.

torchrun --standalone --nproc-per-node 2 -m attnlab.recipes.in_processes ring tensor_parallel
"""

from __future__ import annotations

from statistics import median
from time import perf_counter
from typing import Any

import torch
from torch import Tensor, nn
from torch import distributed as dist

from attnlab.training.parallel import place
from attnlab.training.ring_all_reduce import ring_all_reduce
from attnlab.training.tensor_parallel import SplitFeedForward

COUNTS = (12, 1_200, 120_000)
"""How many numbers are summed: 2, 3 and 4 processes cut them evenly."""

SIZES = tuple(4**power for power in range(2, 12))
"""How many numbers of four bytes are summed to see what it costs: from 64 bytes to 16 MB."""


def ring() -> list[dict[str, Any]]:
    """The ring by hand against PyTorch's own sum, for whole numbers and for fractions.

    Returns:
        For each count of numbers:
        numbers, bytes: how many, and how large all of them are
        sent: how many bytes this process sent
        formula: 2 (P - 1) / P of the bytes
        equal: whether whole numbers gave the same sums exactly
        apart: the largest difference for normal fractions
    """
    rank, world = place()
    rows = []
    for count in COUNTS:
        random = torch.Generator().manual_seed(rank)
        wholes = torch.randint(-99, 100, (count,), generator=random).float()
        fractions = torch.randn(count, generator=random)
        (ours, sent), (other, _) = ring_all_reduce(wholes), ring_all_reduce(fractions)
        row = {"numbers": count, "bytes": wholes.nbytes, "sent": sent}
        row |= {"formula": 2 * (world - 1) / world * wholes.nbytes}
        row["equal"] = torch.equal(ours, _summed(wholes))
        rows.append(row | {"apart": (other - _summed(fractions)).abs().max().item()})
    return rows


def tensor_parallel(d_model: int = 8, d_ff: int = 24, rows: int = 5) -> dict[str, Any]:
    """A feed-forward layer that is cut among the processes against the whole one, in float64.

    Returns:
        held: parameters of this process
        whole: parameters of the whole layer
        output, input_gradient, w1_gradient, w2_gradient: the largest differences
    """
    torch.manual_seed(0)
    first, second = nn.Linear(d_model, d_ff).double(), nn.Linear(d_ff, d_model).double()
    split, x = SplitFeedForward(first, second), torch.randn(rows, d_model, dtype=torch.float64)
    ours, theirs = x.clone().requires_grad_(), x.clone().requires_grad_()
    output, expected = split(ours), second(torch.relu(first(theirs)))
    of_share = torch.autograd.grad(output.square().sum(), (ours, split.w1, split.w2))
    wholes = theirs, first.weight, second.weight
    x_gradient, w1, w2 = torch.autograd.grad(expected.square().sum(), wholes)
    rank, world = place()
    of_whole = x_gradient, w1.chunk(world)[rank], w2.chunk(world, 1)[rank]
    names = "input_gradient", "w1_gradient", "w2_gradient"
    pairs = {"output": (output, expected)}
    pairs |= dict(zip(names, zip(of_share, of_whole, strict=True), strict=True))
    held, whole = _count(split), _count(first) + _count(second)
    apart = {name: (a - b).abs().max().item() for name, (a, b) in pairs.items()}
    return {"held": held, "whole": whole, **apart}


def all_reduce_times(repeats: int = 15) -> list[dict[str, float]]:
    """How long PyTorch's sum over all processes takes, for each size.

    Returns:
        For each size: bytes, and the median and the least of the seconds that it took.
    """
    rows = []
    for size in SIZES:
        numbers, taken = torch.zeros(size), []
        for _ in range(repeats):
            dist.barrier()
            begin = perf_counter()
            dist.all_reduce(numbers)
            taken.append(perf_counter() - begin)
        rows.append({"bytes": numbers.nbytes, "seconds": median(taken), "least": min(taken)})
    return rows


def _summed(numbers: Tensor) -> Tensor:
    total = numbers.clone()
    dist.all_reduce(total)
    return total


def _count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
