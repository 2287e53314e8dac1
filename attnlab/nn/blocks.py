"""The blocks that a Transformer is stacked from: each sublayer with its norm and its short cut."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from attnlab.core.arrays import Float, Mask
from attnlab.core.attention import attention_weights
from attnlab.core.heads import split_heads
from attnlab.nn.cache import Cache
from attnlab.nn.config_checks import check_sizes
from attnlab.nn.dropout import Dropout
from attnlab.nn.fused import fused_attention
from attnlab.nn.handed_in import check_vectors
from attnlab.nn.multihead import MultiHeadAttention


def post_norm(x: Tensor, sublayer: Callable[[Tensor], Tensor], norm: Callable) -> Tensor:
    """LayerNorm(x + Sublayer(x)), as the paper writes it (Vaswani et al. 2017, section 3.1)."""
    return norm(x + sublayer(x))


def pre_norm(x: Tensor, sublayer: Callable[[Tensor], Tensor], norm: Callable) -> Tensor:
    """x + Sublayer(LayerNorm(x)), as most code runs it (Xiong et al. 2020, figure 1b)."""
    return x + sublayer(norm(x))


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


class FeedForward(nn.Module):
    """A perceptron with one hidden layer, the same for every position: max(0, x W1 + b1) W2 + b2.

    Args:
        d_model: the dimension of the vectors that come in and go out.
        d_ff: how many hidden units, at least 1.

    Raises:
        TypeError, ValueError: a size that is no whole number of at least 1.

    >>> FeedForward(4, d_ff=8)(torch.ones(1, 3, 4)).shape
    torch.Size([1, 3, 4])

    Source: Vaswani et al. 2017, "Attention Is All You Need", eq. 2.
    """

    def __init__(self, d_model: int, d_ff: int):
        super().__init__()
        check_sizes(d_model=d_model, d_ff=d_ff)
        self.hidden = nn.Linear(d_model, d_ff)
        self.output = nn.Linear(d_ff, d_model)

    def forward(self, x: Float[Tensor, "... d_model"]) -> Float[Tensor, "... d_model"]:
        check_vectors("x", x, self.hidden.in_features, self.hidden.weight.dtype)
        return self.output(self.hidden(x).relu())


def xavier(part: nn.Module) -> None:
    """Start the matrix of a linear map anew, and leave every other part as it is.

    It is for ``module.apply(xavier)``, which comes to each part of the module.

    Source: Glorot and Bengio 2010, "Understanding the Difficulty of Training Deep Feedforward
    Neural Networks", eq. 16.
    """
    if isinstance(part, nn.Linear):
        nn.init.xavier_uniform_(part.weight)


class EncoderLayer(nn.Module):
    """Self-attention, then a perceptron for each position.

    With a causal mask, it is the layer of a decoder without a source, and can go on: keys and
    values of earlier calls wait in a cache (Liu et al. 2018, "Generating Wikipedia by Summarizing
    Long Sequences", section 4.2.3).

    Args:
        d_model, heads, d_ff: as in `MultiHeadAttention` and `FeedForward`.
        around: `post_norm` or `pre_norm`.
        dropout: the share of each sublayer's output that is dropped in training.
        attend: what happens inside the heads.

    Source: Vaswani et al. 2017, section 3.1, "Encoder", and 5.4 for the dropout.
    """

    def __init__(
        self,
        d_model: int,
        heads: int,
        d_ff: int,
        *,
        around: Callable = post_norm,
        dropout: float = 0.1,
        attend: Callable[..., Tensor] = fused_attention,
    ):
        super().__init__()
        self.around = around
        self.attention = MultiHeadAttention(d_model, heads, attend=attend)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norms = nn.ModuleList(nn.LayerNorm(d_model) for _ in range(2))
        self.dropout = Dropout(dropout)

    def forward(
        self,
        x: Float[Tensor, "batch position d_model"],
        mask: Mask[Tensor, "position key"] | None = None,
        cache: Cache | None = None,
    ) -> Float[Tensor, "batch position d_model"]:
        """What each position has read from those that the mask lets it see.

        Args:
            x: (batch, position, d_model); with a cache, the new positions alone.
            mask: which positions each may attend to, earlier ones of a cache included.
            cache: keys and values of earlier calls; these are added to it.
        """

        def attended(x: Tensor) -> Tensor:
            return self.dropout(self.attention(x, mask=mask, cache=cache))

        def fed_forward(x: Tensor) -> Tensor:
            return self.dropout(self.feed_forward(x))

        x = self.around(x, attended, self.norms[0])
        return self.around(x, fed_forward, self.norms[1])


class DecoderLayer(nn.Module):
    """Masked self-attention, attention to the source, then a perceptron for each position.

    Args: as `EncoderLayer`; `attend` is for the self-attention, since the source has positions
        of its own.

    Source: Vaswani et al. 2017, section 3.1, "Decoder".
    """

    def __init__(
        self,
        d_model: int,
        heads: int,
        d_ff: int,
        *,
        around: Callable = post_norm,
        dropout: float = 0.1,
        attend: Callable[..., Tensor] = fused_attention,
    ):
        super().__init__()
        self.around = around
        self.attention = MultiHeadAttention(d_model, heads, attend=attend)
        self.cross_attention = MultiHeadAttention(d_model, heads)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norms = nn.ModuleList(nn.LayerNorm(d_model) for _ in range(3))
        self.dropout = Dropout(dropout)

    def forward(
        self,
        x: Float[Tensor, "batch target d_model"],
        memory: Float[Tensor, "batch source d_model"],
        mask: Mask[Tensor, "target key"] | None = None,
        memory_mask: Mask[Tensor, "target source"] | None = None,
        cache: Cache | None = None,
    ) -> Float[Tensor, "batch target d_model"]:
        """What each target position has read from the earlier ones and from the source.

        Args:
            x: (batch, target, d_model); with a cache, the new positions alone.
            memory: the encoder's output, (batch, source, d_model).
            mask: which target positions each may attend to, earlier ones of a cache included.
            memory_mask: which source positions each may attend to.
            cache: keys and values of earlier calls; these are added to it.
        """
        cache = Cache() if cache is None else cache

        def attended(x: Tensor) -> Tensor:
            return self.dropout(self.attention(x, mask=mask, cache=cache))

        def source_attended(x: Tensor) -> Tensor:
            keys, values = cache.source or cache.keep(*self.cross_attention.remember(memory))
            return self.dropout(self.cross_attention.read(x, keys, values, memory_mask))

        def fed_forward(x: Tensor) -> Tensor:
            return self.dropout(self.feed_forward(x))

        x = self.around(x, attended, self.norms[0])
        x = self.around(x, source_attended, self.norms[1])
        return self.around(x, fed_forward, self.norms[2])

    def look(
        self,
        x: Float[Tensor, "batch target d_model"],
        memory: Float[Tensor, "batch source d_model"],
        mask: Mask[Tensor, "target key"] | None = None,
    ) -> Float[Tensor, "batch heads target source"]:
        """With what weights each head of each target position reads the source.

        Args: as `forward`.
        """
        asked = []

        def noted(x: Tensor) -> Tensor:
            asked.append(x)
            return x

        x = self.around(x, lambda x: self.attention(x, mask=mask), self.norms[0])
        self.around(x, noted, self.norms[1])
        looks, heads = self.cross_attention, self.cross_attention.heads
        queries = split_heads(looks.query(asked[0]), heads)
        return attention_weights(queries, split_heads(looks.key(memory), heads))
