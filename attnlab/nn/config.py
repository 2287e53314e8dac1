"""All the numbers that make a model, in one place for each kind of model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from attnlab.core.heads import check_heads
from attnlab.nn.config_checks import (
    check_counts,
    check_flags,
    check_pairs,
    check_shares,
    check_sizes,
)
from attnlab.nn.position_encoding import (
    AlibiPositions,
    LearnedPositions,
    PositionEncoding,
    RotaryPositions,
    SinusoidalPositions,
)
from attnlab.nn.position_flows import FlowPositions, RecurrentPositions

ENCODINGS: dict[str, Callable[[int, int, int], PositionEncoding]] = {
    "none": lambda d_model, heads, length: PositionEncoding(),  # noqa: ARG005
    "sinusoidal": lambda d_model, heads, length: SinusoidalPositions(d_model),  # noqa: ARG005
    "learned": lambda d_model, heads, length: LearnedPositions(d_model, length),  # noqa: ARG005
    "flow": lambda d_model, heads, length: FlowPositions(d_model),  # noqa: ARG005
    "recurrent": lambda d_model, heads, length: RecurrentPositions(d_model),  # noqa: ARG005
    "rotary": lambda d_model, heads, length: RotaryPositions(),  # noqa: ARG005
    "alibi": lambda d_model, heads, length: AlibiPositions(heads),  # noqa: ARG005
}
"""By name, a function (d_model, heads, length) -> PositionEncoding; each takes what it needs."""


def check_stack(
    *,
    d_model: int,
    heads: int,
    layers: int,
    d_ff: int,
    dropout: float,
    norm: str,
    positions: str,
    length: int,
) -> None:
    """Refuse numbers that make no stack of layers.

    Raises:
        TypeError, ValueError: as `StackConfig`.
    """
    check_sizes(d_model=d_model, heads=heads, layers=layers, d_ff=d_ff, length=length)
    check_shares(dropout=dropout)
    if norm not in ("post", "pre"):
        raise ValueError(f"norm is {norm!r}, and must be 'post' or 'pre'")
    if positions not in ENCODINGS:
        raise ValueError(f"positions is {positions!r}, and must be one of {', '.join(ENCODINGS)}")
    check_heads(heads, d_model)
    if positions == "rotary":
        check_pairs(heads, d_model)


@dataclass(frozen=True, kw_only=True)
class StackConfig:
    """The numbers of a stack of layers; the defaults are the base model of the paper.

    Args:
        d_model: the dimension of the vectors between all layers.
        heads: how many heads, a divisor of d_model.
        layers: how many there are.
        d_ff: the hidden units of the feed-forward layers.
        dropout: the share dropped from each sublayer's output and from the embeddings.
        norm: "post" as the paper writes it, or "pre" as most code runs it.
        positions: a name from `ENCODINGS`.
        length: the most positions, for encodings that are tables.

    Raises:
        TypeError: a size that is no whole number, a dropout that is no number.
        ValueError: an unknown norm or encoding, sizes below 1, a dropout out of its range, or
            heads that do not divide d_model.

    Source: Vaswani et al. 2017, "Attention Is All You Need", table 3, "base".
    """

    d_model: int = 512
    heads: int = 8
    layers: int = 6
    d_ff: int = 2048
    dropout: float = 0.1
    norm: Literal["post", "pre"] = "post"
    positions: str = "sinusoidal"
    length: int = 512

    def __post_init__(self):
        check_stack(**self.of_stack())

    def of_stack(self) -> dict[str, Any]:
        """The numbers of the stack by name, as `Encoder` and `Decoder` take them."""
        return {name: getattr(self, name) for name in StackConfig.__dataclass_fields__}


@dataclass(frozen=True, kw_only=True)
class TransformerConfig(StackConfig):
    """All numbers that make a Transformer; the defaults are the base model of the paper.

    Args:
        source_vocabulary, target_vocabulary: how many tokens there are.
        d_model, heads, d_ff, dropout, norm, positions, length: as `StackConfig`.
        layers: how many in the encoder, and as many in the decoder.
        share_embeddings: one matrix for source, target and the last layer.

    Raises:
        TypeError, ValueError: as `StackConfig`; ValueError for vocabularies that cannot be shared.

    Source: Vaswani et al. 2017, "Attention Is All You Need", table 3, "base".
    """

    source_vocabulary: int
    target_vocabulary: int
    share_embeddings: bool = False

    def __post_init__(self):
        check_counts(self, "source_vocabulary", "target_vocabulary")
        check_flags(self, "share_embeddings")
        super().__post_init__()
        if self.share_embeddings and self.source_vocabulary != self.target_vocabulary:
            raise ValueError(
                f"source_vocabulary is {self.source_vocabulary} and target_vocabulary "
                f"{self.target_vocabulary}: to share their embeddings give both the same size, "
                "one vocabulary for the two languages"
            )


@dataclass(frozen=True, kw_only=True)
class LanguageConfig(StackConfig):
    """All numbers that make a language model; the defaults are those of GPT-2 small.

    Args:
        vocabulary: how many tokens there are.
        d_model, heads, layers, d_ff, dropout, norm, positions, length: as `StackConfig`.
        share_embeddings: one matrix for the tokens and the last layer.

    Raises:
        TypeError, ValueError: as `StackConfig`.

    Source: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", table 2.
    """

    vocabulary: int
    d_model: int = 768
    heads: int = 12
    layers: int = 12
    d_ff: int = 3072
    norm: Literal["post", "pre"] = "pre"
    positions: str = "learned"
    length: int = 1024
    share_embeddings: bool = True

    def __post_init__(self):
        check_counts(self, "vocabulary")
        check_flags(self, "share_embeddings")
        super().__post_init__()


@dataclass(frozen=True, kw_only=True)
class TokenClassifierConfig(StackConfig):
    """All numbers that make an encoder which answers at every position.

    Args:
        vocabulary: how many tokens there are.
        answers: how many answers there are.
        d_model, heads, layers, d_ff, dropout, norm, positions, length: as `StackConfig`.

    Raises:
        TypeError, ValueError: as `StackConfig`.
    """

    vocabulary: int
    answers: int

    def __post_init__(self):
        check_counts(self, "vocabulary", "answers")
        super().__post_init__()
