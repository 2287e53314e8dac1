"""A notebook as it is stored, read and checked before a page is made of it."""

from __future__ import annotations

import json

import nbformat

from attnlab.book.trouble import BookError

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"


def stored(text: str, file: str) -> nbformat.NotebookNode:
    """The notebook in this text, executed and complete.

    Args:
        text: the JSON of a notebook, format 4.
        file: its name, for messages.

    Raises:
        BookError: not JSON, not a notebook, not executed, an error that was not intended, a live
            figure without its state.
    """
    try:
        json.loads(text)
    except ValueError as error:
        cure = f"take the last good version: git checkout {file}"
        raise BookError(file, f"this is not JSON ({error})", cure) from None
    try:
        book = nbformat.reads(text, as_version=4)
        nbformat.validate(book)
    except (nbformat.ValidationError, AttributeError, KeyError) as error:
        words = str(error).splitlines()[0]
        raise BookError(file, f"malformed ({words})", "open it in Jupyter and save it") from None
    for cell in book.cells:
        if cell.cell_type == "code" and cell.source.strip():
            _check(cell, file, book)
    return book


def tags(cell) -> list[str]:
    """The tags of a cell, such as claim:self-score or remove-input."""
    return cell.metadata.get("tags", [])


def state_of(book) -> dict:
    """The stored models of the notebook's widgets, by id."""
    return book.metadata.get("widgets", {}).get(STATE, {}).get("state", {})


def _check(cell, file: str, book) -> None:
    run = f"run attnlab run {file}"
    if cell.execution_count is None:
        raise BookError(file, "this cell was not executed", run, cell.id)
    for output in cell.outputs:
        if output.output_type == "error" and "raises-exception" not in tags(cell):
            cure = f"mend it and {run}; if the error is meant, tag the cell raises-exception"
            raise BookError(file, f"this cell failed with {output.ename}", cure, cell.id)
        model = output.get("data", {}).get(VIEW, {}).get("model_id")
        if model and model not in state_of(book):
            raise BookError(file, "the live figure's state is not stored", run, cell.id)
