"""Too much smoothing: what many rounds of reading from neighbours leave of a node, and learn.

python -m attnlab.recipes.smoothing      trains what is not stored yet
"""

from __future__ import annotations

from pathlib import Path
from statistics import mean

import torch

from attnlab.recipes.edges_help import (
    LEARNING_RATES,
    SEEDS,
    drawn,
    learn_nodes,
    mask_of,
    node_reader,
    share_right,
    unseen,
)
from attnlab.recipes.grid import Row, best_of, fill, rows, settings

STORED = Path(__file__).with_suffix(".json")
"""Where the results lie."""

DEPTHS = (1, 2, 4, 8, 16)
"""How many layers."""

READERS = ("attention", "attention, residual")
"""With what a node has read in place of what it was, or added to it."""

LIES = 0.15
"""The share of edges that join two communities."""

SETTINGS = settings(reader=READERS, layers=DEPTHS, lr=LEARNING_RATES)
"""All that is tried."""


def smoothing() -> list[Row]:
    """The stored results: a row for each setting, with shares right of five seeds.

    `right`, `trained` and `chosen_by` are as in `attnlab.recipes.edges_help`, in graphs of
    communities; `alike` is the mean cosine between the vectors of two nodes of a graph behind the
    last layer.

    >>> sorted(smoothing()[0])
    ['alike', 'chosen_by', 'layers', 'lr', 'reader', 'right', 'seeds', 'trained']
    """
    return rows(STORED)


def at_best_lr(reader: str, layers: int) -> Row:
    """The stored row of the learning rate that serves this depth best.

    Raises:
        ValueError: nothing is stored of these, naming them.

    >>> at_best_lr("attention", 2)["layers"]
    2
    """
    return best_of(smoothing(), reader=reader, layers=layers)


def mean_cosine(states: torch.Tensor) -> float:
    """The mean cosine between two vectors of a graph, over all pairs of different nodes.

    >>> round(mean_cosine(torch.tensor([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]])), 3)
    0.471
    """
    unit = torch.nn.functional.normalize(states, dim=-1)
    nodes, cosine = states.shape[-2], unit @ unit.mT
    others = cosine.sum((-2, -1)) - cosine.diagonal(dim1=-2, dim2=-1).sum(-1)
    return (others / (nodes * (nodes - 1))).mean().item()


def alike_at_start(reader: str) -> tuple[list[float], list[float]]:
    """How alike nodes are at each depth before any training, means over the seeds.

    The first list has the mean cosine between two nodes behind the last layer, the second one the
    spread of the nodes there, as a share of that before the first layer.

    >>> cosines, spreads = alike_at_start("attention")
    >>> cosines[0] < 0.7 < 0.98 < cosines[-1], spreads[0] > 0.2 > 0.001 > spreads[-1]
    (True, True)
    """
    found = [[_at_start(reader, layers, seed) for seed in SEEDS] for layers in DEPTHS]
    cosines, spreads = ([mean(run[i] for run in runs) for runs in found] for i in (0, 1))
    return cosines, spreads


def _at_start(reader: str, layers: int, seed: int) -> tuple[float, float]:
    torch.manual_seed(seed)
    nodes, adjacency, _ = unseen(0, LIES)
    model = node_reader(reader, nodes.shape[-1], 4, layers)
    with torch.no_grad():
        first, *_, last = model.states(nodes, mask_of(reader, adjacency))
    return mean_cosine(last), spread(last) / spread(first)


def spread(states: torch.Tensor) -> float:
    """How far the vectors of a graph lie from their mean, on average.

    >>> spread(torch.tensor([[1.0, 0.0], [3.0, 0.0]]))
    1.0
    """
    return (states - states.mean(-2, keepdim=True)).norm(dim=-1).mean().item()


def measure(*, seed: int, reader: str, layers: int, lr: float) -> dict[str, float]:
    """Train one network of this depth, and count what it gets right."""
    torch.manual_seed(seed)
    random = torch.Generator().manual_seed(seed)
    known = drawn(random, LIES)
    model = node_reader(reader, known[0].shape[-1], 4, layers)
    learn_nodes(model, reader, known, random, lr=lr)
    new = unseen(0, LIES)
    with torch.no_grad():
        states = model.states(new[0], mask_of(reader, new[1]))
    return {
        "right": share_right(model, reader, *new),
        "trained": share_right(model, reader, *known),
        "chosen_by": share_right(model, reader, *unseen(1, LIES)),
        "alike": mean_cosine(states[-1]),
    }


if __name__ == "__main__":
    fill(STORED, "python -m attnlab.recipes.smoothing", SETTINGS, measure, SEEDS)
