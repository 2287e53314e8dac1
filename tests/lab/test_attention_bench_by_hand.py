"""The attention bench in a browser: moved by mouse, finger and keys, and held to the core."""

import json

import numpy as np
import pytest

from alone import NEXT, START
from attnlab.lab import AttentionBench
from attnlab.lab.widgets.assets import bundle, style

WORDS = ["The", "cat", "sat", "on", "the", "mat"]
X = [[0, 0, 1, 0], [3, 0, 1, 0], [1, 1, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0], [0, 3, 1, 0]]
LEXICON = {word.lower(): vector for word, vector in zip(WORDS, X, strict=True)} | {
    "dog": [2.5, 0.5, 1, 0]
}
FEATURES = ["who", "where", "what", "link"]
MAPS = {
    "w_query": [[0, 1], [1, 0], [0, 0], [-1, 2]],
    "w_key": [[1, 0], [0, 1], [0, 0], [0, 0]],
    "w_value": [[1, 0, 0], [0, 1, 0], [0, 0, 0], [0, 0, 1]],
    "asked": ["who", "where"],
    "handed": ["who", "where", "link"],
}
PAGE = "<!DOCTYPE html><style>{}</style><main style='width: {}px'></main><p style='height: 900px'>"
TOLD = """() => {
  figure.dispatchEvent(new Event("attn-ask"));
  return {...figure.dataset, said: figure.querySelector("[role=status]").textContent,
    height: figure.offsetHeight, spill: figure.scrollWidth - figure.clientWidth};
}"""


class Bench:
    """A bench on a page, and the same in Python."""

    def __init__(self, page, wide=740, room=False, **arguments):
        self.page = page
        given = {"words": WORDS, "x": X, "features": FEATURES, "focus": [2, 1]} | arguments
        self.figure = AttentionBench(**given)
        state = {k: v for k, v in self.figure.get_state().items() if k[0] != "_"}
        page.set_content(PAGE.format(style("palette.css") + style("figures.css"), wide))
        page.evaluate(START, {"code": bundle("attention_bench.js"), "values": state, "room": room})
        self.drawing = page.locator(".attn-drawing")
        self.chips = page.locator(".attn-chip")

    def told(self) -> dict:
        """What the figure says of itself, held to the same figure in Python."""
        self.page.evaluate(NEXT)
        told = self.page.evaluate(TOLD)
        state, focus = json.loads(told["state"]), json.loads(told["focus"])
        self.figure.set_state(state | {"focus": focus})
        for shown, right in zip(json.loads(told["result"]), self.figure.result, strict=True):
            np.testing.assert_allclose(shown, right, rtol=0, atol=6e-7)
        return told | {"state": state, "focus": focus}

    def middle(self, name: str, place: int = 0):
        box = self.page.locator(name).nth(place).bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def drag(self, name: str, place: int, across: float, down: float) -> None:
        x, y = self.middle(name, place)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + across, y + down, steps=4)
        self.page.mouse.up()


@pytest.fixture
def page(browser):
    """A page of its own: Chromium captures no pointer for a document that was written twice."""
    page = browser.new_page(viewport={"width": 1024, "height": 1000})
    yield page
    page.close()


def test_it_says_what_is_seen(page):
    bench = Bench(page)
    told = bench.told()
    assert told["figure"] == "attention-bench"
    assert told["said"] == (
        "sat looks most at cat and mat, 0.31 each; its new vector is (1.10, 1.17, 0.93, 0.07)."
    )
    assert "Now at query sat, key cat: 0.31." in bench.drawing.get_attribute("aria-label")
    page.locator("summary").click()
    page.locator("table").nth(1).wait_for()
    assert page.locator("table caption").all_inner_texts() == ["weights", "new vectors"]
    rows = page.locator("table").nth(1).locator("tbody tr").all_inner_texts()
    assert rows[2].split() == ["sat", "1.101", "1.169", "0.932", "0.068"]


