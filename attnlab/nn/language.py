"""A language model: a decoder without a source, which continues whatever it has read."""

from __future__ import annotations

from torch import Tensor, nn

from attnlab.core.arrays import Float, Integer, Mask
from attnlab.nn.blocks import xavier
from attnlab.nn.cache import Cache, seen_so_far
from attnlab.nn.config import LanguageConfig
from attnlab.nn.config_checks import check_config
from attnlab.nn.handed_in import can_be_seen, check_front, check_mask
from attnlab.nn.transformer import Stack


class CausalStack(Stack):
    """Embeddings, then layers of self-attention in which no position sees a later one.

    Args: as `Stack`.

    Source: Radford et al. 2018, "Improving Language Understanding by Generative Pre-Training",
    eq. 2; Liu et al. 2018, "Generating Wikipedia by Summarizing Long Sequences", section 4.2.3.
    """

    def forward(
        self,
        tokens: Integer[Tensor, "batch position"],
        mask: Mask[Tensor, "position seen"] | None = None,
        caches: list[Cache] | None = None,
    ) -> Float[Tensor, "batch position d_model"]:
        """A vector for each token, in the light of the earlier ones.

        Args:
            tokens: (batch, position); with caches, the new tokens alone.
            mask: further limits than causal; with caches, earlier positions included.
            caches: one for each layer, as `empty_caches` makes them.
        """
        first = len(caches[0]) if caches else 0
        x = self.embedding(tokens, first)
        if mask is not None:
            batch, count = x.shape[:2]
            check_mask("mask", mask, batch, count, first + count)
            _check_something(mask)
            if not first and self.counts_from_the_first():
                check_front("mask", mask)
        return self.stack(x, mask, caches)

    def stack(
        self, x: Tensor, mask: Tensor | None = None, caches: list[Cache] | None = None
    ) -> Tensor:
        """The layers alone, on embeddings (batch, position, d_model)."""
        seen = seen_so_far(x, caches, mask)
        for layer, cache in zip(self.layers, caches or [None] * len(self.layers), strict=True):
            x = layer(x, seen, cache)
        return self.norm(x)


class LanguageModel(nn.Module):
    """A stack of causal layers, and a last layer that gives every token a score to come next.

        p(token_i | token_1 ... token_i-1) = softmax(logits_i-1)

    `greedy`, `beam_search` and `sample` go on from a prompt: the model reads the begin mark, then
    the prompt, and writes what follows.

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
        self.decoder = CausalStack(config.vocabulary, **config.of_stack())
        self.output = last_layer(self.decoder, config)

    def forward(
        self,
        tokens: Integer[Tensor, "batch position"],
        mask: Mask[Tensor, "position position"] | None = None,
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

    def next_logits(
        self, tokens: Integer[Tensor, "batch position"], caches: list[Cache] | None = None
    ) -> Float[Tensor, "batch vocabulary"]:
        """Scores of the token that follows the last one.

        Args:
            tokens: (batch, position), begin mark first; with caches, those not read yet.
            caches: as `decoder.empty_caches` makes them; they remember what was read.

        Raises:
            ValueError: another number of sequences than the caches have, and as `forward`.
        """
        held = caches[0].target if caches and len(caches[0]) else None
        if held is not None and isinstance(tokens, Tensor) and tokens.ndim:
            rows = len(held[0])
            if len(tokens) != rows:
                raise ValueError(
                    f"tokens has {len(tokens)} and caches {rows} sequences in the batch: each "
                    "sequence goes on from its own"
                )
        return self.output(self.decoder(tokens, None, caches)[:, -1])


def last_layer(stack: Stack, config: LanguageConfig) -> nn.Linear:
    """What gives every token a score, behind a stack whose parameters begin anew with its own.

    Args:
        stack: the layers before it.
        config: whether its weights are those of the embeddings.
    """
    output = nn.Linear(config.d_model, config.vocabulary, bias=False)
    for part in (stack.layers, output):
        part.apply(xavier)
    if config.share_embeddings:
        output.weight = stack.embedding.table.weight
    return output


def _check_something(mask: Tensor) -> None:
    """Refuse a row without a single real token."""
    empty = ~mask.flatten(1).any(1) if mask.ndim > 2 else ~mask.any()[None]
    if can_be_seen(empty.any()):
        row = int(empty.int().argmax())
        raise ValueError(
            f"mask leaves nothing of row {row}: each row needs at least one real token, so leave "
            "out empty sentences"
        )
