"""A decoder without a source: layers of self-attention in which no position sees a later one."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from attnlab.core.arrays import Bool, Float, Integer
from attnlab.nn.added import Added
from attnlab.nn.blocks import EncoderLayer, post_norm, pre_norm
from attnlab.nn.cache import Cache, earlier
from attnlab.nn.embedding import Embedding
from attnlab.nn.handed_in import check_front, check_mask
from attnlab.nn.language_config import LanguageConfig


class CausalLayer(EncoderLayer):
    """An `EncoderLayer` that can go on: keys and values of earlier calls wait in a cache.

    Source: Liu et al. 2018, "Generating Wikipedia by Summarizing Long Sequences", section 4.2.3.
    """

    def forward(
        self,
        x: Float[Tensor, "batch position d_model"],
        mask: Bool[Tensor, "..."] | None = None,
        cache: Cache | None = None,
    ) -> Float[Tensor, "batch position d_model"]:
        """What each position has read from those that the mask lets it see.

        Args:
            x: (batch, position, d_model); with a cache, the new positions alone.
            mask: which positions each may attend to, earlier ones of a cache included.
            cache: keys and values of earlier calls; these are added to it.
        """
        cache = Cache() if cache is None else cache

        def attended(x: Tensor) -> Tensor:
            keys, values = cache.extend(*self.attention.remember(x))
            return self.dropout(self.attention.read(x, keys, values, mask))

        def fed_forward(x: Tensor) -> Tensor:
            return self.dropout(self.feed_forward(x))

        x = self.around(x, attended, self.norms[0])
        return self.around(x, fed_forward, self.norms[1])


class CausalStack(nn.Module):
    """Embeddings, then layers of self-attention in which no position sees a later one.

    Source: Radford et al. 2018, "Improving Language Understanding by Generative Pre-Training",
    eq. 2.
    """

    def __init__(self, config: LanguageConfig):
        super().__init__()
        self.embedding = Embedding(config.vocabulary, config.of_parts())
        self.layers = nn.ModuleList(
            CausalLayer(
                config.d_model,
                config.heads,
                config.d_ff,
                around={"post": post_norm, "pre": pre_norm}[config.norm],
                dropout=config.dropout,
                attend=self.embedding.positions.attend,
            )
            for _ in range(config.layers)
        )
        self.norm = nn.LayerNorm(config.d_model) if config.norm == "pre" else nn.Identity()

    def forward(
        self,
        tokens: Integer[Tensor, "batch position"],
        mask: Bool[Tensor, "..."] | None = None,
        caches: list[Cache] | None = None,
    ) -> Float[Tensor, "batch position d_model"]:
        """A vector for each token, in the light of the earlier ones.

        Args:
            tokens: (batch, position); with caches, the new tokens alone.
            mask: further limits than causal.
            caches: one for each layer, as `empty_caches` makes them.
        """
        first = len(caches[0]) if caches else 0
        x = self.embedding(tokens, first)
        if mask is not None and not first and isinstance(self.embedding.positions, Added):
            _check_mask(mask, len(x), earlier(x))
            check_front("mask", mask)
        return self.stack(x, mask, caches)

    def stack(self, x: Tensor, mask: Tensor | None = None, caches: list | None = None) -> Tensor:
        """The layers alone, on embeddings (batch, position, d_model)."""
        seen = None  # a single new position may see all that are cached
        if x.shape[1] > 1 or mask is not None:
            seen = earlier(x, caches)
        if mask is not None:
            _check_mask(mask, len(x), seen)
            seen = seen & mask
        for layer, cache in zip(self.layers, caches or [None] * len(self.layers), strict=True):
            x = layer(x, seen, cache)
        return self.norm(x)

    def empty_caches(self) -> list[Cache]:
        """For the first call of step by step decoding."""
        return [Cache() for _ in self.layers]


def _check_mask(mask: Tensor, batch: int, seen: Tensor) -> None:
    queries, keys = seen.shape
    if not isinstance(mask, Tensor) or mask.dtype != torch.bool:
        check_mask("mask", mask, batch, queries, keys)
    sizes = zip(mask.shape, (batch, queries, keys), strict=False)
    if mask.ndim != 3 or any(m not in (1, s) for m, s in sizes):
        raise ValueError(
            f"mask has shape {tuple(mask.shape)}, and there are {batch} rows of {queries} tokens "
            f"that may see {keys}: it needs ({batch}, 1, {keys}), as padding(lengths, positions) "
            "makes it; of a mask (batch, position) take mask[:, None]"
        )
    empty = ~mask.any(-1).any(-1)
    if empty.any():
        raise ValueError(
            f"mask leaves nothing of row {int(empty.int().argmax())}: each row needs at least one "
            "real token, so leave out empty sentences"
        )