def test_the_arrow_is_dragged_and_given_back(page):
    bench = Bench(page)
    before = bench.told()
    page.evaluate("window.line = figure.querySelector('.attn-lines')")
    bench.drag(".attn-handle", 0, 90, -40)
    told = bench.told()
    who, where, what, link = told["state"]["question"]
    assert who > 1.5
    assert where > 1.2
    assert [what, link] == [1, 0], "what the plane does not show is that of the word"
    assert told["said"].startswith("your question looks most at cat, ")
    assert told["height"] == before["height"]
    assert page.evaluate("line.isConnected"), "laid out anew"
    page.get_by_role("button", name="back to sat").click()
    assert bench.told()["state"] == before["state"]
    assert bench.chips.nth(2).get_attribute("aria-pressed") == "true"


def test_a_word_is_dragged_wherever_it_stands(page):
    bench = Bench(page, focus=[2, 1], lexicon=LEXICON)
    bench.drag("svg .attn-grab .attn-key", 0, 60, -30)  # The, the
    told = bench.told()
    first, *_, fifth, last = told["state"]["x"]
    assert first == fifth
    assert first[0] > 0.5
    assert first[1] > 0.2
    assert last == X[5]
    assert page.evaluate("model.get('lexicon').the") == first
    assert not told["state"]["question"]


def test_keys_do_what_a_mouse_does(page):
    bench = Bench(page)
    bench.drawing.focus()
    for key, focus in [("ArrowDown", [3, 1]), ("ArrowRight", [3, 2]), ("End", [3, 5])]:
        page.keyboard.press(key)
        assert bench.told()["focus"] == focus
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    assert bench.told()["state"]["question"] == [0.1, 1.1, 0, 1]
    page.keyboard.press("ArrowLeft")
    assert bench.told()["state"]["question"] == [0.1, 1.1, 0, 1], "another key is looked at"
    page.keyboard.press("Escape")
    assert bench.told()["state"]["question"] == []
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("ArrowUp")
    told = bench.told()
    assert (told["state"]["question"], told["focus"]) == ([], [2, 4]), "another word asks"
    page.keyboard.press("Control+Shift+ArrowLeft")
    x = bench.told()["state"]["x"]
    assert x[0] == x[4] == [-0.1, 0, 1, 0]


def test_words_are_swapped_and_nothing_changes_but_their_rows(page):
    bench = Bench(page)
    before = bench.told()
    x, y = bench.middle(".attn-chip", 5)
    from_x, from_y = bench.middle(".attn-chip", 1)
    bench.drag(".attn-chip", 1, x - from_x, y - from_y)
    told = bench.told()
    assert told["state"]["words"] == ["The", "mat", "sat", "on", "the", "cat"]
    assert told["focus"] == [2, 5]
    assert told["said"].endswith(before["said"][-40:])
    order = [0, 5, 2, 3, 4, 1]
    old, new = (np.array(json.loads(each["result"])[0]) for each in (before, told))
    np.testing.assert_allclose(new, old[order][:, order])
    bench.chips.nth(1).focus()
    page.keyboard.press("Shift+ArrowRight")
    assert bench.told()["state"]["words"] == ["The", "sat", "mat", "on", "the", "cat"]
    assert page.evaluate("document.activeElement.textContent") == "mat"
    page.keyboard.press("Enter")
    assert bench.told()["focus"] == [2, 5]


def test_a_drag_that_ends_nowhere_changes_nothing(page):
    bench = Bench(page)
    before = bench.told()["state"]
    bench.drag(".attn-chip", 0, 5, 200)
    assert bench.told()["state"] == before
    bench.chips.nth(0).click()
    assert bench.told()["focus"] == [0, 1]


def test_a_sentence_of_known_words_is_read_and_no_other(page):
    bench = Bench(page, lexicon=LEXICON)
    line, note = page.get_by_label("a sentence of your own"), page.locator(".attn-note")
    line.fill("the zebra sat")
    line.press("Enter")
    assert note.inner_text() == "No vector for zebra. It knows the, cat, sat, on, mat, dog"
    assert bench.told()["state"]["words"] == WORDS
    assert line.input_value() == "the zebra sat", "nothing is lost"
    line.fill("The dog!")
    line.press("Enter")
    told = bench.told()
    assert told["state"]["words"] == ["The", "dog"]
    assert told["focus"] == [1, 1]
    assert note.inner_text() == ""
    assert bench.chips.all_inner_texts() == ["The", "dog"]
    bench.chips.nth(0).press("Shift+ArrowRight")
    assert bench.told()["state"]["words"] == ["dog", "The"]
    assert line.input_value() == "dog The"


