"""The losses: how wrong a model's scores are, and how steeply that falls."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from attnlab.training.arguments import check_scores, check_tokens, real, whole, widened


def label_smoothed_cross_entropy(
    logits: Tensor, target: Tensor, smoothing: float = 0.1, ignore: int | None = 0
) -> Tensor:
    """Cross-entropy against a target that keeps a little belief in every token.

        loss = -sum over v of q(v) log softmax(logits)(v), mean over all real tokens
        q(v) = smoothing / vocabulary, and 1 - smoothing more for the target

    Args:
        logits: real numbers, (..., vocabulary).
        target: token numbers, (...), of any type of whole numbers.
        smoothing: the share of belief that is spread evenly, from 0 to below 1.
        ignore: the token that is padding: where it is the target, there is no loss. None counts
            all tokens.

    Returns:
        A single number in nats, with a gradient; in float32 for logits of 16 bits.

    Raises:
        TypeError: logits that are no real numbers, targets that are no whole ones.
        ValueError: shapes that do not fit, a smoothing or a token out of range, nothing real.

    >>> logits = torch.tensor([[0.0, 0.0, 0.0, 0.0], [9.0, 9.0, 9.0, 9.0]])
    >>> label_smoothed_cross_entropy(logits, torch.tensor([2, 0])).exp()
    tensor(4.)

    Source: Szegedy et al. 2016, "Rethinking the Inception Architecture", section 7; Vaswani et
    al. 2017, section 5.4.
    """
    _check_loss_input(logits, target, smoothing)
    logits, target = widened(logits).reshape(-1, logits.shape[-1]), target.flatten().long()
    if ignore is not None:
        ignore = whole("ignore", ignore, -(2**63), "or None, to ignore no token")
        kept = target != min(ignore, 2**63 - 1)
        if not kept.all():
            logits, target = logits[kept], target[kept]
    _check_range(target, logits.shape[-1], ignore)
    return cross_entropy(logits, target, label_smoothing=smoothing)


def gradient_norm(parameters: Iterable[Tensor]) -> float:
    """The length of the gradient, over all parameters as one long vector.

        sqrt(sum over all parameters of the square of their gradient)

    Args:
        parameters: as `model.parameters()` gives them; those without a gradient are passed over.

    Raises:
        TypeError: no parameters, such as a model in their place.
        ValueError: none of them has a gradient.

    >>> weight = torch.tensor([3.0, 4.0], requires_grad=True)
    >>> weight.square().sum().backward()  # its gradient is 2 weight
    >>> gradient_norm([weight])
    10.0

    Source: Pascanu et al. 2013, "On the Difficulty of Training Recurrent Neural Networks",
    algorithm 1, the norm of g.
    """
    if not isinstance(parameters, Iterable) or isinstance(parameters, Tensor):
        raise TypeError(
            f"parameters is a {type(parameters).__name__}, and must be a list of them: write "
            "model.parameters()"
        )
    parameters = list(parameters)
    if wrong := [p for p in parameters if not isinstance(p, Tensor)]:
        raise TypeError(f"parameters holds a {type(wrong[0]).__name__}, and must hold tensors")
    gradients = [p.grad.detach() for p in parameters if p.grad is not None]
    gradients = [widened(g.coalesce().values() if g.is_sparse else g) for g in gradients]
    if not gradients:
        raise ValueError("parameters have no gradient at all: call loss.backward() before")
    norms = [torch.linalg.vector_norm(gradient) for gradient in gradients]
    return torch.linalg.vector_norm(torch.stack([n.to(norms[0].device) for n in norms])).item()


def _check_loss_input(logits: Tensor, target: Tensor, smoothing: float) -> None:
    check_scores("logits", logits)
    check_tokens("target", target, "(...)")
    if logits.shape[:-1] != target.shape or logits.ndim == 0 or logits.shape[-1] == 0:
        raise ValueError(
            f"logits has shape {tuple(logits.shape)}, and target {tuple(target.shape)}: logits "
            "needs the axes of target, and one more, the vocabulary"
        )
    if not 0.0 <= real("smoothing", smoothing, -torch.inf) < 1.0:
        raise ValueError(
            f"smoothing is {smoothing}, and must be from 0 to below 1: 0 is plain cross-entropy"
        )


def _check_range(target: Tensor, vocabulary: int, ignore: int | None) -> None:
    if target.numel() == 0:
        empty = "no token" if ignore is None else f"nothing but {ignore}, which is ignored"
        raise ValueError(f"target holds {empty}: give at least one real token")
    if target.min() < 0 or target.max() >= vocabulary:
        raise ValueError(
            f"target holds numbers from {target.min()} to {target.max()}, and logits has a "
            f"vocabulary of {vocabulary}: it is another vocabulary than the model's"
        )
