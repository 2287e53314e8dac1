"""Controls of live figures: real ipywidgets, tied to a figure's traits in the browser itself."""

from __future__ import annotations

import base64

import ipywidgets as w
import traitlets as t


def number(figure: w.Widget, trait: str, word: str, low, high, step) -> w.HBox:
    """A named slider with its number box, both tied to a trait of the figure."""
    whole = isinstance(figure.traits()[trait], t.Int)
    slider_type = w.IntSlider if whole else w.FloatSlider
    box_type = w.BoundedIntText if whole else w.BoundedFloatText
    bounds = {"value": getattr(figure, trait), "min": low, "max": high, "step": step}
    box = box_type(
        **bounds,
        description=word,
        style={"description_width": "initial"},
        layout={"width": f"{len(word) * 8 + 78}px"},
    )
    slider = slider_type(
        **bounds,
        readout=False,
        tooltip=word,
        style={"description_width": "initial"},
        layout={"width": "170px"},
    )
    w.jslink((slider, "value"), (figure, trait))
    w.jslink((box, "value"), (slider, "value"))
    return w.HBox([box, slider], layout={"margin": "0 14px 0 0"})


def switch(figure: w.Widget, trait: str, word: str) -> w.Checkbox:
    """A named box to tick, tied to a trait of the figure."""
    box = w.Checkbox(
        value=getattr(figure, trait),
        description=word,
        indent=False,
        layout={"width": f"{len(word) * 8 + 40}px"},
    )
    w.jslink((box, "value"), (figure, trait))
    return box


def still(figure: w.Widget) -> dict[str, str]:
    """A figure for viewers that show no widgets: its words, and its picture as it stands now."""
    picture = base64.b64encode(figure.png()).decode("ascii")
    return {"text/plain": repr(figure), "image/png": picture}


class LiveFigure(w.VBox):
    """Controls in a row over a figure. The figure's traits, such as weights, are at `.figure`."""

    def __init__(self, controls: list[w.Widget], figure: w.Widget):
        self.figure = figure
        row = w.HBox(controls, layout={"flex_flow": "row wrap", "align_items": "center"})
        super().__init__([row, figure] if controls else [figure])
        self.add_class("attn-live")

    def __repr__(self) -> str:
        return repr(self.figure)

    def _repr_mimebundle_(self, **kwargs):
        return super()._repr_mimebundle_(**kwargs) | still(self.figure)
