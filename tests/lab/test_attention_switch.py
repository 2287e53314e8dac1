"""The switch: both answers are the model's own, the browser shows them, and bad input is named."""

import base64
import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from playwright.sync_api import sync_playwright

from alone import NEXT, START
from attnlab.lab import AttentionSwitch, attention_off, attention_switch, looking
from attnlab.lab.right_words import right_words
from attnlab.lab.widgets.assets import bundle, style
from attnlab.lab.widgets.figure import Figure
from attnlab.nn import Transformer, TransformerConfig
from attnlab.recipes import trained, translate
from attnlab.recipes.shipped import FOLDER
from attnlab.tasks import ENGLISH, EXAMPLE_PAIRS, FRENCH
from needs import chromium
from node import javascript, traits

OWL = EXAMPLE_PAIRS[0]
SETTINGS = [
    {"sentence": " ".join(pair.source), "attention": on}
    for pair in EXAMPLE_PAIRS
    for on in (True, False)
]


@pytest.fixture(scope="module")
def model():
    return trained("translation")


@pytest.fixture(scope="module")
def figure(model):
    return AttentionSwitch(model, EXAMPLE_PAIRS)


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    with javascript("attention_switch.js", tmp_path_factory.mktemp("switch")) as answers:
        yield answers


def set_to(figure, **settings):
    with figure.hold_trait_notifications():
        for name, value in ({"focus": []} | settings).items():
            setattr(figure, name, value)
    return figure


def test_both_answers_are_those_of_the_model_and_their_weights_the_mean_of_all_heads(model, figure):
    sources = [pair.source for pair in EXAMPLE_PAIRS]
    with attention_off(model):
        off = translate(model, sources)
    both = list(zip(off, translate(model, sources), strict=True))
    assert figure.translations == [[*answers] for answers in both]
    for place, answer in enumerate(each for off, on in both for each in (on, off)):
        assert set_to(figure, **SETTINGS[place]).translation == answer
    set_to(figure, **SETTINGS[2])
    np.testing.assert_allclose(figure.shown, looking(model, sources[1]).weights.mean((0, 1)))
    set_to(figure, **SETTINGS[3])
    np.testing.assert_allclose(figure.shown, 1 / len(sources[1]), atol=1e-6)


def test_with_attention_all_is_right_and_without_every_sentence_falls_apart(figure):
    for pair, name in zip(EXAMPLE_PAIRS, figure.names, strict=True):
        assert set_to(figure, sentence=name, attention=True).translation == [*pair.target]
        assert all(figure.right)
        set_to(figure, attention=False)
        assert sum(figure.right) <= 0.6 * len(pair.target)
        assert not all(figure.right), "something is struck out"


def test_content_words_read_the_words_that_they_translate(figure):
    set_to(figure, **SETTINGS[0])
    best = figure.shown.argmax(axis=1)
    assert {(int(j), i) for i, j in enumerate(best)} <= set(OWL.alignment)


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda each: " ".join(map(str, each.values())))
def test_the_browser_agrees_with_the_package(figure, ask, settings):
    (answer,) = ask([["compute", traits(set_to(figure, **settings))]])
    assert answer["state"] == settings
    for found, expected in zip(answer["result"], figure.result, strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=2e-6)  # float32 in both
    assert answer["target"] == figure.translation
    assert answer["wanted"] == figure.references[figure.names.index(settings["sentence"])]


def test_a_figure_that_was_stored_is_made_anew_from_its_traits(model, figure):
    again = AttentionSwitch.__new__(AttentionSwitch)
    names = ("model", "tensors", "names", "references", "translations", "sentence", "attention")
    Figure.__init__(again, **{name: getattr(figure, name) for name in names})
    assert again.module is not model
    assert again.result == figure.result


def test_until_its_model_has_come_the_words_stand_there_without_the_lines(figure, tmp_path):
    set_to(figure, **SETTINGS[1])
    (tmp_path / "modelless").mkdir()
    with javascript("attention_switch.js", tmp_path / "modelless") as answers:
        (answer,) = answers([["compute", traits(figure) | {"model": waiting(figure)}]])
    assert (answer["target"], answer["waits"]) == (figure.translation, True)
    assert answer["right"] == [int(each) for each in figure.right]
    assert np.shape(answer["weights"]) == figure.cells
    assert not np.any(answer["weights"])


def waiting(figure):
    """Its model without the name of its weights, for which node waits."""
    return {name: value for name, value in figure.model.items() if name != "weights"}


words = st.lists(st.sampled_from("abcd"), max_size=9)


