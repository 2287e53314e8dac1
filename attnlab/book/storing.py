"""How the course's notebooks are stored: executed, in canonical form, and signed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat.sign import NotebookNotary

from attnlab.book.canonical import canonical, text
from attnlab.book.execution import CellExecutionError, executed


def store(path: Path, code_of: Callable[[str], tuple[str, str]], *, refresh: bool = False) -> None:
    """Execute a notebook, and write it back in canonical form.

    Args:
        path: of the notebook.
        code_of: gives the current JavaScript and CSS of the widget class with this dotted name.
        refresh: do not execute: only the stored code of the figures is renewed.

    Raises:
        FileNotFoundError: there is no such notebook.
        ValueError: a cell failed; the file is left as it is.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such notebook")
    try:
        book = nbformat.read(path, as_version=4) if refresh else executed(path)
    except CellExecutionError as error:
        raise ValueError(f"{path.name} was left as it is, for a cell failed\n{error}") from None
    path.write_text(text(canonical(book, code_of)), encoding="utf-8", newline="\n")


def sign(folder: Path) -> list[Path]:
    """Sign the notebooks of a folder, so that JupyterLab shows their figures live at once.

    Returns:
        Those that are damaged, so that they can neither be read nor signed.
    """
    notary, damaged = NotebookNotary(), []
    for path in sorted(folder.glob("*.ipynb")):
        try:
            notary.sign(nbformat.read(path, as_version=4))
        except Exception:  # a reader's file may hold anything, and each fails in its own way
            damaged.append(path)
    return damaged
