"""The Transformer: an encoder that reads the source, a decoder that writes the target."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, cast

import torch
from torch import Tensor, nn

from attnlab.core.arrays import Float, Integer, Mask
from attnlab.nn.blocks import DecoderLayer, EncoderLayer, post_norm, pre_norm, xavier
from attnlab.nn.cache import Cache, seen_so_far
from attnlab.nn.config import ENCODINGS, TransformerConfig, check_stack
from attnlab.nn.config_checks import check_config
from attnlab.nn.embedding import Embedding
from attnlab.nn.handed_in import check_front, check_mask, warn_of_padding
from attnlab.nn.position_encoding import AddedPositions

_AROUND = {"post": post_norm, "pre": pre_norm}


class Stack(nn.Module):
    """What encoders and decoders have in common: embeddings, equal layers, and a last norm.

    Args:
        vocabulary: how many tokens there are.
        d_model, heads, layers, d_ff, dropout, norm, positions, length: as `StackConfig`.

    Raises:
        TypeError, ValueError: as `StackConfig`, and a vocabulary below 1.
    """

    kind: type[nn.Module] = EncoderLayer
    """What it is a stack of."""

    def __init__(
        self,
        vocabulary: int,
        *,
        d_model: int = 512,
        heads: int = 8,
        layers: int = 6,
        d_ff: int = 2048,
        dropout: float = 0.1,
        norm: Literal["post", "pre"] = "post",
        positions: str = "sinusoidal",
        length: int = 512,
    ):
        super().__init__()
        sizes = {"d_model": d_model, "heads": heads, "layers": layers, "d_ff": d_ff}
        check_stack(**sizes, dropout=dropout, norm=norm, positions=positions, length=length)
        encoding = ENCODINGS[positions](d_model, heads, length)
        self.embedding = Embedding(vocabulary, d_model, positions=encoding, dropout=dropout)
        options = {"around": _AROUND[norm], "dropout": dropout, "attend": encoding.attend}
        self.layers = nn.ModuleList(
            self.kind(d_model, heads, d_ff, **options) for _ in range(layers)
        )
        self.norm = nn.LayerNorm(d_model) if norm == "pre" else nn.Identity()

    def counts_from_the_first(self) -> bool:
        """Whether padding in front would move the tokens behind it."""
        return isinstance(self.embedding.positions, AddedPositions)

    def empty_caches(self) -> list[Cache]:
        """For the first call of step by step decoding."""
        return [Cache() for _ in self.layers]


class Encoder(Stack):
    """Reads the source: embeddings, then a stack of layers of self-attention and perceptrons.

    Args: as `Stack`.

    >>> Encoder(10, d_model=8, heads=2, layers=1, d_ff=16)(torch.tensor([[1, 2, 3]])).shape
    torch.Size([1, 3, 8])

    Source: Vaswani et al. 2017, section 3.1, "Encoder".
    """

    def forward(
        self,
        source: Integer[Tensor, "batch source"],
        mask: Mask[Tensor, "source source"] | None = None,
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
            batch, count = x.shape[:2]
            check_mask("source_mask", mask, batch, count, count)
            if self.counts_from_the_first():
                check_front("source_mask", mask)
        return self.stack(x, mask)

    def stack(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """The layers alone, on embeddings (batch, source, d_model)."""
        for layer in self.layers:
            x = layer(x, mask)
        return self.norm(x)


class Decoder(Stack):
    """Writes the target: each position sees the earlier ones and the encoded source.

    Args: as `Stack`.

    >>> decoder = Decoder(10, d_model=8, heads=2, layers=1, d_ff=16)
    >>> decoder(torch.tensor([[1, 2, 3]]), torch.ones(1, 5, 8)).shape
    torch.Size([1, 3, 8])

    Source: Vaswani et al. 2017, section 3.1, "Decoder".
    """

    kind = DecoderLayer

    def forward(
        self,
        target: Integer[Tensor, "batch target"],
        memory: Float[Tensor, "batch source d_model"],
        source_mask: Mask[Tensor, "target source"] | None = None,
        target_mask: Mask[Tensor, "target seen"] | None = None,
        caches: list[Cache] | None = None,
    ) -> Float[Tensor, "batch target d_model"]:
        """A vector for each target token; it has seen no later one.

        Args:
            target: (batch, target); with caches, the new tokens alone.
            memory: the encoder's output, (batch, source, d_model).
            source_mask: which source positions may be attended to.
            target_mask: further limits than causal for the target's self-attention; with caches,
                earlier positions included.
            caches: one for each layer, as `empty_caches` makes them.
        """
        first = len(caches[0]) if caches else 0
        x = self.embedding(target, first)
        batch, count = x.shape[:2]
        if source_mask is not None:
            check_mask("source_mask", source_mask, batch, count, memory.shape[1])
        if target_mask is not None:
            check_mask("target_mask", target_mask, batch, count, first + count)
            if not first and self.counts_from_the_first():
                check_front("target_mask", target_mask)
        return self.stack(x, memory, source_mask, target_mask, caches)

    def stack(
        self,
        x: Tensor,
        memory: Tensor,
        source_mask: Tensor | None = None,
        target_mask: Tensor | None = None,
        caches: list[Cache] | None = None,
    ) -> Tensor:
        """The layers alone, on embeddings (batch, target, d_model)."""
        seen = seen_so_far(x, caches, target_mask)
        for layer, cache in zip(self.layers, caches or [None] * len(self.layers), strict=True):
            x = layer(x, memory, seen, source_mask, cache)
        return self.norm(x)

    def look(
        self,
        target: Integer[Tensor, "batch target"],
        memory: Float[Tensor, "batch source d_model"],
    ) -> Float[Tensor, "batch layers heads target source"]:
        """With what weights each head of each layer reads the source.

        Args: as `forward`.
        """
        x, found = self.embedding(target), []
        seen = seen_so_far(x)
        for layer in cast(Iterable[DecoderLayer], self.layers):
            found.append(layer.look(x, memory, seen))
            x = layer(x, memory, seen)
        return torch.stack(found, dim=1)


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
        self.encoder = Encoder(config.source_vocabulary, **config.of_stack())
        self.decoder = Decoder(config.target_vocabulary, **config.of_stack())
        self.output = nn.Linear(config.d_model, config.target_vocabulary, bias=False)
        for part in (self.encoder.layers, self.decoder.layers, self.output):
            part.apply(xavier)
        if config.share_embeddings:
            self.encoder.embedding.table = self.decoder.embedding.table
            self.output.weight = self.decoder.embedding.table.weight

    def forward(
        self,
        source: Integer[Tensor, "batch source"],
        target: Integer[Tensor, "batch target"],
        source_mask: Mask[Tensor, "query source"] | None = None,
        target_mask: Mask[Tensor, "target target"] | None = None,
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
        return self.output(self.decoder(target, memory, source_mask, target_mask, caches))
