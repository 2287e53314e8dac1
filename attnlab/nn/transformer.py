"""The Transformer: an encoder that reads the source, a decoder that writes the target."""

from __future__ import annotations

from torch import Tensor, nn

from attnlab.core.arrays import Bool, Float, Integer
from attnlab.nn.added import Added
from attnlab.nn.blocks import DecoderLayer, EncoderLayer, post_norm, pre_norm
from attnlab.nn.cache import Cache, earlier
from attnlab.nn.config import TransformerConfig
from attnlab.nn.config_checks import check_config
from attnlab.nn.embedding import Embedding
from attnlab.nn.handed_in import check_front, check_mask, warn_of_padding

_AROUND = {"post": post_norm, "pre": pre_norm}


class Encoder(nn.Module):
    """Reads the source: embeddings, then a stack of layers of self-attention and perceptrons.

    Source: Vaswani et al. 2017, section 3.1, "Encoder".
    """

    def __init__(self, config: TransformerConfig):
        super().__init__()
        self.embedding = Embedding(config.source_vocabulary, config)
        self.layers = nn.ModuleList(
            _layer(EncoderLayer, config, self) for _ in range(config.layers)
        )
        self.norm = nn.LayerNorm(config.d_model) if config.norm == "pre" else nn.Identity()

    def forward(
        self, source: Integer[Tensor, "batch source"], mask: Bool[Tensor, "..."] | None = None
    ) -> Float[Tensor, "batch source d_model"]:
        """A vector for each source token, in the light of all that it may attend to.

        Args:
            source: token numbers, (batch, source).
            mask: True = may attend, broadcasts to (batch, query, source): of padding it is
                (batch, 1, source), as `padding(lengths, positions)` makes it.

        Raises:
            TypeError: tokens that are not whole, or a mask that is not boolean.
            ValueError: a token that the vocabulary lacks, a mask that does not fit or could be
                meant in two ways, padding in front where positions count from the first token.
        """
        x = self.embedding(source)
        if mask is None:
            warn_of_padding("source", source)
        else:
            check_mask("source_mask", mask, *x.shape[:2], x.shape[1])
            if isinstance(self.embedding.positions, Added):
                check_front("source_mask", mask)
        return self.stack(x, mask)

    def stack(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """The layers alone, on embeddings (batch, source, d_model)."""
        for layer in self.layers:
            x = layer(x, mask)
        return self.norm(x)


class Decoder(nn.Module):
    """Writes the target: each position sees the earlier ones and the encoded source.

    Source: Vaswani et al. 2017, section 3.1, "Decoder".
    """

    def __init__(self, config: TransformerConfig):
        super().__init__()
        self.embedding = Embedding(config.target_vocabulary, config)
        self.layers = nn.ModuleList(
            _layer(DecoderLayer, config, self) for _ in range(config.layers)
        )
        self.norm = nn.LayerNorm(config.d_model) if config.norm == "pre" else nn.Identity()

    def forward(
        self,
        target: Integer[Tensor, "batch target"],
        memory: Float[Tensor, "batch source d_model"],
        mask: Bool[Tensor, "..."] | None = None,
        memory_mask: Bool[Tensor, "..."] | None = None,
        caches: list[Cache] | None = None,
    ) -> Float[Tensor, "batch target d_model"]:
        """A vector for each target token; it has seen no later one.

        Args:
            target: (batch, target); with caches, the new tokens alone.
            memory: the encoder's output, (batch, source, d_model).
            mask: further limits than causal for the target's self-attention.
            memory_mask: which source positions may be attended to.
            caches: one for each layer, as `empty_caches` makes them.
        """
        first = len(caches[0]) if caches else 0
        x = self.embedding(target, first)
        if memory_mask is not None:
            check_mask("source_mask", memory_mask, *x.shape[:2], memory.shape[1])
        if mask is not None and not first:
            _check_target(mask, x, isinstance(self.embedding.positions, Added))
        return self.stack(x, memory, mask, memory_mask, caches)

    def stack(self, x, memory, mask=None, memory_mask=None, caches=None) -> Tensor:
        """The layers alone, on embeddings (batch, target, d_model)."""
        seen = None  # a single new position may see all that are cached
        if x.shape[1] > 1 or mask is not None:
            seen = earlier(x, caches)
        if mask is not None:
            _check_mask(mask, seen)
            seen = seen & mask
        for layer, cache in zip(self.layers, caches or [None] * len(self.layers), strict=True):
            x = layer(x, memory, seen, memory_mask, cache)
        return self.norm(x)

    def empty_caches(self) -> list[Cache]:
        """For the first call of step by step decoding."""
        return [Cache() for _ in self.layers]


class Transformer(nn.Module):
    """Encoder, decoder, and a last layer that gives every target token a score.

    Args:
        config: all its numbers.

    >>> config = TransformerConfig(source_vocabulary=10, target_vocabulary=12, d_model=8,
    ...                            heads=2, layers=1, d_ff=16)
    >>> model = Transformer(config)
    >>> model(torch.tensor([[1, 2, 3]]), torch.tensor([[4, 5]])).shape
    torch.Size([1, 2, 12])

    Source: Vaswani et al. 2017, "Attention Is All You Need", figure 1.
    """

    def __init__(self, config: TransformerConfig):
        super().__init__()
        check_config(config, TransformerConfig)
        self.config = config
        self.encoder, self.decoder = Encoder(config), Decoder(config)
        self.output = nn.Linear(config.d_model, config.target_vocabulary, bias=False)
        for name, weight in self.named_parameters():
            if weight.ndim > 1 and "positions" not in name and "table" not in name:
                nn.init.xavier_uniform_(weight)
        if config.share_embeddings:
            self.encoder.embedding.table = self.decoder.embedding.table
            self.output.weight = self.decoder.embedding.table.weight

    def forward(
        self,
        source: Integer[Tensor, "batch source"],
        target: Integer[Tensor, "batch target"],
        source_mask: Bool[Tensor, "..."] | None = None,
        target_mask: Bool[Tensor, "..."] | None = None,
    ) -> Float[Tensor, "batch target vocabulary"]:
        """Scores (logits) of the token that follows each target position.

        Args:
            source: token numbers, (batch, source).
            target: token numbers, (batch, target), begin mark first; none is seen before its turn.
            source_mask: True = a real token, broadcasts to (batch, query, source), as
                `padding(lengths, positions)` makes it. Padding, 0, is not found by itself: who
                forgets it is warned where rows end in zeros.
            target_mask: the same for the target; the causal mask comes by itself, and padding
                behind the target changes nothing before it.

        Raises:
            TypeError: tokens that are not whole, or a mask that is not boolean.
            ValueError: a token that the vocabulary lacks, a mask that does not fit or could be
                meant in two ways, padding in front where positions count from the first token.
        """
        return self.decode(target, self.encode(source, source_mask), source_mask, target_mask)

    def encode(self, source: Tensor, source_mask: Tensor | None = None) -> Tensor:
        """What the encoder makes of the source, (batch, source, d_model)."""
        return self.encoder(source, source_mask)

    def decode(
        self,
        target: Tensor,
        memory: Tensor,
        source_mask: Tensor | None = None,
        target_mask: Tensor | None = None,
        caches: list[Cache] | None = None,
    ) -> Tensor:
        """Scores of the tokens that follow, (batch, target, vocabulary)."""
        return self.output(self.decoder(target, memory, target_mask, source_mask, caches))


def _check_target(mask: Tensor, x: Tensor, from_the_first: bool) -> None:
    batch, count = x.shape[:2]
    if not isinstance(mask, Tensor) or mask.ndim == 0:
        check_mask("target_mask", mask, batch, count, count)
    if mask.ndim > 1 and mask.shape[-1] in (1, count):
        check_mask("target_mask", mask, batch, count, count)
        if from_the_first:
            check_front("target_mask", mask)


def _check_mask(mask: Tensor, seen: Tensor) -> None:
    sizes = zip(mask.shape[-2:], seen.shape, strict=True) if mask.ndim > 1 else [(0, 1)]
    if any(m not in (1, s) for m, s in sizes):
        raise ValueError(
            f"target_mask has shape {tuple(mask.shape)}, and there are {seen.shape[0]} target "
            f"positions that may see {seen.shape[1]}: it needs (batch, 1, {seen.shape[1]}), as "
            "padding(lengths, positions) makes it"
        )


def _layer(kind: type, config: TransformerConfig, stack: Encoder | Decoder) -> nn.Module:
    return kind(
        config.d_model,
        config.heads,
        config.d_ff,
        around=_AROUND[config.norm],
        dropout=config.dropout,
        attend=stack.embedding.positions.attend,
    )
