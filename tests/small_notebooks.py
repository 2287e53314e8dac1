"""Small notebooks for the tests of copies."""

import json
from pathlib import Path

MEANWHILE = {"text": "1", "name": "stdout", "output_type": "stream"}


def cell(name, text, kind="markdown", **more):
    """A cell as it is stored."""
    made = {"cell_type": kind, "id": name, "metadata": {}, "source": text.splitlines(True)}
    return made | ({"outputs": [], "execution_count": None} if kind == "code" else {}) | more


def book(*cells, **metadata):
    """A notebook of cells; one that is a text is Markdown whose id is its first word."""
    made = [cell(one.split()[0], one) if isinstance(one, str) else one for one in cells]
    return {"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def texts(notebook):
    """The texts of its cells."""
    return ["".join(one["source"]) for one in notebook["cells"]]


def ids(notebook):
    """The ids of its cells."""
    return [one["id"] for one in notebook["cells"]]


def write(folder: Path, *, parents: bool = False, **notebooks):
    """Store notebooks in a folder: first=book("a") as 00_start_here.ipynb, others as they are."""
    folder.mkdir(exist_ok=True, parents=parents)
    for name, made in notebooks.items():
        file = "00_start_here.ipynb" if name == "first" else f"{name}.ipynb"
        (folder / file).write_text(json.dumps(made), encoding="utf-8")
    return folder


def read(file: Path):
    """A notebook as it is stored."""
    return json.loads(file.read_text(encoding="utf-8"))
