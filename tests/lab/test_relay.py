"""The relay: its JavaScript, run by node, held to the core and to PyTorch; its words; bad input."""

import doctest
import itertools
import math

import numpy as np
import pytest
import torch
import traitlets

from attnlab import attention_weights
from attnlab.lab import Relay, relay
from attnlab.lab.widgets.assets import bundle, style
from attnlab.lab.widgets.relay import SENTENCES
from node import javascript, traits


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    with javascript("relay.js", tmp_path_factory.mktemp("relay")) as answers:
        yield answers


def by_chance(count):
    """Relays that are set by chance."""
    random = np.random.default_rng(0)
    for _ in range(count):
        yield Relay(
            sentence=str(random.choice(SENTENCES)),
            length=int(random.integers(2, 41)),
            gate=float(random.uniform(0, 1)),
            fit=float(random.uniform(0, 8)),
        )


def test_three_words_by_hand(ask):
    figure = Relay("one two three", length=3, gate=0.5, fit=math.log(2))
    expected = [[1 / 2, 1 / 4, 1 / 8], [1 / 4, 1 / 2, 1], [1 / 2, 1 / 4, 1 / 4]]
    np.testing.assert_allclose(figure.result, expected, rtol=0, atol=1e-12)
    (answer,) = ask([["compute", traits(figure)]])
    np.testing.assert_allclose(answer["result"], expected, rtol=0, atol=1e-12)
    halves = [[1 / 2, 0, 0], [1 / 4, 1 / 2, 0], [1 / 8, 1 / 4, 1 / 2]]
    np.testing.assert_allclose(answer["states"], halves, rtol=0, atol=1e-12)


def test_the_browser_agrees_with_python_at_settings_by_chance_and_at_the_ends(ask):
    ends = [Relay(gate=gate, length=n) for gate in (0.0, 1.0) for n in (2, 40)]
    figures = [*by_chance(40), *ends]
    for figure, answer in zip(figures, ask([["compute", traits(f)] for f in figures]), strict=True):
        assert answer["words"] == figure.words
        for shown, expected in zip(answer["result"], figure.result, strict=True):
            np.testing.assert_allclose(shown, expected, rtol=0, atol=1e-12)
        np.testing.assert_allclose(answer["states"], figure.shares, rtol=0, atol=1e-12)


@pytest.mark.parametrize("figure", [*by_chance(5)], ids=str)
def test_the_gradient_is_that_of_a_loop_in_torch(figure):
    n, gate = len(figure.words), figure.gate
    x = torch.eye(n, dtype=torch.float64)
    states = [torch.zeros(n, dtype=torch.float64, requires_grad=True)]
    for row in x:
        states.append(gate * states[-1] + (1 - gate) * row)
    np.testing.assert_allclose(
        torch.stack(states[1:]).detach().numpy(), figure.shares, rtol=0, atol=1e-12
    )
    slopes = [float(slope[0]) for slope in torch.autograd.grad(states[-1].sum(), states[1:])]
    np.testing.assert_allclose(slopes, figure.gradient, rtol=0, atol=1e-12)


def test_the_weights_are_attention_s_and_know_no_order():
    figure = Relay(length=23, fit=5.0)
    query = np.array([[5.0, 0.0]])
    keys = np.zeros((23, 2))
    keys[0, 0] = 1.0
    weights = attention_weights(query, keys, score=lambda q, k: q @ k.T)[0]
    np.testing.assert_allclose(figure.weights, weights, atol=1e-12)
    turned = attention_weights(query, keys[::-1], score=lambda q, k: q @ k.T)[0]
    np.testing.assert_allclose(turned[-1], figure.weights[0], atol=1e-12)


def test_the_states_hold_all_but_what_was_there_before_the_first_word():
    for figure in by_chance(10):
        held = 1 - figure.gate ** np.arange(1, len(figure.words) + 1)
        np.testing.assert_allclose(figure.shares.sum(axis=1), held, atol=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "The cat, Anna said, sleeps.",
        "  a\tb\u3000c\u2009d\n",
        '“Yes!” — "no"',
        "...a... , b",
        "x " * 45,
    ],
)
def test_python_and_the_page_read_the_same_words(ask, text):
    figure = Relay(text, length=40)
    (answer,) = ask([["compute", traits(figure)]])
    assert answer["words"] == figure.words
    assert 1 <= len(figure.words) <= 40


def test_what_has_no_words_leaves_the_sentence_before(ask):
    figure = Relay("one two three", length=3)
    figure.sentence = "four, five"
    (before,) = ask([["compute", traits(figure)]])
    for nothing in ("", " . , "):
        figure.sentence = nothing
        (answer, first) = ask([["compute", traits(figure), before], ["compute", traits(figure)]])
        assert answer["words"] == figure.words == ["four", "five"]
        assert first["words"] == ["one", "two", "three"], "with none before, the first to choose"


