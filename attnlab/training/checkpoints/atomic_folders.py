"""Whole folders: written so that they are there with all their files, or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

_NO_SUCH_CALL = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOTTY}
_UNFINISHED, _REPLACED = ".unfinished-", ".replaced-"


def write_whole(path: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder with these files; whenever this is broken off, it is whole or not there.

    The files are written into a folder of another name beside it, brought to the disk, and only
    then that folder gets its name, which a file system does in one go. A folder that has the
    name already is replaced.

    Args:
        path: the folder; the one around it is made if it is missing.
        files: their contents by name.

    Raises:
        OSError: something cannot be written; then nothing of it is left.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished, replaced = _beside(path, _UNFINISHED), _beside(path, _REPLACED)
    try:
        unfinished.mkdir()
        for name, content in files.items():
            with (unfinished / name).open("wb") as file:
                file.write(content)
                file.flush()
                _to_disk(file.fileno())
        _names_to_disk(unfinished)
        if path.exists():
            path.rename(replaced)
        unfinished.rename(path)
        _names_to_disk(path.parent)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        give_back(path.parent)
        raise
    shutil.rmtree(replaced, ignore_errors=True)


def remove_whole(path: Path) -> None:
    """Remove a folder; whenever this is broken off, it is whole or not there."""
    unfinished = _beside(path, _UNFINISHED)
    path.rename(unfinished)
    shutil.rmtree(unfinished, ignore_errors=True)


def give_back(folder: Path) -> None:
    """If a run was killed just while it replaced a folder, give the old one its name back."""
    for replaced in folder.glob(f"{_REPLACED}*"):
        path = replaced.with_name(replaced.name.removeprefix(_REPLACED))
        if not path.exists():
            replaced.rename(path)


def clear_away(folder: Path) -> None:
    """Remove what killed runs left in this folder; none may be writing there now."""
    give_back(folder)
    for start in (_UNFINISHED, _REPLACED):
        for path in folder.glob(f"{start}*"):
            shutil.rmtree(path, ignore_errors=True)


def _beside(path: Path, start: str) -> Path:
    return path.with_name(f"{start}{path.name}")


def _names_to_disk(folder: Path) -> None:
    """Bring the names in a folder to the disk; Windows knows no such call, and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        _to_disk(handle)
    finally:
        os.close(handle)


def _to_disk(handle: int) -> None:
    """Bring what was written to the disk, where the file system knows how to; a fault is raised.

    Network and user-space file systems (CIFS, sshfs) may lack the call for folders, or at all.
    """
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NO_SUCH_CALL:
            raise
