"""The frame of the figures in a browser, with a model that stands for Jupyter's."""

import json

import numpy as np
import pytest
from playwright.sync_api import sync_playwright

from attnlab.core import causal, softmax
from attnlab.lab.widgets.assets import bundle, style
from needs import chromium

SCORES = np.arange(12.0).reshape(3, 4) / 5
START = """async ({code, rows, columns, scores}) => {
  const words = (count) => Array.from({length: count}, (_, i) => `w${i}`);
  const data = new DataView(new Float64Array(scores).buffer);
  const values = {scores: {shape: [1, 1, rows, columns], data}, query: null, key: null, mask: null,
    scale: 1, query_words: words(rows), key_words: words(columns),
    row_name: "query", column_name: "key", temperature: 1, causal: false,
    reach: columns - 1, layer: 0, head: 0, focus: []};
  const heard = {};
  window.model = {get: (name) => values[name], save_changes() {},
    on: (event, answer) => (heard[event] ??= []).push(answer),
    off: (event, answer) => { heard[event] = heard[event].filter((each) => each !== answer); },
    set(name, value) {
      values[name] = value;
      for (const answer of heard[`change:${name}`] ?? []) answer();
    }};
  const url = URL.createObjectURL(new Blob([code], {type: "text/javascript"}));
  const {default: widget} = await import(url);
  window.end = widget.render({model, el: document.querySelector("main")});
  window.figure = document.querySelector("[data-figure]");
  await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
}"""
MESSAGE = """async (traits) => {
  const before = Number(figure.dataset.draws);
  for (const [name, value] of Object.entries(traits)) model.set(name, value);
  const atOnce = Number(figure.dataset.draws) - before;
  await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
  return [atOnce, Number(figure.dataset.draws) - before];
}"""
TOLD = """() => {
  const before = figure.dataset.result ?? "";
  figure.dispatchEvent(new Event("attn-ask"));
  return [before, figure.dataset.result];
}"""


@pytest.fixture
def page():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium(playwright))
        page = browser.new_page()
        sheet = style("palette.css") + style("figures.css")
        page.set_content(f"<style>{sheet}</style><main style='width: 900px'></main>")
        rows, columns = SCORES.shape
        numbers = {"rows": rows, "columns": columns, "scores": SCORES.ravel().tolist()}
        page.evaluate(START, {"code": bundle("heatmap.js"), **numbers})
        yield page
        browser.close()


def test_a_message_of_many_traits_is_drawn_once(page):
    message = {"temperature": 0.5, "causal": True, "reach": 2, "focus": [1, 0], "layer": 0}
    assert page.evaluate(MESSAGE, message) == [0, 1]
    state = json.loads(page.evaluate("figure.dataset.state"))
    assert state == {"temperature": 0.5, "causal": True, "reach": 2, "layer": 0, "head": 0}
    assert page.evaluate("figure.dataset.focus") == "[1,0]"


def test_the_numbers_are_written_when_asked_for_and_are_those_of_now(page):
    before, told = page.evaluate(TOLD)
    assert before == ""
    np.testing.assert_allclose(json.loads(told), softmax(SCORES), atol=6e-7)
    page.evaluate(MESSAGE, {"causal": True, "temperature": 2})
    before, told = page.evaluate(TOLD)
    assert before == "", "numbers of a moment ago"
    allowed = causal(np.arange(3), np.arange(4))
    np.testing.assert_allclose(json.loads(told), softmax(SCORES, allowed, temperature=2), atol=6e-7)


def test_pointing_computes_nothing_anew(page):
    page.evaluate("""() => {
      window.asked = 0;
      const get = model.get;
      model.get = (name) => { window.asked += name === "scores"; return get(name); };
    }""")
    page.evaluate(MESSAGE, {"focus": [2, 1]})
    assert page.evaluate("asked") == 0
    page.evaluate(MESSAGE, {"temperature": 3})
    assert page.evaluate("asked") == 1


def test_a_focus_on_what_is_no_longer_there_keeps_to_what_is(page):
    assert page.evaluate(MESSAGE, {"focus": [9, 7]}) == [0, 1]
    assert page.evaluate("figure.dataset.focus") == "[2,3]"
    page.locator(".attn-drawing").press("ArrowLeft")
    assert page.evaluate("model.get('focus')") == [2, 2]


def test_what_has_ended_is_not_drawn_any_more(page):
    drawn = page.evaluate("""async () => {
      const before = Number(figure.dataset.draws);
      model.set("temperature", 2);
      end();
      model.set("temperature", 3);
      await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
      return Number(figure.dataset.draws) - before;
    }""")
    assert drawn == 0


