"""Who can look up? GAT, GATv2 and the dot product, where each node must read another node.

python -m attnlab.recipes.attention_ranks      trains what is not stored yet
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

from attnlab.nn import EqualAttend, GatAttend, Gatv2Attend, GraphAttention, fused_attention
from attnlab.recipes.grid import Row, best_of, fill, rows, settings
from attnlab.tasks import lookup_edges, lookup_graphs
from attnlab.training import train

STORED = Path(__file__).with_suffix(".json")
"""Where the results lie."""

KEYS = (2, 4, 8, 16)
"""How many keys there are to choose from, and as many values."""

LEARNING_RATES = (0.01, 0.03, 0.1)
"""Of which each setting gets the one that serves it best."""

GRAPHS, STEPS, BATCH, SEEDS = 1000, 400, 16, (0, 1, 2, 3, 4)
"""From how many graphs each learns, for how long, and how often it is done."""

SCORES: dict[str, tuple[Callable[[int, int], Callable[..., Tensor]], int, int]] = {
    "equal": (lambda _heads, _d_k: EqualAttend(), 34, 1),
    "GAT": (GatAttend, 33, 1),
    "GATv2": (Gatv2Attend, 24, 1),
    "dot product": (lambda _heads, _d_k: fused_attention, 19, 1),
    "GAT, 4 heads, perceptron": (GatAttend, 40, 4),
}
"""What attends, the width, and how many heads. The first four have equally many parameters, 2,780
of 16 keys within 1 %; the last one has more, and may make what it likes of what it has read."""

SETTINGS = settings(score=SCORES, keys=KEYS, lr=LEARNING_RATES)
"""All that is tried."""


class Lookup(nn.Module):
    """One look at the graph, and a linear map to the values; or a perceptron in its place.

        hidden = attention(nodes) + nodes W + b
        logits = hidden W_out + b_out

    Args:
        score: one of `SCORES`.
        keys: how many keys there are.
    """

    def __init__(self, score: str, keys: int):
        super().__init__()
        make, width, heads = SCORES[score]
        attend = make(heads, width // heads)
        self.look = GraphAttention(2 * keys, width, heads, attend=attend)
        self.way_round = nn.Linear(2 * keys, width)
        self.output = nn.Linear(width, keys)
        if heads > 1:
            self.output = nn.Sequential(nn.Linear(width, width), nn.ReLU(), self.output)
        self.register_buffer("mask", lookup_edges(keys), persistent=False)

    def forward(self, nodes: Tensor) -> Tensor:
        """A score for each value, of the asking nodes, (batch, keys, keys)."""
        hidden = self.look(nodes, self.mask) + self.way_round(nodes)
        return self.output(hidden[:, : nodes.shape[1] // 2])


def attention_ranks() -> list[Row]:
    """The stored results: a row for each setting, the share right with five seeds.

    `right` is the share on graphs never seen, `chosen_by` that on others, by which the learning
    rate is chosen, and `trained` that on the graphs of training.

    >>> sorted(attention_ranks()[0])
    ['chosen_by', 'keys', 'lr', 'right', 'score', 'seeds', 'trained']
    """
    return rows(STORED)


def at_best_lr(score: str, keys: int) -> Row:
    """The stored row of the learning rate that serves this setting best.

    Raises:
        ValueError: nothing is stored of these, naming them.

    >>> min(at_best_lr("GATv2", 16)["right"])
    1.0
    """
    return best_of(attention_ranks(), score=score, keys=keys)


def measure(*, seed: int, score: str, keys: int, lr: float, steps: int = STEPS) -> dict[str, float]:
    """Train one reader, and count what it gets right."""
    model, known = learn_lookup(score, keys, seed=seed, lr=lr, steps=steps)
    return {
        "right": _right(model, *_unseen(0, keys)),
        "trained": _right(model, *known),
        "chosen_by": _right(model, *_unseen(1, keys)),
    }


def learn_lookup(
    score: str, keys: int, *, seed: int, lr: float, steps: int = STEPS
) -> tuple[Lookup, tuple[Tensor, Tensor]]:
    """A trained reader, and the graphs that it has learnt from."""
    torch.manual_seed(seed)
    model = Lookup(score, keys)
    random = torch.Generator().manual_seed(seed)
    nodes, values = lookup_graphs(random, GRAPHS, keys=keys)

    def batches() -> Iterator[tuple[Tensor, Tensor]]:
        while True:
            chosen = torch.randint(GRAPHS, (BATCH,), generator=random)
            yield nodes[chosen], values[chosen]

    for _ in train(model, batches(), _loss, steps=steps, lr=lr, warm_up=20):
        pass
    return model.eval(), (nodes, values)


def _loss(model: nn.Module, nodes: Tensor, values: Tensor) -> Tensor:
    return nn.functional.cross_entropy(model(nodes).flatten(0, 1), values.flatten())


def _unseen(which: int, keys: int) -> tuple[Tensor, Tensor]:
    return lookup_graphs(torch.Generator().manual_seed(1000 + which), 500, keys=keys)


def _right(model: nn.Module, nodes: Tensor, values: Tensor) -> float:
    with torch.no_grad():
        return (model(nodes).argmax(-1) == values).double().mean().item()


if __name__ == "__main__":
    command = "python -m attnlab.recipes.attention_ranks"
    fill(STORED, command, SETTINGS, measure, SEEDS)
