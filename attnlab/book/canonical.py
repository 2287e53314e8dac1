"""The one form in which a notebook of the course is stored, so that two executions of the same
cells give the same bytes, and a difference in git is a difference that someone made."""

from __future__ import annotations

import re

import nbformat

from attnlab.book.folding import answers_of
from attnlab.book.widget_state import normalised_state

_WIDGETS = "application/vnd.jupyter.widget-state+json"
_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
_LANGUAGE = {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"}
_LANGUAGE |= {"pygments_lexer": "ipython3"}
_STYLE = re.compile(r'(<style data-of="([\w.]+)">).*?(?=</style>)', re.DOTALL)


def canonical(notebook: nbformat.NotebookNode, code_of=None) -> nbformat.NotebookNode:
    """A copy of the notebook in canonical form; applying it again changes nothing.

    Kernel and language without versions, counts 1..n, no timing, no empty metadata, outputs that
    answer a prediction folded, widget state with ids by order of use and without unreachable
    models.

    Args:
        notebook: an executed notebook, format 4.
        code_of: name of a class -> its current (JavaScript, CSS), put in place of what is stored
            of a widget, and in place of a style that says whose it is; as stored if not given.

    Raises:
        ValueError: a code cell was not executed, or two cells share an id.
    """
    ids = [cell.id for cell in notebook.cells]  # before nbformat makes up others in their place
    if len(set(ids)) < len(ids):
        raise ValueError(f"two cells share the id {max(ids, key=ids.count)}: rename one")
    book = nbformat.reads(nbformat.writes(notebook), as_version=4)
    state = book.metadata.get("widgets", {}).get(_WIDGETS, {}).get("state", {})
    metadata: dict[str, dict] = {"kernelspec": _KERNEL, "language_info": _LANGUAGE}
    count, answers = 0, answers_of(book)
    for cell in book.cells:
        cell.metadata = _tidy(cell.metadata, folded=cell.id in answers)
        if cell.cell_type == "code":
            count += 1
            _check_executed(cell)
            cell.execution_count = count
            cell.outputs = [_tidy_output(output, count, code_of) for output in cell.outputs]
    if state:
        state = normalised_state(book, state, code_of)
        metadata["widgets"] = {_WIDGETS: {"state": state, "version_major": 2, "version_minor": 0}}
    book.metadata = nbformat.from_dict(metadata)
    nbformat.validate(book)
    return book


def text(notebook: nbformat.NotebookNode) -> str:
    """The notebook as the text that is stored."""
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def _check_executed(cell) -> None:
    if cell.execution_count is None:
        start = cell.source.split("\n")[0]
        raise ValueError(f"cell {cell.id} ({start!r}) was not executed: run the notebook first")


def _tidy(metadata, folded: bool):
    dropped = {"execution", "ExecuteTime", "collapsed", "scrolled", "trusted", "editable"}
    # What asks the reader does not show the answer in its code, nor what answers it in its output.
    hidden = {"source_hidden": metadata.get("jupyter", {}).get("source_hidden") is True}
    hidden |= {"outputs_hidden": folded}
    kept = dict(metadata) | {"jupyter": {key: True for key, value in hidden.items() if value}}
    return nbformat.from_dict(
        {
            key: value
            for key, value in sorted(kept.items())
            if key not in dropped and value not in ([], {})
        }
    )


def _tidy_output(output, count: int, code_of):
    if output.output_type == "execute_result":
        output.execution_count = count
    if code_of is not None and "text/html" in output.get("data", {}):
        markup = output.data["text/html"]
        output.data["text/html"] = _STYLE.sub(lambda m: m[1] + code_of(m[2])[1], markup)
    if "metadata" in output:
        output.metadata = nbformat.from_dict({})
    return output
