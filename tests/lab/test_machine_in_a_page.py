"""The machine in a browser: its keys, its buttons, its words, and two of them on a page."""

import json
import random

import pytest
from machines import MODELS, travelling

from attnlab.lab.widgets.assets import bundle, style
from attnlab.lab.widgets.machine import Machine
from pages import walked

pytestmark = pytest.mark.slow
SHEET = "".join(map(style, ["palette.css", "figures.css", "machine.css"]))
START = """async ({code, machines}) => {
  const url = URL.createObjectURL(new Blob([code], {type: "text/javascript"}));
  const {default: widget} = await import(url);
  window.models = machines.map(({traits: values, weights}) => {
    const heard = {};
    const bytes = Uint8Array.from(atob(weights), (letter) => letter.charCodeAt(0));
    values.tensors = {shape: [], data: new DataView(bytes.buffer)};
    const model = {get: (name) => values[name], save_changes() {},
      on: (event, answer) => (heard[event] ??= []).push(answer),
      off: (event, answer) => { heard[event] = heard[event].filter((each) => each !== answer); },
      set(name, value) {
        values[name] = value;
        for (const answer of heard[`change:${name}`] ?? []) answer();
      }};
    const el = document.createElement("section");
    document.querySelector("main").append(el);
    return {model, el, end: widget.render({model, el}), heard};
  });
  while (document.querySelector("[data-waits]")) await new Promise((next) => setTimeout(next, 20));
}"""
SET = """([place, traits]) => {
  for (const [name, value] of Object.entries(traits)) models[place].model.set(name, value);
  return new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
}"""
FAULTS = """() => {
  const parts = [...models[0].el.querySelectorAll(".attn-part")];
  const boxes = parts.map((each) => [each.dataset.box, each.offsetLeft, each.offsetTop,
    each.offsetWidth, each.offsetHeight, each.scrollHeight]);
  const faults = boxes.filter((box) => box[5] > box[4] + 2).map(([name]) => `${name} spills`);
  boxes.forEach(([a, x, y, width, height], i) => {
    for (const [b, left, top, wide, high] of boxes.slice(i + 1))
      if (x < left + wide - 1 && left < x + width - 1 && y < top + high - 1 && top < y + height - 1)
        faults.push(`${a} over ${b}`);
  });
  return faults;
}"""
CUT = """() => {
  const left = (each) => each.getBoundingClientRect().left;
  const names = [...models[0].el.querySelectorAll(".attn-part-name")]
    .filter((each) => each.scrollWidth > each.clientWidth + 1
      || each.scrollHeight > each.clientHeight + 2);
  const out = [...models[0].el.querySelectorAll(".attn-heat svg text")]
    .filter((each) => left(each) < left(each.closest(".attn-part")) - 1);
  return [...names, ...out].map((each) => each.textContent);
}"""
MASKED = """() => {
  const box = models[0].el.querySelector("[data-box='decoder.layers.0.attention'] canvas");
  const pixel = (x, y) => Array.from(box.getContext("2d").getImageData(x, y, 1, 1).data);
  const pen = document.createElement("canvas").getContext("2d");
  const drawn = (colour) => {
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    return Array.from(pen.getImageData(0, 0, 1, 1).data).slice(0, 3);
  };
  const [little, middle] = ["--attn-little", "--attn-middle"].map((name) =>
    getComputedStyle(models[0].el.querySelector(".attnlab")).getPropertyValue(name));
  return [pixel(1, 0), drawn(little), drawn(`color-mix(in oklab, ${little} 80%, ${middle})`)];
}"""
TOLD = "place => [models[place].el.querySelector('.attn-machine').outerHTML]"
HOSTILE = "the <img src=x onerror=document.title='lost'> \u202e cat"


@pytest.fixture
def opened(browser):
    """A page with two machines of one model: the page, and the first in Python."""
    model, given = MODELS["pre"]
    figure = Machine(model.eval(), **given | {"step": 3})
    page = browser.new_page(viewport={"width": 1000, "height": 900})
    errors = []
    page.on("pageerror", lambda error: errors.append(error.stack))
    page.set_content(f"<style>{SHEET}</style><main></main>")
    machines = [json.loads(json.dumps(travelling(figure, model))) for _ in range(2)]
    page.evaluate(START, {"code": bundle("machine.js"), "machines": machines})
    yield page, figure
    assert errors == []
    page.close()


