"""Figures whose cell is run again: they are gone from the page, and leave nothing behind."""

from __future__ import annotations

from typing import Any

import ipywidgets as w
from IPython.core.getipython import get_ipython

_shown: dict[str, tuple[str, list[w.Widget]]] = {}  # cell -> the run that showed these


def shown(widget: w.Widget) -> None:
    """Note that the cell that runs now shows this widget, and close what an earlier run showed.

    A widget that another cell shows too stays, and so does everything where the front end does not
    tell which cell it runs (JupyterLab and Notebook do).
    """
    cell, run = _running()
    if cell is None or run is None:
        return
    before, widgets = _shown.get(cell, (run, []))
    _shown[cell] = run, [*(widgets if before == run else ()), widget]
    if before != run:
        kept = [each for _, there in _shown.values() for each in there]
        for each in widgets:
            if not any(each is other for other in kept):
                close(each)


def close(widget: w.Widget) -> None:
    """Close a widget with all that belongs to it: children, links, layout and style."""
    for part in [*getattr(widget, "children", ()), *getattr(widget, "links", ())]:
        close(part)
    for name in ("style", "layout"):
        if isinstance(part := getattr(widget, name, None), w.Widget):
            part.close()
    widget.close()


def _running() -> tuple[str | None, str | None]:
    """The cell that runs now, and which run of it this is; None where this is not known."""
    parent: dict[str, Any] = getattr(get_ipython(), "parent_header", None) or {}
    cell = parent.get("metadata", {}).get("cellId")
    return cell, parent.get("header", {}).get("msg_id")
