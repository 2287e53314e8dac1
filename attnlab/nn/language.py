"""A language model: the decoder alone, which continues whatever it has read."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from attnlab.core.arrays import Bool, Float, Integer
from attnlab.nn.cache import Cache
from attnlab.nn.causal_stack import CausalStack
from attnlab.nn.config_checks import check_config
from attnlab.nn.handed_in import whole_tokens
from attnlab.nn.language_config import LanguageConfig
from attnlab.nn.lengths import lengths_of


class LanguageModel(nn.Module):
    """A stack of causal layers, and a last layer that gives every token a score to come next.

        p(token_i | token_1 ... token_i-1) = softmax(logits_i-1)

    It is decoded as a translator is, by `greedy`, `beam_search` or `sample`, with a prompt as the
    source: it reads the begin mark, then the prompt, and writes what follows.

    Args:
        config: all its numbers.

    >>> config = LanguageConfig(vocabulary=10, d_model=8, heads=2, layers=1, d_ff=16)
    >>> LanguageModel(config)(torch.tensor([[1, 2, 3]])).shape
    torch.Size([1, 3, 10])

    Source: Radford et al. 2019, section 2.3; with the ReLU of Vaswani et al. 2017 for GELU.
    """

    def __init__(self, config: LanguageConfig):
        super().__init__()
        check_config(config, LanguageConfig)
        self.config = config
        self.decoder = CausalStack(config)
        self.output = nn.Linear(config.d_model, config.vocabulary, bias=False)
        for name, weight in self.named_parameters():
            if weight.ndim > 1 and "positions" not in name and "table" not in name:
                nn.init.xavier_uniform_(weight)
        if config.share_embeddings:
            self.output.weight = self.decoder.embedding.table.weight

    def forward(
        self, tokens: Integer[Tensor, "batch position"], mask: Bool[Tensor, "..."] | None = None
    ) -> Float[Tensor, "batch position vocabulary"]:
        """Scores (logits) of the token that follows each position.

        Args:
            tokens: token numbers, (batch, position), begin mark first.
            mask: True = may attend, broadcasts to (batch, query, key), as `padding` makes it; the
                causal mask comes by itself. Padding goes behind the real tokens, where it changes
                nothing before it.

        Raises:
            ValueError: an empty row, tokens of another vocabulary, more positions than a learnt
                table has, or a mask that does not fit, naming both sizes.
        """
        return self.output(self.decoder(tokens, mask))

    def encode(self, prompt: Tensor, prompt_mask: Tensor | None = None) -> Tensor:
        """The prompt as it is, (batch, prompt): `decode` reads it, since there is no encoder.

        Raises:
            ValueError: another number of axes, or prompts of different lengths, since what is
                written stands next to them.
        """
        prompt = whole_tokens("prompt", prompt, self.output.weight.device)
        if prompt.ndim != 2:
            raise ValueError(
                f"prompt has shape {tuple(prompt.shape)}, and needs (batch, prompt): a single "
                "prompt is prompt[None]"
            )
        if prompt_mask is None:
            return prompt
        lengths = lengths_of("prompt_mask", prompt_mask, *prompt.shape)
        shortest, longest = int(lengths.min()), int(lengths.max())
        if shortest != longest:
            raise ValueError(
                f"the prompts have from {shortest} to {longest} tokens: what is written follows "
                "its prompt without a gap, so decode prompts of one length together"
            )
        return prompt[:, :longest]

    def decode(
        self,
        target: Tensor,
        memory: Tensor,
        source_mask: Tensor | None = None,
        target_mask: Tensor | None = None,
        caches: list[Cache] | None = None,
    ) -> Tensor:
        """Scores of the tokens that follow, (batch, target, vocabulary).

        Args:
            target: begin mark, then what is written after the prompt; with caches, the new
                tokens alone. The begin mark's scores are those of the token after the prompt.
            memory: the prompt, (batch, prompt), read after the begin mark.
            source_mask: not needed: `encode` has seen to it.
            target_mask: not needed: padding at the end changes nothing before it.
            caches: as `decoder.empty_caches` makes them.

        Raises:
            TypeError: target or memory holds no token numbers.
            ValueError: not (batch, position), or another number of sequences than the prompt or
                the caches have.
        """
        del source_mask, target_mask
        target = self._rows("target", target)
        if caches and len(caches[0]):
            self._check_batch(target, "caches", caches[0].target[0])
            return self.output(self.decoder(target, None, caches))
        memory = self._rows("memory", memory, least=0)
        self._check_batch(target, "prompt", memory)
        tokens = torch.cat([target[:, :1], memory, target[:, 1:]], dim=1)
        return self.output(self.decoder(tokens, None, caches)[:, memory.shape[1] :])

    def _rows(self, name: str, tokens: Tensor, least: int = 1) -> Tensor:
        tokens = whole_tokens(name, tokens, self.output.weight.device)
        if tokens.ndim != 2 or tokens.shape[1] < least:
            raise ValueError(
                f"{name} has shape {tuple(tokens.shape)}, and needs (batch, position)"
                f"{' with at least one token' if least else ''}: a single sequence is {name}[None]"
            )
        return tokens

    def _check_batch(self, target: Tensor, name: str, rows: Tensor) -> None:
        if len(target) != len(rows):
            raise ValueError(
                f"target has {len(target)} and the {name} {len(rows)} sequences in the batch: "
                "each target needs a row of its own there"
            )
