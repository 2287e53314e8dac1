"""More than one process: each takes its share of every batch, and all of them take one step."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch import distributed as dist
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.parallel import DistributedDataParallel

from attnlab.training.launching import end_with_starter

_TOLD = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
_LEFT: list[Any] = []
"""Groups that were left. They are kept because PyTorch 2.5 lets one go only when its threads have
ended, and holds Python's lock meanwhile, which a thread may need to let go of a last tensor."""


class Place(NamedTuple):
    """Which process this is, from 0, and how many there are."""

    rank: int
    world: int


@contextmanager
def process_group(seconds: float = 120.0) -> Iterator[Place]:
    """Join the processes that a launcher has started, for as long as a block of code.

        with process_group() as (rank, world):
            ...

    The launcher, `torchrun`, tells each process by its environment who it is. Without one there
    is a single process, (0, 1), and no group. Processes talk by gloo, over the network's sockets.

    Args:
        seconds: how long a process waits for the others before it gives up.

    Raises:
        ValueError: only a part of what a launcher tells is there, or this PyTorch has no gloo.
        OSError: the port is in use, or another process has ended.
    """
    if "WORLD_SIZE" not in os.environ:
        yield Place(0, 1)
        return
    _check_launched()
    if dist.is_torchelastic_launched():
        end_with_starter()
    with _named_faults():
        _join(timedelta(seconds=seconds))
        try:
            yield place()
        finally:
            leave_group()


def leave_group() -> None:
    """Leave the group of processes that this one has joined."""
    _LEFT.append(dist.group.WORLD)
    dist.destroy_process_group()


def place() -> Place:
    """Which process this is, and how many there are; (0, 1) where there is no group.

    >>> place()
    Place(rank=0, world=1)
    """
    if dist.is_available() and dist.is_initialized():
        return Place(dist.get_rank(), dist.get_world_size())
    return Place(0, 1)


def rows_of(*batch: Tensor) -> int:
    """How many rows each of a batch's parts has.

    Raises:
        TypeError: a part that is no tensor with rows.
        ValueError: parts with different numbers of rows, or an empty batch.

    >>> rows_of(torch.zeros(4, 3), torch.zeros(4))
    4
    """
    if not batch:
        raise ValueError("the batch is empty: there are no rows to share")
    for number, part in enumerate(batch):
        if not isinstance(part, Tensor) or part.ndim == 0:
            raise TypeError(
                f"part {number} of the batch is a {type(part).__name__} without rows, so it cannot "
                "be shared by processes: give tensors alone, with a row for each example"
            )
    counts = [len(part) for part in batch]
    if len(set(counts)) > 1:
        raise ValueError(
            f"the batch's parts have {', '.join(map(str, counts))} rows, so they cannot be shared "
            "by processes: each needs one row for each example"
        )
    return counts[0]


def share_of(batch: tuple, rank: int, world: int) -> tuple:
    """The rows of a batch that one of `world` processes takes: as many as the others, or one more.

    Args:
        batch: tensors with a row for each example.
        rank: which process, from 0.
        world: how many there are.

    Raises:
        ValueError: fewer rows than processes, or rank is none of them; and as `rows_of`.

    >>> [share_of((torch.arange(5),), rank, world=2) for rank in (0, 1)]
    [(tensor([0, 1]),), (tensor([2, 3, 4]),)]
    """
    rows = rows_of(*batch)
    if not 0 <= rank < world:
        raise ValueError(f"rank is {rank}, and must be from 0 to {world - 1}, of {world} processes")
    if rows < world:
        raise ValueError(
            f"the batch has {rows} rows, too few for {world} processes: each needs at least one, "
            f"so start at most {rows} processes or take larger batches"
        )
    first, end = rows * rank // world, rows * (rank + 1) // world
    return tuple(part[first:end] for part in batch)


def average_gradients(model: nn.Module) -> None:
    """In place of each gradient put its mean over all processes, which all of them then have.

        gradient = 1/P sum over processes p of gradient_p

    `DistributedDataParallel` does the same while the rest of the gradients is still reckoned.

    Raises:
        ValueError: there is no process group.

    Source: Li et al. 2020, "PyTorch Distributed: Experiences on Accelerating Data Parallel
    Training", section 3.2.
    """
    if not dist.is_initialized():
        raise ValueError("there is no process group: start this by torchrun, in process_group()")
    for parameter in model.parameters():
        if parameter.grad is not None:
            dist.all_reduce(parameter.grad)
            parameter.grad /= dist.get_world_size()


