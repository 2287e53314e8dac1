"""The live figures of a page: what the notebook stores of each, and what the browser shows."""

import json
import re
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from math import ceil, log2
from pathlib import Path

import nbformat
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from attnlab.book.folding import is_folded
from attnlab.lab import AttentionHeatmap, Bet, Machine, Quiz
from attnlab.lab.widgets.figure import Figure as LiveFigure
from attnlab.lab.widgets.model_figure import ModelFigure
from jupyter import NOT_RUNNING, data, open_notebook, outside, read

COURSE = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
DRAWN = "[data-draws]:not([data-waits])"  # with its model, if it has one
WIDGETS = "application/vnd.jupyter.widget-{}+json"
ACTIVE_CELL = "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex"
RUN_CELL = """index => {
  window.jupyterapp.shell.currentWidget.content.activeCellIndex = index;
  return window.jupyterapp.commands.execute('notebook:run-cell');
}"""
ALL_FOLDED = """count => count === window.jupyterapp.shell.currentWidget.content.widgets
  .filter((cell) => cell.outputHidden).length"""
SHOW_ALL = "() => window.jupyterapp.commands.execute('notebook:show-all-cell-outputs')"
CLOSE_SIDE = """() => window.jupyterapp.shell.leftCollapsed
  || window.jupyterapp.commands.execute('application:toggle-left-area')"""
UNTIL_IT_SAYS = """async (figure, [name, wanted]) => {
  const differs = () => {
    const said = JSON.parse(figure.dataset[name] || "null");
    return !Object.keys(wanted).every((key) => Math.abs(said?.[key] - wanted[key]) < 1e-9
      || JSON.stringify(said?.[key]) === JSON.stringify(wanted[key]));
  };
  const end = performance.now() + 5000;
  while (differs() && performance.now() < end) await new Promise((next) => setTimeout(next, 5));
  figure.dispatchEvent(new Event("attn-ask"));
  return {...figure.dataset};
}"""
CONTROLS = (
    ".noUi-handle, input[type=range], input[type=checkbox], select, .attn-press:not(.attn-back)"
)
SCROLL = """e => {
  const before = e.scrollTop;
  e.scrollBy(0, e.clientHeight - 40);
  return e.scrollTop - before;
}"""
SPILL = """e => {
  const column = e.closest(".jp-OutputArea-child, .attn-view").getBoundingClientRect();
  return Math.max(e.getBoundingClientRect().right - column.right, e.scrollWidth - e.clientWidth);
}"""
HEIGHTS = """async e => {
  e.scrollIntoView({block: "nearest"});  // Lab lays out only what is near
  await new Promise((next) => requestAnimationFrame(() => setTimeout(next)));
  return [e, e.querySelector(".attn-drawing")].map((box) => box.offsetHeight);
}"""
LIGHT = """async canvas => {
  canvas.scrollIntoView();  // Lab lays out, and so the figure colours, only what is near
  await new Promise((next) => requestAnimationFrame(() => setTimeout(next)));
  const {width, height} = canvas;
  const {data} = canvas.getContext("2d").getImageData(0, 0, width, height);
  return Array.from({length: width * height},
    (_, i) => 0.2126 * data[4 * i] + 0.7152 * data[4 * i + 1] + 0.0722 * data[4 * i + 2]);
}"""


@dataclass(frozen=True)
class Stored:
    """A figure as the notebook stores it, with what its controls set, in their order."""

    figure: LiveFigure  # the same in Python, whose numbers are those of the core
    traits: dict
    controls: list[tuple[str, dict]]  # which trait, and how it is declared, with its value

    def result(self, state: dict) -> list:
        """What the core gives for these settings."""
        with self.figure.hold_trait_notifications():
            for name, value in state.items():
                setattr(self.figure, name, value)
        return self.figure.result

    @property
    def kind(self) -> str:
        """The name of its class; the class itself is made anew for each figure, by traitlets."""
        return type(self.figure).__name__

    @property
    def is_heatmap(self) -> bool:
        return isinstance(self.figure, AttentionHeatmap)


