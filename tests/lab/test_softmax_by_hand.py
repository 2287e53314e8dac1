"""The bench of softmax in a browser: dragged, walked with keys, broken by + 1000, drawn from."""

import json

import numpy as np
import pytest

from attnlab.lab import softmax_bench
from attnlab.lab.widgets.assets import bundle, style
from attnlab.lab.widgets.controls import LogSlider, Pressed

WORDS, SCORES = ["mat", "floor", "sofa", "moon"], [3.1, 2.2, 1.5, -1.0]
START = """async ([figure, ...controls]) => {
  const made = (values) => {
    const heard = {};
    return {get: (name) => values[name], save_changes() {}, off() {},
      on: (event, answer) => (heard[event] ??= []).push(answer),
      set(name, value) {
        if (values[name] === value) return;
        values[name] = value;
        for (const answer of heard[`change:${name}`] ?? []) answer();
      }};
  };
  const shown = async ({code, values}) => {
    const url = URL.createObjectURL(new Blob([code], {type: "text/javascript"}));
    const model = made(values);
    const place = document.querySelector("main").appendChild(document.createElement("div"));
    (await import(url)).default.render({model, el: place});
    return model;
  };
  window.model = await shown(figure);
  for (const {trait, ...control} of controls) {  // as jslink ties the two
    const own = await shown(control);
    own.on("change:value", () => model.set(trait, own.get("value")));
    model.on(`change:${trait}`, () => own.set("value", model.get(trait)));
  }
  window.figure = document.querySelector("[data-figure]");
}"""
NEXT = "() => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)))"
TOLD = """() => {
  figure.dispatchEvent(new Event("attn-ask"));
  return {...figure.dataset, said: figure.querySelector("[role=status]").textContent};
}"""


def values_of(widget) -> dict:
    return {name: value for name, value in widget.get_state().items() if name[0] != "_"}


class Bench:
    """A bench on a page, with the button and box of its controls."""

    def __init__(self, page, **arguments):
        live = softmax_bench(WORDS, SCORES, **arguments)
        self.page, self.figure = page, live.figure
        parts = [{"code": bundle("softmax_bench.js"), "values": values_of(live.figure)}]
        for trait, kind, file in (
            ("shift", Pressed, "press.js"),
            ("seed", Pressed, "press.js"),
            ("temperature", LogSlider, "log_slider.js"),
        ):
            (control,) = (c for c in below(live.children[0]) if tied(c, kind, trait, live))
            parts.append({"trait": trait, "code": bundle(file), "values": values_of(control)})
        sheet = style("palette.css") + style("figures.css")
        page.set_content(f"<style>{sheet}</style><main style='width: 900px'></main>")
        page.evaluate(START, parts)
        self.drawing = page.locator(".attn-drawing")

    def told(self) -> dict:
        """What the figure says of itself, held to the same figure in Python."""
        self.page.evaluate(NEXT)
        told = self.page.evaluate(TOLD)
        state = json.loads(told["state"])
        assert state["scores"] == self.scores
        for name, value in state.items():
            setattr(self.figure, name, value)
        nothing = (None, np.nan)
        for shown, right in zip(json.loads(told["result"]), self.figure.result, strict=True):
            pairs = [[np.nan if x in nothing else x for x in row] for row in (shown, right)]
            np.testing.assert_allclose(*pairs, atol=1.1e-6)
        return told | state

    @property
    def scores(self) -> list[float]:
        return self.page.evaluate("() => model.get('scores')")

    def grip(self, word: int) -> tuple[float, float]:
        """The middle of the handle of a bar, on the page."""
        box = self.page.locator(".attn-grip").nth(word).bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def drag(self, start: tuple[float, float], right: float, up: float) -> None:
        mouse, (x, y) = self.page.mouse, start
        mouse.move(x, y)
        mouse.down()
        for part in (0.3, 0.7, 1):
            mouse.move(x + part * right, y - part * up)
            self.page.evaluate(NEXT)
        mouse.up()


def below(widget) -> list:
    inner = [each for child in getattr(widget, "children", ()) for each in below(child)]
    return [widget, *inner]


def tied(control, kind, trait, live) -> bool:
    labels = {each["trait"]: each["label"] for each in live.figure.settings}
    return isinstance(control, kind) and control.description == labels[trait]


