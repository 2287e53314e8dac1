"""A captioner: it looks at a picture, and says in words what is there."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from attnlab.core.arrays import Float, Integer
from attnlab.core.heads import check_heads
from attnlab.nn.additive_attention import AdditiveAttention, OneContext
from attnlab.nn.blocks import xavier
from attnlab.nn.config_checks import check_config, check_counts, check_flags, check_shares
from attnlab.nn.hard_attention import HardAttend
from attnlab.nn.multihead import MultiHeadAttention
from attnlab.nn.position_encoding import LearnedPositions
from attnlab.nn.recurrent import RecurrentDecoder
from attnlab.nn.region_encoder import RegionEncoder
from attnlab.nn.transformer import Decoder


@dataclass(frozen=True, kw_only=True)
class CaptionerConfig:
    """All numbers that make a captioner.

    Args:
        vocabulary: how many tokens there are.
        decoder: "gru", a recurrent network with additive attention, or "transformer".
        size: how many pixels the pictures are wide and high, a multiple of 4.
        d_model: the dimension of the regions and of the words, an even number.
        hidden: for "gru", the dimension of the state, and the hidden units of the score.
        heads, layers, d_ff: for "transformer", as `Decoder` takes them.
        dropout: the share dropped in the decoder.
        length: for "transformer", the most tokens of a caption, the begin mark included.
        attention: for "gru", whether each step has a context of its own, or all share one vector
            of the whole picture.

    Raises:
        TypeError: a size that is no whole number, a dropout that is no number.
        ValueError: an unknown decoder, sizes below 1, a dropout out of its range, heads that do
            not divide d_model, or a Transformer without attention.
    """

    vocabulary: int
    decoder: Literal["gru", "transformer"] = "gru"
    size: int = 32
    d_model: int = 64
    hidden: int = 96
    heads: int = 4
    layers: int = 2
    d_ff: int = 128
    dropout: float = 0.0
    length: int = 16
    attention: bool = True

    def __post_init__(self):
        sizes = ("size", "d_model", "hidden", "heads", "layers", "d_ff", "length")
        check_counts(self, "vocabulary", *sizes)
        check_shares(dropout=self.dropout)
        check_flags(self, "attention")
        if self.decoder not in ("gru", "transformer"):
            raise ValueError(f"decoder is {self.decoder!r}, and must be 'gru' or 'transformer'")
        check_heads(self.heads, self.d_model)
        if self.decoder == "transformer" and not self.attention:
            raise ValueError(
                "attention is False, and the decoder of a Transformer has no other way to look: "
                "take decoder='gru'"
            )


class Captioner(nn.Module):
    """Convolutions make a grid of regions, and a decoder looks at it for each word that it writes.

    It is a translator whose source is a picture: `greedy` and `beam_search` write with it, from
    pictures (batch, 3, size, size). Without attention all regions become one vector,

        summary = mean over regions j of relu(region_j W + b)

    Args:
        config: all its numbers.

    >>> model = Captioner(CaptionerConfig(vocabulary=21, d_model=8, hidden=6))
    >>> model(torch.ones(1, 3, 32, 32), torch.tensor([[1, 4, 5]])).shape
    torch.Size([1, 3, 21])

    Source: Xu et al. 2015, "Show, Attend and Tell: Neural Image Caption Generation with Visual
    Attention", section 3.1, with a GRU for the LSTM; Vaswani et al. 2017 for the other decoder;
    Vinyals et al. 2015, "Show and Tell: A Neural Image Caption Generator", for one vector, here a
    mean as in Zaheer et al. 2017, "Deep Sets", eq. 4.
    """

    def __init__(self, config: CaptionerConfig):
        super().__init__()
        check_config(config, CaptionerConfig)
        self.config = config
        d_model = config.d_model
        positions = LearnedPositions(d_model, (config.size // 4) ** 2)
        self.encoder = RegionEncoder(d_model, config.size, positions)
        self.decoder = _recurrent(config) if config.decoder == "gru" else _transformer(config)
        self.output = nn.Linear(d_model, config.vocabulary, bias=False)
        if not config.attention:
            self.summary = nn.Linear(d_model, d_model)

    def forward(
        self,
        pictures: Float[Tensor, "batch 3 height width"],
        target: Integer[Tensor, "batch target"],
    ) -> Float[Tensor, "batch target vocabulary"]:
        """Scores (logits) of the token that follows each target position.

        Args:
            pictures: their channels first, from 0 to 1, (batch, 3, size, size).
            target: token numbers, (batch, target), begin mark first; none is seen before its turn.

        Raises:
            TypeError, ValueError: as `RegionEncoder` and the decoder.
        """
        return self.decode(target, self.encode(pictures))

    def check_source(self, pictures: Tensor) -> None:
        """Refuse what are no pictures of this size: `greedy` and `beam_search` ask.

        Raises:
            TypeError, ValueError: as `RegionEncoder`.
        """
        self.encoder.check(pictures)

    def encode(self, pictures: Tensor, source_mask: Tensor | None = None) -> Tensor:
        """The regions of the pictures, row by row, (batch, region, d_model); without attention
        one vector of each, (batch, 1, d_model)."""
        del source_mask  # of a picture, all is real
        regions = self.encoder(pictures)
        if self.config.attention:
            return regions
        return self.summary(regions).relu().mean(1, keepdim=True)

    def decode(
        self,
        target: Tensor,
        memory: Tensor,
        source_mask: Tensor | None = None,
        target_mask: Tensor | None = None,
        caches: list | None = None,
    ) -> Tensor:
        """Scores of the tokens that follow, (batch, target, vocabulary)."""
        return self.output(self.decoder(target, memory, source_mask, target_mask, caches))

    def look(
        self,
        target: Integer[Tensor, "batch target"],
        memory: Float[Tensor, "batch region d_model"],
    ) -> Float[Tensor, "batch layers heads target region"]:
        """With what weights each step looks at the regions.

        Row i belongs to the step that reads target token i, and writes the one after it: the
        first row, of the begin mark, to the first word.

        Returns:
            weights: (batch, layers, heads, target, region); with the recurrent decoder one layer
                and one head, so look(...)[:, 0, 0] are its weights, and look(...).mean((1, 2)) is
                the mean of all.

        Raises:
            ValueError: a model without attention.

        >>> model = Captioner(CaptionerConfig(vocabulary=21, d_model=8, hidden=6))
        >>> model.look(torch.tensor([[1, 4]]), model.encode(torch.ones(1, 3, 32, 32))).shape
        torch.Size([1, 1, 1, 2, 64])
        """
        decoder = self.decoder
        if isinstance(decoder, Decoder):
            return decoder.look(target, memory)
        states, _ = decoder.steps(decoder.embedding(target), memory, None, *decoder.empty_caches())
        return decoder.context.look(states[:, :-1], memory).weights[:, None, None]

    def hard(self, random: torch.Generator | None = None) -> Captioner:
        """A copy that looks at one region a step, in place of the weighted sum of all.

        Args:
            random: where the draws come from, each region as probable as its weight; without it
                the region of the largest weight is taken.

        Source: Xu et al. 2015, section 4.1, "hard" attention, here of weights that were trained
        soft; each head draws its own region.
        """
        return self.looking(lambda attend: HardAttend(attend, random))

    def looking(self, otherwise: Callable[[Callable[..., Tensor]], Any]) -> Captioner:
        """A copy that looks at the picture in another way, with the same parameters.

        Args:
            otherwise: makes of each attend, (query, key, value, mask) -> output, another: a module.
        """
        model = copy.deepcopy(self)
        for name, part in [*model.decoder.named_modules()]:
            looks = name.endswith(("context", "cross_attention"))
            if looks and isinstance(part, AdditiveAttention | MultiHeadAttention):
                part.attend = otherwise(part.attend)
        return model


def _recurrent(config: CaptionerConfig) -> RecurrentDecoder:
    d_model, hidden = config.d_model, config.hidden
    attends = config.attention
    context = AdditiveAttention(hidden, d_model, hidden) if attends else OneContext()
    options = {"context": context, "dropout": config.dropout}
    return RecurrentDecoder(config.vocabulary, d_model, hidden, d_model, **options)


def _transformer(config: CaptionerConfig) -> Decoder:
    names = ("d_model", "heads", "layers", "d_ff", "dropout", "length")
    sizes = {name: getattr(config, name) for name in names}
    decoder = Decoder(config.vocabulary, **sizes, norm="pre", positions="learned")
    decoder.layers.apply(xavier)
    return decoder
