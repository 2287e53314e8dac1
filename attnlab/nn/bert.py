"""BERT: an encoder alone, which reads each word in the light of all others."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from attnlab.core.arrays import Float, Integer, Mask
from attnlab.nn.config import StackConfig
from attnlab.nn.config_checks import check_config, check_counts, check_epsilon
from attnlab.nn.dropout import Dropout
from attnlab.nn.embedding import Embedding
from attnlab.nn.gelu_feed_forward import FED_FORWARD, Activation, hand_in
from attnlab.nn.handed_in import check_front, check_mask, warn_of_padding
from attnlab.nn.position_encoding import PositionEncoding
from attnlab.nn.transformer import Encoder


@dataclass(frozen=True, kw_only=True)
class BertConfig(StackConfig):
    """All numbers that make a BERT; the defaults are those of its base model.

    Args:
        vocabulary: how many tokens there are.
        sentences: how many sentences a row of tokens may hold, told apart by `types`.
        activation: "gelu", "gelu_tanh" or "relu".
        epsilon: what every LayerNorm adds to the variance.
        d_model, heads, layers, d_ff, dropout, norm, positions, length: as `StackConfig`.

    Raises:
        TypeError, ValueError: as `StackConfig`; ValueError for an unknown activation, or an
            epsilon that is not above 0.

    Source: Devlin et al. 2019, "BERT", section 3.
    """

    vocabulary: int
    d_model: int = 768
    heads: int = 12
    layers: int = 12
    d_ff: int = 3072
    positions: str = "learned"
    sentences: int = 2
    activation: Activation = "gelu"
    epsilon: float = 1e-12

    def __post_init__(self):
        check_counts(self, "vocabulary", "sentences")
        super().__post_init__()
        if self.activation not in FED_FORWARD:
            known = ", ".join(map(repr, FED_FORWARD))
            raise ValueError(f"activation is {self.activation!r}, and must be one of {known}")
        check_epsilon(self.epsilon)


class BertEmbedding(Embedding):
    """Tokens to vectors with their positions and their sentence, normalised.

        output = dropout(norm(positions(table[token]) + types[type]))

    Args:
        vocabulary, d_model, positions, dropout: as `Embedding`.
        sentences: how many types there are.
        epsilon: of the norm.

    >>> BertEmbedding(10, 4)(torch.tensor([[1, 2, 3]])).shape
    torch.Size([1, 3, 4])

    Source: Devlin et al. 2019, "BERT", figure 2.
    """

    def __init__(
        self,
        vocabulary: int,
        d_model: int,
        *,
        positions: PositionEncoding | None = None,
        sentences: int = 2,
        dropout: float = 0.0,
        epsilon: float = 1e-12,
    ):
        super().__init__(vocabulary, d_model, positions=positions, scale=1.0)
        self.types = nn.Embedding(sentences, d_model)
        self.norm = nn.LayerNorm(d_model, eps=epsilon)
        self.last_dropout = Dropout(dropout)

    def forward(
        self,
        tokens: Integer[Tensor, "batch position"],
        first: int = 0,
        types: Integer[Tensor, "batch position"] | None = None,
    ) -> Float[Tensor, "batch position d_model"]:
        """The vectors of the tokens; types says to which sentence each belongs, 0 if not given."""
        x = super().forward(tokens, first)
        types = torch.zeros_like(tokens) if types is None else self._known(types, tokens)
        return self.last_dropout(self.norm(x + self.types(types)))

    def _known(self, types: Tensor, tokens: Tensor) -> Tensor:
        if types.shape != tokens.shape:
            raise ValueError(
                f"types has shape {tuple(types.shape)} and tokens {tuple(tokens.shape)}: each "
                "token needs one type, 0 for the first sentence"
            )
        highest = self.types.num_embeddings - 1
        if types.is_floating_point() or types.min() < 0 or types.max() > highest:
            raise ValueError(
                f"types holds {types.dtype} from {types.min()} to {types.max()}, and must hold "
                f"whole numbers from 0 to {highest}: one for each sentence that it tells apart"
            )
        return types


class Bert(Encoder):
    """An encoder of text: embeddings of tokens, positions and sentences, then a stack of layers.

    Nothing in its layers is new: it is the left half of the Transformer, with GELU for ReLU.

    Args:
        config: all its numbers.

    >>> config = BertConfig(vocabulary=10, d_model=8, heads=2, layers=1, d_ff=16)
    >>> Bert(config)(torch.tensor([[1, 2, 3]])).shape
    torch.Size([1, 3, 8])

    Source: Devlin et al. 2019, "BERT: Pre-training of Deep Bidirectional Transformers", section 3.
    """

    def __init__(self, config: BertConfig):
        check_config(config, BertConfig)
        super().__init__(config.vocabulary, **config.of_stack())
        self.config = config
        self.embedding = BertEmbedding(
            config.vocabulary,
            config.d_model,
            positions=self.embedding.positions,
            sentences=config.sentences,
            dropout=config.dropout,
            epsilon=config.epsilon,
        )
        hand_in(self.layers, config.activation, config.epsilon)

    def forward(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        tokens: Integer[Tensor, "batch position"],
        mask: Mask[Tensor, "position position"] | None = None,
        types: Integer[Tensor, "batch position"] | None = None,
    ) -> Float[Tensor, "batch position d_model"]:
        """A vector for each token, in the light of all that it may attend to.

        Args:
            tokens: token numbers, (batch, position), begin mark first and end mark behind.
            mask: True = may attend, broadcasts to (batch, query, key): of padding it is
                (batch, 1, position), as `padding(lengths, positions)` makes it.
            types: for two sentences in a row, 0 for each token of the first (its marks too), 1 for
                the second; all 0 if not given.

        Raises:
            TypeError, ValueError: as `Encoder`; types of another shape, or that the model lacks.
        """
        x = self.embedding(tokens, types=types)
        if mask is None:
            warn_of_padding("tokens", tokens)
        else:
            batch, count = x.shape[:2]
            check_mask("mask", mask, batch, count, count)
            if self.counts_from_the_first():
                check_front("mask", mask)
        return self.stack(x, mask)
