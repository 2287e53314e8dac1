"""What chapter 19 measures in several processes, as one line of JSON by the first of them.

torchrun --standalone --nproc-per-node 2 -m attnlab.recipes.in_processes data_parallel sharding
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import torch

from attnlab.recipes import collectives, data_parallel, sharding, step_times
from attnlab.training.parallel import process_group

MEASURES: dict[str, Callable[[], Any]] = {
    "data_parallel": data_parallel.measured,
    "ring": collectives.ring,
    "tensor_parallel": collectives.tensor_parallel,
    "all_reduce_times": collectives.all_reduce_times,
    "sharding": sharding.measured,
    "step_times": step_times.measured,
}
"""By name, each a function that all processes call."""


def main(names: list[str]) -> int:
    """Take these measures, one after another, and print them."""
    if wrong := [name for name in names if name not in MEASURES]:
        known = ", ".join(MEASURES)
        print(f"attnlab: ValueError: {wrong[0]!r} is none of {known}", file=sys.stderr)
        return 2
    torch.set_num_threads(1)
    with process_group() as (rank, _):
        found = {name: MEASURES[name]() for name in names}
        if rank == 0:
            print(json.dumps(found), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