@given(st.lists(st.tuples(words, words), min_size=40, max_size=40))
@effort(max_examples=5, deadline=None)
def test_right_words_are_those_of_the_package(ask, pairs):
    found = ask([["rightWords", *pair] for pair in pairs])
    assert found == [right_words(*pair) for pair in pairs]


def shown(target, right, weights, wanted=("le", "chat", "dort"), on=True):
    words = {"source": ["the", "cat", "sleeps"], "target": target, "wanted": wanted}
    return {**words, "state": {"attention": on}, "right": right, "weights": weights}


def test_the_sentence_by_hand(ask):
    whole = shown(["le", "chat", "dort"], [1, 1, 1], [[0.5, 0.3, 0.2]] * 3)
    part = shown(["le", "chien"], [1, 0], [[1 / 3] * 3] * 2, on=False)
    longer = shown(["le", "chat", "dort", "dort"], [1, 1, 1, 0], [[1, 0, 0]] * 4)
    asked = [
        (whole, []),
        (whole, [1, 0]),
        (whole, [1, 2]),
        (part, []),
        (part, [2, 1]),
        (longer, []),
    ]
    score = "With attention: all 3 words are right."
    assert ask([["told", *each] for each in asked]) == [
        score,
        f"{score} “chat” looks most at “the”, 0.50.",
        f"{score} “chat” looks most at “the”, 0.50; at “sleeps”, 0.20.",
        "Without attention: 1 of 3 words are right.",
        "Without attention: 1 of 3 words are right. “chien” looks at all 3 words alike, 0.33 each.",
        "With attention: 3 of 3 words are right, and 1 too many.",
    ]


def test_places_by_hand(ask):
    assert ask([["along", [10, 20], 4, 3], ["along", [], 4, 3]]) == [
        {"middles": [8, 27], "end": 37},
        {"middles": [], "end": 3},
    ]
    (flow,) = ask([["wrapped", [10, 20, 30], 4, 5, 40]])
    assert flow == [
        {"x": 10, "line": 0, "width": 10},
        {"x": 29, "line": 0, "width": 20},
        {"x": 20, "line": 1, "width": 30},
    ]


def test_a_line_grows_with_its_weight(ask):
    lines = ask([["stroke", weight / 10] for weight in range(11)])
    for name in ("stroke-width", "stroke-opacity"):
        grown = np.diff([float(line[name]) for line in lines])
        assert (grown > 0).all()
    assert float(lines[10]["stroke-opacity"]) <= 1


def test_what_does_not_fit_is_named(model):
    pairs = EXAMPLE_PAIRS[:2]
    with pytest.raises(ValueError, match="sentences is empty or has one twice"):
        AttentionSwitch(model, [])
    with pytest.raises(ValueError, match="sentences is empty or has one twice"):
        AttentionSwitch(model, [OWL, OWL])
    with pytest.raises(TypeError, match="holds a str in place 1, and must hold pairs, English"):
        AttentionSwitch(model, [OWL, "the cat sleeps"])
    with pytest.raises(ValueError, match="sentence is 'no', and must be one of my happy red owl"):
        AttentionSwitch(model, pairs, sentence="no")
    with pytest.raises(ValueError, match=r"focus is \[7, 0\], and must be empty or .* \[7, 8\]"):
        AttentionSwitch(model, pairs, focus=[7, 0])
    with pytest.raises(TypeError, match="typed"):
        AttentionSwitch(model, pairs, typed="x")
    with pytest.raises(TypeError, match="model is a Linear, and must be a Transformer"):
        AttentionSwitch(torch.nn.Linear(2, 2), pairs)
    sizes = {"d_model": 8, "heads": 2, "layers": 1, "d_ff": 8}
    other = Transformer(TransformerConfig(source_vocabulary=9, target_vocabulary=9, **sizes))
    with pytest.raises(ValueError, match="model has vocabularies of 9 and 9 tokens"):
        AttentionSwitch(other, pairs)


def test_a_model_that_writes_nothing_is_named():
    sizes = {"d_model": 8, "heads": 2, "layers": 1, "d_ff": 8, "norm": "pre"}
    words = {"source_vocabulary": len(ENGLISH), "target_vocabulary": len(FRENCH)}
    mute = Transformer(TransformerConfig(**words, **sizes)).eval()
    with torch.no_grad():
        mute.output.weight.zero_()
        mute.output.weight[2] = mute.decoder.norm.bias.fill_(1)  # the end mark comes first
        mute.decoder.norm.weight.zero_()
    with pytest.raises(ValueError, match="writes no word for 'my happy red owl speaks to the her"):
        AttentionSwitch(mute, EXAMPLE_PAIRS)


