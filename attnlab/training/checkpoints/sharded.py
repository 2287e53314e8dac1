"""Checkpoints of what several processes hold: each writes its share, into one folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import distributed as dist
from torch import nn
from torch.distributed.checkpoint.api import CheckpointException
from torch.distributed.checkpoint.state_dict import get_state_dict, set_state_dict
from torch.distributed.checkpoint.state_dict_loader import load
from torch.distributed.checkpoint.state_dict_saver import save

from attnlab.training.arguments import whole
from attnlab.training.checkpoints.atomic_folders import (
    clear_away,
    finish,
    remove_whole,
    unfinished,
)
from attnlab.training.checkpoints.checkpoint import checkpoints_in
from attnlab.training.parallel import first_says

_METADATA = ".metadata"  # written last, by the first process


def save_sharded(
    folder: str | Path,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    *,
    step: int,
    generators: Sequence[torch.Generator] = (),
    keep: int = 3,
) -> Path:
    """Save a training of several processes; all of them must call it.

    Each process writes what it holds, and the first one what lies where. They write into a
    folder of another name, which gets its own once all have written: a checkpoint appears whole
    or not at all, whenever any of them is killed.

    Args:
        folder: what holds the checkpoints of a run, on a disk that all processes see.
        model, optimizer: whose states; sharded by `fully_shard`, or the same in all processes.
        step: the number of the last step taken.
        generators: whose states; those of the first process.
        keep: how many checkpoints stay.

    Returns:
        The checkpoint's folder.

    Raises:
        ValueError: there is no process group; or keep or step is out of range.
        OSError: it cannot be written; the earlier checkpoints stay.

    Source: https://docs.pytorch.org/docs/stable/distributed.checkpoint.html
    """
    _check_group()
    keep, step = whole("keep", keep, 1, "the one that is saved now"), whole("step", step, 0)
    path = Path(folder) / f"step-{step:08d}"
    first_says(lambda: _make_room(path))
    save(_state(model, optimizer, step, generators), checkpoint_id=unfinished(path))
    first_says(lambda: _finish(path, keep))
    return path


def load_sharded(
    folder: str | Path,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    *,
    generators: Sequence[torch.Generator] = (),
) -> int:
    """Load the newest checkpoint, by as many processes as saved it or another number of them.

    What it says of what lies where is a pickle, which can run any code: load your own alone. For
    others there are `save_checkpoint` and `load_checkpoint`.

    Args: as of `save_sharded`.

    Returns:
        The number of the last step taken; 0, and nothing is changed, if there is no checkpoint.

    Raises:
        ValueError: there is no process group, or the checkpoint is of another model.
    """
    _check_group()
    path = first_says(lambda: newest_sharded(folder))
    if path is None:
        return 0
    state = _state(model, optimizer, 0, generators)
    try:
        load(state, checkpoint_id=path)
    except (CheckpointException, RuntimeError, ValueError) as error:
        told = str(error).strip().splitlines()
        raise ValueError(
            f"{path} does not fit the model, the optimiser or the generators: {told[-1]}"
        ) from error
    parts = {"model_state_dict": state["model"], "optim_state_dict": state["optimizer"]}
    set_state_dict(model, optimizer, **parts)
    for number, generator in enumerate(generators):
        generator.set_state(state["generators"][str(number)])
    return int(state["step"])


def newest_sharded(folder: str | Path) -> Path | None:
    """The folder of the newest checkpoint of several processes; None if there is none."""
    found = [path for path in checkpoints_in(Path(folder)) if (path / _METADATA).exists()]
    return found[-1] if found else None


def _state(
    model: nn.Module, optimizer: torch.optim.Optimizer, step: int, generators: Sequence
) -> dict[str, Any]:
    of_model, of_optimizer = get_state_dict(model, optimizer)
    drawn = {str(number): generator.get_state() for number, generator in enumerate(generators)}
    state = {"model": of_model, "optimizer": of_optimizer, "generators": drawn}
    return {**state, "step": torch.tensor(step)}


def _make_room(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    clear_away(path.parent)


def _finish(path: Path, keep: int) -> None:
    finish(path)
    for old in checkpoints_in(path.parent)[:-keep]:
        remove_whole(old)


def _check_group() -> None:
    if not dist.is_initialized():
        raise ValueError(
            "there is no process group: start this by torchrun, in process_group(); a training in "
            "one process is saved by save_checkpoint"
        )