def data_parallel(model: nn.Module) -> nn.Module:
    """The model in PyTorch's own wrapper, which averages gradients over all processes.

    The buckets in which gradients travel stay as they are from the first step to the last, since
    the order of a sum depends on them: PyTorch would otherwise make them anew after one step, and
    a run of three processes or more that goes on would differ in its last bits.

    Raises:
        ValueError: the model normalises over the batch, of which each process sees its share.

    Source: Li et al. 2020, sections 3.2 and 4.
    """
    normed = [name for name, part in model.named_modules() if isinstance(part, _BatchNorm)]
    if normed:
        raise ValueError(
            f"{normed[0]} of the model is batch normalisation, whose mean and variance would be "
            "those of one process's rows and not of the batch: take layer or group normalisation, "
            "or train in one process"
        )
    return DistributedDataParallel(model, find_unused_parameters=True)


def shared_loss(loss: Callable[..., Tensor], terms: Callable[..., int] = rows_of) -> Callable:
    """A loss that takes the whole batch, and reckons this process's share of it.

        value = P n_p / n loss(model, *share),  n_p and n the terms in share and batch

    Its mean over all P processes is the loss of the whole batch, and so is the mean of its
    gradients, for equal shares and for unequal ones. Each process is told the loss of the whole.

    Args:
        loss: loss(model, *batch) -> the mean over all of a batch's terms.
        terms: terms(*batch) -> of how many terms `loss` takes the mean; its rows if not given.

    Raises:
        ValueError: as `share_of`, and for a share without terms.
    """

    def of_share(model: nn.Module, *batch: Tensor) -> Tensor:
        rank, world = place()
        share = share_of(batch, rank, world)
        counted, whole = terms(*share), terms(*batch)
        if counted < 1:
            raise ValueError(
                f"the share of process {rank} has {counted} terms of the batch's {whole}, so it "
                f"has no loss: take larger batches, or fewer processes than {world}"
            )
        return _of_all(loss(model, *share) * (world * counted / whole))

    return of_share


def step_seed(seed: int, step: int, rank: int) -> int:
    """Where one process's random numbers of one step begin, so that nothing more need be saved.

    >>> step_seed(0, 3, 1) == step_seed(0, 3, 0), step_seed(0, 3, 1) == step_seed(0, 4, 1)
    (False, False)
    """
    return ((seed % 2**20 * 2**30 + step) * 2**12 + rank) % 2**63


def anywhere(flag: bool) -> bool:
    """Whether this is so in any process; all of them must ask."""
    if place().world == 1:
        return flag
    count = torch.tensor(int(flag))
    dist.all_reduce(count)
    return bool(count)


def first_says(answer: Callable[[], Any]) -> Any:
    """What the first process finds, told to all; all of them must ask. An error is told as well.

    >>> first_says(lambda: "runs/reverse-small-1")
    'runs/reverse-small-1'
    """
    rank, world = place()
    if world == 1:
        return answer()
    told: list[Any] = [None, None]
    if rank == 0:
        try:
            told[0] = answer()
        except (OSError, ValueError, TypeError) as error:
            told[1] = error
    dist.broadcast_object_list(told, src=0)
    if told[1] is not None:
        raise told[1]
    return told[0]


def _of_all(part: Tensor) -> Tensor:
    """The mean of all processes' parts, with the gradient of this one's."""
    mean = part.detach().clone()
    dist.all_reduce(mean)
    return part + (mean / dist.get_world_size() - part.detach())


def _check_launched() -> None:
    missing = [name for name in _TOLD if name not in os.environ]
    if missing:
        raise ValueError(
            f"WORLD_SIZE is {os.environ['WORLD_SIZE']}, but {', '.join(missing)} are not set: "
            "start more than one process by torchrun, or unset WORLD_SIZE"
        )
    if not dist.is_available() or not dist.is_gloo_available():
        raise ValueError(
            "this PyTorch has no gloo, by which processes talk: train in one process, without "
            "torchrun"
        )


def _join(timeout: timedelta) -> None:
    """Meet the other processes of this beginning, and not those of the one that was killed.

    torchrun keeps its store of addresses when it begins again, and PyTorch looks for them by the
    same names: a process that is early would find where a dead one listened. So each beginning
    has names of its own.
    """
    store, rank, world = next(dist.rendezvous("env://", timeout=timeout))  # pyright: ignore
    beginning = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")
    own = dist.PrefixStore(f"beginning-{beginning}", store)  # pyright: ignore
    dist.init_process_group("gloo", store=own, rank=rank, world_size=world, timeout=timeout)


@contextmanager
def _named_faults() -> Iterator[None]:
    """What PyTorch says of a port or of another process's end, in a line."""
    try:
        yield
    except RuntimeError as error:
        said = str(error)
        if "EADDRINUSE" in said or "address already in use" in said:
            port = os.environ["MASTER_PORT"]
            raise OSError(
                f"port {port} is in use: take another, or torchrun --standalone"
            ) from error
        if isinstance(error, dist.DistError) or "gloo" in said or "onnection" in said:
            raise OSError(
                "another process of this run has ended or does not answer: see what that one says; "
                "torchrun begins all again if it may, by --max-restarts"
            ) from error
        raise
