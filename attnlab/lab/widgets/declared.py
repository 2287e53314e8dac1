"""The controls that a figure declares: once, as data of its class, for all who ask for them.

From its declaration come the widgets in the row over a figure, and the trait `settings`, which says
to a page, to the lecturers' notes and to the tests what can be set, in the order of that row:

    {"trait": "reach", "label": "window reach", "low": 0, "high": 5, "step": 1}
    {"trait": "temperature", "label": "temperature", "low": 0.125, "high": 8.0, "scale": "log",
     "step": 0.125}
    {"trait": "sharpness", "label": "sharpness", "low": 0.0, "high": 100.0, "scale": "log1p",
     "step": 0.125}
    {"trait": "causal", "label": "causal"}
    {"trait": "part", "label": "part", "options": ["attention", "feed-forward"]}
    {"trait": "shift", "label": "added to all scores", "says": "+ 1000", "add": 1000.0}
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil, floor, log2

import ipywidgets as w

from attnlab.lab.widgets import controls
from attnlab.lab.widgets.bounds import now


@dataclass(frozen=True)
class _Control:
    """A control of one trait.

    Args:
        trait: what it sets.
        label: what stands beside it; the trait's name if not given. It may be a function of the
            figure.
        needs: the attribute of the figure without which there is no such control.
        asked: False for what comes by itself, and is not among those to choose from.
    """

    trait: str
    label: str | Callable = ""
    needs: str = field(default="", kw_only=True)
    asked: bool = field(default=True, kw_only=True)

    def offered(self, figure) -> bool:
        """Whether this figure can have it."""
        return not self.needs or getattr(figure, self.needs) is not None

    def settings(self, figure) -> list[dict]:
        """What it sets; empty where there is nothing to choose."""
        raise NotImplementedError

    def widgets(self, figure) -> list[w.Widget]:
        """What stands in the row over the figure; empty where there is nothing to choose."""
        raise NotImplementedError

    def _named(self, figure, **bounds) -> dict:
        label = self.label(figure) if callable(self.label) else self.label or self.trait
        return {"trait": self.trait, "label": label, **bounds}


@dataclass(frozen=True)
class Number(_Control):
    """A slider with its number box, over the trait's own bounds if no others are given.

    The value that the figure starts with lies on it in any case. Where `high` names a trait that is
    sent to the page, the maximum follows it. With the scale "log" a step is
    that part of a doubling, so that 1 lies in the middle between 1/8 and 8; both ends are powers
    of 2, and 1 is reached exactly. With the scale "log1p" it is the value and 1 that is doubled, so
    that 0 can be reached; both ends are those that are given.
    """

    low: float | str | Callable | None = None
    high: float | str | Callable | None = None
    step: float | str = 1
    scale: str = ""

    def settings(self, figure) -> list[dict]:
        value, (low, high) = getattr(figure, self.trait), self._ends(figure)
        ends = {"low": type(value)(low), "high": type(value)(high)}
        scale = {"scale": self.scale} if self.scale else {}
        named = self._named(figure, **ends, **scale, step=now(self.step, figure))
        return [named] if low < high else []

    def _ends(self, figure) -> tuple:
        trait, value = figure.traits()[self.trait], getattr(figure, self.trait)
        low = min(now(trait.low if self.low is None else self.low, figure), value)
        high = max(now(trait.high if self.high is None else self.high, figure), value)
        if self.scale != "log":
            return low, high
        return 2.0 ** floor(log2(low)), 2.0 ** ceil(log2(high))

    def widgets(self, figure) -> list[w.Widget]:
        settings = [_but("scale", setting) for setting in self.settings(figure)]
        if self.scale:
            plus = 1.0 if self.scale == "log1p" else 0.0
            return [controls.log_slider(figure, **setting, plus=plus) for setting in settings]
        end = self.high if isinstance(self.high, str) and figure.has_trait(self.high) else ""
        return [controls.slider(figure, **setting, end=end) for setting in settings]


# Of every figure that has one: 1 lies in the middle.
TEMPERATURE = Number("temperature", low=0.125, high=8.0, step=0.125, scale="log")


@dataclass(frozen=True)
class Switch(_Control):
    """A box to tick, and `beside` it the number that belongs to it."""

    beside: Number | None = None

    def settings(self, figure) -> list[dict]:
        return [self._named(figure), *(self.beside.settings(figure) if self.beside else [])]

    def widgets(self, figure) -> list[w.Widget]:
        box = controls.switch(figure, **self._named(figure))
        return [w.HBox([box, *self.beside.widgets(figure)]) if self.beside else box]


@dataclass(frozen=True)
class Menu(_Control):
    """A list to choose from: all words that the trait may be, if no others are given."""

    options: str | None = None

    def settings(self, figure) -> list[dict]:
        words = figure.traits()[self.trait].words if self.options is None else self.options
        options = list(now(words, figure))
        return [self._named(figure, options=options)] if len(options) > 1 else []

    def widgets(self, figure) -> list[w.Widget]:
        return [controls.choice(figure, **setting) for setting in self.settings(figure)]


@dataclass(frozen=True)
class TextField(_Control):
    """A line to type into, and beside it a list of texts that are prepared."""

    options: str = field(kw_only=True)

    def settings(self, figure) -> list[dict]:
        return [self._named(figure, options=list(now(self.options, figure)))]

    def widgets(self, figure) -> list[w.Widget]:
        (setting,) = self.settings(figure)
        menu = controls.choice(figure, **{**setting, "label": "or choose"})
        return [controls.text(figure, self.trait, setting["label"]), menu]


@dataclass(frozen=True)
class Press(_Control):
    """A button that adds a number to the trait, and a second one that takes it back to the start.

    Args:
        says: what stands on the button.
        add: what a press adds.
        back: what stands on the second button.
    """

    says: str = field(kw_only=True)
    add: float = field(kw_only=True)
    back: str = field(default="back", kw_only=True)

    def settings(self, figure) -> list[dict]:
        return [self._named(figure, says=self.says, add=self.add)]

    def widgets(self, figure) -> list[w.Widget]:
        (setting,) = self.settings(figure)
        return [controls.press(figure, **setting, back=self.back)]


def _but(name: str, setting: dict) -> dict:
    return {key: value for key, value in setting.items() if key != name}


def chosen(figure, names: Sequence[str] | None = None) -> list[_Control]:
    """The controls of a figure: all of them, or those of these names, in their order.

    Those that come by themselves stand before those that were chosen.

    Raises:
        ValueError: a name that this figure has no control for.
    """
    offered = [control for control in figure.controls if control.offered(figure)]
    if names is None:
        return offered
    known = {control.trait: control for control in offered if control.asked}
    if unknown := set(names) - set(known):
        raise ValueError(f"controls has {sorted(unknown)}, and knows only {sorted(known)}")
    return [*(each for each in offered if not each.asked), *(known[name] for name in names)]
