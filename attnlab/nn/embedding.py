"""From tokens to vectors, with their positions put in."""

from __future__ import annotations

import math

from torch import Tensor, nn

from attnlab.core.arrays import Float, Integer
from attnlab.nn.added import Encoding
from attnlab.nn.config import TransformerConfig
from attnlab.nn.dropout import Dropout
from attnlab.nn.encodings import ENCODINGS
from attnlab.nn.handed_in import whole_tokens


class Embedding(nn.Module):
    """Tokens to vectors: the rows of a learnt table times sqrt(d_model), with their positions.

    Positions count from the first token. Padding therefore goes behind the real tokens: in front
    it would move them.

    Args:
        vocabulary: how many tokens there are.
        config: where d_model, positions and dropout stand.

    Source: Vaswani et al. 2017, sections 3.4 and 5.4.
    """

    def __init__(self, vocabulary: int, config: TransformerConfig):
        super().__init__()
        self.table = nn.Embedding(vocabulary, config.d_model)
        self.scale = math.sqrt(config.d_model)
        make = ENCODINGS[config.positions]
        self.positions: Encoding = make(config.d_model, config.heads, config.length)
        self.dropout = Dropout(config.dropout)
        nn.init.normal_(self.table.weight, std=1 / self.scale)

    def forward(
        self, tokens: Integer[Tensor, "batch position"], first: int = 0
    ) -> Float[Tensor, "batch position d_model"]:
        """The embeddings of the tokens, the first of which stands at position `first`."""
        tokens = whole_tokens("tokens", tokens, self.table.weight.device)
        if tokens.ndim != 2 or tokens.shape[1] == 0:
            raise ValueError(
                f"tokens has shape {tuple(tokens.shape)}, and needs (batch, position) with at "
                "least one position: a single sequence is tokens[None]"
            )
        try:
            vectors = self.table(tokens)
        except IndexError:
            raise ValueError(
                f"tokens holds numbers from {tokens.min()} to {tokens.max()}, and the vocabulary "
                f"has {self.table.num_embeddings}: it is another vocabulary than the model's"
            ) from None
        return self.dropout(self.positions(vectors * self.scale, first))
