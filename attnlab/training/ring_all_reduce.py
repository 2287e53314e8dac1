"""The ring: each process hands chunks to the next, and all end with the sum of all."""

from __future__ import annotations

import torch
from torch import Tensor
from torch import distributed as dist


def ring_all_reduce(numbers: Tensor) -> tuple[Tensor, int]:
    """The sum of all processes' numbers, by messages to the right neighbour alone.

    The numbers are cut into P chunks. In P - 1 rounds each process sends the chunk that it has
    just added to, so that it ends with one chunk of the whole sum (reduce-scatter); in P - 1
    further rounds the finished chunks go around (all-gather).

        sent by each process = 2 (P - 1) / P of all numbers, for any P less than twice

    Args:
        numbers: of any shape, the same in all processes; they stay as they are.

    Returns:
        The sum, of the same shape, and how many bytes this process has sent.

    Raises:
        ValueError: there is no process group.

    Source: Patarasuk and Yuan 2009, "Bandwidth Optimal All-reduce Algorithms for Clusters of
    Workstations", section 3.
    """
    if not dist.is_initialized():
        raise ValueError("there is no process group: start this by torchrun, in process_group()")
    rank, world = dist.get_rank(), dist.get_world_size()
    total = numbers.detach().clone().flatten()
    chunks, sent = list(total.tensor_split(world)), 0
    for turn in range(2 * (world - 1)):
        leaves, comes = chunks[(rank - turn) % world], chunks[(rank - turn - 1) % world]
        heard = torch.empty_like(comes)
        sending = dist.isend(leaves.clone(), (rank + 1) % world)
        dist.recv(heard, (rank - 1) % world)
        if sending is not None:  # as it is for those outside the group
            sending.wait()
        comes.copy_(comes + heard if turn < world - 1 else heard)
        sent += leaves.nbytes
    return total.view(numbers.shape), sent
