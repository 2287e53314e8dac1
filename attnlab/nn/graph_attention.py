"""Graph attention: nodes that read from those they are joined to, by a score that is handed in."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from attnlab.core.arrays import Float, Mask
from attnlab.core.attention import attention
from attnlab.core.graph_scores import gat_scores, gatv2_scores
from attnlab.core.heads import join_heads, split_heads
from attnlab.nn.blocks import xavier
from attnlab.nn.config_checks import check_flags, check_sizes
from attnlab.nn.fused import fused_attention
from attnlab.nn.handed_in import check_booleans, check_vectors


class ScoredAttend(nn.Module):
    """Attention by a score of its own, `score`, which subclasses give."""

    def forward(
        self,
        query: Float[Tensor, "... query d_k"],
        key: Float[Tensor, "... key d_k"],
        value: Float[Tensor, "... key d_v"],
        mask: Mask[Tensor, "query key"] | None = None,
    ) -> Float[Tensor, "... query d_v"]:
        return attention(query, key, value, mask, score=self.score)

    def score(
        self, query: Float[Tensor, "... query d_k"], key: Float[Tensor, "... key d_k"]
    ) -> Float[Tensor, "... query key"]:
        """How much each key has to say to each query."""
        raise NotImplementedError


class GatAttend(ScoredAttend):
    """Attention by the score of GAT, LeakyReLU(a . [query_i, key_j]), a vector a for each head.

    Args:
        heads: how many heads.
        d_k: the dimension of each head's queries and keys.
        slope: of LeakyReLU, below 0.

    >>> attend, x = GatAttend(heads=2, d_k=3), torch.ones(2, 5, 3)
    >>> attend(x, x, x).shape
    torch.Size([2, 5, 3])

    Source: Veličković et al. 2018, "Graph Attention Networks", eq. 3.
    """

    maps = 1
    """Queries, keys and values are all W h."""

    def __init__(self, heads: int, d_k: int, slope: float = 0.2):
        super().__init__()
        check_sizes(heads=heads, d_k=d_k)
        self.slope = slope
        self.query_vector, self.key_vector = (_vector(heads, d_k) for _ in range(2))

    def score(
        self, query: Float[Tensor, "... query d_k"], key: Float[Tensor, "... key d_k"]
    ) -> Float[Tensor, "... query key"]:
        return gat_scores(query, key, self.query_vector, self.key_vector, slope=self.slope)


class Gatv2Attend(ScoredAttend):
    """Attention by the score of GATv2, a . LeakyReLU(query_i + key_j), a vector a for each head.

    Args: as `GatAttend`.

    >>> attend, x = Gatv2Attend(heads=2, d_k=3), torch.ones(2, 5, 3)
    >>> attend(x, x, x).shape
    torch.Size([2, 5, 3])

    Source: Brody et al. 2022, "How Attentive are Graph Attention Networks?", eq. 7.
    """

    maps = 2
    """The queries have a matrix of their own; keys and values share the other one."""

    def __init__(self, heads: int, d_k: int, slope: float = 0.2):
        super().__init__()
        check_sizes(heads=heads, d_k=d_k)
        self.slope = slope
        self.vector = _vector(heads, d_k)

    def score(
        self, query: Float[Tensor, "... query d_k"], key: Float[Tensor, "... key d_k"]
    ) -> Float[Tensor, "... query key"]:
        return gatv2_scores(query, key, self.vector, slope=self.slope)


class EqualAttend(nn.Module):
    """The mean of all values that may be read: what is left of attention if all scores are 0.

    It stands where the others stand, and has no parameters.

    >>> EqualAttend()(torch.ones(3, 1), torch.ones(3, 1), torch.tensor([[1.0], [3.0], [8.0]]))
    tensor([[4.],
            [4.],
            [4.]])

    Source: Hamilton et al. 2017, "Inductive Representation Learning on Large Graphs", section
    3.3, "mean aggregator", in the form of eq. 2 there.
    """

    maps = 1
    """Only values are read."""

    def forward(
        self,
        query: Float[Tensor, "... query d_k"],
        key: Float[Tensor, "... key d_k"],
        value: Float[Tensor, "... key d_v"],
        mask: Mask[Tensor, "query key"] | None = None,
    ) -> Float[Tensor, "... query d_v"]:
        return attention(torch.zeros_like(query), torch.zeros_like(key), value, mask)


class GraphAttention(nn.Module):
    """One step of message passing, with attention for the sum: what each node reads of others.

        head_h = attend(x W_query, x W_key, x W_value, mask), features of head h
        output = (head_0 ... head_heads-1, end to end) + b, or the mean of the heads + b

    With the mask `edges(adjacency)` a node reads its neighbours; with self-loops in it, itself as
    well. Without a mask it is attention on the complete graph, as in a Transformer.

    Args:
        d_in: the dimension of a node's vector.
        d_out: that of what comes out.
        heads: how many heads; end to end, each makes d_out / heads features.
        attend: (query, key, value, mask) -> output, what happens inside the heads: `GatAttend` or
            `Gatv2Attend` of these heads, `EqualAttend`, or `fused_attention`, the scaled dot
            product. How many matrices there are, its `maps` says: 1, one for queries, keys and
            values; 2, one for queries and one for keys and values; 3, as without `maps`, one each.
        average: whether the heads are averaged, each of dimension d_out, as in a last layer.

    Raises:
        TypeError, ValueError: sizes that are no whole numbers of at least 1, or heads that do not
            divide d_out.

    >>> layer = GraphAttention(5, 6, heads=2, attend=Gatv2Attend(heads=2, d_k=3))
    >>> layer(torch.ones(4, 5), torch.eye(4) == 1).shape
    torch.Size([4, 6])

    Source: Veličković et al. 2018, "Graph Attention Networks", eq. 1 to 6; Brody et al. 2022.
    """

    def __init__(
        self,
        d_in: int,
        d_out: int,
        heads: int = 1,
        *,
        attend: Callable[..., Tensor] = fused_attention,
        average: bool = False,
    ):
        super().__init__()
        check_sizes(d_in=d_in, d_out=d_out, heads=heads)
        self.d_in, self.heads, self.average, self.attend = d_in, heads, average, attend
        check_flags(self, "average")
        if not average and d_out % heads:
            raise ValueError(
                f"heads is {heads} and d_out {d_out}: end to end each head makes an equal share, "
                f"so take d_out a multiple of {heads}, or average=True"
            )
        width = heads * d_out if average else d_out
        maps = getattr(attend, "maps", 3)
        self.maps = nn.ModuleList(nn.Linear(d_in, width, bias=False) for _ in range(maps))
        self.bias = nn.Parameter(torch.zeros(d_out))
        self.maps.apply(xavier)

    def forward(
        self,
        nodes: Float[Tensor, "... node d_in"],
        mask: Mask[Tensor, "node neighbour"] | None = None,
    ) -> Float[Tensor, "... node d_out"]:
        """What each node has read.

        Args:
            nodes: a vector for each node, (..., node, d_in).
            mask: boolean, True = may be read, broadcasts to (..., node, node), the same for all
                heads. A node that may read nothing gets the vector b alone.
        """
        check_vectors("nodes", nodes, self.d_in, self.bias.dtype)
        if mask is not None:
            check_booleans("mask", mask)
            _check_graph(mask, nodes)
            mask = mask[..., None, :, :]  # the same for all heads
        mapped = [split_heads(part(nodes), self.heads) for part in self.maps]
        query, key, value = mapped[0], mapped[min(1, len(mapped) - 1)], mapped[-1]
        heads = self.attend(query, key, value, mask)
        return (heads.mean(-3) if self.average else join_heads(heads)) + self.bias


def _vector(heads: int, d_k: int) -> nn.Parameter:
    """A vector for each head, started as a linear map of 2 d_k features to one is, by Glorot."""
    bound = (6 / (2 * d_k + 1)) ** 0.5
    return nn.Parameter(torch.empty(heads, d_k).uniform_(-bound, bound))


def _check_graph(mask: Tensor, nodes: Tensor) -> None:
    count = nodes.shape[-2]
    if mask.ndim < 2 or tuple(mask.shape[-2:]) != (count, count):
        raise ValueError(
            f"mask has shape {tuple(mask.shape)}, and there are {count} nodes: it needs a row and "
            f"a column for each, (..., {count}, {count}), as edges(adjacency) has them"
        )
