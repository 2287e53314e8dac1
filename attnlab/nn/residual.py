"""The residual connection: what goes in is added to what comes out."""

from __future__ import annotations

from torch import Tensor, nn

from attnlab.core.arrays import Float


class Residual(nn.Module):
    """A layer with a way round it: its input is added to its output.

        output = x + layer(x)                 where both have the same width
        output = projection(x) + layer(x)     where the layer changes the width

    Adding goes number by number, so both sides need the same shape. PyTorch alone would repeat
    an output of width 1 along the features, and say nothing; here every other shape is refused.

    Args:
        layer: what x goes through; further arguments of the call go to it alone.
        projection: brings x to the shape of the layer's output, such as nn.Linear(4, 6).

    Raises:
        ValueError: the two sides have different shapes, naming both widths and the cure.

    >>> Residual(nn.Identity())(torch.ones(1, 2))
    tensor([[2., 2.]])

    Source: He et al. 2016, "Deep Residual Learning for Image Recognition", eq. 1 and 2.
    """

    def __init__(self, layer: nn.Module, projection: nn.Module | None = None):
        super().__init__()
        self.layer, self.projection = layer, projection

    def forward(self, x: Float[Tensor, "..."], *arguments, **named) -> Float[Tensor, "..."]:
        output = self.layer(x, *arguments, **named)
        way_round = x if self.projection is None else self.projection(x)
        if way_round.shape != output.shape:
            self._refuse(way_round, output)
        return way_round + output

    def _refuse(self, way_round: Tensor, output: Tensor) -> None:
        name = "x" if self.projection is None else "projection(x)"
        widths = way_round.shape[-1], output.shape[-1]
        cure = "write Residual(layer, projection=nn.Linear({}, {}))".format(*widths)
        if widths[0] == widths[1]:
            cure = "a layer within a residual connection keeps every axis"
        raise ValueError(
            f"{name} has width {widths[0]} and layer(x) width {widths[1]}, shapes "
            f"{tuple(way_round.shape)} and {tuple(output.shape)}: like is added to like, so {cure}"
        )
