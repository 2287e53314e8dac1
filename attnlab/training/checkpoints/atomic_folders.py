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
    started = unfinished(path)
    try:
        started.mkdir()
        for name, content in files.items():
            with (started / name).open("wb") as file:
                file.write(content)
                file.flush()
                _to_disk(file.fileno())
        finish(path)
    except BaseException:
        shutil.rmtree(started, ignore_errors=True)
        give_back(path.parent)
        raise


def unfinished(path: Path) -> Path:
    """What a folder is called while it is written: beside it, and no checkpoint by its name."""
    return _beside(path, _UNFINISHED)


def finish(path: Path) -> None:
    """Give a folder, whose files are all on the disk, its name; one that has it is replaced."""
    started, replaced = unfinished(path), _beside(path, _REPLACED)
    _names_to_disk(started)
    if path.exists():
        path.rename(replaced)
    started.rename(path)
    _names_to_disk(path.parent)
    shutil.rmtree(replaced, ignore_errors=True)


def remove_whole(path: Path) -> None:
    """Remove a folder; whenever this is broken off, it is whole or not there."""
    going = unfinished(path)
    path.rename(going)
    shutil.rmtree(going, ignore_errors=True)


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
