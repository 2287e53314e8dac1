"""The times of a step in several processes: to compute, and to communicate.

torchrun --standalone --nproc-per-node 2 -m attnlab.recipes.in_processes step_times
"""

from __future__ import annotations

from time import perf_counter
from typing import Any

import torch
from torch import Tensor, nn

from attnlab.training.parallel import average_gradients, data_parallel, place, share_of

WIDTHS = (128, 512)
"""Of the model's layers: a small model, and one with sixteen times as many parameters."""

ROWS = 512


def measured(repeats: int = 12) -> list[dict[str, Any]]:
    """Seconds of a step, the least of some, for each width and for a batch that is shared or grows.

    Returns:
        For each:
        width, parameters, processes, rows: how many; rows of the whole batch
        grows: whether the batch grows with the processes
        compute: forward and backward alone
        communicate: the averaging of gradients alone
        step: both, one after the other
        overlapped: both by PyTorch's wrapper, which averages while it computes
    """
    world, found = place().world, []
    for width in WIDTHS:
        for grows in (False, True):
            rows = ROWS * world if grows else ROWS
            found.append({"width": width, "grows": grows, **_timed(width, rows, repeats)})
    return found


def _timed(width: int, rows: int, repeats: int) -> dict[str, Any]:
    torch.manual_seed(0)
    model = nn.Sequential(
        *(part for _ in range(4) for part in (nn.Linear(width, width), nn.ReLU()))
    )
    (x,) = share_of((torch.randn(rows, width),), *place())
    wrapped = data_parallel(model)
    ways = {
        "compute": lambda: _compute(model, x),
        "communicate": lambda: average_gradients(model),
        "step": lambda: (_compute(model, x), average_gradients(model)),
        "overlapped": lambda: _compute(wrapped, x),
    }
    parameters = sum(p.numel() for p in model.parameters())
    found = {"parameters": parameters, "processes": place().world, "rows": rows}
    return found | {name: _seconds(way, repeats) for name, way in ways.items()}


def _compute(model: nn.Module, x: Tensor) -> None:
    model.zero_grad()
    model(x).square().mean().backward()


def _seconds(way, repeats: int) -> float:
    taken = []
    for _ in range(repeats + 2):
        torch.distributed.barrier()
        begin = perf_counter()
        way()
        taken.append(perf_counter() - begin)
    return min(taken[2:])  # the first ones make room, and what else runs here only adds
