"""The smallest model that can use positions: one look at a sentence from one of its words."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from attnlab.core.arrays import Float, Real
from attnlab.nn.added import Encoding
from attnlab.nn.config_checks import check_sizes
from attnlab.nn.handed_in import whole_tokens
from attnlab.nn.multihead import MultiHeadAttention


class OneLookClassifier(nn.Module):
    """Embed the words, put their positions in, let the last word look at all, answer.

        x = encoding(embed(words))
        answer = W_2 relu(W_1 attention(last of x, x))

    Args:
        vocabulary: how many words there are.
        classes: how many answers there are.
        encoding: where positions enter: in the embeddings, or inside the heads.
        d_model: the length of the vectors.
        heads: how many heads look.
        mark: the word that looks, wherever it stands first; if not given, the last word looks.

    Raises:
        ValueError: heads does not divide d_model.

    >>> model = OneLookClassifier(9, 2, Encoding())
    >>> model(torch.tensor([[1, 5, 2, 0]])).shape
    torch.Size([1, 2])
    """

    def __init__(
        self,
        vocabulary: int,
        classes: int,
        encoding: Encoding,
        *,
        d_model: int = 32,
        heads: int = 4,
        mark: int | None = None,
    ):
        super().__init__()
        check_sizes(vocabulary=vocabulary, classes=classes, d_model=d_model)
        self.mark = mark
        self.embed = nn.Embedding(vocabulary, d_model)
        self.encoding = encoding
        self.attention = MultiHeadAttention(d_model, heads, attend=encoding.attend)
        self.answer = nn.Sequential(
            nn.Linear(d_model, 2 * d_model), nn.ReLU(), nn.Linear(2 * d_model, classes)
        )

    def forward(self, words: Real[Tensor, "batch position"]) -> Float[Tensor, "batch classes"]:
        """A score for each answer, (batch, classes).

        Args:
            words: whole numbers from 0 up to, without, vocabulary, (batch, position).

        Raises:
            ValueError: another number of axes, a word that is not in the vocabulary, or a
                sentence without the mark.
        """
        words = whole_tokens("words", words, self.embed.weight.device)
        self._check(words)
        x = self.encoding(self.embed(words))
        if self.mark is None:
            return self.answer(self.attention(x[:, -1:], x)[:, 0])
        read = self.attention(x)[torch.arange(len(x)), self._marked(words)]
        return self.answer(read)

    def _marked(self, words: Tensor) -> Tensor:
        marks = words == self.mark
        if not marks.any(dim=1).all():
            lacking = int((~marks.any(dim=1)).int().argmax())
            raise ValueError(
                f"row {lacking} of words lacks the mark, {self.mark}: put it in, or leave mark "
                "out, so that the last word looks"
            )
        return marks.int().argmax(dim=1)

    def _check(self, words: Tensor) -> None:
        if words.ndim != 2 or 0 in words.shape:
            raise ValueError(
                f"words has shape {tuple(words.shape)}, and needs (batch, position), at least one "
                "of each: a single sentence is words[None]"
            )
        known = self.embed.num_embeddings
        least, most = int(words.min()), int(words.max())
        if least < 0 or most >= known:
            raise ValueError(
                f"words holds {least if least < 0 else most}, and the vocabulary has {known} "
                f"words, numbered from 0 to {known - 1}"
            )
