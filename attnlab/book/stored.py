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
        text: the JSON of a notebook, format 4.5 or newer.
        file: its name, for messages.

    Raises:
        BookError: not JSON, not a notebook, an old format, two cells of one id, not executed, an
            error that was not intended, a live figure without its state.
    """
    try:
        data = json.loads(text)
    except ValueError as error:
        cure = f"take the last good version: git checkout {file}"
        raise BookError(file, f"this is not JSON ({error})", cure) from None
    _check_format(data, file)
    try:
        nbformat.validate(data)
    except nbformat.ValidationError as error:
        words = str(error).splitlines()[0]
        raise BookError(file, f"malformed ({words})", "open it in JupyterLab and save it") from None
    book = nbformat.reads(text, as_version=4)
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


def _check_format(data, file: str) -> None:
    cells = data.get("cells", data.get("worksheets")) if isinstance(data, dict) else None
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise BookError(file, "this is JSON, but no notebook", f"run git checkout {file}")
    version = (data.get("nbformat", 0), data.get("nbformat_minor", 0))
    if version < (4, 5):
        words = ".".join(map(str, version))
        raise BookError(file, f"stored in the old format {words}", "save it in a newer JupyterLab")
    ids = [cell.get("id") for cell in cells]
    if None in ids:
        what = f"cell number {ids.index(None) + 1} has no id"
        raise BookError(file, what, "open it in JupyterLab and save it")
    if len(set(ids)) < len(ids):
        twice = max(ids, key=ids.count)
        raise BookError(file, "two cells have this id", "rename one of the two", str(twice))


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
