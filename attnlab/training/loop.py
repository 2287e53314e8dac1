"""The loop: draw a batch, measure the loss, follow its slope downhill, again and again."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import torch
from torch import Tensor, nn

from attnlab.training.arguments import is_whole, positive, real, whole
from attnlab.training.losses import gradient_norm
from attnlab.training.parts import (
    check_batch,
    check_loss,
    check_model,
    check_optimizer,
    check_parts,
)
from attnlab.training.schedule import warm_up_cosine


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: its number, from 1, its loss, its learning rate, and what it was like.

    `gradient` is the length of the gradient before it was clipped, `speed` is in tokens per
    second. Two steps are equal if number, loss and lr are.
    """

    number: int
    loss: float
    lr: float
    gradient: float = field(default=math.nan, compare=False)
    speed: float = field(default=math.nan, compare=False)

    @property
    def rate(self) -> float:
        """The old name of `lr`, for one version."""
        warnings.warn("rate of a step is now lr", DeprecationWarning, stacklevel=2)
        return self.lr


def count_tokens(*batch) -> int:
    """How many numbers there are in a batch's tensors of integers, padding among them.

    >>> count_tokens(torch.ones(2, 3, dtype=torch.int64), torch.ones(2, 5))
    6
    """
    return sum(part.numel() for part in batch if isinstance(part, Tensor) and is_whole(part.dtype))


def train(
    model: nn.Module,
    batches: Iterable[tuple],
    loss: Callable[..., Tensor],
    *,
    steps: int,
    lr: float = 3e-3,
    warm_up: int = 50,
    clip: float = 1.0,
    optimizer: torch.optim.Optimizer | None = None,
    done: int = 0,
    schedule: Callable[[int], float] | None = None,
    tokens: Callable[..., int] = count_tokens,
) -> Iterator[Step]:
    """Train the model one step for every turn of the reader's own loop.

        for step in train(model, batches, loss, steps=200):
            losses.append(step.loss)

    Each step puts the model into training mode, so the body of the loop may evaluate it.
    Arguments are checked at the call; nothing else happens before the first turn.

    Args:
        model: what to train; the loop knows nothing of it but its parameters.
        batches: tuples, in a list, a DataLoader or an endless generator; begun anew at the end.
        loss: loss(model, *batch) -> a single number, as a tensor with a gradient.
        steps: how many there are in all.
        lr: the full learning rate, above 0, reached at step `warm_up`.
        warm_up: at which step that is; 0 for no warm-up.
        clip: gradients longer than this, over all parameters together, are cut to it; math.inf
            leaves all as they are.
        optimizer: another in place of `adamw(model)`; to save and resume, make that yourself. Its
            learning rates are set at every step: where its groups have several, the largest one
            becomes `lr`, and the others keep their proportion to it.
        done: how many of the steps were taken in an earlier run.
        schedule: schedule(number) -> share of the full rate; `warm_up_cosine` if not given.
        tokens: tokens(*batch) -> how many there are, for the speed.

    Raises:
        TypeError: an argument of the wrong kind, or a batch that is no tuple.
        ValueError: a number out of its range, an optimiser of another model; loss or gradient is
            not finite (the weights are those of before the step) or missing, or batches end.

    >>> model = nn.Linear(1, 1)
    >>> loss = lambda model, x: (model(x) - 2 * x).square().mean()
    >>> [step.number for step in train(model, [(torch.ones(3, 1),)], loss, steps=2)]
    [1, 2]

    Source: Loshchilov and Hutter 2019, algorithm 2; Pascanu et al. 2013, algorithm 1 (clipping).
    """
    check_parts(model, batches, loss=loss, schedule=schedule, tokens=tokens)
    steps, done = whole("steps", steps, 0), whole("done", done, 0)
    lr = positive("lr", lr, "the full learning rate, such as 3e-3")
    clip = positive("clip", clip, "math.inf leaves gradients as they are", finite=False)
    warm_up = whole("warm_up", warm_up, 0, "0 is the full rate from the first step")
    share = schedule or (lambda number: warm_up_cosine(number, steps, warm_up))
    optimizer = adamw(model, lr) if optimizer is None else optimizer
    check_optimizer(optimizer, model)

    parts = model, loss, optimizer, clip, lr
    return _steps(*parts, share, _again_and_again(batches), range(done + 1, steps + 1), tokens)