def focus_of(page):
    text = page.locator("[data-figure=machine]").first.get_attribute("data-focus")
    return json.loads(text) if text else []


def test_the_keys_walk_over_what_is_unfolded_and_enter_opens_it(opened):
    page, figure = opened
    drawing = page.locator("[data-figure=machine] .attn-drawing").first
    assert drawing.get_attribute("role") == "group"
    drawing.focus()
    keys = "Down Right Down Down Down Enter Down Down Enter Down Down Down Left End Up Home Down"
    for key in keys.split():
        before = focus_of(page)
        page.keyboard.press(key if key in ("Enter", "End", "Home") else f"Arrow{key}")
        page.evaluate(SET, [0, {}])
        figure.unfolded = page.evaluate("models[0].model.get('unfolded')")
        if key != "Enter":
            name = key if key in ("End", "Home") else f"Arrow{key}"
            assert focus_of(page) == walked(before, name, figure), key
    assert len(figure.unfolded) == 2
    focused = page.locator(".attn-part-head:focus")
    assert focused.get_attribute("aria-expanded") in ("true", "false")


def test_with_shift_the_keys_walk_over_the_numbers_of_a_row(opened):
    page, figure = opened
    place = [each["id"] for each in _items(figure.plan)].index("decoder.norm")
    page.evaluate(SET, [0, {"unfolded": ["decoder.norm"], "focus": [place, 1]}])
    page.locator(".attn-drawing").first.focus()
    for _ in range(9):
        page.keyboard.press("Shift+ArrowLeft")
    status = page.locator("[data-figure=machine] [role=status]").first
    assert ", number 0 " in status.inner_text()
    page.keyboard.press("Shift+ArrowRight")
    assert ", number 1 " in status.inner_text()
    assert focus_of(page) == [place, 1]


def test_a_step_a_key_press(opened):
    page, _ = opened
    page.locator(".attn-drawing").first.focus()
    page.evaluate(SET, [0, {"step": 0}])
    for key in ("n", " ", "n"):
        page.keyboard.press(key)
    assert page.evaluate("models[0].model.get('step')") == 3


def test_switches_are_buttons_and_say_what_they_change(opened):
    page, _ = opened
    layer = "decoder.layers.0"
    page.evaluate(SET, [0, {"unfolded": [layer, f"{layer}.sums.1", f"{layer}.norms.0"]}])
    machine = page.locator("[data-figure=machine]").first
    switch = machine.get_by_role("button", name="way round: on")
    assert switch.get_attribute("aria-pressed") == "true"
    switch.click()
    assert machine.get_by_role("button", name="way round: off").get_attribute("aria-pressed") == (
        "false"
    )
    said = machine.get_by_role("status").inner_text()
    assert said.startswith("Without the way round cross-attention (decoder, layer 0)")
    machine.get_by_role("button", name="all on again").click()
    assert page.evaluate("models[0].model.get('off')") == []


def test_the_whole_of_a_translation_stays_the_whole_of_the_next_one(opened):
    page, _ = opened
    count = page.locator(".attn-play-count").first
    page.evaluate(SET, [0, {"step": int(count.inner_text().split()[2])}])
    for sentence in ("the cat", "the small dog sees the black cat and the old house"):
        page.evaluate(SET, [0, {"sentence": sentence}])
        page.wait_for_timeout(200)
        now, _, every, _ = count.inner_text().split()
        assert now == every
        assert page.evaluate("models[0].model.get('step')") >= int(every)
    page.evaluate(SET, [0, {"sentence": "the dog sees the cat", "step": 1}])
    page.wait_for_timeout(200)
    assert count.inner_text().startswith("1 of")


def test_what_is_written_is_told_after_each_change_until_something_is_pointed_at(opened):
    page, figure = opened
    status = page.locator("[data-figure=machine] [role=status]").first
    place = [each["id"] for each in _items(figure.plan)].index("encoder.norm")
    for change in ({"step": 1}, {"sentence": "the cat sleeps"}, {"attention": False}):
        page.evaluate(SET, [0, {"focus": [place, 0]}])
        assert status.inner_text().startswith("Encoder: norm.")
        page.evaluate(SET, [0, change])
        assert " → " in status.inner_text(), change
        page.evaluate(SET, [0, {"focus": [place, 1]}])
        assert status.inner_text().startswith("Encoder: norm."), change
    page.locator("[data-figure=machine] .attn-drawing").first.focus()
    page.keyboard.press("Escape")
    page.evaluate(SET, [0, {}])
    assert " → " in status.inner_text()
    word = page.locator("[data-box='encoder.words'] [data-row='0']").first
    word.hover()
    page.evaluate(SET, [0, {"step": 0}])
    assert " → " in status.inner_text()
    word.click()  # the same word anew
    page.evaluate(SET, [0, {}])
    assert status.inner_text().startswith("Encoder: English.")