def test_a_lecture_is_told_by_its_class_and_not_by_the_size_of_letters(page):
    wide = "Number(document.querySelector('canvas').style.width.slice(0, -2))"
    redrawn = """async (change) => {
      new Function(change)();
      await new Promise((next) => setTimeout(next, 100));
      await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
    }"""
    assert page.evaluate(wide) == 4 * 34
    page.evaluate(redrawn, "figure.style.fontSize = '18px'; model.set('key_words', [...'abcd'])")
    assert page.evaluate(wide) == 4 * 34
    page.evaluate(redrawn, "document.documentElement.classList.add('attn-lecture')")
    assert page.evaluate(wide) == 4 * 50


def test_a_heatmap_takes_its_own_words_for_what_its_axes_mean(page):
    def captions() -> list[str]:
        words = "[...document.querySelectorAll('svg .attn-caption')].map((e) => e.textContent)"
        return page.evaluate(words)[:2]

    assert captions() == ["← query", "key →"]
    page.evaluate(MESSAGE, {"focus": [0, 3]})
    said = "figure.querySelector('[role=status]').textContent"
    assert page.evaluate(said).startswith("w0 looks most at w3, ")
    page.evaluate(MESSAGE, {"row_name": "picture", "column_name": "digit"})
    assert captions() == ["← picture", "digit →"]
    assert page.evaluate(said).startswith("w0 gives most to w3, ")
    label = page.locator(".attn-drawing").get_attribute("aria-label")
    assert label.startswith("Weights, 3 rows (picture) by 4 columns (digit). Now at picture w0, ")
    page.locator("summary").click()
    assert page.locator("thead th").first.text_content() == "picture"
    assert page.locator("svg .attn-query, svg .attn-key").count() == 0, "no colours of theirs"


# A figure that waits for what `bring` or `lose` settles, and says what it has of it.
WAITING = """
window.waited = new Promise((bring, lose) => Object.assign(window, {bring, lose}));
export default {render: rendering({
  name: "waiting", synced: ["word", "focus"], rebuild: ["word"], pauses: ["word"],
  ready: () => window.waited,
  compute: (get, before, ready) => ({state: {word: get("word"), ready: ready ?? null}, result: []}),
  layout: () => ({width: 9, height: 9}), cells: () => [1, 1], at: () => null, tables: () => [],
  draw: ({shown: {state}}) => ({status: `${state.word} ${state.ready}`, label: ""}),
})};
"""
STANDS = """async (wait) => {
  await new Promise((next) => setTimeout(next, wait));
  const {waits, draws, state} = figure.dataset;
  const status = figure.querySelector("[role=status]").textContent;
  return [waits ?? null, Number(draws), JSON.parse(state).ready, status];
}"""


@pytest.fixture
def waiting(page):
    page.evaluate("document.querySelector('main').replaceChildren()")
    numbers = {"rows": 1, "columns": 1, "scores": [0]}
    page.evaluate(START, {"code": bundle("frame.js") + WAITING, **numbers})
    page.evaluate(STANDS, 60)  # it is drawn anew as it gets its room
    return page


def test_what_comes_later_is_drawn_when_it_is_there(waiting):
    left, before, ready, status = waiting.evaluate(STANDS, 0)
    assert (left, ready, status) == ("", None, "undefined null")
    waiting.evaluate("bring('here')")
    assert waiting.evaluate(STANDS, 40) == [None, before + 1, "here", "undefined here"]


def test_what_does_not_come_is_told_and_may_still_come(waiting):
    assert waiting.evaluate(STANDS, 2600)[3] == "Run this cell: its model comes with the kernel."
    waiting.evaluate("bring('late')")
    assert waiting.evaluate(STANDS, 40)[2:] == ["late", "undefined late"]


def test_what_fails_says_why(waiting):
    waiting.evaluate("lose(new Error('No model today.'))")
    assert waiting.evaluate(STANDS, 40)[::3] == [None, "No model today."]


def test_a_figure_that_has_ended_does_not_draw_what_comes_later(waiting):
    before = waiting.evaluate(STANDS, 0)[1]
    waiting.evaluate("() => { end(); bring('here'); }")
    assert waiting.evaluate(STANDS, 40)[1] == before


def test_what_is_typed_is_drawn_when_nothing_more_is_typed(waiting):
    waiting.evaluate("bring('here')")
    before = waiting.evaluate(STANDS, 40)[1]
    drawn = waiting.evaluate("""async () => {
      for (const word of ["t", "th", "the"]) {
        model.set("word", word);
        await new Promise((next) => setTimeout(next, 30));
      }
      return Number(figure.dataset.draws);
    }""")
    assert drawn == before
    assert waiting.evaluate(STANDS, 200)[1::2] == [before + 1, "the here"]
