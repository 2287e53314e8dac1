"""The blocks that a Transformer is stacked from: each sublayer with its norm and its short cut."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from attnlab.core.arrays import Bool, Float
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


class FeedForward(nn.Module):
    """A perceptron with one hidden layer, the same for every position: max(0, x W1 + b1) W2 + b2.

    Args:
        d_model: the length of the vectors that come in and go out.
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


class EncoderLayer(nn.Module):
    """Self-attention, then a perceptron for each position.

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
        mask: Bool[Tensor, "..."] | None = None,
    ) -> Float[Tensor, "batch position d_model"]:
        def attended(x: Tensor) -> Tensor:
            return self.dropout(self.attention(x, mask=mask))

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
        mask: Bool[Tensor, "..."] | None = None,
        memory_mask: Bool[Tensor, "..."] | None = None,
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
            keys, values = cache.extend(*self.attention.remember(x))
            return self.dropout(self.attention.read(x, keys, values, mask))

        def source_attended(x: Tensor) -> Tensor:
            keys, values = cache.source or cache.keep(*self.cross_attention.remember(memory))
            return self.dropout(self.cross_attention.read(x, keys, values, memory_mask))

        def fed_forward(x: Tensor) -> Tensor:
            return self.dropout(self.feed_forward(x))

        x = self.around(x, attended, self.norms[0])
        x = self.around(x, source_attended, self.norms[1])
        return self.around(x, fed_forward, self.norms[2])
