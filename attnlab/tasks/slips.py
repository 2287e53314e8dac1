"""A look-up whose answers cannot be sure: for scores that must be soft as well as right."""

from __future__ import annotations

import torch
from torch import Tensor

from attnlab.tasks.draws import check_draw


def hearsay(
    random: torch.Generator,
    batch: int = 64,
    *,
    names: int = 8,
    items: int = 4,
    slips: float = 0.2,
) -> tuple[Tensor, Tensor, Tensor]:
    """Questions to memories that are answered from the wrong item now and then.

    A memory holds items under different names, and one name is asked for. The answer comes from
    the item of that name, or, by a slip, from any other. The best weights are therefore
    1 - slips for the item asked for, and for each other an equal part of the rest.

    Args:
        random: the source of randomness; the same state gives the same questions.
        batch: how many memories.
        names: how many names there are; a name is a one-hot vector of this length.
        items: how many items each memory holds, from 2 to `names`.
        slips: the share of answers that come from another item, from 0 to 1.

    Returns:
        query: the name asked for, (batch, 1, names)
        key: the names of the items, (batch, items, names); the one asked for stands first, which
            attention cannot see
        answer: the place of the item that the answer comes from, (batch,), whole numbers

    Raises:
        ValueError: items not from 2 to `names`, slips not from 0 to 1, naming the numbers.

    >>> query, key, answer = hearsay(torch.Generator().manual_seed(0), batch=3, slips=0.0)
    >>> answer
    tensor([0, 0, 0])
    """
    check_draw(random, batch=batch, names=names, items=items)
    if not 2 <= items <= names:
        raise ValueError(
            f"items is {items} and names {names}: take at least 2 items, and a name for each"
        )
    if not 0 <= slips <= 1:
        raise ValueError(f"slips is {slips}, and must be a share from 0 to 1")
    chosen = torch.rand(batch, names, generator=random).argsort(-1)[:, :items]
    key = torch.eye(names)[chosen]
    slipped = torch.rand(batch, generator=random) < slips
    other = torch.randint(1, items, (batch,), generator=random)
    return key[:, :1], key, torch.where(slipped, other, 0)
