"""What was copied: of each file of the course its digest, and of each cell its fingerprint."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attnlab.copies.notebook_json import cell_id, fingerprint, parsed

NAME = ".attnlab-course.json"
_FORMAT = "attnlab course 1"
_FOR_THE_BOOK = {"SUMMARY.md", "claims.toml"}


@dataclass(frozen=True)
class Copied:
    """A file as it was copied.

    Args:
        digest: the SHA-256 of its bytes.
        cells: of a notebook, the fingerprint of each cell by its id, in their order.
    """

    digest: str
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Manifest:
    """What a copy of the course was made from.

    Args:
        version: of the package.
        files: by their names.
    """

    version: str
    files: Mapping[str, Copied]


def course_files(course: Path) -> list[str]:
    """The names of what a reader gets of the course: the chapters, and the pages they lead to.

    What only the book is made from is left out, and so are folders and hidden files.
    """
    paths = [path for path in course.iterdir() if path.is_file()]
    return sorted(p.name for p in paths if p.name[0] != "." and p.name not in _FOR_THE_BOOK)


def copied(name: str, content: bytes) -> Copied:
    """What is remembered of a file of the course.

    Raises:
        DamagedError: it is called a notebook and is none.
    """
    cells = parsed(content)["cells"] if name.endswith(".ipynb") else []
    return Copied(_digest(content), {str(cell_id(cell)): fingerprint(cell) for cell in cells})


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def manifest_of(course: Path, version: str) -> Manifest:
    """What a copy of this course would be made from."""
    names = course_files(course)
    return Manifest(version, {name: copied(name, (course / name).read_bytes()) for name in names})


def remembered(folder: Path) -> Manifest | None:
    """What the copy in this folder was made from; None if nothing was noted there.

    Raises:
        ValueError: what was noted is damaged, with the cure.
    """
    file = folder / NAME
    try:
        content = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        return _read(json.loads(content))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{file} is damaged ({error}): delete it, and run attnlab update again; what you "
            "wrote is then compared with the course as it is now, and stays"
        ) from None


def _read(found: dict[str, Any]) -> Manifest:
    if found["format"] != _FORMAT:
        raise ValueError(f"its format is {found['format']!r}, and this attnlab reads {_FORMAT!r}")
    files = found["files"].items()
    return Manifest(
        str(found["version"]),
        {name: Copied(str(one["digest"]), dict(one.get("cells", []))) for name, one in files},
    )


def remember(folder: Path, manifest: Manifest) -> None:
    """Note in the folder what its copy was made from."""
    files = {
        name: {"digest": one.digest, "cells": list(one.cells.items())}
        for name, one in manifest.files.items()
    }
    told = {"format": _FORMAT, "version": manifest.version, "files": files}
    put(folder / NAME, (json.dumps(told, ensure_ascii=False, sort_keys=True) + "\n").encode())


def is_behind(folder: Path, course: Path) -> bool:
    """Whether this copy was made from another course than this one."""
    known = remembered(folder)
    if known is None:
        return False
    digests = {name: _digest((course / name).read_bytes()) for name in course_files(course)}
    return digests != {name: one.digest for name, one in known.files.items()}


def is_newer(version: str, other: str) -> bool:
    """Whether the first version comes after the second.

    >>> is_newer("0.10.0", "0.9.1"), is_newer("0.1.0", "0.1.0")
    (True, False)
    """
    first, second = ([int(part) for part in re.findall(r"\d+", text)] for text in (version, other))
    return first > second


def put(file: Path, content: bytes) -> None:
    """Write a file whole or not at all; its rights stay as they are."""
    handle, name = tempfile.mkstemp(prefix=".attnlab-", dir=file.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        unfinished.chmod(file.stat().st_mode if file.exists() else 0o666 & ~_umask())
        unfinished.replace(file)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _umask() -> int:
    """What the system takes from the rights of new files; it tells by being set."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
