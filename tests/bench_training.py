"""A training step beside PyTorch's own Transformer: time in turn, memory each in a process.

python tests/bench_training.py            the rows of bench.py that concern it
python tests/bench_training.py ours 3     three steps at base size, and the memory they took
"""

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median

import torch
from torch import nn
from torch.nn import functional

from attnlab.nn import Transformer, TransformerConfig

SMALL = {"d_model": 128, "heads": 4, "layers": 2, "d_ff": 512}
BASE = {"d_model": 512, "heads": 8, "layers": 6, "d_ff": 2048}
VOCABULARY = 1000


class Peer(nn.Module):
    """nn.Transformer with what it lacks to be a whole model: embeddings and the last layer.

    Positions are left out: that is in its favour.
    """

    def __init__(self, length: int, d_model: int, heads: int, layers: int, d_ff: int, dropout):
        super().__init__()
        self.source = nn.Embedding(VOCABULARY, d_model)
        self.target = nn.Embedding(VOCABULARY, d_model)
        self.dropout = nn.Dropout(dropout)
        self.stacks = nn.Transformer(
            d_model, heads, layers, layers, d_ff, dropout, batch_first=True
        )
        self.output = nn.Linear(d_model, VOCABULARY)
        self.register_buffer("mask", nn.Transformer.generate_square_subsequent_mask(length))

    def forward(self, source, target):
        source = self.dropout(self.source(source))
        target = self.dropout(self.target(target))
        size = target.shape[1]
        mask = self.mask[:size, :size]
        return self.output(self.stacks(source, target, tgt_mask=mask, tgt_is_causal=True))


def ours(length: int, dropout: float, **sizes) -> Transformer:
    del length
    config = TransformerConfig(
        source_vocabulary=VOCABULARY, target_vocabulary=VOCABULARY, dropout=dropout, **sizes
    )
    return Transformer(config)


def theirs(length: int, dropout: float, **sizes) -> Peer:
    return Peer(length, dropout=dropout, **sizes)


def stepping(model: nn.Module, batch: int, length: int) -> Callable[[], None]:
    """A call that takes one step: forward, backward, Adam, the same optimiser for both."""
    source, target, wanted = torch.randint(VOCABULARY, (3, batch, length))
    optimizer = torch.optim.Adam(model.parameters(), 1e-4, fused=True)

    def step():
        logits = model(source, target)
        loss = functional.cross_entropy(logits.flatten(0, 1), wanted.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def faster(batch: int, length: int, pairs: int, **sizes) -> tuple[float, float]:
    """How many times our tokens a second are theirs, median of pairs of steps; our ms a step."""
    calls = [stepping(make(length, **sizes), batch, length) for make in (ours, theirs)]
    spent = [[_seconds(call) for call in calls] for _ in range(pairs + 2)][2:]
    return median(b / a for a, b in spent), 1000 * median(a for a, _ in spent)


def memory(which: str, steps: int = 3) -> float:
    """The most MB that a process held that took steps at base size."""
    command = [sys.executable, __file__, which, str(steps)]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(result.stdout)


def rows(row: Callable) -> None:
    """Say what was measured, by the function that bench.py says its rows with."""
    torch.set_num_threads(2)
    for dropout, least in ((0.1, 1.9), (0.0, 1.25)):
        times, spent = faster(32, 32, 25, dropout=dropout, **SMALL)
        what = f"step, dropout {dropout:g}: {spent:.0f} ms, times as fast"
        row(what, f"{times:.2f}", f"at least {least}", times >= least)
    times, spent = faster(8, 64, 7, dropout=0.1, **BASE)
    row(f"base step: {spent:.0f} ms, times as fast", f"{times:.2f}", "at least 1.6", times >= 1.6)
    share = memory("ours") / memory("theirs")
    row("  its peak memory, to PyTorch's", f"{share:.2f}", "at most 1", share <= 1)


def _seconds(call: Callable) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


if __name__ == "__main__":
    if len(sys.argv) > 1:
        torch.set_num_threads(2)
        step = stepping({"ours": ours, "theirs": theirs}[sys.argv[1]](64, 0.1, **BASE), 8, 64)
        for _ in range(int(sys.argv[2])):
            step()
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)
    else:
        rows(lambda *columns: print(*columns, sep="   "))
