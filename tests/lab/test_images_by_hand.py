"""Pixels and nine heads in a browser: clicked, painted, walked with keys, shuffled, typed into."""

import itertools
import json

import numpy as np
import pytest

from alone import NEXT, START
from attnlab.lab import convolution_heads, pixel_attention
from attnlab.lab.widgets.assets import bundle, style
from node import traits

TOLD = """() => {
  figure.dispatchEvent(new Event("attn-ask"));
  return {...figure.dataset, said: figure.querySelector("[role=status]").textContent};
}"""
SET = "change => Object.entries(change).forEach((each) => model.set(...each))"
BOXES = """() => {
  const box = document.querySelector(".attn-drawing").getBoundingClientRect();
  const texts = [...document.querySelectorAll(".attn-drawing svg text")];
  const at = texts.map((text) => [text.textContent, text.getBoundingClientRect()]);
  const shown = at.filter(([text, {width}]) => text && width);
  const out = ({left, right, top, bottom}) => left < box.left - 1 || right > box.right + 1
    || top < box.top - 1 || bottom > box.bottom + 1;
  const over = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2;
  const wrong = shown.filter(([_, one], i) =>
    out(one) || shown.some(([_, other], j) => j > i && over(one, other)));
  const spill = Math.max(0, figure.scrollWidth - figure.clientWidth);
  return [figure.offsetHeight, spill, wrong.map(([text]) => text)];
}"""


def flat(numbers) -> list[float]:
    return [x for part in numbers for x in flat(part)] if isinstance(numbers, list) else [numbers]


class Shown:
    """A figure on a page, held to the same figure in Python each time that it is asked."""

    def __init__(self, browser, live, wide=740, *, room=False, finger=False):
        self.figure = live.figure
        self.page = browser.new_page(viewport={"width": 1280, "height": 900}, has_touch=finger)
        self.page.emulate_media(reduced_motion="reduce")
        # Behind its style stands that of the next figure of a page, which brings the common one.
        css = self.figure.get_state()["_css"] + style("figures.css")
        self.page.set_content(
            f"<!DOCTYPE html><style>{css}</style><main style='width: {wide}px'></main>"
        )
        module = type(self.figure).__module__.rpartition(".")[2]
        given = {"code": bundle(f"{module}.js"), "values": traits(self.figure), "room": room}
        self.page.evaluate(START, given)
        self.drawing = self.page.locator(".attn-drawing")

    def told(self) -> dict:
        self.page.evaluate(NEXT)
        told = self.page.evaluate(TOLD)
        state = json.loads(told["state"])
        with self.figure.hold_trait_notifications():
            for name, value in state.items():
                setattr(self.figure, name, value)
        shown, right = (flat(each) for each in (json.loads(told["result"]), self.figure.result))
        np.testing.assert_allclose(shown, right, rtol=0, atol=6e-7)
        return told | state

    def set(self, **change) -> None:
        self.page.evaluate(SET, change)

    def place(self, pixel: int, plane: int = 0) -> dict:
        """The middle of a pixel in a plane, within the drawing."""
        height, width = self.figure.cells
        box = self.page.locator(".attn-drawing svg rect.attn-frame").nth(plane).bounding_box()
        left, top = self.drawing.bounding_box()["x"], self.drawing.bounding_box()["y"]
        row, column = divmod(pixel, width)
        x = box["x"] - left + (column + 0.5) * box["width"] / width
        return {"x": x, "y": box["y"] - top + (row + 0.5) * box["height"] / height}


def test_a_click_asks_and_pointing_writes_out_a_sum(browser):
    shown = Shown(browser, pixel_attention(head="near"))
    pair = shown.page.locator(".attn-pair")
    shown.drawing.click(position=shown.place(13))
    told = shown.told()
    assert (told["query"], told["focus"]) == (13, "[1,3]")
    shown.drawing.hover(position=shown.place(14, plane=1))
    told = shown.told()
    assert (told["query"], told["focus"]) == (13, "[1,4]"), "pointing does not ask"
    assert pair.inner_text() == "pixel (1, 3) → pixel (1, 4), 0.10"
    shown.page.close()


def test_keys_walk_from_pixel_to_pixel(browser):
    shown = Shown(browser, pixel_attention(query=0))
    shown.drawing.press("ArrowDown")
    shown.drawing.press("End")
    assert shown.told()["query"] == 19
    assert "Pixel (1, 9) looks" in shown.told()["said"]
    shown.page.close()


