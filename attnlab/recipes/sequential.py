"""Steps one after another: how time, memory and the longest chain of operations grow with length.

python -m attnlab.recipes.sequential      measures what is not stored yet
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from attnlab.core import (
    attention,
    linear_attention_chunked,
    linear_attention_recurrent,
)
from attnlab.nn import fused_attention
from attnlab.recipes.grid import Row, fill, pick, rows, settings

STORED = Path(__file__).with_suffix(".json")
"""Where the results lie."""

D = 64
"""The dimension of all vectors; there is one sequence, and one head."""

CHUNK = 64
"""How many words linear attention takes at once by chunks."""

LENGTHS = (64, 128, 256, 512, 1024, 2048, 4096)
REPEATS = tuple(range(5))

Reads = Callable[[Tensor], Tensor]
"""(1, 1, n, D) -> (1, 1, n, D)"""


def _gru() -> Reads:
    network = nn.GRU(D, D, batch_first=True)
    return lambda x: network(x[0])[0][None]


READS: dict[str, Callable[[], Reads]] = {
    "GRU": _gru,
    "attention": lambda: lambda x: attention(x, x, x),
    "fused attention": lambda: lambda x: fused_attention(x, x, x),
    "linear, word by word": lambda: lambda x: linear_attention_recurrent(x, x, x),
    "linear, by chunks": lambda: lambda x: linear_attention_chunked(x, x, x, CHUNK),
}
"""What reads a sequence. Attention looks in both directions, the others at what came before."""

SETTINGS = settings(reads=tuple(READS), length=LENGTHS)
"""What reads, and how many words."""


def sequential() -> list[Row]:
    """The stored results: a row for each setting, with a number for each repeat.

    `forward` and `both`, forward and backward, are milliseconds of the processor, one thread.
    `chain` is the `longest_chain`, and `kept` the MiB of `kept_for_backward`.

    >>> sorted(sequential()[0])
    ['both', 'chain', 'forward', 'kept', 'length', 'reads', 'seeds']
    """
    return rows(STORED)


def growth(reads: str, cost: str, shortest: int = 512) -> tuple[float, float, float]:
    """The exponent by which a stored cost grows with the length, and its interval of 95 %.

    Args:
        reads: one of `READS`.
        cost: forward, both, chain or kept.
        shortest: from which length on.

    Raises:
        ValueError: nothing is stored of these, naming them.

    >>> round(growth("GRU", "chain")[0], 2)
    1.0
    """
    found = [row for row in pick(sequential(), reads=reads) if row["length"] >= shortest]
    if len(found) < 2 or cost not in found[0]:
        raise ValueError(
            f"reads is {reads!r}, cost {cost!r} and shortest {shortest}: take one of {[*READS]}, "
            "one of forward, both, chain and kept, and leave at least two lengths"
        )
    return exponent([row["length"] for row in found], [row[cost] for row in found])


def exponent(
    lengths: Sequence[int], costs: Sequence[Sequence[float]], seed: int = 0
) -> tuple[float, float, float]:
    """The slope of log cost by log length, and an interval of 95 % by the bootstrap.

    The cost at a length is the least of its repeats, since whatever else a machine does only adds
    to it. For the interval the repeats are drawn anew 1,000 times, with replacement.

    Args:
        lengths: at least two.
        costs: for each length its repeats, all above 0.
        seed: of the draws.

    Returns:
        slope, lower end, upper end

    >>> exponent([10, 100], [[3.0, 4.0], [300.0, 500.0]])[0]
    2.0

    Source: Efron 1979, "Bootstrap Methods: Another Look at the Jackknife".
    """
    random, log = np.random.default_rng(seed), np.log(np.asarray(costs, dtype=np.float64))
    at = np.log(np.asarray(lengths, dtype=np.float64))

    def slope(log: np.ndarray) -> float:
        return float(np.polyfit(at, log.min(axis=1), 1)[0])

    draws = random.integers(log.shape[1], size=(1000, *log.shape))
    again = [slope(np.take_along_axis(log, draw, axis=1)) for draw in draws]
    low, high = np.percentile(again, [2.5, 97.5])
    return round(slope(log), 9), round(float(low), 9), round(float(high), 9)


def measure(*, seed: int, reads: str, length: int, runs: int = 2) -> dict[str, float]:
    """Time one way to read, on random vectors; gives what `sequential` tells of.

    Args:
        seed: of the vectors and parameters.
        reads: one of `READS`.
        length: how many words.
        runs: of how many runs, after a first one that does not count, the quickest is taken.
    """
    torch.manual_seed(seed)
    read, x = READS[reads](), torch.randn(1, 1, length, D)
    forward = _least_time(lambda: _without_gradient(read, x), runs)
    x.requires_grad_()
    both = _least_time(lambda: read(x).sum().backward(), runs)
    kept, output = kept_for_backward(read, x)
    found = {"forward": 1e3 * forward, "both": 1e3 * both, "chain": longest_chain(output)}
    return found | {"kept": kept / 2**20}


def kept_for_backward(read: Reads, x: Tensor) -> tuple[int, Tensor]:
    """How many bytes a forward pass keeps for the way back, and its output.

    Counted is each array once, x and parameters among them.

    >>> kept_for_backward(torch.exp, torch.ones(3, 5, requires_grad=True))[0]  # its own output
    60
    """
    kept: dict[int, Tensor] = {}  # what is counted is held here, so that no address comes twice

    def note(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        output = read(x)
    return sum(tensor.untyped_storage().nbytes() for tensor in kept.values()), output


def longest_chain(output: Tensor) -> int:
    """How many operations one after another lead to an output: none of them can begin before the
    one in front has ended, on any machine.

    Args:
        output: with a gradient: the chain is found by following that graph back.

    >>> x = torch.ones(3, requires_grad=True)
    >>> longest_chain(x.exp() * x), longest_chain(x.exp().exp().exp())
    (2, 3)
    """
    depths: dict[Any, int] = {None: 0}
    open_: list[Any] = [output.grad_fn]
    while open_:
        node = open_[-1]
        before = [] if node is None else [each for each, _ in node.next_functions]
        if missing := [each for each in before if each not in depths]:
            open_ += missing
            continue
        if node is not None and node not in depths:  # a leaf is no operation
            leaf = "AccumulateGrad" in node.name()
            depths[node] = max((depths[each] for each in before), default=0) + (not leaf)
        open_.pop()
    return depths[output.grad_fn]


def _without_gradient(read: Reads, x: Tensor) -> None:
    with torch.no_grad():
        read(x)


def _least_time(run: Callable[[], None], runs: int) -> float:
    """Of the processor's seconds of several runs the least; the first run does not count."""
    run()
    gc.collect()
    stamps = [process_time()]
    for _ in range(runs):
        run()
        stamps.append(process_time())
    return min(end - start for start, end in pairwise(stamps))


if __name__ == "__main__":
    fill(STORED, "python -m attnlab.recipes.sequential", SETTINGS, measure, REPEATS)
