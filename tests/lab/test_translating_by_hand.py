"""A translation in a browser, by hand: words are pressed, drawn and taken back, steps gone to."""

import base64
import json
import random

import numpy as np
import pytest
import torch

from alone import START
from attnlab.lab import beam_tree, next_token
from attnlab.lab.widgets.assets import bundle, style
from attnlab.lab.widgets.model_weights import weights_of
from attnlab.recipes import trained
from node import traits

TOLD = """async () => {
  await new Promise((next) => setTimeout(() => requestAnimationFrame(() => setTimeout(next)), 130));
  figure.dispatchEvent(new Event("attn-ask"));
  return {...figure.dataset, said: figure.querySelector("[role=status]").textContent};
}"""
SET = "traits => { for (const [name, value] of Object.entries(traits)) model.set(name, value); }"
HOSTILE = [
    "<img src=x onerror=alert(1)> sleeps",
    "w" * 10_000,
    "",
    "the cat " * 40,
    "Ana\u202e sings",
]


class Shown:
    """A figure on a page by itself, and what it says, held to the same figure in Python."""

    def __init__(self, browser, live, file, width=900):
        torch.set_num_threads(1)
        self.figure, self.complaints = live.figure, []
        self.page = browser.new_page(viewport={"width": width, "height": 900})
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda box: (self.complaints.append(box.message), box.dismiss()))
        sheet = style("palette.css") + style("figures.css")
        self.page.set_content(f"<style>{sheet}</style><main style='width: {width - 40}px'></main>")
        weights = base64.b64encode(weights_of(self.figure.model["weights"])).decode()
        values = traits(self.figure) | {"tensors": {"base64": weights}}
        self.page.evaluate(START, {"code": bundle(file), "values": values})
        self.drawing = self.page.locator(".attn-drawing")

    def told(self) -> dict:
        said = self.page.evaluate(TOLD)
        assert self.complaints == []
        found = {name: json.loads(said[name] or "null") for name in ("state", "result", "focus")}
        with self.figure.hold_trait_notifications():
            for name, value in found["state"].items():
                setattr(self.figure, name, value)
        for one, other in zip(found["result"], self.figure.result, strict=True):
            np.testing.assert_allclose(one, other, rtol=0, atol=1e-4)
        return found | {"said": said["said"]}

    def press(self, key: str) -> None:
        """Press a key on the drawing, and wait until it is drawn: what is written follows on it."""
        self.drawing.press(key)
        self.told()

    def written(self) -> list[str]:
        state = self.told()["state"]
        return state["written"].get(state["sentence"], [])


@pytest.fixture
def step(browser):
    live = next_token(model=trained("translation"), sentence="two cats")
    shown = Shown(browser, live, "translation_step.js")
    yield shown
    shown.page.close()


@pytest.fixture
def beam(browser):
    live = beam_tree(model=trained("translation"), sentence="two cats", width=2, step=2)
    shown = Shown(browser, live, "translation_beam.js")
    yield shown
    shown.page.close()


def test_a_bar_that_is_pressed_is_written(step):
    assert "press a bar" in step.page.locator(".attn-chips").inner_text()
    step.drawing.click(position={"x": 150, "y": 52})
    assert step.written() == ["deux"]
    step.drawing.click(position={"x": 150, "y": 5})  # no bar is there
    assert step.written() == ["deux"]
    for _ in range(2):
        step.press("Enter")
    assert step.written() == ["deux", "chats", "chats"]
    step.press("Backspace")
    step.press("ArrowDown")
    step.press("Enter")
    step.press("Enter")
    told = step.told()
    assert step.written() == ["deux", "chats", "rient", "<end>"]
    assert told["said"] == "“deux chats rient” has ended, with probability 0.17."
    step.press("Enter")
    assert step.written()[-2:] == ["rient", "<end>"], "nothing comes behind it"


def test_words_are_taken_back_and_drawn(step):
    button = step.page.get_by_role("button", name="take back")
    assert button.is_disabled()
    step.page.evaluate(SET, {"written": {"two cats": ["deux", "chats", "rient"]}})
    step.told()
    button.click()
    assert step.written() == ["deux", "chats"]
    button.click()
    assert step.written() == ["deux"]
    chance = step.page.get_by_role("button", name="draw a word")
    while len(step.written()) < 3 and chance.is_enabled():
        chance.click()
    assert len(step.written()) > 1


def test_steps_of_the_beam_are_gone_to(beam):
    assert "keeps 2 of 384, most probable “deux chats”, 1.00" in beam.told()["said"]
    beam.drawing.focus()
    for key in ("ArrowUp", "ArrowRight", "ArrowRight", "ArrowRight"):
        beam.press(key)
    assert beam.told()["focus"] == [0, 3]
    assert beam.page.locator(".attn-pair").inner_text() == "step 4 is still to come"
    beam.press("Enter")
    told = beam.told()
    assert told["state"]["step"] == 4
    assert beam.page.locator(".attn-pair").inner_text() == "“deux chats rient” <end>"
    assert beam.page.locator("svg .attn-gold").count() == 1
    assert told["said"].endswith("This search ends with “deux chats rient”: log p −1.79.")


@pytest.mark.parametrize("name", ["step", "beam"])
def test_a_walk_at_random_throws_nothing(request, name):
    shown, chance = request.getfixturevalue(name), random.Random(0)
    settings = {
        "sentence": [*HOSTILE, "two cats", "the zorgle sleeps"],
        "temperature": [0.125, 1, 8],
        "top_k": [1, 3, 192],
        "top_p": [0.05, 0.5, 1],
        "width": range(1, 7),
        "step": [0, 1, 3, 54],
        "length_penalty": [0, 0.625, 2],
    }
    known = [trait for trait in settings if shown.figure.has_trait(trait)]
    keys = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End", "Enter", "Backspace"]
    for turn in range(80):
        if chance.random() < 0.4:
            trait = chance.choice(known)
            shown.page.evaluate(SET, {trait: chance.choice(settings[trait])})
        else:
            shown.drawing.press(chance.choice(keys))
        if turn % 8 == 0:
            shown.told()
    shown.told()
    assert shown.page.locator("img").count() == 0
