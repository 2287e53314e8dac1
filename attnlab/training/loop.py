"""The loop: draw a batch, measure the loss, follow its slope downhill, again and again."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from time import perf_counter

import torch
from torch import Tensor, nn

from attnlab.training.schedule import warm_up_cosine


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: its number, from 1, its loss, its learning rate, and what it was like.

    `gradient` is the length of the gradient before it was clipped, `speed` is in tokens per
    second. Two steps are equal if number, loss and rate are.
    """

    number: int
    loss: float
    rate: float
    gradient: float = field(default=math.nan, compare=False)
    speed: float = field(default=math.nan, compare=False)


def count_tokens(*batch) -> int:
    """How many numbers there are in a batch's tensors of integers, padding among them.

    >>> count_tokens(torch.ones(2, 3, dtype=torch.int64), torch.ones(2, 5))
    6
    """
    return sum(part.numel() for part in batch if isinstance(part, Tensor) and _whole(part.dtype))


def train(
    model: nn.Module,
    batches: Iterable[tuple],
    loss: Callable[..., Tensor],
    *,
    steps: int,
    rate: float = 3e-3,
    warm_up: int = 50,
    clip: float = 1.0,
    optimiser: torch.optim.Optimizer | None = None,
    done: int = 0,
    schedule: Callable[[int], float] | None = None,
    tokens: Callable[..., int] = count_tokens,
) -> Iterator[Step]:
    """Train the model one step for every turn of the reader's own loop.

        for step in train(model, batches, loss, steps=200):
            losses.append(step.loss)

    The steps are AdamW's. Each puts the model into training mode, so the body of the loop may
    evaluate it. Nothing happens before the first turn.

    Args:
        model: what to train; the loop knows nothing of it but its parameters.
        batches: tuples, in a list, a DataLoader or an endless generator; begun anew at the end.
        loss: loss(model, *batch) -> a single number, as a tensor with a gradient.
        steps: how many there are in all.
        rate: the full learning rate, reached at step `warm_up`.
        clip: gradients longer than this, over all parameters together, are cut to it.
        optimiser: another in place of AdamW with betas 0.9 and 0.98, or one that was saved.
        done: how many of the steps were taken in an earlier run.
        schedule: schedule(number) -> share of the full rate; `warm_up_cosine` if not given.
        tokens: tokens(*batch) -> how many there are, for the speed.

    Raises:
        ValueError: loss or gradient is not finite (the weights are those of before the step),
            the loss is no single number, or a generator of batches ends.

    >>> model = nn.Linear(1, 1)
    >>> loss = lambda model, x: (model(x) - 2 * x).square().mean()
    >>> [step.number for step in train(model, [(torch.ones(3, 1),)], loss, steps=2)]
    [1, 2]

    Source: Loshchilov and Hutter 2019, algorithm 2; Pascanu et al. 2013, algorithm 1 (clipping).
    """
    share = schedule or (lambda number: warm_up_cosine(number, steps, warm_up))
    optimiser = optimiser or adamw(model, rate)
    data = _again_and_again(batches)
    for number in range(done + 1, steps + 1):
        start, now = perf_counter(), rate * share(number)
        batch = next(data, None)
        if batch is None:
            ended = f"batches ended after {number - 1 - done} steps of {steps - done}"
            raise ValueError(f"{ended}: give a list, a DataLoader or an endless generator")
        for group in optimiser.param_groups:
            group["lr"] = now
        where = f"step {number}", rate
        value, gradient = _downhill(model, batch, loss, optimiser, clip, where)
        speed = tokens(*batch) / max(perf_counter() - start, 1e-9)
        yield Step(number=number, loss=value, rate=now, gradient=gradient, speed=speed)


def adamw(model: nn.Module, rate: float = 3e-3) -> torch.optim.Optimizer:
    """The optimiser that `train` takes by itself, to be saved and loaded with a checkpoint."""
    return torch.optim.AdamW(model.parameters(), rate, betas=(0.9, 0.98), fused=True)


def _downhill(
    model: nn.Module,
    batch: tuple,
    loss: Callable[..., Tensor],
    optimiser: torch.optim.Optimizer,
    clip: float,
    where: tuple[str, float],
) -> tuple[float, float]:
    """Take a step; gives its loss, and the length of the gradient before it was clipped."""
    model.train()
    value = loss(model, *batch)
    if value.ndim > 0:
        raise ValueError(f"the loss has shape {tuple(value.shape)}, not (): take loss.mean()")
    _check_finite("loss", value.item(), *where)
    optimiser.zero_grad()
    value.backward()
    gradient = nn.utils.clip_grad_norm_(model.parameters(), clip).item()
    _check_finite("gradient", gradient, *where)
    optimiser.step()
    return value.item(), gradient


def _again_and_again(batches: Iterable[tuple]) -> Iterator[tuple]:
    batch = ()
    while batch is not None:
        batch = None
        for batch in batches:
            yield batch


def _check_finite(name: str, figure: float, step: str, rate: float) -> None:
    if not math.isfinite(figure):
        cause = "log(0) or a division by 0" if name == "loss" else "a root or a logarithm at 0"
        raise ValueError(
            f"the {name} of {step} is {figure}: look for NaN in the batch, {cause}, or "
            f"take a smaller rate than {rate}; the weights are those of before this step"
        )


def _whole(dtype: torch.dtype) -> bool:
    return not (dtype.is_floating_point or dtype.is_complex or dtype == torch.bool)
