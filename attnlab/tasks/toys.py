"""Tasks so small that a reader can solve them by eye, each made to need one idea."""

from __future__ import annotations

import torch
from torch import Tensor

from attnlab.tasks.draws import check_draw


def look_up(
    random: torch.Generator, batch: int = 64, *, names: int = 8, items: int = 5, width: int = 4
) -> tuple[Tensor, Tensor, Tensor]:
    """Memories to look something up in: each item is a name beside a content; one name is asked.

    The names of one memory are different, the contents are random numbers, and nothing in a
    content hints at its name. The asked item stands first, which attention cannot see.

    Args:
        random: the source of randomness; the same state gives the same memories.
        batch: how many memories.
        names: how many names there are; a name is a one-hot vector of this length.
        items: how many items each memory holds, at most `names`.
        width: the length of a content.

    Returns:
        query: the asked name, (batch, 1, names)
        memory: name and content end to end, (batch, items, names + width)
        answer: the content of the asked item, (batch, 1, width)

    Raises:
        ValueError: more items than names, naming both.
    """
    check_draw(random, batch=batch, names=names, items=items, width=width)
    if items > names:
        raise ValueError(f"items is {items} and names {names}: each item needs a name of its own")
    chosen = torch.rand(batch, names, generator=random).argsort(-1)[:, :items]
    name = torch.eye(names)[chosen]
    content = torch.randn(batch, items, width, generator=random)
    return name[:, :1], torch.cat([name, content], -1), content[:, :1]