def stored_figures(book: dict) -> list[Stored]:
    """The live figures among a notebook's outputs, in the order in which they are shown."""
    models = book["metadata"].get("widgets", {}).get(WIDGETS.format("state"), {}).get("state", {})

    def below(name: str) -> list[str]:
        children = re.findall(r"IPY_MODEL_(\w+)", json.dumps(models[name]["state"].get("children")))
        return [name, *(deeper for child in children for deeper in below(child))]

    outputs = (o for cell in book["cells"] for o in cell.get("outputs", []))
    views = (o["data"].get(WIDGETS.format("view")) for o in outputs if "data" in o)
    shown = [name for view in views if view for name in below(view["model_id"])]
    live = [name for name in shown if "attn-live" in models[name]["state"].get("_dom_classes", [])]
    return [_stored(models, below(name)) for name in live]


@cache
def figures_of(name: str) -> list[Stored]:
    """Those that are stored in a chapter."""
    (path,) = (path for path in COURSE if path.stem == name)
    return stored_figures(json.loads(path.read_text(encoding="utf-8")))


@cache
def samples_of(name: str) -> list[int]:
    """Which figures of a chapter are tried with every key: over the course, one of each class.

    Figures of one class share their code, and node holds its mathematics to the core for every
    setting; so it is the class that a host must show well. The one with most controls is taken.
    """
    best: dict[str, tuple[int, str, int]] = {}
    for chapter in (path.stem for path in COURSE):
        for place, stored in enumerate(figures_of(chapter)):
            kind, controls = stored.kind, len(stored.controls)
            if kind not in best or controls > best[kind][0]:
                best[kind] = controls, chapter, place
    return sorted(place for _, chapter, place in best.values() if chapter == name)


def stored_quizzes(book: dict) -> dict[str, Quiz]:
    """The quizzes of a notebook, by the ids of their models."""
    models = book["metadata"].get("widgets", {}).get(WIDGETS.format("state"), {}).get("state", {})
    traits = ("question", "answers", "right")
    states = {name: model["state"] for name, model in models.items()}
    return {
        name: Quiz(**{trait: state[trait] for trait in traits})
        for name, state in states.items()
        if state.keys() >= set(traits)
    }


def stored_bets(book: dict) -> dict[str, Bet]:
    """The bets of a notebook, by the ids of their models."""
    models = book["metadata"].get("widgets", {}).get(WIDGETS.format("state"), {}).get("state", {})
    placed = {name: model["state"] for name, model in models.items() if "claim" in model["state"]}
    return {
        name: Bet(**{trait: state[trait] for trait in ("claim", "statement", "found", "because")})
        for name, state in placed.items()
    }


def _stored(models: dict, names: list[str]) -> Stored:
    figure = names[-1]
    traits = models[figure]["state"]
    controls = [(s["trait"], s | {"value": traits[s["trait"]]}) for s in traits["settings"]]
    buffers = {b["path"][0]: b["data"] for b in models[figure].get("buffers", [])}
    arrays = {name: _array(traits[name]["shape"], buffers[name]) for name in buffers}
    return Stored(_in_python(traits | arrays), traits, controls)


def _in_python(traits: dict) -> LiveFigure:
    module, _, name = traits["_anywidget_id"].rpartition(".")
    kind = getattr(import_module(module), name)
    figure = kind.__new__(kind)
    own = {*kind.class_traits(sync=True)} - {*LiveFigure.class_traits()} | {"focus"}
    LiveFigure.__init__(figure, **{n: v for n, v in traits.items() if n in own and n[0] != "_"})
    return figure


def _array(shape: list[int], text: str) -> np.ndarray:
    data = b64decode(text)
    kind = np.uint8 if len(data) == np.prod(shape) else np.float64
    return np.frombuffer(data, kind).reshape(shape)


