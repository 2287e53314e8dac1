"""A classifier of nodes: vectors go in, neighbours are read for some rounds, a class comes out."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from attnlab.core.arrays import Float, Mask
from attnlab.nn.config_checks import check_sizes
from attnlab.nn.fused import fused_attention
from attnlab.nn.graph_attention import GraphAttention
from attnlab.nn.handed_in import check_vectors


class NodeClassifier(nn.Module):
    """A linear map, some layers of graph attention, and a score for each class, node by node.

        x = nodes W_in + b
        x = x + relu(layer(x, mask))      for each layer, or relu(layer(x, mask)) without residual
        logits = x W_out + b

    Who reads whom is said by the mask alone. With one of self-loops only, every node stays alone,
    and this is a perceptron; without a mask, everybody reads everybody. The parameters are the
    same in all cases.

    Args:
        d_in: the dimension of a node's vector.
        classes: how many answers there are.
        width: the dimension inside.
        layers: how often nodes read.
        attend: makes what attends inside a layer, one for each: `lambda: GatAttend(1, width)`.
        residual: whether a layer's output is added to its input, or put in its place.

    Raises:
        TypeError, ValueError: sizes that are no whole numbers of at least 1.

    >>> NodeClassifier(5, 2, width=8, layers=3)(torch.ones(4, 5), torch.eye(4) == 1).shape
    torch.Size([4, 2])

    Source: Kipf and Welling 2017, "Semi-Supervised Classification with Graph Convolutional
    Networks", section 3.1, for the task; He et al. 2016 for the residual connection.
    """

    def __init__(
        self,
        d_in: int,
        classes: int,
        *,
        width: int = 16,
        layers: int = 2,
        attend: Callable[[], Callable[..., Tensor]] = lambda: fused_attention,
        residual: bool = True,
    ):
        super().__init__()
        check_sizes(d_in=d_in, classes=classes, width=width, layers=layers)
        self.residual = residual
        self.into = nn.Linear(d_in, width)
        self.layers = nn.ModuleList(
            GraphAttention(width, width, attend=attend()) for _ in range(layers)
        )
        self.output = nn.Linear(width, classes)

    def states(
        self,
        nodes: Float[Tensor, "... node d_in"],
        mask: Mask[Tensor, "node neighbour"] | None = None,
    ) -> list[Float[Tensor, "... node width"]]:
        """The vectors of the nodes before the first layer and after each of them."""
        check_vectors("nodes", nodes, self.into.in_features, self.into.weight.dtype)
        states = [self.into(nodes)]
        for layer in self.layers:
            read = layer(states[-1], mask).relu()
            states.append(states[-1] + read if self.residual else read)
        return states

    def forward(
        self,
        nodes: Float[Tensor, "... node d_in"],
        mask: Mask[Tensor, "node neighbour"] | None = None,
    ) -> Float[Tensor, "... node classes"]:
        """A score for each class and node.

        Args:
            nodes: a vector for each node, (..., node, d_in).
            mask: boolean, True = may be read, broadcasts to (..., node, node).
        """
        return self.output(self.states(nodes, mask)[-1])