@pytest.fixture
def page(browser):
    page = browser.new_page(viewport={"width": 1000, "height": 900}, has_touch=True)
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    page.close()
    assert complaints == []


def test_a_bar_is_dragged_up_and_down(page):
    bench = Bench(page, focus=[0, 3])
    bench.drag(bench.grip(1), 0, 20)
    told = bench.told()
    assert bench.scores[1] > 2.9
    assert bench.scores[:1] + bench.scores[2:] == [3.1, 1.5, -1.0], "no other one has moved"
    assert told["focus"] == "[0,1]"
    assert all(round(score, 1) == score for score in bench.scores), "in tenths"
    bench.drag(bench.grip(1), 80, -60)
    bench.told()
    assert bench.scores[1] < 0, "below zero, and what lies to the right is left alone"
    assert bench.scores[2] == 1.5


def test_a_bar_can_be_dragged_beyond_the_upper_end(page):
    bench = Bench(page)
    for _ in range(3):
        bench.drag(bench.grip(0), 0, 120)
    bench.told()
    assert bench.scores[0] > 12


def test_a_click_changes_no_score(page):
    bench = Bench(page, focus=[])
    page.mouse.click(*bench.grip(2))
    assert bench.told()["focus"] == "[0,2]"
    assert bench.scores == SCORES


def test_a_finger_drags_a_bar_and_does_not_scroll(page):
    bench = Bench(page)
    x, y = bench.grip(0)
    touch = page.context.new_cdp_session(page)
    send = lambda kind, *points: touch.send(  # noqa: E731
        "Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)}
    )
    send("touchStart", {"x": x, "y": y})
    for part in range(1, 6):
        send("touchMove", {"x": x, "y": y + 6 * part})
    send("touchEnd")
    bench.told()
    assert bench.scores[0] < 2
    assert page.evaluate("scrollY") == 0


def test_a_point_is_dragged_along_the_curve(page):
    bench = Bench(page)
    box = page.locator("circle.attn-now").bounding_box()
    bench.drag((box["x"] + 5, box["y"] + 5), -40, 0)
    bench.told()
    assert bench.scores[0] < 2.5
    assert bench.scores[1:] == SCORES[1:]


def test_keys_walk_and_change_a_score(page):
    bench = Bench(page)
    for keys, focus, score in (
        (["ArrowRight"], "[0,1]", 2.2),
        (["ArrowUp"] * 3, "[0,1]", 2.5),
        (["Shift+ArrowUp"], "[0,1]", 3.5),
        (["Shift+ArrowDown"] * 4, "[0,1]", -0.5),
        (["ArrowDown", "Home", "ArrowLeft"], "[0,0]", -0.6),
    ):
        for key in keys:
            bench.drawing.press(key)
            page.evaluate(NEXT)
        assert bench.told()["focus"] == focus
        assert bench.scores[1] == pytest.approx(score)


def test_a_thousand_more_breaks_the_naive_shares_and_no_others(page):
    bench = Bench(page)
    before = json.loads(bench.told()["result"])
    page.get_by_role("button", name="+ 1000").click()
    told = bench.told()
    after = json.loads(told["result"])
    assert told["shift"] == 1000
    assert after[3] == [None] * 4, "nan"
    np.testing.assert_allclose(after[2], before[2], atol=1e-6)
    assert "inf / inf is nan" in told["said"]
    struck = page.locator("svg .attn-struck:not(:empty)").all_text_contents()
    assert struck == ["inf"] * 4 + ["nan"] * 4
    assert page.locator(".attn-work .attn-struck").all_text_contents() == ["inf", "inf", "nan"]
    page.get_by_role("button", name="back").click()
    assert json.loads(bench.told()["result"]) == before
    assert page.locator(".attn-struck:not(:empty)").count() == 0


def test_three_88s_are_lost_in_float32_alone(page):
    bench = Bench(page)
    page.evaluate("() => model.set('scores', [88, 88, 88, 1])")
    assert "the most" in bench.told()["said"]
    assert page.locator("svg .attn-struck:not(:empty)").count() == 0
    page.evaluate("() => model.set('single', true)")
    assert "their sum is inf: every share is 0" in bench.told()["said"]
    assert page.locator("svg .attn-struck:not(:empty)").all_text_contents() == [".00"] * 4


