"""Three versions of a notebook made one: as it was copied, as the reader has it, as it is now.

A cell is told by its id. What the reader wrote stays, every character of it; what the reader left
as it was becomes what it is now; where both have changed, the new cell comes in, and the reader's
stands beside it, marked.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from attnlab.copies.cell_order import moved, woven
from attnlab.copies.notebook_json import (
    Cell,
    Notebook,
    cell_id,
    fingerprint,
    source,
    without_views,
)

_BOTH = (
    "**Yours, kept by `attnlab update`.** The course has changed the cell above, and so had you. "
    "Here is what you had, as it was. Keep of the two what you like."
)
_GONE = (
    "**Yours, kept by `attnlab update`.** The course no longer has this cell, and you had changed "
    "it. Here it is, as it was."
)
_TAG = "yours"
_ID = re.compile("[a-zA-Z0-9_-]{1,64}")  # what the format of notebooks allows
_ROOM = 50  # so that there is room for a word behind it


@dataclass
class Merge:
    """A merged notebook.

    Args:
        notebook: it.
        counts: how often what happened to a cell, by a word of `copy_report`.
        beside: the ids of the cells that both had changed.
    """

    notebook: Notebook
    counts: Counter[str] = field(default_factory=Counter)
    beside: list[str] = field(default_factory=list)


def merge(base: Mapping[str, str], mine: Notebook, new: Notebook) -> Merge:
    """The reader's notebook, brought up to date.

    Args:
        base: of the notebook as it was copied, the fingerprint of each cell by its id, in their
            order; empty if that is not known.
        mine: as the reader has it.
        new: as it is in the course now.
    """
    theirs = {str(cell_id(cell)): cell for cell in new["cells"]}
    own = _by_name(mine["cells"], base, theirs)
    result = Merge(dict(new))
    order = woven(theirs, own) if moved(base, theirs) else woven(own, theirs)
    blocks = {name: _block(name, base, own, theirs, result) for name in order}
    result.notebook["cells"] = _with_ids(blocks)
    result.notebook["metadata"] = _metadata(mine, new)
    return result


def _by_name(
    cells: list[Cell], base: Mapping[str, str], theirs: Mapping[str, Cell]
) -> dict[str, Cell]:
    """The reader's cells by their ids; those that the reader added get a name of their own."""
    present = {cell_id(cell) for cell in cells}
    lost = {base[name]: name for name in base if name not in present}
    found: dict[str, Cell] = {}
    for place, cell in enumerate(cells):
        name = cell_id(cell) or lost.get(fingerprint(cell))
        if name is None or name in found or not (name in base or name in theirs):
            name = f"own {place}"  # no id holds a space
        found[name] = cell
    return found


def _block(
    name: str,
    base: Mapping[str, str],
    own: Mapping[str, Cell],
    theirs: Mapping[str, Cell],
    result: Merge,
) -> list[Cell]:
    """The cells that stand at the place of this one."""
    mine, new, old = own.get(name), theirs.get(name), base.get(name)
    if mine is None:
        return _unless_deleted(new, old, result)
    if new is None:
        return _unless_removed(mine, old, result)
    if fingerprint(mine) == fingerprint(new):
        return [new]
    if fingerprint(mine) == old:
        result.counts["renewed"] += 1
        return [new]
    if fingerprint(new) == old:
        result.counts["kept"] += 1
        return [{**without_views(mine), "id": name}]
    result.counts["beside"] += 1
    result.beside.append(name)
    return [new, *_marked(mine, name, _BOTH)]


def _unless_deleted(new: Cell | None, old: str | None, result: Merge) -> list[Cell]:
    """A cell that the reader does not have: it is new, or was deleted."""
    if new is None:
        return []
    if fingerprint(new) == old:
        result.counts["deleted"] += 1
        return []
    result.counts["added" if old is None else "put back"] += 1
    return [new]


def _unless_removed(mine: Cell, old: str | None, result: Merge) -> list[Cell]:
    """A cell that the course does not have: it is the reader's, or was removed."""
    if old is None:
        result.counts["own"] += 1
        return [without_views(mine)]
    if fingerprint(mine) == old:
        result.counts["removed"] += 1
        return []
    result.counts["gone"] += 1
    return _marked(mine, str(cell_id(mine)), _GONE)


def _marked(mine: Cell, name: str, words: str) -> list[Cell]:
    """The reader's cell under words that say why it stands here."""
    note = {"cell_type": "markdown", "id": f"{name[:_ROOM]}-note", "metadata": {}, "source": words}
    metadata = mine.get("metadata", {})
    tags = metadata.get("tags")
    tags = [tag for tag in tags if tag != _TAG] if isinstance(tags, list) else []
    kept = {**without_views(mine), "id": f"{name[:_ROOM]}-{_TAG}"}
    return [note, kept | {"metadata": {**metadata, "tags": [*tags, _TAG]}}]


def _with_ids(blocks: Mapping[str, list[Cell]]) -> list[Cell]:
    """All cells, each with an id of its own; the course's keep theirs."""
    found, used = [], set(blocks)
    for name, cells in blocks.items():
        for cell in cells:
            wish = cell_id(cell)
            own = name if wish == name else _free(wish, used)
            used.add(own)
            lines = source(cell).splitlines(keepends=True)
            found.append({**cell, "id": own, "source": lines})
    return found


def _free(wish: str | None, used: set[str]) -> str:
    """This id, or one like it that nobody has."""
    first = wish if wish and _ID.fullmatch(wish) else _TAG
    more = (f"{first[:_ROOM]}-{number}" for number in itertools.count(2))
    return next(name for name in itertools.chain([first], more) if name not in used)


def _metadata(mine: Notebook, new: Notebook) -> dict:
    """The reader's kernel and what else is noted there; the figures are those of the course."""
    own = mine.get("metadata")
    kept = own if isinstance(own, dict) else {}
    return {**new.get("metadata", {}), **{k: v for k, v in kept.items() if k != "widgets"}}
