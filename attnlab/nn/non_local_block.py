"""Attention within a convolutional net: a block that can be put between any two layers."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from attnlab.core.arrays import Float
from attnlab.core.images import as_pixels, from_pixels
from attnlab.nn.config_checks import check_sizes
from attnlab.nn.fused import fused_attention
from attnlab.nn.handed_in import check_pictures


class NonLocalBlock(nn.Module):
    """Each place of a map reads all others, and what it read is added to it, times a gate.

        query, key, value = 1 x 1 convolutions of x
        output = x + gate * (1 x 1 convolution of attention(query, key, value))

    The gate is a parameter and starts at 0: put into a net, the block changes nothing at first.

    Args:
        channels: of the map that comes in and goes out.
        inner: how many channels queries, keys and values have; half of `channels` if not given.
        attend: (query, key, value, mask) -> output, what happens between the places.

    Raises:
        TypeError, ValueError: a size that is no whole number of at least 1, or a map of other
            channels.

    >>> x = torch.randn(2, 6, 5, 7)
    >>> torch.equal(NonLocalBlock(6)(x), x)
    True

    Source: Wang et al. 2018, "Non-local Neural Networks", eq. 6 and figure 2, here with scores
    divided by the root of `inner`; the gate as in Zhang et al. 2019, "Self-Attention Generative
    Adversarial Networks", eq. 3.
    """

    def __init__(
        self,
        channels: int,
        inner: int | None = None,
        *,
        attend: Callable[..., Tensor] = fused_attention,
    ):
        super().__init__()
        check_sizes(channels=channels)
        inner = max(channels // 2, 1) if inner is None else inner
        check_sizes(inner=inner)
        self.channels, self.inner, self.attend = channels, inner, attend
        self.query = nn.Conv2d(channels, inner, 1, bias=False)
        self.key = nn.Conv2d(channels, inner, 1, bias=False)
        self.value = nn.Conv2d(channels, inner, 1, bias=False)
        self.output = nn.Conv2d(inner, channels, 1, bias=False)
        self.gate = nn.Parameter(torch.zeros(()))

    def forward(
        self, x: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch channels height width"]:
        """The map, and what each of its places has read from all.

        Args:
            x: (batch, channels, height, width).

        Raises:
            TypeError: a map that is no tensor of real numbers.
            ValueError: other channels, or another number of axes.
        """
        check_pictures("x", x, self.channels, self.query.weight.dtype)
        maps = self.query(x), self.key(x), self.value(x)
        query, key, value = (as_pixels(each, channels=self.inner) for each in maps)
        read = from_pixels(self.attend(query, key, value, None), *x.shape[-2:])
        return x + self.gate * self.output(read)

    def extra_repr(self) -> str:
        return f"channels={self.channels}, inner={self.inner}"