def test_twenty_words_are_drawn_and_others_the_next_time(page):
    bench = Bench(page)
    draw = page.get_by_role("button", name="draw 20 words")
    assert page.locator(".attn-drawn").count() == 0
    seen = set()
    for seed in (1, 2, 3):
        draw.click()
        told = bench.told()
        assert told["seed"] == seed
        assert page.locator(".attn-drawn").count() == 20
        assert "20 words drawn: " in told["said"]
        seen.add(str(json.loads(told["result"])[4]))
    assert len(seen) > 1
    page.get_by_role("button", name="clear").click()
    bench.told()
    assert page.locator(".attn-drawn").count() == 0


def test_a_temperature_is_typed_as_it_is_meant(page):
    bench = Bench(page)
    field = page.get_by_label("temperature", exact=True)
    assert field.input_value() == "1"
    field.fill("0.2616")
    field.press("Enter")
    told = bench.told()
    assert told["temperature"] == 0.2616
    assert "exp(3.1 / 0.2616)" in page.locator(".attn-work").inner_text()
    page.evaluate("() => model.set('temperature', 2 ** 0.25)")
    assert field.input_value() == "1.189", "four digits are shown"
    assert bench.told()["temperature"] == 2**0.25, "and all are kept"
    for typed, becomes in (("99", 8), ("0", 0.125), ("", 0.125)):
        field.fill(typed)
        field.press("Enter")
        assert bench.told()["temperature"] == becomes


def test_the_slider_of_a_temperature_is_logarithmic(page):
    bench = Bench(page)
    slider = page.get_by_label("temperature, slider")
    seen = []
    for key in ["Home", *["ArrowRight"] * 48]:
        slider.press(key)
        seen.append(bench.told()["temperature"])
    wanted = [float(f"{2 ** (place / 8):.3g}") for place in range(-24, 25)]
    assert seen == wanted
    assert (seen[0], seen[24], seen[40], seen[-1]) == (0.125, 1, 4, 8), "1 lies in the middle"
    page.evaluate("() => model.set('temperature', 0.3)")
    assert bench.told()["temperature"] == 0.3, "what it is set to stays, between two steps"


def test_what_moves_is_laid_out_once(page):
    """Dragging writes into the bars that are there; only the curve's axes may change."""
    bench = Bench(page)
    page.evaluate("() => { window.bar = document.querySelector('svg .attn-score'); }")
    for _ in range(4):
        bench.drawing.press("ArrowUp")
        page.evaluate(NEXT)
    assert page.evaluate("() => document.contains(bar)")
    assert bench.drawing.bounding_box()["width"] <= 900


@pytest.mark.parametrize("width", [320, 344, 560, 700])
def test_nothing_stands_out_of_a_narrow_column(page, width):
    bench = Bench(page)
    page.evaluate(f"() => {{ document.querySelector('main').style.width = '{width}px'; }}")
    page.evaluate(NEXT)
    bench.told()
    inside = "e => e.scrollWidth - e.clientWidth"
    assert page.locator("[data-figure]").evaluate(inside) <= 0
    assert bench.drawing.evaluate(inside) <= 0
    texts = "[...document.querySelectorAll('svg text')].map((e) => e.getBoundingClientRect())"
    right = page.evaluate(f"() => Math.max(...{texts}.map((box) => box.right))")
    assert right <= bench.drawing.bounding_box()["x"] + bench.drawing.bounding_box()["width"] + 1


def test_what_was_hidden_while_the_theme_changed_has_its_room_again(page):
    bench = Bench(page)
    page.evaluate("() => { document.querySelector('main').style.width = '500px'; }")
    page.evaluate(NEXT)
    before = bench.drawing.bounding_box()["width"]
    page.evaluate("() => { document.querySelector('main').style.display = 'none'; }")
    page.evaluate(NEXT)
    page.evaluate("() => { document.body.dataset.theme = 'dark'; }")
    page.evaluate(NEXT)
    page.evaluate("() => { document.querySelector('main').style.display = ''; }")
    page.evaluate(NEXT)
    page.evaluate(NEXT)
    assert bench.drawing.bounding_box()["width"] == before
