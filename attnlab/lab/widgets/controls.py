"""Controls of live figures: each tied to a trait of the figure in the browser itself."""

from __future__ import annotations

import anywidget
import ipywidgets as w
import traitlets as t

from attnlab.lab.widgets.assets import bundle


def slider(figure: w.Widget, trait: str, label: str, low, high, step, *, end: str = "") -> w.HBox:
    """A named slider with its number box, both tied to a trait of the figure.

    Args:
        end: the trait of the figure that the maximum follows; it stays at `high` if not given.
    """
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
    _tie((slider, "value"), (figure, trait))
    _tie((box, "value"), (slider, "value"))
    for part in (slider, box) if end else ():
        _tie((part, "max"), (figure, end))
    row = w.HBox([box, slider], layout={"margin": "0 14px 0 0"})
    return row.add_class("attn-follows") if end else row  # slider_end.js knows it by that


class LogSlider(anywidget.AnyWidget):
    """A number box beside a slider on a logarithmic scale; a step is a part of a doubling.

    It is the value and `plus` that doubles: 1 leaves room for a value of 0.
    """

    _esm = bundle("log_slider.js")
    _css = ""

    value = t.Float().tag(sync=True)
    description = t.Unicode().tag(sync=True)
    low = t.Float().tag(sync=True)
    high = t.Float().tag(sync=True)
    step = t.Float().tag(sync=True)
    plus = t.Float().tag(sync=True)


def log_slider(figure: w.Widget, trait: str, label: str, **bounds: float) -> LogSlider:
    """A named `LogSlider` tied to a trait of the figure.

    Args:
        bounds: `low`, `high`, `step` and `plus`.
    """
    box = LogSlider(value=getattr(figure, trait), description=label, **bounds)
    box.layout.margin = "0 14px 0 0"
    _tie((box, "value"), (figure, trait))
    return box


def switch(figure: w.Widget, trait: str, label: str) -> w.Checkbox:
    """A named box to tick, tied to a trait of the figure."""
    box = w.Checkbox(
        value=getattr(figure, trait),
        description=label,
        indent=False,
        layout={"width": f"{len(label) * 8 + 40}px"},
    )
    _tie((box, "value"), (figure, trait))
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
    _tie((box, "value"), (figure, trait))
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
    back = t.Unicode().tag(sync=True)


def press(figure: w.Widget, trait: str, label: str, **said) -> Pressed:
    """A named button that adds to a trait of the figure, with one beside it for the way back.

    Args:
        said: what stands on the two, `says` and `back`, and what a press adds, `add`.
    """
    value = getattr(figure, trait)
    box = Pressed(value=value, start=value, description=label, **said)
    box.layout.margin = "0 14px 0 0"
    _tie((box, "value"), (figure, trait))
    return box


def text(figure: w.Widget, trait: str, label: str) -> w.Text:
    """A named line to type into, tied to a trait of the figure with each key."""
    field = w.Text(
        value=getattr(figure, trait),
        description=label,
        style={"description_width": "initial"},
        layout={"width": "min(430px, 96%)", "margin": "0 14px 0 0"},
    )
    _tie((field, "value"), (figure, trait))
    return field


def _tie(source: tuple[w.Widget, str], target: tuple[w.Widget, str]) -> None:
    """Link two traits in the browser; the source holds the links, to close them with it."""
    links = [*getattr(source[0], "links", ()), w.jslink(source, target)]
    vars(source[0])["links"] = links
