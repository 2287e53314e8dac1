"""A prediction is not given away: which outputs stand folded until the reader opens them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from attnlab.book.outputs import asks
from attnlab.book.stored import VIEW, state_of, tags

_HEADING = re.compile(r"#{1,6} ")
_VERDICT = re.compile(r"\*\*(True|False)\b(?!.*^#)", re.DOTALL | re.MULTILINE)
_PREDICT = "**Predict"
_OPEN = "stands-open"


def answers_of(book) -> list[str]:
    """The ids of the cells that answer what a reader was asked, in their order.

    After prose with **Predict**, a quiz or a bet it is the first code cell that shows something,
    before the next heading; after a bet also the cell that decides its claim. A cell tagged
    stands-open is left as it is, such as a figure that answers only when it is moved.
    """
    return list(_answers(book))


def is_folded(cell) -> bool:
    """Whether the outputs of this cell are stored folded."""
    return bool(cell.metadata.get("jupyter", {}).get("outputs_hidden"))


def tells_verdict(cell, before) -> bool:
    """Whether this says what became of a claim whose proof, before it, is folded: it is as well."""
    return is_folded(before) and bool(_VERDICT.match(cell.source))


def _answers(book) -> Iterator[str]:
    asked, bets = False, set()
    for cell in book.cells:
        if cell.cell_type == "markdown":
            asked = (asked and not _HEADING.match(cell.source)) or _PREDICT in cell.source
        elif cell.cell_type == "code" and cell.outputs:
            if any(asks(output.get("data", {})) for output in cell.outputs):
                asked, bets = True, bets | _claims(cell, book)
                continue
            if (asked or bets & set(tags(cell))) and _OPEN not in tags(cell):
                yield cell.id
            asked = False


def _claims(cell, book) -> set[str]:
    """The tags of the cells that decide the bets of this cell."""
    names = [output.get("data", {}).get(VIEW, {}).get("model_id") for output in cell.outputs]
    states = [state_of(book).get(name, {}).get("state", {}) for name in names if name]
    return {f"claim:{state['claim']}" for state in states if "claim" in state}
