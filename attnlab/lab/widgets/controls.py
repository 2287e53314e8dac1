"""Controls of live figures: each tied to a trait of the figure in the browser itself."""

from __future__ import annotations

from math import log2

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
    return _paired(figure, trait, box, slider_type(**bounds, **_bare(label)))


class NumberBox(anywidget.AnyWidget):
    """A number box that shows four digits of its `value`, and changes it only if one types."""

    _esm = bundle("number_box.js")
    _css = ""

    value = t.Float().tag(sync=True)
    description = t.Unicode().tag(sync=True)
    low = t.Float().tag(sync=True)
    high = t.Float().tag(sync=True)


def log_slider(figure: w.Widget, trait: str, label: str, low, high, step) -> w.HBox:
    """The same on a logarithmic scale: a step is that part of a doubling."""
    value = getattr(figure, trait)
    ends = {"min": log2(low), "max": log2(high), "step": step}
    slider = w.FloatLogSlider(value=value, base=2.0, **ends, **_bare(label))
    box = NumberBox(value=value, description=label, low=low, high=high)
    return _paired(figure, trait, box, slider)


def _bare(label: str) -> dict:
    """A slider without a number of its own, which stands in the box beside it."""
    style = {"description_width": "initial"}
    return {"readout": False, "tooltip": label, "style": style, "layout": {"width": "170px"}}


def _paired(figure: w.Widget, trait: str, box: w.Widget, slider: w.Widget) -> w.HBox:
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


class Pressed(anywidget.AnyWidget):
    """A button that adds to `value`, and one that takes it back to what it started with."""

    _esm = bundle("press.js")
    _css = ""

    value = t.Float().tag(sync=True)
    start = t.Float().tag(sync=True)
    description = t.Unicode().tag(sync=True)
    says = t.Unicode().tag(sync=True)
    add = t.Float().tag(sync=True)


def press(figure: w.Widget, trait: str, label: str, says: str, add: float) -> Pressed:
    """A named button that adds to a trait of the figure, with one beside it for the way back."""
    value = getattr(figure, trait)
    box = Pressed(value=value, start=value, description=label, says=says, add=add)
    box.layout.margin = "0 14px 0 0"
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
