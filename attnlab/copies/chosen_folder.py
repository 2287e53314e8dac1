"""Which folder is meant, where a command may name one: the reader's copy, or the course itself."""

from __future__ import annotations

from pathlib import Path

from attnlab.copies.first_copy import FIRST
from attnlab.copies.manifest import remembered

USUAL = "attnlab-course"


def folder_to_open(given: Path | None, course: Path, packaged: Path) -> Path:
    """The folder that `attnlab lab` opens; it may have to be made first.

    Args:
        given: on the command line, or None.
        course: the folder of the notebooks that is found without a word.
        packaged: that inside the installed package, which is nobody's to change.

    Raises:
        ValueError: a notebook or another file is named.

    >>> folder_to_open(None, Path("notebooks"), Path("lib/attnlab/course")).name
    'notebooks'
    >>> folder_to_open(None, Path("lib/attnlab/course"), Path("lib/attnlab/course")).name
    'attnlab-course'
    """
    if given is None:
        return course if course != packaged else Path.cwd() / USUAL
    _check_folder(given)
    inside = given / "notebooks"
    return inside if (inside / FIRST).exists() and not (given / FIRST).exists() else given


def folder_to_update(given: Path | None, course: Path) -> Path:
    """The reader's copy that `attnlab update` brings up to date.

    Args:
        given: on the command line; else the current folder, or attnlab-course in it.
        course: the folder of the notebooks that come with the package.

    Raises:
        FileNotFoundError: there is no copy there, with the cure.
        ValueError: it is a checkout of the repository, which git brings up to date; or a notebook
            or another file is named.
    """
    _check_folder(given or Path.cwd())
    here = Path.cwd()
    tries = [given] if given else [here, here / USUAL]
    for folder in tries:
        if _is_checkout(folder, course) or _is_checkout(folder / "notebooks", course):
            raise ValueError(f"{folder} is a checkout of the repository: git pull updates it")
        if remembered(folder) is not None or (folder / FIRST).exists():
            return folder
    where = " and ".join(map(str, tries))
    raise FileNotFoundError(f"no copy of the course in {where}: attnlab lab [FOLDER] makes one")


def _check_folder(given: Path) -> None:
    """Refuse a file, and what would be a folder by the name of a notebook."""
    if given.is_file() or given.suffix == ".ipynb":
        raise ValueError(f"{given} is no folder: name the one in which it lies, {given.parent}")


def _is_checkout(folder: Path, course: Path) -> bool:
    if not (folder / FIRST).exists() or remembered(folder) is not None:
        return False
    return folder.resolve() == course.resolve() or (folder.resolve().parent / "book.toml").exists()
