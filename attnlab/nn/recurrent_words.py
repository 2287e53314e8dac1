"""From tokens to vectors, for models that know the order of words without positions."""

from __future__ import annotations

from torch import Tensor, nn

from attnlab.core.arrays import Float, Integer
from attnlab.nn.dropout import Dropout
from attnlab.nn.handed_in import whole_tokens


class Words(nn.Module):
    """Tokens to vectors: the rows of a learnt table. A recurrent network needs no positions.

    Args:
        vocabulary: how many tokens there are.
        d_model: the length of the vectors.
        dropout: the share of the features that is dropped in training.

    Raises:
        ValueError: another number of axes, no token, or a token that is not in the vocabulary.

    >>> Words(10, 4, dropout=0.1)(torch.tensor([[1, 2, 3]])).shape
    torch.Size([1, 3, 4])

    Source: Bahdanau et al. 2015, appendix A.2.1, the matrix E.
    """

    def __init__(self, vocabulary: int, d_model: int, *, dropout: float):
        super().__init__()
        self.table = nn.Embedding(vocabulary, d_model)
        self.dropout = Dropout(dropout)

    def forward(
        self, tokens: Integer[Tensor, "batch position"]
    ) -> Float[Tensor, "batch position d_model"]:
        tokens = whole_tokens("tokens", tokens, self.table.weight.device)
        if tokens.ndim != 2 or 0 in tokens.shape:
            raise ValueError(
                f"tokens has shape {tuple(tokens.shape)}, and needs (batch, position) with at "
                "least one of each: a single sequence is tokens[None]"
            )
        try:
            return self.dropout(self.table(tokens))
        except IndexError:
            raise ValueError(
                f"tokens holds numbers from {tokens.min()} to {tokens.max()}, and the vocabulary "
                f"has {self.table.num_embeddings}: it is another vocabulary than the model's"
            ) from None
