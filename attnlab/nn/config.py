"""All the numbers that make a Transformer, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from attnlab.nn.config_checks import check_counts, check_dropout, check_flags, check_heads
from attnlab.nn.encodings import ENCODINGS


@dataclass(frozen=True, kw_only=True)
class TransformerConfig:
    """All numbers that make a Transformer; the defaults are the base model of the paper.

    Args:
        source_vocabulary, target_vocabulary: how many tokens there are.
        d_model: the length of the vectors between all layers.
        heads: how many heads, a divisor of d_model.
        layers: how many in the encoder, and as many in the decoder.
        d_ff: the hidden units of the feed-forward layers.
        dropout: the share dropped from each sublayer's output and from the embeddings.
        norm: "post" as the paper writes it, or "pre" as most code runs it.
        positions: a name from `ENCODINGS`.
        length: the most positions, for encodings that are tables.
        share_embeddings: one matrix for source, target and the last layer.

    Raises:
        TypeError: a size that is no whole number, a dropout that is no number.
        ValueError: an unknown norm or encoding, sizes below 1, a dropout out of its range, heads
            that do not divide d_model, or vocabularies that cannot be shared.

    Source: Vaswani et al. 2017, "Attention Is All You Need", table 3, "base".
    """

    source_vocabulary: int
    target_vocabulary: int
    d_model: int = 512
    heads: int = 8
    layers: int = 6
    d_ff: int = 2048
    dropout: float = 0.1
    norm: Literal["post", "pre"] = "post"
    positions: str = "sinusoidal"
    length: int = 512
    share_embeddings: bool = False

    def __post_init__(self):
        sizes = ("source_vocabulary", "target_vocabulary", "d_model", "heads", "layers", "d_ff")
        check_counts(self, *sizes, "length")
        check_flags(self, "share_embeddings")
        check_dropout(self)
        if self.norm not in ("post", "pre"):
            raise ValueError(f"norm is {self.norm!r}, and must be 'post' or 'pre'")
        if self.positions not in ENCODINGS:
            raise ValueError(
                f"positions is {self.positions!r}, and must be one of {', '.join(ENCODINGS)}"
            )
        check_heads(self.heads, self.d_model, self.positions)
        if self.share_embeddings and self.source_vocabulary != self.target_vocabulary:
            raise ValueError(
                f"source_vocabulary is {self.source_vocabulary} and target_vocabulary "
                f"{self.target_vocabulary}: to share their embeddings give both the same size, "
                "one vocabulary for the two languages"
            )
