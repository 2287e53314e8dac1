"""Checkpoints: all that a training needs to go on as if it had never been broken off."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from attnlab.training.arguments import whole
from attnlab.training.checkpoints.atomic_folders import (
    clear_away,
    give_back,
    remove_whole,
    write_whole,
)
from attnlab.training.checkpoints.files import (
    ABOUT,
    check_config,
    check_training,
    files_of,
    plain,
    read_about,
    read_tensors,
)
from attnlab.training.checkpoints.packing import unpack
from attnlab.training.checkpoints.weights import check_weights, restore_weights, without_wrappers
from attnlab.training.parts import check_kind, check_model, unwrapped


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """What was loaded: from which folder, of which step, with which config and record."""

    path: Path
    step: int
    config: Any
    record: Any


def save_checkpoint(
    folder: str | Path,
    model: nn.Module,
    optimizer: torch.optim.Optimizer | None = None,
    *,
    step: int,
    config: Any = None,
    generators: Sequence[torch.Generator] = (),
    record: Any = None,
    keep: int = 3,
) -> Path:
    """Save where a training stands, so that `load_checkpoint` goes on to the same weights.

    A checkpoint is a folder step-00000120: weights.safetensors, which other programs can read,
    training.safetensors for optimiser and random states, checkpoint.json for all else. It
    appears whole or not at all, whenever the program is killed. What killed programs left is
    cleared away: one program at a time may save into a folder.

    Args:
        folder: what holds the checkpoints of a run; it is made if it is missing.
        model: whose weights; tied ones are saved once. Of one that `torch.compile` or a
            data-parallel class has wrapped, the model inside.
        optimizer: whose state.
        step: the number of the last step taken.
        config: what the run is made of, a dataclass or anything of JSON; `model.config` if
            there is one and none is given.
        generators: whose states, besides PyTorch's own: where the batches come from.
        record: whatever else of JSON is to be kept, such as the losses until now.
        keep: how many checkpoints stay; older ones are removed.

    Returns:
        The checkpoint's folder.

    Raises:
        ValueError: keep below 1, step below 0, or a later step is in the folder already.
        TypeError: an argument of another kind, or something that JSON does not know.
        OSError: the disk is full or does not let us write; the earlier checkpoints stay.

    >>> model = nn.Linear(2, 3)
    >>> save_checkpoint(folder, model, step=120).name
    'step-00000120'
    >>> load_checkpoint(folder, model).step
    120
    """
    folder = _folder(folder)
    model = _checked(model, optimizer, generators)
    keep = whole("keep", keep, 1, "the one that is saved now")
    step = whole("step", step, 0, "how many steps were taken")
    path = folder / f"step-{step:08d}"
    _check_order(folder, step)
    files = files_of(model, optimizer, step, plain(config, model), generators, record)
    try:
        clear_away(folder)
        write_whole(path, files)
    except OSError as error:
        raise OSError(error.errno, _not_saved(error, folder, step)) from error
    for old in checkpoints_in(folder)[:-keep]:
        remove_whole(old)
    return path


def load_checkpoint(
    folder: str | Path,
    model: nn.Module,
    optimizer: torch.optim.Optimizer | None = None,
    *,
    config: Any = None,
    generators: Sequence[torch.Generator] = (),
) -> Checkpoint:
    """Put the newest checkpoint's weights into the model and, with an optimiser, train on.

        start = load_checkpoint(folder, model, optimizer, generators=[random])
        for step in train(model, batches, loss, optimizer=optimizer, done=start.step, steps=500):
            ...

    Without an optimiser only the weights are loaded, to use the model. With it the states of
    the optimiser, of PyTorch's random numbers and of the generators are as they were: what
    follows is, bit for bit, what would have followed. Nothing is changed if something does not
    fit. No pickle is read, so nothing of a foreign file is executed.

    Args:
        folder: the run's folder, or that of one checkpoint.
        model: made as the saved one was.
        optimizer: of the same kind, over the same weights.
        config: what the run is made of; `model.config` if there is one and none is given.
        generators: as many as were saved, in the same order.

    Raises:
        TypeError: an argument of another kind.
        FileNotFoundError: no checkpoint is there.
        ValueError: a file is truncated or foreign, or the first thing in which config, weights,
            optimiser or generators differ.

    Source: the files are those of safetensors, https://huggingface.co/docs/safetensors.
    """
    model = _checked(model, optimizer, generators)
    path = newest_checkpoint(_folder(folder))
    if path is None:
        raise FileNotFoundError(
            f"{folder}: nothing to go on from: it holds no folder such as step-00000120"
        )
    about = read_about(path)
    check_config(plain(config, model), about["config"], path)
    weights, about["same"] = without_wrappers(
        model, read_tensors(path, "weights", about), about["same"]
    )
    check_weights(model, weights, about["same"], str(path))
    if optimizer is None:
        restore_weights(model, weights, about["same"])
    else:
        check_training(optimizer, generators, about, path)
        training = read_tensors(path, "training", about)
        restore_weights(model, weights, about["same"])
        optimizer.load_state_dict(unpack(about["optimiser"]["state"], training))
        for index, generator in enumerate((torch.default_generator, *generators)):
            generator.set_state(training[f"random.{index}"])
    return Checkpoint(path=path, step=about["step"], config=about["config"], record=about["record"])


def newest_checkpoint(folder: str | Path) -> Path | None:
    """The folder of the newest checkpoint; None if there is none."""
    folder = Path(folder)
    if (folder / ABOUT).exists():
        return folder
    give_back(folder)
    return next(reversed(checkpoints_in(folder)), None)


def _folder(folder: Any) -> Path:
    if not isinstance(folder, str | Path):
        raise TypeError(f"folder is a {type(folder).__name__}, and must be a text or a Path")
    return Path(folder)


def _checked(model: Any, optimizer: Any, generators: Any) -> nn.Module:
    """The model without wrappers, once it is sure that all three are what they should be."""
    check_model(model)
    if optimizer is not None:
        check_kind(optimizer)
    if not isinstance(generators, list | tuple):
        raise TypeError(f"generators is a {type(generators).__name__}, and must be a list of them")
    if wrong := [g for g in generators if not isinstance(g, torch.Generator)]:
        raise TypeError(
            f"generators holds a {type(wrong[0]).__name__}, and must hold torch.Generator alone"
        )
    return unwrapped(model)


def checkpoints_in(folder: Path) -> list[Path]:
    """The checkpoints of a run, from the oldest to the newest."""
    found = [path for path in folder.glob("step-*") if re.fullmatch(r"step-\d{8,}", path.name)]
    return sorted(found, key=_number)


def _number(path: Path) -> int:
    return int(path.name.removeprefix("step-"))


def _check_order(folder: Path, step: int) -> None:
    newest = newest_checkpoint(folder)
    if newest and newest.parent == folder and _number(newest) > step:
        raise ValueError(
            f"step {step} cannot be saved in {folder}, which holds {newest.name}: it is of "
            "another run, so load that to go on with it, or save in another folder"
        )


def _not_saved(error: OSError, folder: Path, step: int) -> str:
    last = newest_checkpoint(folder)
    stays = f"the last good checkpoint, {last.name}, is still there" if last else "nothing is lost"
    return f"step {step} was not saved in {folder}: {error.strerror}; {stays}"
