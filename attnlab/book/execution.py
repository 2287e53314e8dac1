"""Execute a notebook as "restart and run all" does, and keep the state of its widgets."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

__all__ = ["CellExecutionError", "executed"]


def executed(path: Path, timeout: float = 120) -> nbformat.NotebookNode:
    """The notebook at `path` with fresh outputs, run in its own folder.

    Raises:
        CellExecutionError: a cell failed that is not tagged raises-exception.
    """
    book = nbformat.read(path, as_version=4)
    book.metadata.pop("widgets", None)
    client = NotebookClient(
        book,
        timeout=timeout,
        kernel_name="python3",
        coalesce_streams=True,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    return book
