"""What a causal language model learns from: at each position it is asked what comes next."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from attnlab.training.arguments import check_tokens


def next_token_loss(model: nn.Module, tokens: Tensor) -> Tensor:
    """How improbable a causal model holds each token, given the earlier ones, in nats for each.

        loss = -mean of log softmax(model(tokens)_i)(token_i+1)

    Args:
        model: (batch, position) -> logits (batch, position, vocabulary), in which no position has
            seen a later one.
        tokens: (batch, position), at least two positions; the first one is only read, the last
            one only asked for.

    Raises:
        ValueError: rows of less than two tokens.

    Source: Radford et al. 2018, "Improving Language Understanding by Generative Pre-Training",
    eq. 1.
    """
    check_tokens("tokens", tokens, "(batch, position)")
    if tokens.ndim != 2 or tokens.shape[1] < 2:
        raise ValueError(
            f"tokens has shape {tuple(tokens.shape)}, and needs (batch, position) with at least "
            "two positions: one to read, and the next one to be asked for"
        )
    return cross_entropy(model(tokens[:, :-1]).flatten(0, 1), tokens[:, 1:].flatten())