@dataclass
class Figure:
    """A figure on the page: its box with the controls, and the element that says what it shows."""

    box: Locator
    stored: Stored

    def __post_init__(self):
        self.page, self.root = self.box.page, self.box.locator("[data-figure]")
        self.drawing = self.box.locator(".attn-drawing")
        self.status = self.box.get_by_role("status")

    @property
    def shape(self) -> tuple[int, int]:
        return self.stored.figure.cells

    def control(self, trait: str) -> Locator:
        """What is tied to this trait: the slider's handle, the box to tick, list or button."""
        traits = [name for name, _ in self.stored.controls]
        place = self.box.locator(CONTROLS)
        return place.nth(traits.index(trait))

    def press(self, trait: str, key: str) -> dict:
        """Press a key on a control, wait for the figure to follow, and hold it to the core."""
        state = data(self.root)["state"]
        control = dict(self.stored.controls)[trait]
        if (self.stored.kind, trait) == ("OnlineSoftmax", "step"):
            control = control | {"high": self.stored.figure.blocks}
        wanted = state | {trait: moved(control, state[trait], key)}
        if (self.stored.kind, trait) == ("Machine", "sentence"):
            del wanted["step"]  # which goes with the sentence to its end
        if (self.stored.kind, trait) == ("OnlineSoftmax", "block"):
            del wanted["step"]  # no more than there are blocks
        if "options" in control:
            self.control(trait).select_option(wanted[trait])
        else:
            self.control(trait).press(key)
        return self.check(self.wait_for("state", wanted))

    def walk(self, key: str) -> dict:
        """Press a key on the drawing, and wait for the focus to be where it should."""
        steps = walked if self.stored.kind == "Machine" else stepped
        focus = steps(data(self.root)["focus"], key, self.stored.figure)
        self.drawing.press(key)
        return self.wait_for("focus", focus)

    def point(self, row: int, column: int) -> dict:
        """Point at a cell, anew if Lab has moved the page meanwhile, as it does after scrolling."""
        left, top, width, height = self.box.locator("canvas").evaluate(
            "e => [e.offsetLeft, e.offsetTop, e.offsetWidth, e.offsetHeight]"
        )
        rows, columns = self.shape
        place = {"x": left + (column + 0.5) / columns * width}
        place["y"] = top + (row + 0.5) / rows * height
        for _ in range(10):
            self.drawing.hover(position=place)
            if data(self.root)["focus"] == [row, column]:
                break
            self.page.wait_for_timeout(200)
        return data(self.root)

    def wait_for(self, name: str, wanted) -> dict:
        """Until the figure says so; if it does not, the two are compared."""
        said = read(self.root.evaluate(UNTIL_IT_SAYS, [name, wanted]))
        assert same(said[name], wanted), f"{said[name]} is not {wanted}"
        return said

    def check(self, said: dict | None = None) -> dict:
        """The numbers shown are those of the core, for the settings shown."""
        said = said or data(self.root)
        expected = self.stored.result(said["state"])
        # A model counts in single precision, in the page as in PyTorch.
        near = 1e-4 if isinstance(self.stored.figure, ModelFigure) else 1.1e-6
        np.testing.assert_allclose(flat(said["result"]), flat(expected), rtol=0, atol=near)
        return said

    def light(self) -> np.ndarray:
        """How light each cell of a heatmap is, from 0 to 255, row by row."""
        return np.array(self.box.locator("canvas").evaluate(LIGHT))

    def spill(self) -> float:
        """How many pixels stand out of the figure's column, or out of the figure."""
        return self.root.evaluate(SPILL)

    def heights(self) -> list[int]:
        """Of the whole figure and of its drawing, in pixels."""
        return self.root.evaluate(HEIGHTS)


def flat(numbers) -> list[float]:
    """All numbers of lists within lists, in their order; NaN for what is left open."""
    if numbers is None:
        return [float("nan")]
    if hasattr(numbers, "tolist"):
        numbers = numbers.tolist()
    if isinstance(numbers, list | tuple):
        return [number for part in numbers for number in flat(part)]
    return [float(numbers)]


def same(said, wanted) -> bool:
    """Whether two settings are equal, numbers up to rounding."""
    if isinstance(wanted, dict):
        return all(same(said[name], value) for name, value in wanted.items())
    if isinstance(wanted, list):
        return len(said) == len(wanted) and all(map(same, said, wanted))
    if isinstance(wanted, str | None):
        return said == wanted
    return said == pytest.approx(wanted, abs=1e-9)


