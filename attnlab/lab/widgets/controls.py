"""Controls of live figures: each tied to a trait of the figure in the browser itself."""

from __future__ import annotations

import anywidget
import ipywidgets as w
import traitlets as t

from attnlab.lab.widgets.assets import bundle


def slider(figure: w.Widget, trait: str, label: str, low, high, step) -> w.HBox:
    """A named slider with its number box, both tied to a trait of the figure."""
    whole = isinstance(figure.traits()[trait], t.Int)
    slider_type = w.IntSlider if whole else w.FloatSlider
    box_type = w.BoundedIntText if whole else w.BoundedFloatText
    bounds = {"value": getattr(figure, trait), "min": low, "max": high, "step": step}
    box = box_type(
        **bounds,
        description=label,
        style={"description_width": "initial"},
        layout={"width": f"{len(label) * 8 + 78}px"},
    )
    slider = slider_type(
        **bounds,
        readout=False,
        tooltip=label,
        style={"description_width": "initial"},
        layout={"width": "170px"},
    )
    w.jslink((slider, "value"), (figure, trait))
    w.jslink((box, "value"), (slider, "value"))
    return w.HBox([box, slider], layout={"margin": "0 14px 0 0"})


def switch(figure: w.Widget, trait: str, label: str) -> w.Checkbox:
    """A named box to tick, tied to a trait of the figure."""
    box = w.Checkbox(
        value=getattr(figure, trait),
        description=label,
        indent=False,
        layout={"width": f"{len(label) * 8 + 40}px"},
    )
    w.jslink((box, "value"), (figure, trait))
    return box


class Choice(anywidget.AnyWidget):
    """A list to choose one word from, whose `value` is that word in the browser too."""

    _esm = bundle("choice.js")
    _css = ""

    value = t.Unicode().tag(sync=True)
    description = t.Unicode().tag(sync=True)
    _options_labels = t.List(t.Unicode()).tag(sync=True)


def choice(figure: w.Widget, trait: str, label: str, options: list[str]) -> Choice:
    """A named list to choose one word from, tied to a trait of the figure."""
    box = Choice(
        value=getattr(figure, trait),
        description=label,
        _options_labels=options,
        layout={"margin": "0 14px 0 0"},
    )
    w.jslink((box, "value"), (figure, trait))
    return box


def text(figure: w.Widget, trait: str, label: str) -> w.Text:
    """A named line to type into, tied to a trait of the figure when it is left or Enter pressed."""
    field = w.Text(
        value=getattr(figure, trait),
        description=label,
        continuous_update=False,
        style={"description_width": "initial"},
        layout={"width": "min(430px, 96%)", "margin": "0 14px 0 0"},
    )
    w.jslink((field, "value"), (figure, trait))
    return field
