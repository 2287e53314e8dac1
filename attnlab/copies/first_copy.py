"""The course, copied into a folder of the reader's: only what is not there yet."""

from __future__ import annotations

from pathlib import Path

from attnlab.copies.manifest import course_files, manifest_of, put, remember, remembered

FIRST = "00_start_here.ipynb"


def copy_course(course: Path, folder: Path, version: str) -> bool:
    """Copy the course into a folder, and note there what was copied.

    The first chapter comes last: a folder that has it has them all. A copy that was interrupted is
    finished the next time; what is there is never written over.

    Args:
        course: the folder of the notebooks.
        folder: made if it is missing.
        version: of the package.

    Returns:
        Whether there was anything to copy.

    Raises:
        ValueError: something else lies in the folder.
    """
    if (folder / FIRST).exists():
        return False
    if remembered(folder) is None:
        _check_free(folder)
        folder.mkdir(parents=True, exist_ok=True)
        remember(folder, manifest_of(course, version))
    for name in sorted(course_files(course), key=lambda name: (name == FIRST, name)):
        if not (folder / name).exists():
            put(folder / name, (course / name).read_bytes())
    return True


def _check_free(folder: Path) -> None:
    """Nothing but hidden files lies there, such as those of a file manager."""
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file: name a folder for the course, new or empty")
    there = sorted(p.name for p in folder.iterdir() if p.name[0] != ".") if folder.exists() else []
    if there:
        raise ValueError(
            f"{folder} holds other files ({', '.join(there[:3])}{', …' if there[3:] else ''}): "
            "name a folder for the course, new or empty"
        )
