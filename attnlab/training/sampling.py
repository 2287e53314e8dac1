"""The distribution to draw the next token from: sharpened or flattened, its tail cut off."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from attnlab.training.arguments import check_scores, positive, real, whole, widened


def sampling_weights(
    logits: Tensor,
    temperature: int | float = 1.0,
    top_k: int | None = None,
    top_p: int | float | None = None,
) -> Tensor:
    """The probability of each token to be drawn next.

        softmax(logits / temperature), of which only these tokens stay, scaled up to sum to 1:
        top_k   the k most probable ones
        top_p   of those, the fewest most probable ones whose probabilities sum to at least p

    Of equally probable tokens the first ones stay. A token that is cut off gets exactly 0.

    Args:
        logits: real numbers, (..., vocabulary).
        temperature: above 0; small values come close to always taking the most probable token.
        top_k: how many tokens stay, at least 1.
        top_p: the share of the probability that stays at least, above 0 and up to 1. It is asked
            after top_k, of probabilities that sum to 1 again.

    Returns:
        (..., vocabulary), in the type of the logits, but in float32 for those of 16 bits.

    Raises:
        TypeError: logits that are no tensor of real numbers, or an argument that is no number.
        ValueError: no vocabulary, an argument out of its range, or a row of logits without a
            finite highest one.

    >>> logits = torch.tensor([0.5, 0.25, 0.15, 0.1]).log()
    >>> sampling_weights(logits, top_p=0.7)
    tensor([0.6667, 0.3333, 0.0000, 0.0000])

    Source: Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration", eq. 2 and 3
    (top_p), section 3.2 (top_k), eq. 4 (temperature).
    """
    check_sampling(temperature, top_k, top_p)
    logits = _checked(logits)
    highest = logits.amax(-1, keepdim=True)
    if not torch.isfinite(highest).all():
        raise ValueError(
            "logits has a row whose highest number is NaN or infinite: each row needs a finite "
            "one, so look for NaN in the weights, or for a mask that leaves nothing"
        )
    scores = (logits - highest) / min(
        max(temperature, 1e-30), 1e30
    )  # a float32 holds no much smaller one
    order = logits.argsort(dim=-1, descending=True, stable=True)
    weights = torch.softmax(scores, -1).gather(-1, order)
    if top_k is not None:
        weights[..., top_k:] = 0.0
        weights = weights / weights.sum(-1, keepdim=True)
    if top_p is not None and top_p < 1.0:
        before = weights.cumsum(-1) - weights
        slack = max(8 * torch.finfo(weights.dtype).eps, weights.shape[-1] * 2.0**-52)
        reached = before >= top_p - slack  # 0.6 + 0.3 reaches 0.9
        reached[..., 0] = False
        weights = weights.masked_fill(reached, 0.0)
        weights = weights / weights.sum(-1, keepdim=True)
    return torch.zeros_like(weights).scatter(-1, order, weights)


def check_sampling(
    temperature: int | float, top_k: int | None = None, top_p: int | float | None = None
) -> None:
    """Refuse what is out of its range, by name."""
    cure = "for the most probable token take greedy, or a small one such as 0.01"
    positive("temperature", temperature, cure)
    if top_k is not None:
        whole("top_k", top_k, 1, "None keeps all tokens")
    if top_p is not None and not 0.0 < real("top_p", top_p, -math.inf) <= 1.0:
        raise ValueError(
            f"top_p is {top_p}, and must be above 0 and at most 1: 1 or None keeps all tokens"
        )


def _checked(logits: Tensor) -> Tensor:
    check_scores("logits", logits)
    if logits.ndim == 0 or logits.shape[-1] == 0:
        raise ValueError(
            f"logits has shape {tuple(logits.shape)}, and needs (..., vocabulary), with at least "
            "one token"
        )
    return widened(logits)
