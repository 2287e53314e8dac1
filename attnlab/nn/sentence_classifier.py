"""One answer for a whole sentence, from what a stack of layers made of its words."""

from __future__ import annotations

from torch import Tensor, nn

from attnlab.core.arrays import Bool, Float, Integer
from attnlab.nn.config_checks import check_sizes
from attnlab.nn.handed_in import lengths_of


class SentenceClassifier(nn.Module):
    """The mean of a sentence's hidden states, and a last layer that scores each answer.

        logits = mean over its words of encoder(tokens) W + b

    Args:
        encoder: (tokens, mask) -> hidden states (batch, position, d_model), such as the `encoder`
            of a trained `MaskedLanguageModel` or the `decoder` of a `LanguageModel`: it is not
            copied, so it learns on if it is trained here.
        d_model: the dimension of the hidden states.
        answers: how many there are.

    Raises:
        TypeError, ValueError: a size that is no whole number of at least 1.

    >>> config = LanguageConfig(vocabulary=10, d_model=8, heads=2, layers=1, d_ff=16)
    >>> classifier = SentenceClassifier(MaskedLanguageModel(config).encoder, 8, answers=2)
    >>> classifier(torch.tensor([[1, 2, 3], [4, 5, 6]])).shape
    torch.Size([2, 2])

    Source: Devlin et al. 2019, "BERT", section 4.1, with the mean in place of the mark in front
    (Reimers and Gurevych 2019, "Sentence-BERT", section 3).
    """

    def __init__(self, encoder: nn.Module, d_model: int, answers: int):
        super().__init__()
        check_sizes(d_model=d_model, answers=answers)
        self.encoder = encoder
        self.output = nn.Linear(d_model, answers)

    def forward(
        self,
        tokens: Integer[Tensor, "batch position"],
        mask: Bool[Tensor, "#batch 1 position"] | None = None,
    ) -> Float[Tensor, "batch answers"]:
        """Scores (logits) of the answers.

        Args:
            tokens: token numbers, (batch, position).
            mask: True = a real token, (batch, 1, position), as `padding` makes it.

        Raises:
            TypeError, ValueError: a mask of another kind, and as the encoder.
        """
        hidden = self.encoder(tokens, mask)
        if mask is None:
            return self.output(hidden.mean(1))
        lengths = lengths_of("mask", mask, *tokens.shape)
        total = (hidden * mask[:, 0, :, None]).sum(1)
        return self.output(total / lengths[:, None])