def keys_of(control: dict, *, more: int = 1) -> list[str]:
    """Keys that take a control to both ends and a few steps on, or through all that it offers."""
    if "options" in control:
        return ["ArrowDown"] * len(control["options"])
    if "add" in control:
        return ["Enter", "Enter"]
    if isinstance(control["value"], bool):
        return ["Space", "Space"]
    return ["End", "Home", *["ArrowRight"] * more]


def moved(control: dict, value, key: str):
    """Where a key takes a slider, a switch or a list from this value."""
    if key == "Space":
        return not value
    if key == "Enter":
        return value + control["add"]
    if "options" in control:
        options = control["options"]
        return options[(options.index(value) + 1) % len(options)]
    low, high, step = (control[name] for name in ("low", "high", "step"))
    if control.get("scale"):  # a step is then a part of a doubling
        plus = 1 if control["scale"] == "log1p" else 0
        last = step * ceil(log2(high + plus) / step - 1e-9)
        ends = {"low": log2(low + plus), "high": last, "scale": ""}
        place = moved(control | ends, step * round(log2(value + plus) / step), key)
        return min(float(f"{2**place - plus:.3g}"), high)
    there = {"Home": low, "End": high, "ArrowLeft": value - step, "ArrowRight": value + step}[key]
    return min(max(there, low), high)


def stepped(focus: list[int] | None, key: str, figure) -> list[int]:
    """Where a key takes the focus: never off the drawing."""
    if not focus:
        return [0, 0]
    (row, column), (rows, columns) = focus, figure.cells
    steps = {"ArrowUp": (-1, 0), "ArrowDown": (1, 0), "ArrowLeft": (0, -1), "ArrowRight": (0, 1)}
    down, right = (steps | {"Home": (0, -columns), "End": (0, columns)})[key]
    return [min(max(row + down, 0), rows - 1), min(max(column + right, 0), columns - 1)]


def walked(focus: list[int] | None, key: str, machine: Machine) -> list[int]:
    """Where a key takes the focus of a machine: over the boxes that are not folded away, up and
    down, and over the words of their rows."""
    if not focus:
        return [0, 0]
    items, shown = [], []

    def grow(item, visible):
        items.append(item)
        row = item.get("side", False)
        shown.append(visible and not row)
        for each in item.get("items", []):
            grow(each, visible and (row or item["id"] in machine.unfolded))

    for column in machine.plan["columns"]:
        for item in column["items"]:
            grow(item, True)
    place, row = focus
    boxes = [each for each in items[place:] if each["kind"] != "group"]
    counts = {"source": len(machine.source), "target": len(machine.target), "one": 1}
    last = counts[boxes[0]["rows"]] - 1
    if key in ("ArrowUp", "ArrowDown"):
        ways = range(place - 1, -1, -1) if key == "ArrowUp" else range(place + 1, len(items))
        return [next((each for each in ways if shown[each]), place), min(row, last)]
    row = {"ArrowLeft": row - 1, "ArrowRight": row + 1, "Home": 0, "End": last}[key]
    return [place, min(max(row, 0), last)]


# The open notebook as it would be saved now, with the state of its widgets.
AS_IT_IS = """async () => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  const renderer = notebook.rendermime.createRenderer("application/vnd.jupyter.widget-view+json");
  const state = await (await renderer._manager.promise).get_state();
  const book = notebook.model.toJSON();
  book.metadata.widgets = {"application/vnd.jupyter.widget-state+json": state};
  return book;
}"""