def test_a_picture_is_painted_by_hand_and_by_keys(browser):
    shown = Shown(browser, pixel_attention(picture="blank", query=0))
    page = shown.page
    page.get_by_role("button", name="paint in red").click()
    shown.drawing.click(position=shown.place(22))
    assert shown.told()["painted"] == {"blank": {"22": 2}}
    assert shown.told()["query"] == 0, "a brush does not ask"
    box, (start, end) = shown.drawing.bounding_box(), (shown.place(31), shown.place(34))
    page.mouse.move(box["x"] + start["x"], box["y"] + start["y"])
    page.mouse.down()
    page.mouse.move(box["x"] + end["x"], box["y"] + end["y"], steps=12)
    page.mouse.up()
    assert sorted(shown.told()["painted"]["blank"]) == ["22", "31", "32", "33", "34"]
    shown.drawing.press("ArrowDown")
    shown.drawing.press("Enter")
    told = shown.told()
    assert (told["painted"]["blank"]["44"], told["query"]) == (2, 0)
    page.get_by_role("button", name="clear the paint").click()
    assert shown.told()["painted"] == {}
    page.get_by_role("button", name="ask a pixel").click()
    shown.drawing.click(position=shown.place(7))
    assert shown.told()["query"] == 7
    page.close()


def test_a_finger_paints(browser):
    shown = Shown(browser, pixel_attention(picture="blank"), wide=336, finger=True)
    shown.page.get_by_role("button", name="paint in green").tap()
    box, place = shown.drawing.bounding_box(), shown.place(12)
    shown.page.touchscreen.tap(box["x"] + place["x"], box["y"] + place["y"])
    assert shown.told()["painted"] == {"blank": {"12": 6}}
    shown.page.close()


@pytest.mark.parametrize("live", [pixel_attention(head="near"), convolution_heads(np.eye(4))])
def test_a_ring_leaves_what_it_stands_around_to_be_seen(browser, live):
    shown = Shown(browser, live)
    fills = "all => [...new Set(all.map((each) => getComputedStyle(each).fill))]"
    assert shown.page.locator("svg .attn-query, svg .attn-halo").evaluate_all(fills) == ["none"]
    shown.page.close()


def test_heads_stand_side_by_side_and_are_chosen(browser):
    shown = Shown(browser, pixel_attention())
    looks = shown.page.locator(".attn-look")
    assert looks.all_inner_texts() == [each["name"] for each in shown.figure.heads]
    looks.nth(2).click()
    assert shown.told()["head"] == "one to the left"
    pressed = looks.evaluate_all("all => all.map((each) => each.ariaPressed)")
    assert pressed == ["false", "false", "true", "false"]
    shown.page.close()


def test_a_shuffled_pixel_is_clicked_on_where_it_stands(browser):
    shown = Shown(browser, pixel_attention(positions=False, shuffle=3))
    place = 17
    shown.drawing.click(position=shown.place(place))
    told = shown.told()
    assert told["query"] == shown.figure.order[place]
    assert "Shuffled: the weights went along with the pixels" in told["said"]
    shown.page.close()


def test_squares_move_only_when_they_are_shuffled(browser):
    shown = Shown(browser, pixel_attention())
    moving = shown.page.locator(".attn-moving")
    shown.set(head="near")
    shown.told()
    assert moving.count() == 0
    shown.set(shuffle=1)
    shown.told()
    assert moving.count() == 3 * 50
    shown.page.close()


def test_the_query_of_the_nine_heads_is_pointed_at_and_walked(browser):
    shown = Shown(browser, convolution_heads(np.eye(8), sharpness=3.0))
    assert shown.page.locator("rect.attn-frame").count() == 1 + 9 + 2 + 1
    shown.drawing.hover(position=shown.place(0))
    told = shown.told()
    assert (told["query"], told["focus"]) == (0, "[0,0]")
    assert "; 5 look outside, at nothing" in told["said"]
    hatched = shown.page.locator(".attn-drawing rect[visibility=visible][style*=hatching]")
    assert hatched.count() == 5
    for key, query in {"ArrowRight": 1, "End": 7, "ArrowDown": 15, "ArrowUp": 7}.items():
        shown.drawing.press(key)
        assert shown.told()["query"] == query
    shown.page.close()


def test_a_link_may_point_at_the_query_of_the_nine_heads(browser):
    shown = Shown(browser, convolution_heads(np.eye(8)))
    shown.set(focus=[1, 2])
    shown.told()
    assert shown.told()["query"] == 10
    shown.set(query=5)
    shown.told()
    assert (shown.told()["query"], shown.told()["focus"]) == (5, "[0,5]"), "keys go on from there"
    shown.page.close()


