"""From tokens to vectors, with their positions put in."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from attnlab.core.arrays import Float, Integer
from attnlab.nn.config_checks import check_sizes
from attnlab.nn.dropout import Dropout
from attnlab.nn.position_encoding import PositionEncoding


class Embedding(nn.Module):
    """Tokens to vectors: the rows of a learnt table times a scale, with their positions.

        output = dropout(positions(table[token] * scale))

    The rows start as normal numbers with a spread of 1 / scale, so that the vectors start with a
    spread of 1. Positions count from the first token. Padding therefore goes behind the real
    tokens: in front it would move them.

    Args:
        vocabulary: how many tokens there are.
        d_model: the dimension of the vectors.
        positions: where they enter; a recurrent network knows the order without any.
        scale: what the rows are multiplied by; sqrt(d_model) as in Transformers if not given.
        dropout: the share of the features that is dropped in training.

    Raises:
        TypeError: tokens that are no whole numbers in a tensor.
        ValueError: another number of axes, no token, or a token that is not in the vocabulary.

    >>> Embedding(10, 4, scale=1.0)(torch.tensor([[1, 2, 3]])).shape
    torch.Size([1, 3, 4])

    Source: Vaswani et al. 2017, sections 3.4 and 5.4; Bahdanau et al. 2015, appendix A.2.1, the
    matrix E, for a scale of 1 and no positions.
    """

    def __init__(
        self,
        vocabulary: int,
        d_model: int,
        *,
        positions: PositionEncoding | None = None,
        scale: float | None = None,
        dropout: float = 0.0,
    ):
        super().__init__()
        check_sizes(vocabulary=vocabulary, d_model=d_model)
        self.table = nn.Embedding(vocabulary, d_model)  # starts with a spread of 1
        self.scale = math.sqrt(d_model) if scale is None else float(scale)
        self.positions = PositionEncoding() if positions is None else positions
        self.dropout = Dropout(dropout)
        if self.scale != 1.0:
            nn.init.normal_(self.table.weight, std=1 / self.scale)

    def forward(
        self, tokens: Integer[Tensor, "batch position"], first: int = 0
    ) -> Float[Tensor, "batch position d_model"]:
        """The vectors of the tokens, the first of which stands at position `first`."""
        tokens = _whole(tokens, self.table.weight.device)
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
        later = {"first": first} if first else {}  # an encoding of one's own may know no cache
        return self.dropout(self.positions(vectors * self.scale, **later))

    def extra_repr(self) -> str:
        return f"scale={self.scale:.4g}"


def _whole(tokens: Any, device: torch.device) -> Tensor:
    """The token numbers, in a type that a table takes."""
    if not isinstance(tokens, Tensor):
        kind = "text" if isinstance(tokens, str) else type(tokens).__name__
        raise TypeError(
            f"tokens is a {kind}, and must be a tensor of token numbers (batch, position): write "
            "torch.tensor([vocabulary.encode(text)])"
        )
    if tokens.is_floating_point() or tokens.is_complex() or tokens.dtype == torch.bool:
        raise TypeError(
            f"tokens holds {tokens.dtype}, and token numbers are whole: write tokens.long() if "
            "they are"
        )
    if tokens.device != device:
        raise ValueError(
            f"tokens lies on {tokens.device} and the model on {device}: bring both to one device, "
            f"tokens.to({str(device)!r})"
        )
    return tokens if tokens.dtype in (torch.int64, torch.int32) else tokens.long()