def test_what_is_said(ask):
    def told(word=0, **settings):
        (shown,) = ask([["compute", traits(Relay(**settings))]])
        return ask([["told", shown, word]])[0]

    assert told(length=23) == (
        "After 22 more words the state still holds 0.74 % of what it took in of “Keys” "
        "(0.80²² = 0.0074); attention reads it with 0.87, in one step."
    )
    assert told(21, length=23) == (
        "After 1 more word the state still holds 80 % of what it took in of “where” (0.80); "
        "attention reads it with 0.0059, in one step."
    )
    assert told(11, gate=0.9) == (
        "“of” has just been read: it makes up 0.10 of the state; attention reads it with 0.0063."
    )
    assert told(gate=0.0, fit=0.0) == (
        "After 11 more words the state holds nothing of “Keys” any more; "
        "attention reads it with 0.083, in one step."
    )
    few = (
        "of “one” (0.80); attention reads it with 0.99, in one step. The sentence has only 2 words."
    )
    assert told(sentence="one two", length=3).endswith(few)
    assert told(sentence="one two", length=2).endswith("in one step.")
    one = "attention reads it with 1.00. The sentence has only 1 word."
    assert told(sentence="one").endswith(one)
    assert told(gate=1.0).startswith(
        "With the gate at 1 no word enters the state, so nothing of “K"
    )


def plain(line):
    """A line of text without its colours; a power stands behind ^."""
    if isinstance(line, str):
        return line
    return "".join({"sup": "^", "sub": "_"}.get(kind, "") + text for kind, text in line)


def test_the_arithmetic_of_a_word(ask):
    calls = [(Relay(length=23), 0), (Relay("a b c", length=3, gate=0.5), 1)]
    shown = ask([["compute", traits(figure)] for figure, _ in calls])
    long, short = ask([["arithmetic", s, w] for s, (_, w) in zip(shown, calls, strict=True)])
    assert {term: plain(line) for term, line in long} == {
        "each word": "h = 0.80 h + 0.20 x",
        "in the last state": "0.20 × 0.80^22 = 0.0015",
        "gradient": "∂h_23 / ∂h_1 = 0.80 × 0.80 × … × 0.80 = 0.80^22 = 0.0074",
        "attention": "exp(5) / (exp(5) + 22 × exp(0)) = 148.41 / 170.41 = 0.87",
    }
    assert {term: plain(line) for term, line in short} == {
        "each word": "h = 0.50 h + 0.50 x",
        "in the last state": "0.50 × 0.50 = 0.25",
        "gradient": "∂h_3 / ∂h_2 = 0.50 = 0.5",
        "attention": "exp(0) / (exp(5) + 2 × exp(0)) = 1.00 / 150.41 = 0.0066",
    }


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"length": 1}, ValueError, "length is 1, and must be from 2 to 40"),
        ({"length": 41}, ValueError, "length is 41"),
        ({"gate": 1.1}, ValueError, "gate is 1.1, and must be from 0.0 to 1.0"),
        ({"gate": math.nan}, ValueError, "gate is nan"),
        ({"fit": -1.0}, ValueError, "fit is -1.0"),
        ({"sentences": []}, ValueError, "sentences is empty or has one twice"),
        ({"sentences": ["a", "a"]}, ValueError, "sentences is empty or has one twice"),
        ({"sentences": ["a", "..."]}, ValueError, r"sentences has '\.\.\.', and needs a word"),
        ({"sentence": " "}, ValueError, "sentences has ' ', and needs a word"),
        ({"sentences": "a b"}, TypeError, "sentences is one string"),
        ({"focus": [0, 12]}, ValueError, r"focus is \[0, 12\]"),
        ({"focus": [1, 0]}, ValueError, r"focus is \[1, 0\]"),
        ({"words": ["a"]}, TypeError, r"\['words'\] is no argument"),
        ({"controls": ["speed"]}, ValueError, r"controls has \['speed'\], and knows only"),
    ],
)
def test_bad_input_is_named(arguments, error, said):
    with pytest.raises(error, match=said):
        relay(**arguments)


def test_a_gate_that_is_no_number_is_refused():
    with pytest.raises(traitlets.TraitError, match="gate"):
        Relay(gate="wide")


def test_a_sentence_of_one_s_own_is_the_first_to_choose_from():
    figure = Relay("my own words")
    assert figure.sentences == ["my own words", *SENTENCES]
    assert Relay(SENTENCES[1]).sentences == list(SENTENCES)
    assert Relay(sentences=["x y"]).words == ["x", "y"]


def test_a_sentence_is_typed_or_chosen_and_both_are_tied():
    live = relay(sentences=["one two", "three four five"])
    field, menu = live.children[0].children[:2]
    assert live.figure.settings[0] == {
        "trait": "sentence",
        "label": "sentence",
        "options": ["one two", "three four five"],
    }
    assert field.value == menu.value == "one two"
    assert field.description == "sentence"
    assert menu.links[0].target == field.links[0].target == (live.figure, "sentence")