def test_keys_go_on_from_the_pixel_that_a_slider_chose(browser):
    shown = Shown(browser, pixel_attention())
    shown.drawing.click(position=shown.place(13))
    shown.told()
    shown.set(query=24)
    shown.told()
    assert (shown.told()["query"], shown.told()["focus"]) == (24, "[2,4]")
    shown.drawing.press("ArrowRight")
    assert (shown.told()["query"], shown.told()["focus"]) == (25, "[2,5]")
    shown.page.close()


def test_the_numbers_of_a_kernel_are_typed(browser):
    shown = Shown(browser, convolution_heads(np.eye(8), "identity"))
    entry = shown.page.get_by_label("K, above to left")
    assert not entry.is_visible()
    shown.page.get_by_role("button", name="change the kernel's numbers").click()
    entry.fill("-2.5")
    assert shown.told()["edited"] == {"identity": [[-2.5, 0, 0], [0, 1, 0], [0, 0, 0]]}
    entry.blur()  # what is being typed stays as it is typed
    shown.set(kernel="blur")
    assert shown.told()["edited"].keys() == {"identity"}, "each keeps its own"
    assert float(entry.input_value()) == 0.111
    shown.set(kernel="identity")
    shown.told()
    shown.page.get_by_role("button", name="back to its own numbers").click()
    assert shown.told()["edited"] == {}
    shown.page.close()


def test_the_slider_reaches_0_and_100(browser):
    live = convolution_heads(np.eye(4), sharpness=2.5)
    (slider,) = (c for c in live.children[0].children if hasattr(c, "plus"))
    page = browser.new_page()
    page.set_content("<main></main>")
    page.evaluate(
        """async ({code, values}) => {
          window.model = {get: (name) => values[name], save_changes() {}, off() {},
            on: (_, answer) => { model.heard = answer; },
            set(name, value) { values[name] = value; model.heard(); }};
          const url = URL.createObjectURL(new Blob([code], {type: "text/javascript"}));
          (await import(url)).default.render({model, el: document.querySelector("main")});
        }""",
        {"code": bundle("log_slider.js"), "values": traits(slider)},
    )
    found = []
    for key in ("Home", "ArrowRight", "End", "ArrowLeft", "Home"):
        page.locator("input[type=range]").press(key)
        found.append(page.evaluate("model.get('value')"))
    assert found == [0, 0.0905, 100, 89.5, 0]
    assert page.locator("input[type=number]").input_value() == "0"
    page.close()


@pytest.mark.parametrize(("wide", "room"), [(300, False), (336, False), (740, False), (960, True)])
def test_nothing_is_cut_off_and_nothing_jumps(browser, wide, room):
    pixels = Shown(browser, pixel_attention(), wide, room=room)
    nine = Shown(browser, convolution_heads(np.eye(8)), wide, room=room)
    changes = [
        {"head": head, "picture": picture, "shuffle": seed, "query": 49, "positions": seed == 0}
        for head, picture, seed in itertools.product(
            ("same colour", "one to the left"), ("a boat", "stripes"), (0, 2)
        )
    ]
    kernels = ("blur", "sharpen", "identity", "edges from left to right")
    sharp = [
        {"sharpness": s, "kernel": kernel, "query": query}
        for s, kernel, query in itertools.product((0, 0.0905, 12, 100), kernels, (0, 27))
    ]
    for shown, settings in ((pixels, changes), (nine, sharp)):
        heights = set()
        for change in settings:
            shown.set(**change)
            shown.page.evaluate(NEXT)
            height, spill, wrong = shown.page.evaluate(BOXES)
            assert (spill, wrong) == (0, []), change
            heights.add(height)
        shown.page.close()
        assert len(heights) == 1


@pytest.mark.parametrize("wide", [336, 740])
def test_the_largest_pictures_have_room(browser, wide):
    random = np.random.default_rng(0)
    for live in (
        pixel_attention(random.random((3, 12, 12)), shuffle=1),
        pixel_attention(random.random((3, 1, 12))),
        convolution_heads(random.random((12, 12)), random.normal(size=(3, 3))),
        convolution_heads(random.random((2, 12))),
        convolution_heads(random.random((12, 2))),
    ):
        shown = Shown(browser, live, wide)
        shown.told()
        _, spill, wrong = shown.page.evaluate(BOXES)
        assert (spill, wrong) == (0, []), live
        shown.page.close()
