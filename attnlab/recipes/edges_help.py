"""Do edges help? The same network with the edges, without them, and with all pairs joined.

python -m attnlab.recipes.edges_help      trains what is not stored yet
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import networkx
import torch
from torch import Tensor, nn

from attnlab.core import edges
from attnlab.nn import EqualAttend, GatAttend, NodeClassifier
from attnlab.recipes.grid import Row, best_of, fill, rows, settings
from attnlab.tasks import communities
from attnlab.training import train

STORED = Path(__file__).with_suffix(".json")
"""Where the results lie."""

LEARNING_RATES = (0.003, 0.01, 0.03)
"""Of which each setting gets the one that serves it best."""

READERS = {
    "alone": ("self", True, True),
    "all": ("all", True, True),
    "mean": ("edges", False, False),
    "mean, residual": ("edges", False, True),
    "attention": ("edges", True, False),
    "attention, residual": ("edges", True, True),
}
"""Whom a node reads, whether by attention (GAT's) or as a mean, and whether what it has read is
added to what it was. All have the same number of parameters, within 2 %: a mean is wider by 1."""

LIES = (0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9)
"""The share of edges that join two communities. There are four, so at 3/4 edges say nothing."""

SEEDS, LAYERS = (0, 1, 2, 3, 4), 2
GRAPHS, NODES, STEPS, BATCH = 20, 60, 150, 4
"""From how many graphs of communities each learns."""

CLUB_SEEDS = tuple(range(10))
"""The same two labels, other parameters at the start."""

_WITH_EDGES = [name for name, (whom, _, _) in READERS.items() if whom == "edges"]
SETTINGS = [
    *settings(graph=["karate"], reader=READERS, lies=[0.0], lr=LEARNING_RATES),
    *settings(graph=["communities"], reader=["alone", "all"], lies=[0.15], lr=LEARNING_RATES),
    *settings(graph=["communities"], reader=_WITH_EDGES, lies=LIES, lr=LEARNING_RATES),
]
"""All that is tried. Who does not read edges is not tried again where more of them lie."""


def edges_help() -> list[Row]:
    """The stored results: a row for each setting, with shares right of several seeds.

    Of the karate club `right` is the share of the 32 members without a label, and `trained` that
    of the two with one. Of communities, `right` is the share of nodes in graphs never seen,
    `chosen_by` that in others, by which the learning rate is chosen, and `trained` that in the
    graphs of training; `at_LIES` is the share in graphs never seen where so many edges lie.

    >>> sorted(edges_help()[0])
    ['chosen_by', 'graph', 'lies', 'lr', 'reader', 'right', 'seeds', 'trained']
    """
    return rows(STORED)


def at_best_lr(graph: str, reader: str, lies: float) -> Row:
    """The stored row of the learning rate that serves this setting best.

    Raises:
        ValueError: nothing is stored of these, naming them.

    >>> at_best_lr("communities", "alone", 0.15)["lr"] in LEARNING_RATES
    True
    """
    return best_of(edges_help(), graph=graph, reader=reader, lies=lies)


def node_reader(reader: str, d_in: int, classes: int, layers: int = LAYERS) -> NodeClassifier:
    """The network of a reader; its mask is that of `mask_of`."""
    _, attends, residual = READERS[reader]
    width, attend = (16, lambda: GatAttend(1, 16)) if attends else (17, EqualAttend)
    options = {"width": width, "layers": layers, "attend": attend, "residual": residual}
    return NodeClassifier(d_in, classes, **options)


def mask_of(reader: str, adjacency: Tensor) -> Tensor:
    """Whom each node reads: itself, its neighbours and itself, or all."""
    own = torch.eye(adjacency.shape[-1], dtype=torch.bool)
    whom = READERS[reader][0]
    return edges(adjacency) | own if whom == "edges" else (own | (whom == "all"))


def karate() -> tuple[Tensor, Tensor]:
    """The karate club: its adjacency, booleans, and to which half each of 34 members went.

    Member 0 is the trainer, "Mr. Hi", whose half is 0; member 33 is the officer, of half 1.

    >>> adjacency, half = karate()
    >>> adjacency.shape, int(adjacency.sum()) // 2, half.bincount()
    (torch.Size([34, 34]), 78, tensor([17, 17]))

    Source: Zachary 1977, "An Information Flow Model for Conflict and Fission in Small Groups".
    """
    graph = networkx.karate_club_graph()
    half = [graph.nodes[node]["club"] == "Officer" for node in graph]
    adjacency = networkx.to_numpy_array(graph) > 0
    return torch.from_numpy(adjacency), torch.tensor(half).long()


def measure(*, seed: int, graph: str, reader: str, lies: float, lr: float) -> dict[str, float]:
    """Train one network, and count what it gets right."""
    torch.manual_seed(seed)
    if graph == "karate":
        return _measure_karate(reader, lr)
    random = torch.Generator().manual_seed(seed)
    known = drawn(random, lies)
    model = node_reader(reader, known[0].shape[-1], 4)
    learn_nodes(model, reader, known, random, lr=lr)
    found = {"right": share_right(model, reader, *unseen(0, lies))}
    found["trained"] = share_right(model, reader, *known)
    found["chosen_by"] = share_right(model, reader, *unseen(1, lies))
    return found | {f"at_{other}": share_right(model, reader, *unseen(0, other)) for other in LIES}


def learn_nodes(
    model: nn.Module,
    reader: str,
    known: tuple[Tensor, Tensor, Tensor],
    random: torch.Generator,
    *,
    lr: float,
    steps: int = STEPS,
) -> None:
    """Train a network on graphs whose nodes all have labels."""
    nodes, adjacency, group = known
    masks = mask_of(reader, adjacency).expand(adjacency.shape)

    def batches() -> Iterator[tuple[Tensor, ...]]:
        while True:
            chosen = torch.randint(len(nodes), (BATCH,), generator=random)
            yield nodes[chosen], masks[chosen], group[chosen]

    def loss(model: nn.Module, nodes: Tensor, mask: Tensor, group: Tensor) -> Tensor:
        return nn.functional.cross_entropy(model(nodes, mask).flatten(0, 1), group.flatten())

    for _ in train(model, batches(), loss, steps=steps, lr=lr, warm_up=20):
        pass


def drawn(random: torch.Generator, lies: float) -> tuple[Tensor, Tensor, Tensor]:
    """Graphs of communities: nodes, adjacency and community, with a batch axis in front."""
    graphs = [communities(random, NODES, lies=lies) for _ in range(GRAPHS)]
    nodes, adjacency, group = (torch.stack(parts) for parts in zip(*graphs, strict=True))
    return nodes, adjacency, group


def learn_karate(reader: str, *, lr: float = 0.01, steps: int = 100) -> tuple[nn.Module, Tensor]:
    """A network that was told two members' halves, and what it says of all 34.

    A member's features say only who it is: one-hot, as those of a word.
    """
    adjacency, half = karate()
    model, mask, told = node_reader(reader, 34, 2), mask_of(reader, adjacency), [0, 33]

    def loss(model: nn.Module, nodes: Tensor) -> Tensor:
        return nn.functional.cross_entropy(model(nodes, mask)[told], half[told])

    for _ in train(model, [(torch.eye(34),)], loss, steps=steps, lr=lr, warm_up=10):
        pass
    with torch.no_grad():
        return model, model(torch.eye(34), mask).argmax(-1)


def _measure_karate(reader: str, lr: float) -> dict[str, float]:
    right = (learn_karate(reader, lr=lr)[1] == karate()[1]).double()
    told = right[[0, 33]].mean().item()
    others = right[1:33].mean().item()
    return {"right": others, "trained": told, "chosen_by": others}


def unseen(which: int, lies: float) -> tuple[Tensor, Tensor, Tensor]:
    """Graphs for a test, the same for all: those of number 0, or of number 1 to choose by."""
    return drawn(torch.Generator().manual_seed(1000 + which), lies)


def share_right(
    model: nn.Module, reader: str, nodes: Tensor, adjacency: Tensor, group: Tensor
) -> float:
    """The share of nodes whose community a network finds."""
    with torch.no_grad():
        found = model.eval()(nodes, mask_of(reader, adjacency)).argmax(-1)
    return (found == group).double().mean().item()


if __name__ == "__main__":
    command = "python -m attnlab.recipes.edges_help"
    clubs = [setting for setting in SETTINGS if setting["graph"] == "karate"]
    fill(STORED, command, clubs, measure, CLUB_SEEDS)
    fill(STORED, command, SETTINGS, measure, SEEDS)
