"""Two things to look up at once: a task that one row of weights cannot serve."""

from __future__ import annotations

import torch
from torch import Tensor

from attnlab.tasks.draws import check_draw


def two_look_ups(
    random: torch.Generator, batch: int = 64, *, labels: int = 6, items: int = 5, width: int = 4
) -> tuple[Tensor, Tensor, Tensor]:
    """Memories whose items have a name and a place; one item is asked by name, another by place.

    The names of one memory are different, and so are its places. The contents are random numbers,
    and nothing in a content hints at its name or place. The item asked for by name stands first,
    the one asked for by place second, which attention cannot see.

    Args:
        random: the source of randomness; the same state gives the same memories.
        batch: how many memories.
        labels: how many names there are, and how many places; each is a one-hot vector.
        items: how many items each memory holds, from 2 to `labels`.
        width: the length of a content.

    Returns:
        query: the asked name, the asked place and zeros, (batch, 1, 2 labels + width)
        memory: name, place and content end to end, (batch, items, 2 labels + width)
        answer: the contents of the two asked items end to end, (batch, 1, 2 width)

    Raises:
        ValueError: fewer than two items, or more than labels, naming both.
    """
    check_draw(random, batch=batch, labels=labels, items=items, width=width)
    if not 2 <= items <= labels:
        raise ValueError(
            f"items is {items} and labels {labels}: two different items are asked for, and each "
            f"needs a label of its own, so items must be from 2 to {labels}"
        )
    name, place = (
        torch.eye(labels)[torch.rand(batch, labels, generator=random).argsort(-1)[:, :items]]
        for _ in range(2)
    )
    content = torch.randn(batch, items, width, generator=random)
    query = torch.cat([name[:, :1], place[:, 1:2], torch.zeros(batch, 1, width)], -1)
    answer = torch.cat([content[:, :1], content[:, 1:2]], -1)
    return query, torch.cat([name, place, content], -1), answer
