"""The window over speech and online softmax in a browser: dragged, walked with keys, clicked on."""

import base64
import json

import numpy as np
import pytest

from alone import NEXT, START
from attnlab.lab import OnlineSoftmax, SpeechWindow
from attnlab.lab.widgets.assets import bundle

TOLD = """() => {
  figure.dispatchEvent(new Event("attn-ask"));
  return {...figure.dataset, said: figure.querySelector("[role=status]").textContent};
}"""
OUTSIDE = """() => {
  const box = document.querySelector(".attn-drawing").getBoundingClientRect();
  return [...document.querySelectorAll("svg text")].filter((text) => {
    const {left, right, bottom} = text.getBoundingClientRect();
    return text.textContent && (left < box.left - 1 || right > box.right + 1
      || bottom > box.bottom + 1);
  }).map((text) => text.textContent);
}"""


def written(value):
    if isinstance(value, dict) and "data" in value:
        return {"shape": value["shape"], "base64": base64.b64encode(value["data"]).decode()}
    return value


class Shown:
    """A figure on a page, held to the same figure in Python each time that it is asked."""

    def __init__(self, page, figure, width=740):
        self.page, self.figure = page, figure
        state = figure.get_state()
        values = {name: written(value) for name, value in state.items() if name[0] != "_"}
        page.set_content(f"<style>{state['_css']}</style><main style='width: {width}px'></main>")
        module = type(figure).__module__.rpartition(".")[2]
        page.evaluate(START, {"code": bundle(f"{module}.js"), "values": values})
        self.drawing = page.locator(".attn-drawing")

    def told(self) -> dict:
        self.page.evaluate(NEXT)
        told = self.page.evaluate(TOLD)
        state = json.loads(told["state"])
        with self.figure.hold_trait_notifications():
            for name, value in state.items():
                setattr(self.figure, name, value)
        shown, right = (
            [np.nan if x is None else x for part in result for x in part]
            for result in (json.loads(told["result"]), self.figure.result)
        )
        np.testing.assert_allclose(shown, right, rtol=0, atol=1.1e-6)
        return told | state

    def box(self, selector: str, place: int = 0) -> tuple[float, float, float, float]:
        found = self.page.locator(selector).nth(place).bounding_box()
        return found["x"], found["y"], found["width"], found["height"]

    def drag(self, start: tuple[float, float], right: float, down: float = 0) -> None:
        mouse, (x, y) = self.page.mouse, start
        mouse.move(x, y)
        mouse.down()
        for part in (0.4, 1):
            mouse.move(x + part * right, y + part * down)
            self.page.evaluate(NEXT)
        mouse.up()

    def press(self, *keys: str) -> dict:
        for key in keys:
            self.drawing.press(key)
            self.page.evaluate(NEXT)
        return self.told()


@pytest.fixture
def page(browser):
    page = browser.new_page(viewport={"width": 1000, "height": 1300})
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    page.close()
    assert complaints == []


def speech(page, **arguments):
    sound = np.random.default_rng(0).normal(size=(60, 12))
    errors = {0: 0.7, 4: 0.3, 8: 0.05, 59: 0.1}
    return Shown(page, SpeechWindow(sound, 8, errors, task="tones"), **arguments)


def online(page, **arguments):
    scores = [0.5, 2.0, 1.0, -1.0, 0.5, 3.0]
    figure = OnlineSoftmax(scores, words=["The", "cat", "sat", "on", "the", "mat"], step=1)
    return Shown(page, figure, **arguments)


def test_the_pointer_and_the_keys_move_the_window(page):
    shown = speech(page)
    x, y, width, height = shown.box("canvas")
    page.mouse.move(x + 20.5 * width / 60, y + height / 2)
    told = shown.told()
    assert (told["query"], told["focus"]) == (20, "[0,20]")
    assert told["said"].startswith("Frame 20 looks at frames 12 to 28.")
    x, y, width, height = shown.box("canvas", 1)
    page.mouse.move(x + width / 3, y + 40.5 * height / 60)
    assert shown.told()["query"] == 40, "a row of the plane is a frame as well"
    told = shown.press("ArrowRight", "ArrowRight", "ArrowUp", "ArrowUp", "ArrowUp")
    assert (told["query"], told["reach"]) == (42, 11)
    assert shown.press("Shift+ArrowDown")["reach"] == 1
    told = shown.press("Home", "ArrowLeft", "ArrowDown", "ArrowDown")
    assert (told["query"], told["reach"]) == (0, 0)
    assert shown.press("End")["query"] == 59


def test_the_ends_of_the_window_are_dragged_below_the_spectrogram(page):
    shown = speech(page)
    x, y, width, height = shown.box("canvas")
    frame, below = width / 60, y + height + 10
    shown.drag((x + 39 * frame, below), 5 * frame)
    told = shown.told()
    assert (told["reach"], told["query"]) == (13, 30), "the frame that asks stays"
    shown.drag((x + 17 * frame, below), 60 * frame)
    assert shown.told()["reach"] > 40, "across the middle to the other side"
    page.evaluate("() => { model.set('causal', true); model.set('reach', 5); }")
    shown.told()
    shown.drag((x + 25 * frame, below), -10 * frame)
    assert shown.told()["reach"] == 15


