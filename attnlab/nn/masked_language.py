"""A masked language model: an encoder that fills in words which were hidden from it."""

from __future__ import annotations

from torch import Tensor, nn

from attnlab.core.arrays import Float, Integer, Mask
from attnlab.nn.config import LanguageConfig
from attnlab.nn.config_checks import check_config
from attnlab.nn.language import last_layer
from attnlab.nn.transformer import Encoder


class MaskedLanguageModel(nn.Module):
    """An encoder, and a last layer that gives every token a score to stand at each position.

        p(token_i | all tokens, of which some are hidden) = softmax(logits_i)

    It has the parts, and the number of parameters, of a `LanguageModel` of the same config; what
    is gone is the causal mask. So each position sees those behind it as well, and the model
    cannot be asked what comes next: `attnlab.training.mask_tokens` hides some tokens, and the
    loss asks for these.

    Args:
        config: all its numbers, as for `LanguageModel`.

    Raises:
        TypeError: config is no `LanguageConfig`.

    >>> config = LanguageConfig(vocabulary=10, d_model=8, heads=2, layers=1, d_ff=16)
    >>> MaskedLanguageModel(config)(torch.tensor([[1, 2, 3]])).shape
    torch.Size([1, 3, 10])

    Source: Devlin et al. 2019, "BERT: Pre-training of Deep Bidirectional Transformers", section
    3.1, task 1; without its segments, and without the further layer that its code has before the
    scores.
    """

    def __init__(self, config: LanguageConfig):
        super().__init__()
        check_config(config, LanguageConfig)
        self.config = config
        self.encoder = Encoder(config.vocabulary, **config.of_stack())
        self.output = last_layer(self.encoder, config)

    def forward(
        self,
        tokens: Integer[Tensor, "batch position"],
        mask: Mask[Tensor, "position position"] | None = None,
    ) -> Float[Tensor, "batch position vocabulary"]:
        """Scores (logits) of the token that stands at each position.

        Args:
            tokens: token numbers, (batch, position), some of them hidden by a token of their own.
            mask: True = may attend, broadcasts to (batch, query, key), as `padding` makes it.

        Raises:
            TypeError, ValueError: as `Encoder`.
        """
        return self.output(self.encoder(tokens, mask))