def test_controls_picture_and_words(model):
    live = attention_switch(model, EXAMPLE_PAIRS, focus=[1, 3])
    menu, switch = live.children[0].children
    assert menu._options_labels == live.figure.names
    assert switch.value is True
    assert repr(live) == "Live translator of 8 sentences, with a switch for its attention"
    pictures = {live.figure.png()}
    for settings in ({"attention": False}, {"sentence": SETTINGS[4]["sentence"]}):
        pictures.add(set_to(live.figure, **settings).png())
    assert len(pictures) == 3


def test_no_text_becomes_html():
    assert not re.search("innerHTML|insertAdjacentHTML", bundle("attention_switch.js"))


SET = """async (traits) => {
  for (const [name, value] of Object.entries(traits)) model.set(name, value);
  await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
  return document.getAnimations().filter((each) => each.animationName === "attn-arriving")
    .map((each) => each.effect.getComputedTiming().duration);
}"""
SEEN = """() => ({
  struck: figure.querySelectorAll(".attn-crossing").length,
  lines: figure.querySelectorAll(".attn-ribbons path").length,
  behind: figure.querySelectorAll(".attn-behind").length,
  numbers: [...figure.querySelectorAll("svg .attn-numbers")].map((each) => each.textContent),
  status: figure.querySelector("[role=status]").textContent,
  label: figure.querySelector("[role=img]").getAttribute("aria-label"),
  focus: model.get("focus"),
  height: figure.offsetHeight,
  spill: figure.scrollWidth - figure.clientWidth,
})"""


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(**chromium(playwright))
        yield found
        found.close()


@pytest.fixture(params=[360, 900])
def page(request, browser, figure):
    page = browser.new_page(viewport={"width": request.param, "height": 700})
    css = style("palette.css") + style("figures.css")
    page.set_content(f"<style>{css}</style><body style='margin: 8px'><main></main>")
    values = traits(set_to(figure, **SETTINGS[0]))
    weights = FOLDER / figure.model["file"]
    data = weights.read_bytes()
    values["tensors"] = {"base64": base64.b64encode(data).decode(), "shape": [len(data)]}
    page.evaluate(START, {"code": bundle("attention_switch.js"), "values": values})
    page.evaluate(NEXT)
    yield page
    page.close()


def test_the_switch_strikes_out_what_is_wrong_and_moves_briefly(page):
    on = page.evaluate(SEEN)
    assert (on["struck"], on["lines"], on["behind"]) == (0, 7 * 8, 0)
    moved = page.evaluate(SET, {"attention": False})
    assert moved
    assert max(moved) < 300
    off = page.evaluate(SEEN)
    assert off["status"].startswith("Without attention: 2 of 7 words are right.")
    assert off["struck"] == 5
    assert off["height"] == on["height"]
    assert max(on["spill"], off["spill"]) <= 1


def test_nothing_moves_for_who_does_not_want_it(page):
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(SET, {"attention": False}) == []


def test_the_lines_of_the_word_in_focus_stand_out(page):
    drawing = page.locator(".attn-drawing")
    for key in ["ArrowRight", "ArrowDown"]:
        drawing.press(key)
    page.evaluate(SET, {})  # until it is drawn
    seen = page.evaluate(SEEN)
    assert seen["focus"] == [1, 0]
    assert seen["behind"] == 6 * 8
    assert seen["label"].endswith("Now at hibou, my.")
    page.evaluate(SET, {"attention": False})
    assert page.evaluate(SEEN)["numbers"] == [".13"] * 8


def test_a_word_is_pointed_at(page):
    words = page.locator("svg text.attn-query:not(.attn-caption)")
    words.filter(has_text="parle").hover()
    assert page.evaluate(SEEN)["focus"] == [4, 4]
    page.locator("svg text.attn-key:not(.attn-caption)").filter(has_text="owl").hover()
    assert page.evaluate(SEEN)["focus"] == [1, 3]


def test_long_words_scroll_where_they_do_not_fit(page):
    long = "w" * 30
    name = f"a cat sees {long}"
    said = [["le", long], ["le", long]]
    page.evaluate(SET, {"names": [name], "translations": [said], "sentence": name})
    seen = page.evaluate(SEEN)
    assert seen["spill"] <= 1
    scrolls = page.locator(".attn-drawing").evaluate("e => e.scrollWidth > e.clientWidth")
    assert scrolls == (page.viewport_size["width"] == 360)


def test_the_focus_outlives_a_shorter_answer(page):
    page.evaluate(SET, {"focus": [6, 7]})
    page.evaluate(SET, {"sentence": SETTINGS[3]["sentence"], "attention": False})
    assert "“hommes” looks at all 6 words alike" in page.evaluate(SEEN)["status"]