def test_a_focus_on_a_word_that_goes_is_given_up():
    figure = Relay(length=12, focus=[0, 11])
    figure.length = 11
    assert figure.focus == []
    kept = Relay(length=12, focus=[0, 5])
    kept.sentence = "six words are just enough here"
    assert kept.focus == [0, 5]


def test_viewers_without_widgets_get_a_picture_of_now():
    live = relay(length=5)
    assert repr(live) == "Live relay, 5 words, gate 0.80"
    before = live.figure.png()
    assert before.startswith(b"\x89PNG")
    assert live.figure.png() == before
    live.figure.gate = 0.3
    assert live.figure.png() != before


def test_the_example_in_the_docstring():
    from attnlab.lab.widgets import relay as module

    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


PAGE = "<!DOCTYPE html><style>{}</style><main style='width: {}px'></main>"
START = """async ({code, values}) => {
  Object.assign(window, {values, heard: []});
  const model = {get: (name) => values[name], on: (_, answer) => heard.push(answer), off() {}};
  const url = URL.createObjectURL(new Blob([code], {type: "text/javascript"}));
  (await import(url)).default.render({model, el: document.querySelector("main")});
  await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
  const figure = document.querySelector("[data-figure]");
  const box = figure.querySelector(".attn-drawing").getBoundingClientRect();
  const cut = [...figure.querySelectorAll("svg text")].filter((text) => {
    const {left, right, top, bottom} = text.getBoundingClientRect();
    return left < box.left - 1 || right > box.right + 1 || top < box.top || bottom > box.bottom;
  });
  return [figure.scrollWidth - figure.clientWidth, cut.map((text) => text.textContent)];
}"""


@pytest.mark.parametrize(
    ("wide", "room"),
    [(320, "attn-page"), (740, "attn-page"), (740, "attn-lecture"), (1000, "attn-lecture")],
)
@pytest.mark.parametrize("length", [2, 13, 40])
def test_no_word_and_no_number_is_cut_off(browser, length, wide, room):
    words = ["Somebody", "internationalisation", "of", "a", "mat"] * 8
    figure = Relay(" ".join(words), length=length, focus=[0, 1])
    page = browser.new_page()
    page.set_content(PAGE.format(style("palette.css") + style("figures.css"), wide))
    page.evaluate("room => document.documentElement.classList.add(room)", room)
    found = page.evaluate(START, {"code": bundle("relay.js"), "values": traits(figure)})
    page.close()
    assert found == [0, []]


LOOP = """() => {
  const path = [...document.querySelectorAll("path.attn-amount")].at(-1);
  const {width, height} = path.getBBox();
  return [width, height, Number(path.getAttribute("stroke-width"))];
}"""


@pytest.mark.parametrize("sentence", ["one", "one two"])
def test_the_loop_of_the_last_word_is_open(browser, sentence):
    page = browser.new_page()
    page.set_content(PAGE.format(style("palette.css") + style("figures.css"), 740))
    figure = traits(Relay(sentence, fit=0.0))
    page.evaluate(START, {"code": bundle("relay.js"), "values": figure})
    width, height, stroke = page.evaluate(LOOP)
    page.close()
    assert width - stroke > stroke / 2
    assert height - stroke / 2 > stroke


MOVED = """async (change) => {
  Object.assign(values, change);
  for (const answer of heard) answer();
  await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
  return document.querySelector("[data-figure]").offsetHeight;
}"""


@pytest.mark.parametrize("wide", [300, 336, 780])
def test_nothing_jumps_when_a_slider_moves(browser, wide):
    page = browser.new_page()
    page.set_content(PAGE.format(style("palette.css") + style("figures.css"), wide))
    figure = traits(Relay(SENTENCES[1]))
    page.evaluate(START, {"code": bundle("relay.js"), "values": figure})
    changes = itertools.product((2, 12, 40), (0.0, 0.85, 1.0), (0.0, 5.0))
    heights = {
        page.evaluate(MOVED, {"length": length, "gate": gate, "fit": fit})
        for length, gate, fit in changes
    }
    page.close()
    assert len(heights) == 1


@pytest.mark.parametrize("wide", [330, 780])
def test_nothing_jumps_from_one_sentence_to_another(browser, wide):
    heights = set()
    for sentence in SENTENCES:
        for length in (2, 12, 40):
            page = browser.new_page()
            page.set_content(PAGE.format(style("palette.css") + style("figures.css"), wide))
            values = traits(Relay(sentence, length=length))
            page.evaluate(START, {"code": bundle("relay.js"), "values": values})
            heights.add(page.locator(".attn-drawing").bounding_box()["height"])
            page.close()
    assert len(heights) == 1
