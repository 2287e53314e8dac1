"""Look-ups: a graph in which each asking node must read one node of many, and each another one."""

from __future__ import annotations

import torch
from torch import Tensor

from attnlab.tasks.draws import check_draw


def lookup_graphs(
    random: torch.Generator, batch: int = 64, *, keys: int = 8
) -> tuple[Tensor, Tensor]:
    """Half of the nodes hold a key and a value; each of the others asks for the value of one key.

    Every asking node is joined to all that hold something, so the edges do not help: which one to
    read, only attention can say. Values are drawn independently, so one says nothing of another.

    Args:
        random: the source of randomness; the same state gives the same graphs.
        batch: how many graphs.
        keys: how many keys, and as many values, at least 2.

    Returns:
        nodes: (batch, 2 keys, 2 keys): the asking nodes first, then those that hold something, in
            the same order of keys. Of each, first its key, one-hot, and then its value, one-hot;
            zeros for the value of those that ask.
        values: what each asking node must find, a whole number below `keys`, (batch, keys)

    Raises:
        TypeError: counts that are not whole.
        ValueError: fewer than two keys.

    >>> nodes, values = lookup_graphs(torch.Generator().manual_seed(0), 1, keys=2)
    >>> nodes[0].int(), values[0]
    (tensor([[1, 0, 0, 0],
            [0, 1, 0, 0],
            [1, 0, 1, 0],
            [0, 1, 0, 1]], dtype=torch.int32), tensor([0, 1]))

    Source: Brody et al. 2022, "How Attentive are Graph Attention Networks?", section 4.1,
    "DictionaryLookup", here with values that may be equal.
    """
    check_draw(random, batch=batch, keys=keys)
    if keys < 2:
        raise ValueError(f"keys is {keys}, and there must be at least 2 to choose from")
    values = torch.randint(keys, (batch, keys), generator=random)
    key = torch.eye(keys).expand(batch, keys, keys)
    asking = torch.cat([key, torch.zeros_like(key)], dim=-1)
    holding = torch.cat([key, torch.eye(keys)[values]], dim=-1)
    return torch.cat([asking, holding], dim=-2), values


def lookup_edges(keys: int) -> Tensor:
    """Who may read whom in these graphs: each asking node all that hold something.

    >>> lookup_edges(2).int()
    tensor([[0, 0, 1, 1],
            [0, 0, 1, 1],
            [0, 0, 0, 0],
            [0, 0, 0, 0]], dtype=torch.int32)
    """
    asks = torch.arange(2 * keys) < keys
    return asks[:, None] & ~asks