def test_the_entries_of_the_matrices_are_typed(page):
    bench = Bench(page, **MAPS, focus=[1, 5])
    assert bench.told()["said"].startswith("cat looks most at mat, 0.97")
    entry = page.get_by_label("W_q, who to where")
    entry.press("ArrowUp")
    assert bench.told()["state"]["w_query"][0] == [0, 1.5]
    entry.press("Control+a")
    entry.press("-")
    assert bench.told()["state"]["w_query"][0] == [0, 1.5], "not yet a number"
    page.keyboard.type("2")
    told = bench.told()
    assert told["state"]["w_query"] == [[0, -2], *MAPS["w_query"][1:]]
    assert told["state"]["w_key"] == MAPS["w_key"]
    entry.fill("")
    page.get_by_label("W_v, link to link").fill("2.5")
    assert entry.input_value() == "-2", "what is left empty is what it was"
    assert bench.told()["state"]["w_value"][3] == [0, 0, 2.5]


def test_a_bench_of_one_feature_has_no_plane_and_keys_change_nothing(page):
    bench = Bench(page, x=[[1], [2], [3], [4], [5], [6]], features=["who"])
    before = bench.told()
    bench.drawing.press("Shift+ArrowRight")
    bench.drawing.press("Control+Shift+ArrowRight")
    assert bench.told()["state"] == before["state"]


def test_the_heatmap_and_the_strip_are_pointed_at(page):
    bench = Bench(page)
    canvas = page.locator("canvas").bounding_box()
    cell = canvas["width"] / 6
    page.mouse.move(canvas["x"] + 4.5 * cell, canvas["y"] + 3.5 * cell)
    assert bench.told()["focus"] == [3, 4]
    page.mouse.move(*bench.middle(".attn-weight", 5))
    assert bench.told()["focus"] == [3, 5]


@pytest.mark.parametrize("maps", [{}, MAPS], ids=["plain", "mapped"])
@pytest.mark.parametrize("wide", [320, 480, 620, 900])
def test_nothing_is_wider_than_its_column_or_jumps(page, maps, wide):
    bench = Bench(page, wide, **maps)
    heights = set()
    for focus in [[0, 0], [2, 1], [5, 5], [3, 2]]:
        page.evaluate("focus => model.set('focus', focus)", focus)
        told = bench.told()
        heights.add(told["height"])
        assert told["spill"] <= 0
    assert len(heights) == 1
    many = 2 * WORDS
    page.evaluate(
        "([words, x]) => { model.set('words', words); model.set('x', x); }", [many, X + X]
    )
    assert bench.told()["spill"] <= 0


@pytest.mark.parametrize("maps", [{}, MAPS], ids=["plain", "mapped"])
def test_in_a_lecture_all_of_it_is_seen_at_once(page, maps):
    told = Bench(page, 960, room=True, **maps).told()
    assert told["spill"] <= 0
    assert told["height"] <= 668  # of 768, without the heading
    small = page.evaluate("""() => [...figure.querySelectorAll("*")].filter((e) =>
      [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())
      && e.checkVisibility() && parseFloat(getComputedStyle(e).fontSize) < 20).length""")
    assert small == 0


def test_a_finger_drags_and_does_not_scroll(browser):
    window = {"width": 360, "height": 640}
    with browser.new_context(viewport=window, has_touch=True, is_mobile=True) as context:
        page = context.new_page()
        bench = Bench(page, 320)
        touch = context.new_cdp_session(page)

        def send(kind, *points):
            spots = [{"x": x, "y": y} for x, y in points]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})

        x, y = bench.middle(".attn-handle")
        send("touchStart", (x, y))
        for step in range(1, 9):
            send("touchMove", (x + 2 * step, y - 8 * step))
            page.evaluate(NEXT)
        send("touchEnd")
        assert bench.told()["state"]["question"][1] > 1.5
        assert page.evaluate("scrollY") == 0
