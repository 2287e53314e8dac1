"""An encoder that answers at every position: the smallest Transformer that is one."""

from __future__ import annotations

from torch import Tensor, nn

from attnlab.core.arrays import Bool, Float, Integer
from attnlab.nn.config import TransformerConfig
from attnlab.nn.config_checks import check_config
from attnlab.nn.transformer import Encoder


class TokenClassifier(nn.Module):
    """An encoder, and a last layer that gives every position a score for each answer.

        logits = encoder(source) W + b

    All answers are given at once: none sees the others, only the source.

    Args:
        config: all numbers; `target_vocabulary` counts the answers, `layers` are the encoder's.

    >>> config = TransformerConfig(source_vocabulary=10, target_vocabulary=3, d_model=8,
    ...                            heads=2, layers=1, d_ff=16)
    >>> TokenClassifier(config)(torch.tensor([[1, 2, 3, 4]])).shape
    torch.Size([1, 4, 3])

    Source: Devlin et al. 2019, "BERT", figure 4d, single sentence tagging.
    """

    def __init__(self, config: TransformerConfig):
        super().__init__()
        check_config(config, TransformerConfig)
        self.config = config
        self.encoder = Encoder(config)
        self.output = nn.Linear(config.d_model, config.target_vocabulary)

    def forward(
        self,
        source: Integer[Tensor, "batch position"],
        mask: Bool[Tensor, "..."] | None = None,
    ) -> Float[Tensor, "batch position answers"]:
        """Scores of the answers, (batch, position, target_vocabulary).

        Args:
            source: token numbers, (batch, position).
            mask: True = may attend, as for `MultiHeadAttention`.

        Raises:
            ValueError: a source without tokens, or a token that the vocabulary lacks.
        """
        return self.output(self.encoder(source, mask))
