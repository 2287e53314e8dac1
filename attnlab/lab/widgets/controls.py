"""Controls of live figures: real ipywidgets, tied to a figure's traits in the browser itself."""

from __future__ import annotations

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


def choice(figure: w.Widget, trait: str, word: str, options: list[str]) -> w.Dropdown:
    """A named list to choose one word from, tied to a trait of the figure."""
    longest = max(len(option) for option in options)
    box = w.Dropdown(
        value=getattr(figure, trait),
        options=options,
        description=word,
        style={"description_width": "initial"},
        layout={"width": f"{(len(word) + longest) * 8 + 48}px", "margin": "2px 14px 2px 2px"},
    )
    w.jslink((box, "value"), (figure, trait))
    return box
