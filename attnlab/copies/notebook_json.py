"""A notebook as the JSON that it is: read with care, written as Jupyter writes it."""

from __future__ import annotations

import codecs
import hashlib
import json
from typing import Any

Cell = dict[str, Any]
Notebook = dict[str, Any]

_VIEW = "application/vnd.jupyter.widget-view+json"
_SIXTEEN = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class DamagedError(ValueError):
    """A file that is no notebook; the message says what is wrong with it."""


def parsed(content: bytes) -> Notebook:
    """The notebook in these bytes: UTF-8, with a mark at its start or not, or UTF-16 with one.

    Raises:
        DamagedError: another encoding, no JSON, or not the cells of a notebook of format 4.
    """
    coding = "utf-16" if content.startswith(_SIXTEEN) else "utf-8-sig"
    try:
        book = json.loads(content.decode(coding))
    except UnicodeDecodeError as error:
        raise DamagedError(f"it is not UTF-8 (byte {error.start})") from None
    except (ValueError, RecursionError) as error:
        raise DamagedError(f"it is not JSON ({error})") from None
    if not isinstance(book, dict) or book.get("nbformat") != 4:
        raise DamagedError("it is not a notebook of format 4")
    cells = book.get("cells")
    if not isinstance(cells, list) or not all(map(_is_cell, cells)):
        raise DamagedError("its cells are not those of a notebook")
    return book


def _is_cell(cell: Any) -> bool:
    if not isinstance(cell, dict) or not isinstance(cell.get("cell_type"), str):
        return False
    text, metadata = cell.get("source"), cell.get("metadata", {})
    lines = text if isinstance(text, list) else [text]
    outputs = cell.get("outputs", [])
    is_text = all(isinstance(line, str) for line in lines)
    return is_text and isinstance(metadata, dict) and isinstance(outputs, list)


def written(book: Notebook) -> bytes:
    """The bytes of a notebook, in the form in which Jupyter stores it."""
    form: dict[str, Any] = {"indent": 1, "sort_keys": True, "separators": (",", ": ")}
    try:
        return (json.dumps(book, ensure_ascii=False, **form) + "\n").encode()
    except UnicodeEncodeError:  # half of a pair of surrogates, which JSON can name and UTF-8 cannot
        return (json.dumps(book, **form) + "\n").encode()


def source(cell: Cell) -> str:
    """The text of a cell.

    >>> source({"cell_type": "code", "source": ["x = 1\\n", "x"]})
    'x = 1\\nx'
    """
    return "".join(cell["source"])


def fingerprint(cell: Cell) -> str:
    """Sixteen digits for the kind and the text of a cell; a Windows line end counts as another's.

    >>> fingerprint({"cell_type": "code", "source": "1\\r\\n2"})
    '52ec818d90b11ede'
    >>> fingerprint({"cell_type": "code", "source": ["1\\n", "2"]})
    '52ec818d90b11ede'
    """
    text = f"{cell['cell_type']}\n{source(cell)}".replace("\r\n", "\n")
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def cell_id(cell: Cell) -> str | None:
    """The id of a cell; Colab keeps it in the metadata, and older programs keep none."""
    found = cell.get("id") or cell.get("metadata", {}).get("id")
    return found if isinstance(found, str) else None


def without_views(cell: Cell) -> Cell:
    """The cell without live figures among its outputs: what moves them is stored elsewhere."""
    if not any(_VIEW in _data(output) for output in cell.get("outputs", [])):
        return cell
    still = [
        {**output, "data": data} if output_has_view else output
        for output in cell["outputs"]
        for output_has_view in [_VIEW in _data(output)]
        for data in [{kind: value for kind, value in _data(output).items() if kind != _VIEW}]
        if data or not output_has_view
    ]
    return {**cell, "outputs": still}


def _data(output: Any) -> dict[str, Any]:
    data = output.get("data") if isinstance(output, dict) else None
    return data if isinstance(data, dict) else {}
