"""A published model's folder: its config and its tensors, read without trusting either."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

CONFIG, WHOLE, INDEX = "config.json", "model.safetensors", "model.safetensors.index.json"
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")


def model_folder(folder: str | os.PathLike[str]) -> Path:
    """The folder, once it is sure that it is one.

    Raises:
        TypeError: no path.
        ValueError: nothing is there, or a file.
    """
    if not isinstance(folder, str | os.PathLike):
        raise TypeError(
            f"folder is a {type(folder).__name__}, and must be the path of a folder with {CONFIG} "
            f"and {WHOLE}"
        )
    path = Path(folder)
    if path.is_dir():
        return path
    if path.exists():
        raise ValueError(
            f"folder is {str(path)!r}, which is a file: hand in the folder that holds {CONFIG} and "
            f"{WHOLE}, {str(path.parent)!r} perhaps"
        )
    raise ValueError(
        f"folder is {str(path)!r}, and there is no such folder. Nothing is fetched here: download "
        f"{CONFIG} and {WHOLE} yourself, into one folder, and hand in its path"
    )


def read_json(folder: Path, name: str) -> dict[str, Any]:
    """An object of JSON in a file of the folder.

    Raises:
        ValueError: the file is not there, leads outside, or holds something else.
    """
    path = inside(folder, name)
    if not path.is_file():
        raise ValueError(f"{folder} lacks {name}: download it too, from where the weights are")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is no JSON ({_short(error)}): download it again") from None
    if not isinstance(found, dict):
        raise ValueError(
            f"{path} holds a {type(found).__name__} in place of an object, {{...}}: it is another "
            "file under that name"
        )
    return found


def read_tensors(folder: Path) -> dict[str, Tensor]:
    """All tensors of model.safetensors, or of the files that its index names.

    A pickle is never opened, since opening one runs whatever program it holds.

    Raises:
        ValueError: no safetensors, a damaged file, one outside of the folder, or files that hold
            other tensors than the index says.
    """
    if inside(folder, WHOLE).is_file():
        return _tensors_of(folder, WHOLE)
    if inside(folder, INDEX).is_file():
        return _gathered(folder, read_json(folder, INDEX).get("weight_map"))
    pickles = sorted(path.name for path in folder.iterdir() if path.suffix in _PICKLES)
    if pickles:
        raise ValueError(
            f"{folder} holds its weights as {pickles[0]} alone, a pickle, which may run any "
            f"program when it is opened: it is never opened here. Download {WHOLE} in its place"
        )
    raise ValueError(f"{folder} lacks {WHOLE}, and {INDEX} too: download the weights into it")


def inside(folder: Path, name: str) -> Path:
    """The path of a file of the folder itself.

    Raises:
        ValueError: the name, or a link of that name, leads to somewhere else.
    """
    path = folder / name
    if name != Path(name).name or "\\" in name or name in ("", ".", ".."):
        raise ValueError(
            f"{folder} names the file {name!r}, which is no file of the folder itself: nothing "
            "outside of it is read. Do not use a folder that asks for it"
        )
    if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
        raise ValueError(
            f"{path} is a link to {path.resolve()}, outside of the folder, and is not followed: "
            "put a copy of the file in its place"
        )
    return path


def _gathered(folder: Path, places: Any) -> dict[str, Tensor]:
    """The tensors of several files; places says in which file each is."""
    pairs = places.items() if isinstance(places, dict) else [(None, None)]
    if not all(isinstance(name, str) for pair in pairs for name in pair):
        raise ValueError(
            f'{folder / INDEX} lacks "weight_map", which names the file of each tensor'
        )
    found: dict[str, Tensor] = {}
    for file in sorted(set(places.values())):
        held, told = _tensors_of(folder, file), {name for name in places if places[name] == file}
        if other := sorted(told.symmetric_difference(held)):
            where = "lacks" if other[0] in told else "also holds"
            raise ValueError(
                f"{folder / file} {where} {other[0]}, other than {INDEX} says: the two are of "
                "different models, or one is damaged, so download both again"
            )
        found |= held
    return found


def _tensors_of(folder: Path, name: str) -> dict[str, Tensor]:
    path = inside(folder, name)
    if path.suffix != ".safetensors":
        raise ValueError(
            f"{folder / INDEX} names {name}, which is no safetensors file: nothing else is opened"
        )
    if not path.is_file():
        raise ValueError(f"{folder} lacks {name}, which {INDEX} names: download it too")
    try:
        return load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise ValueError(
            f"{path} is no safetensors file, or damaged ({_short(error)}): it has "
            f"{path.stat().st_size:,} bytes; download it again"
        ) from None


def _short(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]
