"""What all live figures share: a checked focus, and a picture for viewers without widgets."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import anywidget
import ipywidgets as w
import traitlets as t

from attnlab.lab.widgets import reruns
from attnlab.lab.widgets.assets import style
from attnlab.lab.widgets.declared import chosen


class Figure(anywidget.AnyWidget):
    """A live figure without its controls.

    A subclass gives `_esm = bundle("its.js")`, its traits with their bounds, its `controls`,
    `cells`, `result`, `png` and a `repr`.

    Traits: focus ([row, column] of the cell that the reader points at, or []), settings (what the
    controls over it can set; see declared.py).
    """

    _css = style("palette.css") + style("figures.css")
    controls: ClassVar[tuple] = ()
    # ipywidgets has a method of this name, to put the cursor on a widget; no figure needs it.
    focus: t.List[int] = t.List(t.Int()).tag(sync=True)  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]
    settings = t.List(t.Dict()).tag(sync=True)

    def __init__(self, **traits):
        if unknown := set(traits) - set(self.class_trait_names()):
            raise TypeError(f"{sorted(unknown)} is no argument of this figure: see its docstring")
        super().__init__(**traits)

    @property
    def cells(self) -> tuple[int, int]:
        """How many rows and columns the focus can walk over."""
        raise NotImplementedError

    @property
    def result(self):
        """The numbers that the browser shows as data-result, here by the core."""
        raise NotImplementedError

    def png(self) -> bytes:
        """The figure as it stands now, as a picture, for viewers that show no widgets."""
        raise NotImplementedError

    def save(self, path: str | Path) -> Path:
        """Write the figure as it stands now as a picture; see `LiveFigure.save`."""
        path = Path(path)
        if path.suffix.lower() != ".png":
            raise ValueError(
                f"path is {str(path)!r}, and must end in .png: a figure is saved as PNG"
            )
        path.write_bytes(self.png())
        return path

    @t.validate("focus")
    def _a_cell(self, proposal):
        cell, shape = list(proposal.value), self.cells
        if cell and not (
            len(cell) == 2 and all(0 <= c < n for c, n in zip(cell, shape, strict=True))
        ):
            raise ValueError(
                f"focus is {cell}, and must be empty or [row, column] within {list(shape)}"
            )
        return cell

    def _repr_mimebundle_(self, **kwargs):
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        return data | _still(self), metadata


class LiveFigure(w.VBox):
    """Controls in a row over a figure. The figure's traits, such as weights, are at `.figure`.

    Args:
        figure: the figure, which declares its controls.
        names: which of them to show, in this order; all if not given.

    Raises:
        ValueError: a name that the figure has no control for.
    """

    def __init__(self, figure: Figure, names: Sequence[str] | None = None):
        self.figure = figure
        shown = chosen(figure, names)
        figure.settings = [each for control in shown for each in control.settings(figure)]
        row = [widget for control in shown for widget in control.widgets(figure)]
        box = w.HBox(row, layout={"flex_flow": "row wrap", "align_items": "center"})
        super().__init__([box, figure] if row else [figure])
        self.add_class("attn-live")

    def __repr__(self) -> str:
        return repr(self.figure)

    def save(self, path: str | Path) -> Path:
        """Write the figure as it stands now as a picture.

        Args:
            path: where to, ending in .png.

        Returns:
            The path.

        Raises:
            ValueError: another ending.
            OSError: it cannot be written.
        """
        return self.figure.save(path)

    def _repr_mimebundle_(self, **kwargs):
        reruns.shown(self)
        return (super()._repr_mimebundle_(**kwargs) or {}) | _still(self.figure)


def _still(figure: Figure) -> dict[str, str]:
    """A figure for viewers that show no widgets: its words, and its picture as it stands now."""
    picture = base64.b64encode(figure.png()).decode("ascii")
    return {"text/plain": repr(figure), "image/png": picture}
