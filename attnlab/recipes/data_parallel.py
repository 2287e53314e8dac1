"""Data parallel: the steps of several processes against those of one with the whole batch.

torchrun --standalone --nproc-per-node 2 -m attnlab.recipes.in_processes data_parallel

Each process also trains a copy of the model by itself, with all rows, and says how far apart the
parameters of the two have come: the largest difference of any of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from attnlab.nn import TokenClassifier
from attnlab.recipes.digits import REVERSE
from attnlab.tasks import reverse_digits
from attnlab.training.loop import adamw, train
from attnlab.training.parallel import (
    average_gradients,
    data_parallel,
    first_says,
    place,
    share_of,
    shared_loss,
    step_seed,
)

STEPS = 50
EQUAL, UNEQUAL = 12, 13
"""Rows of a batch: those that 2, 3 and 4 processes can share evenly, and those that none can."""

PADDING = -100


def padded(rows: int, seed: int, steps: int) -> list[tuple[Tensor, Tensor]]:
    """Batches of digits to reverse, of whose answers a part is not asked for.

    The later a row stands, the fewer of its answers count, so shares have different numbers of
    them even where they have equally many rows.

    >>> [part.shape for part in padded(12, seed=0, steps=1)[0]]
    [torch.Size([12, 17]), torch.Size([12, 16])]
    """
    random, batches = torch.Generator().manual_seed(seed), []
    for _ in range(steps):
        source, target = reverse_digits(random, rows)
        places, kept = torch.arange(target.shape[1]), 1 + torch.arange(rows, 0, -1)[:, None]
        batches.append((source, target.masked_fill(places >= kept, PADDING)))
    return batches


def loss(model: nn.Module, source: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy, mean over all answers that are asked for."""
    logits = model(source)[:, : target.shape[1]]
    return cross_entropy(logits.flatten(0, 1), target.flatten(), ignore_index=PADDING)


def asked(source: Tensor, target: Tensor) -> int:  # noqa: ARG001
    """How many answers are asked for: over them the loss is a mean."""
    return int((target != PADDING).sum())


def compare(
    rows: int,
    seed: int,
    *,
    steps: int = STEPS,
    terms: Callable[..., int] | None = asked,
    dropout: float = 0.0,
    dtype: torch.dtype = torch.float32,
    optimizer: Callable[[nn.Module], torch.optim.Optimizer] = adamw,
    lr: float = 1e-2,
) -> dict[str, Any]:
    """How far the parameters of P processes are from those of one, after each step.

    Args:
        rows: of a batch.
        seed: of weights and batches.
        steps: how many.
        terms: over what the loss is a mean; None weighs all shares alike, the mean of means.
        dropout: the share that is dropped, by random numbers of each process and step.
        dtype: of all numbers.
        optimizer: makes one for a model.
        lr: its full learning rate, after five steps.

    Returns:
        apart: the largest difference of any parameter, after each step
        loss: the largest difference of any loss
        farthest: the name of the parameter that is farthest apart in the end
        apart_elsewhere: the largest difference of all others then
        equal_everywhere: whether all processes have the same parameters, bit for bit
    """
    batches = padded(rows, seed, steps)
    alone, together = (_model(seed, dropout, dtype) for _ in range(2))
    wrapped, weighed = data_parallel(together), shared_loss(loss, terms or (lambda *_: 1))
    pace: dict[str, Any] = {"steps": steps, "lr": lr, "warm_up": 5}
    one = train(alone, batches, loss, optimizer=optimizer(alone), **pace)
    many = train(wrapped, _seeded(batches, seed), weighed, optimizer=optimizer(together), **pace)
    apart, losses = [], []
    for a, b in zip(one, many, strict=True):
        losses.append(abs(a.loss - b.loss))
        apart.append(max(_apart(alone, together).values()))
    last = _apart(alone, together)
    farthest = max(last, key=last.__getitem__)
    rest = max(number for name, number in last.items() if name != farthest)
    found = {"apart": apart, "loss": max(losses), "farthest": farthest, "apart_elsewhere": rest}
    return found | {"equal_everywhere": _same_everywhere(together)}


def by_hand(rows: int, seed: int, steps: int = STEPS, lr: float = 0.5) -> list[float]:
    """The same by `share_of` and `average_gradients`, for equal shares and plain steps downhill.

    Returns:
        The largest difference of any parameter, after each step.
    """
    alone, together, apart = _model(seed), _model(seed), []
    rank, world = place()
    for source, _ in padded(rows, seed, steps):
        batch = source, source[:, :16].flip(1)
        for model, share in (alone, batch), (together, share_of(batch, rank, world)):
            model.zero_grad()
            loss(model, *share).backward()
            if model is together:
                average_gradients(model)
            with torch.no_grad():
                for parameter in model.parameters():
                    if parameter.grad is not None:
                        parameter -= lr * parameter.grad
        apart.append(max(_apart(alone, together).values()))
    return apart


def batch_norm(rows: int, seed: int) -> float:
    """How far a batch normalisation of shares is from that of the batch, in one forward pass."""
    random = torch.Generator().manual_seed(seed)
    x, norm = torch.randn(rows, 3, generator=random), nn.BatchNorm1d(3)
    rank, world = place()
    (whole,), (share,) = share_of((norm(x),), rank, world), share_of((x,), rank, world)
    return (norm(share) - whole).abs().max().item()


def measured(seed: int = 0, steps: int = STEPS) -> dict[str, Any]:
    """All that this module compares; each process must call it."""
    begin = perf_counter()
    plain: dict[str, Any] = {"optimizer": _plain, "lr": 0.5}
    found = {
        "processes": place().world,
        "parameters": sum(p.numel() for p in _model(seed).parameters()),
        "by_hand": by_hand(EQUAL, seed, steps),
        "equal": compare(EQUAL, seed, steps=steps, **plain),
        "unequal": compare(UNEQUAL, seed, steps=steps, **plain),
        "adam": compare(UNEQUAL, seed, steps=steps),
        "adam64": compare(UNEQUAL, seed, dtype=torch.float64, steps=10),
        "mean_of_means": compare(UNEQUAL, seed, terms=None, steps=5, **plain),
        "dropout": compare(EQUAL, seed, dropout=0.1, steps=5, **plain),
        "batch_norm": batch_norm(EQUAL, seed),
    }
    return found | {"seconds": perf_counter() - begin}


def _plain(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.SGD(model.parameters())  # the learning rate is that of `train`


def _model(seed: int, dropout: float = 0.0, dtype: torch.dtype = torch.float32) -> TokenClassifier:
    torch.manual_seed(seed)
    return TokenClassifier(replace(REVERSE.config, dropout=dropout)).to(dtype)


def _seeded(batches: list[tuple], seed: int):
    for number, batch in enumerate(batches):
        torch.manual_seed(step_seed(seed, number, place().rank))
        yield batch


def _apart(one: nn.Module, other: nn.Module) -> dict[str, float]:
    """The largest difference of each parameter, by name."""
    theirs = dict(other.named_parameters())
    pairs = ((name, a, theirs[name]) for name, a in one.named_parameters())
    return {name: (a - b).abs().max().item() for name, a, b in pairs}


def _same_everywhere(model: nn.Module) -> bool:
    """Whether each process has the parameters of the first, bit for bit."""
    ours = [parameter.detach() for parameter in model.parameters()]
    first = first_says(lambda: ours)
    same = all(torch.equal(a, b) for a, b in zip(ours, first, strict=True))
    counts = torch.tensor(int(same))
    torch.distributed.all_reduce(counts)
    return counts.item() == place().world
