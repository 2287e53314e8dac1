"""What a masked language model learns from: some tokens are hidden, and it fills them in."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from attnlab.training.arguments import check_tokens, real, whole

IGNORED = -100
"""The target of a position that is not asked; PyTorch's cross-entropy leaves it out by itself."""


def mask_tokens(
    tokens: Tensor,
    random: torch.Generator,
    *,
    mask: int,
    vocabulary: int,
    first: int = 0,
    share: float = 0.15,
) -> tuple[Tensor, Tensor]:
    """Choose some tokens to be asked for, and hide most of them.

    Of the chosen 80 % become the mask, 10 % a token drawn at random, and 10 % stay as they are:
    later, where the model is used, there are no masks, and it shall have something to say of
    tokens that it can see.

    Args:
        tokens: token numbers, (batch, position); they are not changed.
        random: the source of randomness; the same state makes the same choice.
        mask: the number of the token that hides another one.
        vocabulary: how many tokens there are; drawn at random is one from `first` up to, without,
            this.
        first: tokens below this are never chosen, nor drawn: marks and padding.
        share: how many of the others are chosen, above 0 and up to 1.

    Returns:
        inputs: what the model reads, (batch, position)
        targets: the tokens where they were chosen, and else `IGNORED`, (batch, position)

    Raises:
        TypeError: tokens that are no whole numbers in a tensor, a source of randomness that is
            none.
        ValueError: a number out of its range.

    >>> tokens, random = torch.tensor([[5, 6, 7, 8]]), torch.Generator().manual_seed(1)
    >>> mask_tokens(tokens, random, mask=9, vocabulary=9, first=5, share=0.5)
    (tensor([[5, 9, 9, 8]]), tensor([[-100,    6,    7, -100]]))

    Source: Devlin et al. 2019, "BERT", section 3.1 and appendix A.1.
    """
    check_tokens("tokens", tokens, "(batch, position)")
    _check_masking(random, mask, vocabulary, first, share)
    choose, change = torch.rand(2, *tokens.shape, generator=random).to(tokens.device)
    other = torch.randint(first, vocabulary, tokens.shape, generator=random).to(tokens)
    chosen = (choose < share) & (tokens >= first)
    hidden = torch.where(change < 0.8, mask, torch.where(change < 0.9, other, tokens))
    return torch.where(chosen, hidden, tokens), torch.where(chosen, tokens, IGNORED)


def masked_loss(model: nn.Module, inputs: Tensor, targets: Tensor) -> Tensor:
    """How improbable the model holds the hidden tokens, in nats for each of them.

        loss = -mean of log softmax(model(inputs))(target), over the positions that are asked

    Args:
        model: (batch, position) -> logits (batch, position, vocabulary).
        inputs, targets: as `mask_tokens` makes them.

    Raises:
        ValueError: no position is asked.

    Source: Devlin et al. 2019, "BERT", section 3.1.
    """
    if not (targets != IGNORED).any():
        raise ValueError(f"targets holds nothing but {IGNORED}: ask for at least one token")
    return cross_entropy(model(inputs).flatten(0, 1), targets.flatten(), ignore_index=IGNORED)


def _check_masking(
    random: torch.Generator, mask: int, vocabulary: int, first: int, share: float
) -> None:
    if not isinstance(random, torch.Generator):
        raise TypeError(
            f"random is {random!r}, and must be a generator: write torch.Generator().manual_seed(0)"
        )
    whole("mask", mask, 0)
    whole("first", first, 0)
    whole("vocabulary", vocabulary, first + 1, "drawn at random is a token from first up to it")
    if not real("share", share, 0.0, 1.0) > 0.0:
        raise ValueError(f"share is {share}, and must be above 0: else there is nothing to learn")
