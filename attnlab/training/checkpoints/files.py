"""The files of a checkpoint: two of tensors, and one of JSON with the sums of the others."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load, save
from torch import Tensor, nn

from attnlab.training.checkpoints.packing import pack
from attnlab.training.checkpoints.weights import weights_of

ABOUT = "checkpoint.json"
_FORMAT = "attnlab checkpoint 1"


def files_of(
    model: nn.Module,
    optimizer: torch.optim.Optimizer | None,
    step: int,
    config: Any,
    generators: Sequence[torch.Generator],
    record: Any,
) -> dict[str, bytes]:
    """The contents of a checkpoint's files by name; arguments as of `save_checkpoint`."""
    weights, same = weights_of(model)
    states = [generator.get_state() for generator in (torch.default_generator, *generators)]
    training = {f"random.{index}": state for index, state in enumerate(states)}
    about = {"format": _FORMAT, "step": step, "config": config, "same": same, "optimiser": None}
    about |= {"generators": len(generators), "record": record}
    if optimizer is not None:
        state = pack(optimizer.state_dict(), "optimiser", training)
        about["optimiser"] = {"kind": type(optimizer).__name__, "state": state}
    parts = {"weights": weights, "training": training}
    files = {f"{part}.safetensors": save(tensors) for part, tensors in parts.items()}
    about["files"] = {name: _sum(content) for name, content in files.items()}
    return files | {ABOUT: (json.dumps(_jsonable("record", about), indent=1) + "\n").encode()}


def read_about(path: Path) -> dict[str, Any]:
    """What the JSON file of a checkpoint says.

    Raises:
        ValueError: it is truncated, or not of a checkpoint.
    """
    file = path / ABOUT
    try:
        about = json.loads(file.read_bytes())
    except FileNotFoundError:
        raise ValueError(f"{path} holds no {ABOUT}: it is no checkpoint of attnlab") from None
    except ValueError as error:
        raise ValueError(f"{file} is truncated or no JSON: {error}; {_cure(path)}") from None
    found = about.get("format") if isinstance(about, dict) else None
    if found != _FORMAT:
        raise ValueError(f"{file} is of format {found!r}, not {_FORMAT!r}: it is a foreign file")
    return about


def read_tensors(path: Path, part: str, about: dict[str, Any]) -> dict[str, Tensor]:
    """The tensors of "weights" or of "training", checked against size and sum.

    Raises:
        ValueError: the file is missing, truncated, or another than the one that was saved.
    """
    file = path / f"{part}.safetensors"
    wanted = about["files"][file.name]
    if not file.exists():
        raise ValueError(f"{file} is missing; {_cure(path)}")
    content = file.read_bytes()
    found = _sum(content)
    if found["bytes"] != wanted["bytes"]:
        kind = "truncated" if found["bytes"] < wanted["bytes"] else "another file"
        raise ValueError(
            f"{file} has {found['bytes']} bytes, and had {wanted['bytes']} when it was saved: it "
            f"is {kind}; {_cure(path)}"
        )
    if found != wanted:
        raise ValueError(f"{file} is not the file that was saved: its sum differs; {_cure(path)}")
    return {name: tensor.clone() for name, tensor in load(content).items()}


def plain(config: Any, model: nn.Module) -> Any:
    """The config, the model's own if None, as JSON reads it back.

    Raises:
        TypeError: there is something in it that JSON does not know.
    """
    config = getattr(model, "config", None) if config is None else config
    whole = asdict(config) if is_dataclass(config) and not isinstance(config, type) else config
    return _jsonable("config", whole)


def check_config(config: Any, saved: Any, path: Path) -> None:
    """Refuse a config that is not the saved one, naming the first difference.

    Raises:
        ValueError: where they differ, and how.
    """
    if config is None or saved is None:
        return
    difference = _first_difference(config, saved, "config")
    if difference:
        raise ValueError(f"{difference} in {path}: go on with the config that was saved")


def check_training(
    optimizer: torch.optim.Optimizer,
    generators: Sequence[torch.Generator],
    about: dict[str, Any],
    path: Path,
) -> None:
    """Refuse an optimiser or a number of generators that is not the saved one.

    Raises:
        ValueError: the first difference.
    """
    if about["optimiser"] is None:
        raise ValueError(
            f"{path} was saved without an optimiser: load it without one, for its weights alone"
        )
    kind, saved = type(optimizer).__name__, about["optimiser"]["kind"]
    if kind != saved:
        raise ValueError(f"optimizer is {kind}, and {saved} in {path}: take the same kind")
    groups = [len(group["params"]) for group in optimizer.state_dict()["param_groups"]]
    saved = [len(dict(group["dict"])["params"]) for group in _groups(about)]
    if groups != saved:
        raise ValueError(
            f"optimizer has groups of {groups} weights, and of {saved} in {path}: make it over "
            "the same weights"
        )
    if len(generators) != about["generators"]:
        raise ValueError(
            f"generators has {len(generators)}, and {about['generators']} were saved in {path}: "
            "hand in as many, in the same order"
        )


def _groups(about: dict[str, Any]) -> list[dict[str, Any]]:
    return dict(about["optimiser"]["state"]["dict"])["param_groups"]


def _first_difference(ours: Any, saved: Any, name: str) -> str | None:
    if isinstance(ours, dict) and isinstance(saved, dict):
        for key in (*ours, *saved):
            place = f"{name}.{key}"
            if key not in saved:
                return f"{place} is {ours[key]!r}, and missing"
            if key not in ours:
                return f"{place} is missing, and {saved[key]!r}"
            difference = _first_difference(ours[key], saved[key], place)
            if difference:
                return difference
        return None
    same = ours == saved or (ours != ours and saved != saved)  # NaN is not equal to itself
    return None if same else f"{name} is {ours!r}, and {saved!r}"


def _jsonable(name: str, value: Any) -> Any:
    try:
        return json.loads(json.dumps(value, default=_as_python))
    except (TypeError, ValueError, RecursionError) as error:
        raise TypeError(f"{name} cannot be saved: {error}; give what JSON knows") from None


def _as_python(value: Any) -> Any:
    """A NumPy number, or a tensor of one number, as Python's own."""
    if getattr(value, "shape", None) == ():
        return value.item()
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _sum(content: bytes) -> dict[str, Any]:
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _cure(path: Path) -> str:
    return f"remove {path.name} to go on from an earlier checkpoint"