@dataclass
class Opened:
    """A notebook open in the browser, and all that the page asked for or complained of."""

    page: Page
    address: str
    stored: list[Stored]
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    name: str = ""
    everything: bool = False

    @property
    def figures(self) -> list[Figure]:
        """Those of the page, once all that are stored have been drawn."""
        boxes = self.page.locator(".attn-live")
        drawn = boxes.locator(DRAWN)
        try:
            expect(drawn).to_have_count(len(self.stored), timeout=5_000)
        except AssertionError:  # on a busy machine Lab lays out only what is scrolled to
            _ = list(self.screens())
            expect(drawn).to_have_count(len(self.stored), timeout=20_000)
        return [Figure(boxes.nth(i), stored) for i, stored in enumerate(self.stored)]

    def screens(self) -> Iterator[int]:
        """The numbers of all screenfuls of the notebook, each scrolled to, from the top."""
        panel = self.page.locator(".jp-WindowedPanel-outer").first
        panel.evaluate("e => e.scrollTo(0, 0)")
        for screen in range(60):
            self.page.evaluate(
                "() => new Promise((r) => requestAnimationFrame(() => setTimeout(r, 60)))"
            )
            yield screen
            if panel.evaluate(SCROLL) < 5:
                break

    @property
    def tried(self) -> list[Figure]:
        """Those that are tried with every key: the samples, or with --everything all."""
        figures = self.figures
        return figures if self.everything else [figures[place] for place in samples_of(self.name)]

    @property
    def tried_heatmaps(self) -> list[Figure]:
        return [figure for figure in self.tried if figure.stored.is_heatmap]

    def keys(self, control: dict) -> list[str]:
        """The keys with which a control is tried."""
        return keys_of(control, more=7 if self.everything else 1)

    def ways(self, figure: Figure) -> list[str]:
        """Keys that walk over a drawing: off it at a corner, along a row and down a column."""
        (rows, columns), most = figure.shape, 100 if self.everything else 2
        row, _ = data(figure.root)["focus"] or (0, 0)
        along, down = ["ArrowRight"] * min(columns, most), ["ArrowDown"] * min(rows, most)
        corner = ["Home", *["ArrowUp"] * (row + 1), "ArrowLeft", "End", "ArrowRight", "Home"]
        return [*corner, *along, *down, "ArrowUp"]

    @property
    def outside(self) -> list[str]:
        return outside(self.address, self.requests)

    def follow_the_kernel(self) -> None:
        """From now on hold figures to what the kernel has sent, not to what was stored: another
        processor rounds in another way, and a model that is trained anew is another one."""
        sent = stored_figures(self.page.evaluate(AS_IT_IS))
        assert [each.kind for each in sent] == [each.kind for each in self.stored]
        self.stored = sent

    def run_cell(self, index: int) -> str:
        """Run one cell, and hand back what it printed."""
        self.page.wait_for_function(NOT_RUNNING)
        self.page.evaluate(RUN_CELL, index)
        self.page.wait_for_function(NOT_RUNNING)
        return self.page.locator(".jp-Cell").nth(index).locator(".jp-OutputArea").inner_text()


@contextmanager
def opened(browser, server, path, width=1280, height=900, folded=False):
    """The notebook at `path`, in the served course, open in a window of this size.

    What is stored folded is opened, unless it is to stay so.
    """
    page = browser.new_page(viewport={"width": width, "height": height})
    book = nbformat.read(path, as_version=4)
    stored = stored_figures(book)
    view = Opened(page, server[0], stored)
    listen(view)
    try:
        _open(view, server, path.name)
        page.evaluate(CLOSE_SIDE)
        page.wait_for_function(ALL_FOLDED, arg=sum(map(is_folded, book.cells)))
        if not folded:
            page.evaluate(SHOW_ALL)
        yield view
    finally:
        page.close()


def _open(view: Opened, server, name: str) -> None:
    """Show the notebook, anew if the Lab lost the race with its kernel.

    ipywidgets restores a notebook's models twice at once if the kernel connects while the stored
    ones are read, and then says of those that come late that they are not there (ipywidgets #3231).
    """
    for attempt in range(3):
        if attempt and not any("widget model not found" in said for said in view.complaints):
            return
        view.complaints.clear()
        open_notebook(view.page, *server, name)
        view.page.wait_for_function(NOT_RUNNING, timeout=60_000)


def listen(view: Opened) -> None:
    """Note what the page asks for, and each error that it tells of."""
    page = view.page
    page.on("request", lambda request: view.requests.append(request.url))
    page.on("pageerror", lambda error: view.complaints.append(str(error)))
    page.on("console", lambda m: m.type == "error" and view.complaints.append(m.text))
    page.on("dialog", lambda box: (view.complaints.append(box.message), box.dismiss()))
