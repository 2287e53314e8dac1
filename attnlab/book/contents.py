"""SUMMARY.md, the table of contents: which chapters there are, and in which order."""

from __future__ import annotations

import re
from pathlib import Path

from attnlab.book.trouble import BookError

_ENTRY = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")


def contents(folder: Path) -> list[tuple[str, str]]:
    """Title and path of each chapter that SUMMARY.md in this folder names, all of them there.

    Raises:
        BookError: the table of contents is missing, or a chapter that it names.
    """
    file = f"{folder.name}/SUMMARY.md"
    if not (folder / "SUMMARY.md").is_file():
        raise BookError(file, "the table of contents is missing", f"run git checkout {file}")
    entries = _ENTRY.findall((folder / "SUMMARY.md").read_text(encoding="utf-8"))
    for _, path in entries:
        if not (folder / path).is_file():
            raise BookError(file, f"there is no {path}", "mend its line, or add the chapter")
    return entries


def chapter_number(path: str) -> str:
    """The number of the chapter in this file.

    >>> chapter_number("05_many_heads.ipynb")
    '05'
    """
    return Path(path).name.split("_")[0]


def is_notebook(path: str | None) -> bool:
    """Whether a chapter is a notebook; mdBook knows chapters without a file, too."""
    return (path or "").endswith(".ipynb")