def test_a_reach_is_chosen_on_the_chart_of_errors_and_a_length_by_its_line(page):
    shown = speech(page)
    x, y, width, height = shown.box("rect.attn-reach")
    page.mouse.click(x + 6, y + height / 2)
    told = shown.told()
    assert told["reach"] == 0
    assert page.locator("dd").last.inner_text() == "0.700; at this reach"
    shown.drag((x + 6, y + height / 2), width)
    assert shown.told()["reach"] == 59
    page.get_by_text("1 hour").click()
    told = shown.told()
    assert told["length"] == "1 hour"
    assert "scores in 1 hour" in told["said"]


def test_beyond_the_last_reach_that_was_measured_the_mark_stays_with_the_curves(page):
    sound = np.random.default_rng(0).normal(size=(60, 12))
    shown = Shown(page, SpeechWindow(sound, 16, {0: 0.7, 4: 0.25, 16: 0.1}))
    line = page.locator("path.attn-row")
    (end, _, _, _), dashes = shown.box("path.attn-row"), line.get_attribute("stroke-dasharray")
    assert dashes == "none"
    page.evaluate("() => model.set('reach', 50)")
    shown.told()
    assert shown.box("path.attn-row")[0] == end
    assert line.get_attribute("stroke-dasharray") != "none"
    assert page.locator("dd").last.inner_text() == "0.100; nearest measured: reach 16"


def test_the_tables_have_every_length_and_every_error(page):
    shown = speech(page)
    page.locator("summary").click()
    page.evaluate(NEXT)
    tables = page.locator("table")
    assert tables.count() == 2
    assert tables.first.locator("tbody th").all_inner_texts() == [
        *("this sound", "1 minute", "1 hour", "1 day")
    ]
    assert tables.last.locator("td").all_inner_texts() == ["0.700", "0.300", "0.050", "0.100"]
    shown.told()


def test_blocks_come_by_keys_and_by_the_row_of_blocks(page):
    shown = online(page)
    assert shown.press("PageDown")["step"] == 2
    assert shown.press("PageDown", "PageDown")["step"] == 3, "there are no more"
    assert "of softmax over all scores at once" in shown.told()["said"]
    assert shown.press(*["PageUp"] * 4)["step"] == 0
    x, y, width, height = shown.box(".attn-block", 1)
    page.mouse.click(x + width / 2, y + height / 2)
    assert shown.told()["step"] == 2
    shown.drag((x + width / 2, y + height / 2), width)
    assert shown.told()["step"] == 3
    page.evaluate("() => { model.set('block', 4); model.set('step', 6); }")
    assert shown.told()["said"].startswith("All 6 keys have come")
    assert shown.press("PageUp")["step"] == 1, "from the last block, not from beyond"


def test_scores_are_dragged_and_changed_by_keys(page):
    shown = online(page)
    x, y, width, _ = shown.box(".attn-grip", 1)
    shown.drag((x + width / 2, y), 0, -15)
    told = shown.told()
    assert told["scores"][1] > 2.2
    assert told["scores"][:1] + told["scores"][2:] == [0.5, 1, -1, 0.5, 3]
    assert told["focus"] == "[0,1]"
    told = shown.press("ArrowRight", "Shift+ArrowUp", "ArrowDown")
    assert told["scores"][2] == 1.9
    told = shown.press("End", "ArrowUp")
    assert told["scores"][5] == 3.1, "what has not come yet can be changed as well"


def test_a_bar_that_is_dragged_does_not_run_away(page):
    shown = online(page)
    x, y, width, _ = shown.box(".attn-grip", 1)
    others = [shown.box(".attn-grip", place) for place in (0, 2, 5)]
    page.mouse.move(x + width / 2, y)
    page.mouse.down()
    for up in (40, 300):
        page.mouse.move(x + width / 2, y - up)
        page.evaluate(NEXT)
        assert [shown.box(".attn-grip", place) for place in (0, 2, 5)] == others
    assert shown.told()["scores"][1] == 10
    page.mouse.up()
    lower = shown.box(".attn-grip", 5)[1]
    assert lower > others[2][1] + 5, "let go, the scale takes it in"
    assert shown.told()["scores"][1] == 10


@pytest.mark.parametrize("width", [320, 344, 560, 640, 740])
@pytest.mark.parametrize("make", [speech, online])
def test_nothing_is_cut_off_and_nothing_jumps(page, make, width):
    shown = make(page, width=width)
    heights = set()
    for trait, value in (
        *(("reach", 0), ("reach", 59), ("causal", True), ("length", "1 day"), ("query", 0)),
        *(("step", 0), ("step", 6), ("block", 1), ("block", 6), ("focus", [0, 5])),
    ):
        if trait not in shown.figure.traits():
            continue
        page.evaluate("([name, value]) => model.set(name, value)", [trait, value])
        shown.told()
        heights.add(page.evaluate("() => figure.offsetHeight"))
        assert page.evaluate("() => figure.scrollWidth - figure.clientWidth") <= 0
        assert page.evaluate(OUTSIDE) == []
    assert len(heights) == 1


@pytest.mark.parametrize("make", [speech, online])
def test_what_a_slider_moves_is_laid_out_once(page, make):
    shown = make(page)
    page.evaluate("() => { window.first = document.querySelector('svg text'); }")
    for key in ("ArrowRight", "ArrowUp", "ArrowUp"):
        shown.press(key)
    assert page.evaluate("() => document.contains(first)")
