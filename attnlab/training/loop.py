"""The loop: draw a batch, measure the loss, follow its slope downhill, again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from attnlab.training.schedule import warm_up_cosine


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: its number, from 1, its loss, its learning rate."""

    number: int
    loss: float
    rate: float


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
) -> Iterator[Step]:
    """Train the model one step for every turn of the reader's own loop.

        for step in train(model, batches, loss, steps=200):
            losses.append(step.loss)

    The steps are AdamW's, their rate follows `warm_up_cosine`. Each puts the model into training
    mode, so the body of the loop may evaluate it. Nothing happens before the first turn.

    Args:
        model: what to train; the loop knows nothing of it but its parameters.
        batches: tuples, in a list, a DataLoader or an endless generator; begun anew at the end.
        loss: loss(model, *batch) -> a single number, as a tensor with a gradient.
        steps: how many there are in all.
        rate: the full learning rate, reached at step `warm_up`.
        clip: gradients longer than this, over all parameters together, are cut to it.
        optimiser: another in place of AdamW with betas 0.9 and 0.98, or one that was saved.
        done: how many of the steps were taken in an earlier run.

    Raises:
        ValueError: the loss is not finite or no single number, or a generator of batches ends.

    >>> model = nn.Linear(1, 1)
    >>> loss = lambda model, x: (model(x) - 2 * x).square().mean()
    >>> [step.number for step in train(model, [(torch.ones(3, 1),)], loss, steps=2)]
    [1, 2]

    Source: Loshchilov and Hutter 2019, algorithm 2; Pascanu et al. 2013, algorithm 1 (clipping).
    """
    if optimiser is None:
        optimiser = torch.optim.AdamW(model.parameters(), rate, betas=(0.9, 0.98), fused=True)
    data = _again_and_again(batches)
    for number in range(done + 1, steps + 1):
        now = rate * warm_up_cosine(number, steps, warm_up)
        for group in optimiser.param_groups:
            group["lr"] = now
        batch = next(data, None)
        if batch is None:
            ended = f"batches ended after {number - 1 - done} steps of {steps - done}"
            raise ValueError(f"{ended}: give a list, a DataLoader or an endless generator")
        model.train()
        value = loss(model, *batch)
        _check_loss(value, number, rate)
        optimiser.zero_grad()
        value.backward()
        nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimiser.step()
        yield Step(number=number, loss=value.item(), rate=now)


def _again_and_again(batches: Iterable[tuple]) -> Iterator[tuple]:
    batch = ()
    while batch is not None:
        batch = None
        for batch in batches:
            yield batch


def _check_loss(value: Tensor, number: int, rate: float) -> None:
    if value.ndim > 0:
        raise ValueError(f"the loss has shape {tuple(value.shape)}, not (): take loss.mean()")
    if not torch.isfinite(value):
        raise ValueError(
            f"the loss of step {number} is {value.item()}: look for NaN in the batch, log(0) "
            f"or a division by 0, or take a smaller rate than {rate}"
        )