def adamw(model: nn.Module, lr: float = 3e-3) -> torch.optim.Optimizer:
    """The optimiser that `train` takes by itself, to be saved and loaded with a checkpoint.

        optimizer = adamw(model)
        for step in train(model, batches, loss, steps=500, optimizer=optimizer):
            save_checkpoint(folder, model, optimizer, step=step.number)

    Args:
        model: whose parameters.
        lr: the learning rate, which `train` sets anew at every step.

    Source: Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization", algorithm 2.
    """
    lr = positive("lr", lr, "the learning rate, such as 3e-3")
    check_model(model)
    if not any(True for _ in model.parameters()):
        raise ValueError(
            f"model, a {type(model).__name__}, has no parameters: there is nothing to train"
        )
    return torch.optim.AdamW(model.parameters(), lr, betas=(0.9, 0.98), fused=True)


def _steps(
    model: nn.Module,
    loss: Callable[..., Tensor],
    optimizer: torch.optim.Optimizer,
    clip: float,
    lr: float,
    share: Callable[[int], float],
    data: Iterator[tuple],
    numbers: range,
    tokens: Callable[..., int],
) -> Iterator[Step]:
    shares = _shares(optimizer)
    for taken, number in enumerate(numbers):
        start, now = perf_counter(), _lr(lr, share, number)
        batch = next(data, None)
        if batch is None:
            ended = f"batches ended after {taken} steps of {len(numbers)}"
            raise ValueError(f"{ended}: give a list, a DataLoader or an endless generator")
        check_batch(batch)
        for group, part in zip(optimizer.param_groups, shares, strict=True):
            group["lr"] = now * part
        where, count = (f"step {number}", lr), _count(tokens(*batch))
        value, gradient = _downhill(model, batch, loss, optimizer, clip, where)
        speed = count / max(perf_counter() - start, 1e-9)
        yield Step(number=number, loss=value, lr=now, gradient=gradient, speed=speed)


def _count(tokens: Any) -> float:
    tokens = tokens.item() if getattr(tokens, "shape", None) == () else tokens
    return real("tokens(*batch)", tokens, 0.0, cure="how many there are in the batch")


def _lr(lr: float, share: Callable[[int], float], step: int) -> float:
    part = real(f"schedule({step})", share(step), 0.0, cure="the share of the full rate")
    if part == math.inf:
        raise ValueError(f"schedule({step}) is {part}, and must be finite: the share of the rate")
    return lr * part


def _shares(optimizer: torch.optim.Optimizer) -> list[float]:
    """Each group's learning rate as a share of the largest one; remembered in the groups."""
    groups = optimizer.param_groups
    if len({float(group["lr"]) for group in groups}) > 1 or "initial_lr" in groups[0]:
        lrs = [float(group.setdefault("initial_lr", float(group["lr"]))) for group in groups]
    else:
        lrs = [1.0] * len(groups)
    largest = max(lrs)
    return [lr / largest if largest > 0 else 1.0 for lr in lrs]


def _downhill(
    model: nn.Module,
    batch: tuple,
    loss: Callable[..., Tensor],
    optimizer: torch.optim.Optimizer,
    clip: float,
    where: tuple[str, float],
) -> tuple[float, float]:
    """Take a step; gives its loss, and the length of the gradient before it was clipped."""
    model.train()
    value = loss(model, *batch)
    check_loss(value)
    _check_finite("loss", value.item(), *where)
    optimizer.zero_grad()
    value.backward()
    gradient = _clipped(model, clip)
    _check_finite("gradient", gradient, *where)
    optimizer.step()
    return value.item(), gradient


def _clipped(model: nn.Module, clip: float) -> float:
    """Clips the gradient; gives its length before, over 16-bit gradients taken in float32."""
    if all(p.grad is None or p.grad.itemsize >= 4 for p in model.parameters()):
        return nn.utils.clip_grad_norm_(model.parameters(), clip).item()
    length = gradient_norm(model.parameters())
    if math.isfinite(length) and length > clip:
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad.mul_(clip / (length + 1e-6))
    return length


def _again_and_again(batches: Iterable[tuple]) -> Iterator[tuple]:
    batch = ()
    while batch is not None:
        batch = None
        for batch in batches:
            yield batch


def _check_finite(name: str, figure: float, step: str, lr: float) -> None:
    if not math.isfinite(figure):
        cause = "log(0) or a division by 0" if name == "loss" else "a root or a logarithm at 0"
        raise ValueError(
            f"the {name} of {step} is {figure}: look for NaN in the batch, {cause}, or "
            f"take a smaller lr than {lr}; the weights are those of before this step"
        )
