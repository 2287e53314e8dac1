"""Greedy decoding with the key-value cache beside PyTorch's Transformer, run anew for each token.

python tests/bench_decoding.py            the rows of bench.py that concern it
"""

import time
from collections.abc import Callable
from statistics import median

import torch
from torch import Tensor

from attnlab.training import greedy
from bench_training import SMALL, VOCABULARY, Peer, ours, theirs

BEGIN, NEVER, MOST = 1, VOCABULARY - 1, 128


@torch.no_grad()
def again_and_again(peer: Peer, source: Tensor) -> Tensor:
    """Greedy decoding with nn.Transformer, which has no cache: the source is encoded once, then
    the decoder reads all tokens for each new one, and only the last gets its scores."""
    memory = peer.stacks.encoder(peer.source(source))
    tokens = torch.full((len(source), 1), BEGIN)
    for n in range(1, MOST + 1):
        words = peer.target(tokens)
        read = peer.stacks.decoder(words, memory, tgt_mask=peer.mask[:n, :n], tgt_is_causal=True)
        token = peer.output(read[:, -1:]).argmax(-1)
        tokens = torch.cat([tokens, token], dim=1)
    return tokens[:, 1:]


def faster(batch: int, pairs: int) -> tuple[float, float]:
    """How many times our tokens a second are theirs, median of pairs; our ms a token."""
    model = ours(MOST, 0.1, **SMALL).eval()
    with torch.no_grad():  # nothing ends early: the end mark is never the highest
        model.output.weight[NEVER] = 0.0
    peer, source = theirs(MOST, 0.1, **SMALL).eval(), torch.randint(VOCABULARY, (batch, 32))

    def cached():
        return greedy(model, source, begin=BEGIN, end=NEVER, most=MOST)

    assert cached().shape == again_and_again(peer, source).shape == (batch, MOST)
    spent = [
        [_seconds(call) for call in (cached, lambda: again_and_again(peer, source))]
        for _ in range(pairs)
    ]
    return median(b / a for a, b in spent), 1000 / MOST * median(a for a, _ in spent)


def rows(row: Callable) -> None:
    """Say what was measured, by the function that bench.py says its rows with."""
    torch.set_num_threads(2)
    for batch, pairs in ((1, 15), (16, 7)):
        times, spent = faster(batch, pairs)
        what = f"greedy, batch {batch}: {spent:.1f} ms, times as fast"
        row(what, f"{times:.2f}", "at least 3", times >= 3)


def _seconds(call: Callable) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


if __name__ == "__main__":
    rows(lambda *columns: print(*columns, sep="   "))
