"""The losses: how wrong a model's scores are, and how steeply that falls."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy


def label_smoothed_cross_entropy(
    logits: Tensor, target: Tensor, smoothing: float = 0.1, ignore: int = 0
) -> Tensor:
    """Cross-entropy against a target that keeps a little belief in every other token.

        loss = -sum over v of q(v) log softmax(logits)(v), mean over all real tokens
        q(v) = smoothing / vocabulary, and 1 - smoothing more for the target

    Args:
        logits: real numbers, (..., vocabulary).
        target: token numbers, (...).
        smoothing: the share of belief that is spread evenly, from 0 to below 1.
        ignore: the token that is padding: where it is the target, there is no loss.

    Returns:
        A single number in nats, with a gradient.

    Raises:
        ValueError: shapes that do not fit, a smoothing or a token out of range, nothing real.

    >>> logits = torch.tensor([[0.0, 0.0, 0.0, 0.0], [9.0, 9.0, 9.0, 9.0]])
    >>> label_smoothed_cross_entropy(logits, torch.tensor([2, 0])).exp()
    tensor(4.)

    Source: Szegedy et al. 2016, "Rethinking the Inception Architecture", section 7; Vaswani et
    al. 2017, section 5.4.
    """
    _check_loss_input(logits, target, smoothing)
    real = target != ignore
    if not real.all():
        logits, target = logits[real], target[real]
    _check_tokens(target, logits.shape[-1], ignore)
    return cross_entropy(logits.flatten(0, -2), target.flatten(), label_smoothing=smoothing)


def gradient_norm(parameters: Iterable[Tensor]) -> float:
    """The length of the gradient, over all parameters as one long vector.

        sqrt(sum over all parameters of the square of their gradient)

    Args:
        parameters: as `model.parameters()` gives them; those without a gradient are passed over.

    Raises:
        ValueError: none of them has a gradient.

    >>> weight = torch.tensor([3.0, 4.0], requires_grad=True)
    >>> weight.square().sum().backward()  # its gradient is 2 weight
    >>> gradient_norm([weight])
    10.0

    Source: Pascanu et al. 2013, "On the Difficulty of Training Recurrent Neural Networks",
    algorithm 1, the norm of g.
    """
    gradients = [p.grad.detach() for p in parameters if p.grad is not None]
    if not gradients:
        raise ValueError("parameters have no gradient at all: call loss.backward() before")
    return torch.nn.utils.get_total_norm(gradients).item()


def _check_loss_input(logits: Tensor, target: Tensor, smoothing: float) -> None:
    if logits.shape[:-1] != target.shape or logits.ndim == 0:
        raise ValueError(
            f"logits has shape {tuple(logits.shape)}, and target {tuple(target.shape)}: logits "
            "needs the axes of target, and one more, the vocabulary"
        )
    if not 0.0 <= smoothing < 1.0:
        raise ValueError(
            f"smoothing is {smoothing}, and must be from 0 to below 1: 0 is plain cross-entropy"
        )


def _check_tokens(target: Tensor, vocabulary: int, ignore: int) -> None:
    if target.numel() == 0:
        raise ValueError(
            f"target holds nothing but {ignore}, which is ignored: give at least one real token"
        )
    if target.min() < 0 or target.max() >= vocabulary:
        raise ValueError(
            f"target holds numbers from {target.min()} to {target.max()}, and logits has a "
            f"vocabulary of {vocabulary}: it is another vocabulary than the model's"
        )
