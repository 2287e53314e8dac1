"""Communities: a graph whose edges mostly join people of one group, and sometimes lie.

Each node belongs to a community, and its features are a noisy hint at which. Its edges are another
hint, if friends are found among one's own. How often they are not is known, since it is drawn.
"""

from __future__ import annotations

import torch
from torch import Tensor

from attnlab.tasks.draws import check_draw


def communities(
    random: torch.Generator,
    nodes: int = 120,
    *,
    groups: int = 4,
    degree: int = 6,
    lies: float = 0.1,
    dimension: int = 8,
    noise: float = 1.0,
) -> tuple[Tensor, Tensor, Tensor]:
    """A graph of communities: features, adjacency, and to which community each node belongs.

    Every node chooses degree / 2 others, so that it has `degree` edges on average. Each choice is
    made among its own community, or, with the probability `lies`, among all others. Communities
    are equally large, as far as possible, and nodes stand in no order.

    At lies = (groups - 1) / groups edges fall on all nodes alike, and say nothing; beyond that
    they tell with whom a node does not go.

    Args:
        random: the source of randomness; the same state gives the same graph.
        nodes: how many nodes.
        groups: how many communities, at least 2.
        degree: how many edges a node has on average, an even number.
        lies: the probability that an edge joins two communities, from 0 to 1.
        dimension: how many features a node has, at least `groups`. Of community c, feature c is
            1 on average, and all others 0.
        noise: the standard deviation of what is added to every feature.

    Returns:
        features: (nodes, dimension)
        adjacency: booleans, (nodes, nodes), symmetric and without self-loops
        community: the number of each node's community, (nodes,)

    Raises:
        TypeError: counts that are not whole.
        ValueError: a number out of its range, naming it.

    >>> random = torch.Generator().manual_seed(0)
    >>> features, adjacency, community = communities(random, 40, lies=0.0)
    >>> features.shape, adjacency.shape, community.bincount()
    (torch.Size([40, 8]), torch.Size([40, 40]), tensor([10, 10, 10, 10]))
    >>> bool((community[:, None] == community)[adjacency].all())  # nobody lies
    True

    Source: Holland, Laskey and Leinhardt 1983, "Stochastic Blockmodels", with edges drawn node
    by node.
    """
    check_draw(random, nodes=nodes, groups=groups, degree=degree, dimension=dimension)
    _check_sizes(nodes, groups, degree, dimension)
    _check_numbers(lies, noise)
    community = (torch.arange(nodes) % groups)[torch.randperm(nodes, generator=random)]
    features = noise * torch.randn(nodes, dimension, generator=random)
    features[torch.arange(nodes), community] += 1
    adjacency = torch.zeros(nodes, nodes, dtype=torch.bool)
    own = community[:, None] == community
    for _ in range(degree // 2):
        lying = torch.rand(nodes, generator=random) < lies
        may = (own != lying[:, None]) & ~adjacency & ~torch.eye(nodes, dtype=torch.bool)
        wish = torch.rand(nodes, nodes, generator=random).masked_fill(~may, -1)
        adjacency |= (wish == wish.max(1, keepdim=True).values) & may
        adjacency |= adjacency.T.clone()
    return features, adjacency, community


def _check_sizes(nodes: int, groups: int, degree: int, dimension: int) -> None:
    if groups < 2:
        raise ValueError(f"groups is {groups}, and there must be at least 2 to be told apart")
    if degree < 2 or degree % 2:
        raise ValueError(f"degree is {degree}, and must be even: every node chooses half of it")
    if nodes < groups * (degree + 2):
        raise ValueError(
            f"nodes is {nodes}, and {groups} communities of a degree of {degree} need at least "
            f"{groups * (degree + 2)}, so that everybody finds friends: take more nodes"
        )
    if dimension < groups:
        raise ValueError(
            f"dimension is {dimension} and groups {groups}: each community has a feature of its "
            f"own, so take at least {groups}"
        )


def _check_numbers(lies: float, noise: float) -> None:
    if not 0 <= lies <= 1:
        raise ValueError(f"lies is {lies}, and must be a probability, from 0 to 1")
    if not noise >= 0:
        raise ValueError(f"noise is {noise}, and must be a standard deviation, at least 0")
