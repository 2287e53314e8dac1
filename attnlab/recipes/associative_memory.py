"""Attention learns to look something up: the small training that chapters 2 and 3 share.

Source: Graves et al. 2014, "Neural Turing Machines", section 4.3 (the task).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from attnlab.tasks import associative_recall

Answers = Callable[..., Tensor]
"""(query, memory, *maps) -> what is handed over, (batch, 1, content): attention, as one likes."""

_UNSEEN = 1000  # added to a seed: memories that no training meets


def trained(
    answers: Answers, sizes: Sequence[tuple[int, int]], *, lr: float, seed: int
) -> list[Tensor]:
    """Maps of these sizes after 250 steps of Adam, each on 64 new memories of five items.

    Args:
        answers: what is to be learnt, as a function of query, memory and the maps.
        sizes: rows and columns of each map; a query has dimension 8, an item of the memory 12.
        lr: the learning rate.
        seed: of the first maps and of the memories.
    """
    random = torch.Generator().manual_seed(seed)
    maps = [torch.randn(*size, generator=random) / 3 for size in sizes]
    search = torch.optim.Adam([each.requires_grad_() for each in maps], lr=lr)
    for _ in range(250):
        query, memory, answer = associative_recall(random)
        search.zero_grad()
        (answers(query, memory, *maps) - answer).square().mean().backward()
        search.step()
    return [each.detach() for each in maps]


def best_trained(
    answers: Answers, sizes: Sequence[tuple[int, int]], lrs: Sequence[float], seeds: int = 3
) -> list[list[Tensor]]:
    """The maps of each seed, trained at that of these learning rates that serves them best.

    The rate is chosen by the square error on memories that are neither trained nor judged on.
    """
    runs = [[trained(answers, sizes, lr=lr, seed=seed) for seed in range(seeds)] for lr in lrs]

    def error(of_seeds: list[list[Tensor]]) -> float:
        errors = (square_error(answers, maps, _UNSEEN + seed) for seed, maps in enumerate(of_seeds))
        return sum(math.inf if math.isnan(each) else each for each in errors)

    return min(runs, key=error)


def square_error(answers: Answers, maps: Sequence[Tensor], seed: int, items: int = 5) -> float:
    """The mean square error on 2,000 unseen memories; the mean of five contents costs 0.8."""
    fetched, _, answer = _on_unseen(answers, maps, seed, items)
    return (fetched - answer).square().mean().item()


def right(answers: Answers, maps: Sequence[Tensor], seed: int, items: int = 5) -> float:
    """How many of 2,000 unseen memories hand over something nearest to the right content."""
    fetched, memory, answer = _on_unseen(answers, maps, seed, items)
    contents = memory[..., -answer.shape[-1] :]
    return (torch.cdist(fetched, contents).argmin(dim=-1) == 0).double().mean().item()


def _on_unseen(
    answers: Answers, maps: Sequence[Tensor], seed: int, items: int
) -> tuple[Tensor, Tensor, Tensor]:
    """What is handed over for unseen memories, the memories, and the right contents."""
    random = torch.Generator().manual_seed(_UNSEEN + seed)
    query, memory, answer = associative_recall(random, 2000, items=items)
    return answers(query, memory, *maps), memory, answer