def test_on_a_phone_no_name_is_cut_and_no_word_sticks_out(opened):
    page, figure = opened
    groups = [each["id"] for each in _items(figure.plan) if each["kind"] == "group"]
    page.set_viewport_size({"width": 320, "height": 700})
    inner = "encoder.layers.1.attention"
    for unfolded in (["decoder.layers.0"], groups, [*groups, f"{inner}.query", f"{inner}.weights"]):
        page.evaluate(SET, [0, {"sentence": "internationalisation speaks", "unfolded": unfolded}])
        assert page.evaluate(CUT) == []
        assert page.evaluate(FAULTS) == []


def test_a_sum_keeps_its_height_from_number_to_number(opened):
    page, figure = opened
    box = "decoder.layers.0.attention.scores"
    place = [each["id"] for each in _items(figure.plan)].index(box)
    layer = ["decoder.layers.0", "decoder.layers.0.attention"]
    page.evaluate(SET, [0, {"unfolded": [*layer, box], "step": 5, "head": 0, "focus": [place, 0]}])
    sums = page.locator(f"[data-box='{box}'] .attn-part-sums")
    before = sums.bounding_box()["height"]
    assert sums.locator("dd").count() == 2
    page.locator(".attn-drawing").first.focus()
    page.keyboard.press("Shift+ArrowRight")  # masked: a sum of one line
    assert sums.locator("dd").count() == 1
    assert sums.bounding_box()["height"] == before
    page.evaluate(SET, [0, {"attention": False}])
    assert sums.bounding_box()["height"] == before


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_is_masked_differs_from_a_small_weight(opened, theme):
    page, _ = opened
    page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
    page.evaluate(SET, [0, {"unfolded": ["decoder.layers.0"], "head": 0, "step": 5}])
    masked, paper, small = page.evaluate(MASKED)
    seen = [part + (whole - part) * masked[3] / 255 for whole, part in zip(masked, paper, strict=0)]
    assert max(abs(a - b) for a, b in zip(seen, small, strict=0)) > 20


def test_hostile_words_stay_text(opened):
    page, _ = opened
    page.evaluate(SET, [0, {"sentence": HOSTILE, "unfolded": ["encoder.layers.0.attention"]}])
    assert page.locator("main img").count() == 0
    assert page.title() == ""
    words = page.locator("[data-box='encoder.words'] .attn-part-word").all_inner_texts()
    assert words[1] == "<img"


def test_a_walk_at_random_moves_one_machine_only_and_nothing_overlaps(opened):
    page, figure = opened
    chance = random.Random(1)
    items = figure.result and [each["id"] for each in _items(figure.plan)]
    switches = [s["off"] for each in _items(figure.plan) for s in each.get("switches", ())]
    other = page.evaluate(TOLD, 1)
    changes = {
        "focus": lambda: [chance.randrange(len(items)), chance.randrange(9)],
        "step": lambda: chance.randrange(20),
        "unfolded": lambda: [each for each in items if chance.random() < 0.15],
        "off": lambda: [each for each in switches if chance.random() < 0.1],
        "sentence": lambda: chance.choice(["the cat sleeps", "", "Ana <b>", "the " * 41]),
        "head": lambda: chance.randrange(-1, 2),
        "attention": lambda: chance.random() < 0.6,
    }
    for _ in range(120):
        name = chance.choice(list(changes))
        page.evaluate(SET, [0, {name: changes[name]()}])
        assert page.evaluate(FAULTS) == [], name
    assert page.evaluate(TOLD, 1) == other


def test_what_has_ended_listens_no_more(opened):
    page, _ = opened
    left = page.evaluate("models[0].end(), Object.values(models[0].heard).flat().length")
    assert left == 0


def _items(plan):
    def below(item):
        yield item
        for each in item.get("items", []):
            yield from below(each)

    return [
        found for column in plan["columns"] for item in column["items"] for found in below(item)
    ]
