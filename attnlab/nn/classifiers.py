"""The smallest models that answer: at every position, or once for a sentence."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from attnlab.core.arrays import Float, Integer, Mask
from attnlab.nn.config import TokenClassifierConfig
from attnlab.nn.config_checks import check_config, check_sizes
from attnlab.nn.embedding import Embedding
from attnlab.nn.multihead import MultiHeadAttention
from attnlab.nn.position_encoding import PositionEncoding
from attnlab.nn.transformer import Encoder


class TokenClassifier(nn.Module):
    """An encoder, and a last layer that gives every position a score for each answer.

        logits = encoder(source) W + b

    All answers are given at once: none sees the others, only the source.

    Args:
        config: all its numbers.

    >>> config = TokenClassifierConfig(vocabulary=10, answers=3, d_model=8, heads=2, layers=1,
    ...                                d_ff=16)
    >>> TokenClassifier(config)(torch.tensor([[1, 2, 3, 4]])).shape
    torch.Size([1, 4, 3])

    Source: Devlin et al. 2019, "BERT", figure 4d, single sentence tagging.
    """

    def __init__(self, config: TokenClassifierConfig):
        super().__init__()
        check_config(config, TokenClassifierConfig)
        self.config = config
        self.encoder = Encoder(config.vocabulary, **config.of_stack())
        self.output = nn.Linear(config.d_model, config.answers)

    def forward(
        self,
        source: Integer[Tensor, "batch position"],
        mask: Mask[Tensor, "position position"] | None = None,
    ) -> Float[Tensor, "batch position answers"]:
        """Scores of the answers, (batch, position, answers).

        Args:
            source: token numbers, (batch, position).
            mask: True = may attend, as for `MultiHeadAttention`.

        Raises:
            ValueError: a source without tokens, or a token that the vocabulary lacks.
        """
        return self.output(self.encoder(source, mask))


class OneLookClassifier(nn.Module):
    """Embed the words, put their positions in, let the last word look at all, answer.

        x = embedding(tokens)
        answer = W_2 relu(W_1 attention(last of x, x))

    Args:
        vocabulary: how many words there are.
        classes: how many answers there are.
        encoding: where positions enter: in the embeddings, or inside the heads.
        d_model: the dimension of the vectors.
        heads: how many heads look.
        mark: the word that looks, wherever it stands first; if not given, the last word looks.

    Raises:
        ValueError: heads does not divide d_model.

    >>> model = OneLookClassifier(9, 2, PositionEncoding())
    >>> model(torch.tensor([[1, 5, 2, 0]])).shape
    torch.Size([1, 2])
    """

    def __init__(
        self,
        vocabulary: int,
        classes: int,
        encoding: PositionEncoding,
        *,
        d_model: int = 32,
        heads: int = 4,
        mark: int | None = None,
    ):
        super().__init__()
        check_sizes(classes=classes)
        self.mark = mark
        self.embedding = Embedding(vocabulary, d_model, positions=encoding, scale=1.0)
        self.attention = MultiHeadAttention(d_model, heads, attend=encoding.attend)
        self.answer = nn.Sequential(
            nn.Linear(d_model, 2 * d_model), nn.ReLU(), nn.Linear(2 * d_model, classes)
        )

    def forward(self, tokens: Integer[Tensor, "batch position"]) -> Float[Tensor, "batch classes"]:
        """A score for each answer, (batch, classes).

        Args:
            tokens: whole numbers from 0 up to, without, vocabulary, (batch, position).

        Raises:
            ValueError: another number of axes, a word that is not in the vocabulary, or a
                sentence without the mark.
        """
        x = self.embedding(tokens)
        if self.mark is None:
            return self.answer(self.attention(x[:, -1:], x)[:, 0])
        read = self.attention(x)[torch.arange(len(x)), self._marked(tokens)]
        return self.answer(read)

    def _marked(self, tokens: Tensor) -> Tensor:
        marks = tokens == self.mark
        if not marks.any(dim=1).all():
            lacking = int((~marks.any(dim=1)).int().argmax())
            raise ValueError(
                f"row {lacking} of tokens lacks the mark, {self.mark}: put it in, or leave mark "
                "out, so that the last word looks"
            )
        return marks.int().argmax(dim=1)
