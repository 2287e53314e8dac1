"""The state matrix: its JavaScript, run by node, held to the core; its words; moved by hand."""

import doctest
import itertools
import json

import numpy as np
import pytest
import torch
import traitlets

from alone import NEXT, START
from attnlab import associative_states
from attnlab.lab import StateMatrix, state_matrix
from attnlab.lab.widgets.assets import bundle, style
from node import javascript, traits

WORDS = ["Anna", "has", "a", "cat"]
KEY = [[1, 0, 0], [0, 1, 0], [0.6, 0.8, 0], [1, 0, 0]]
VALUE = [[1, 2], [0, -1], [3, 0], [5, 5]]


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    with javascript("state_matrix.js", tmp_path_factory.mktemp("state")) as answers:
        yield answers


def figure_of(**settings):
    return StateMatrix(KEY, VALUE, words=WORDS, **settings)


def by_chance(count):
    """Matrices of all sizes, with every rule, that are set by chance."""
    random = np.random.default_rng(0)
    for place in range(count):
        n, d_k, d_v = (int(random.integers(1, most + 1)) for most in (11, 8, 8))
        key, query = random.normal(size=(2, n, d_k))
        yield StateMatrix(
            key,
            random.normal(size=(n, d_v)),
            query if place % 2 else None,
            step=int(random.integers(1, n + 1)),
            asked=int(random.integers(1, n + 1)),
            rule=["sum", "decay", "delta"][place % 3],
            decay=0.0 if place == 1 else float(random.uniform(0, 1)),
            rate=float(random.uniform(0, 2)),
        )


@pytest.mark.parametrize(
    ("settings", "state", "answer"),
    [
        ({"step": 1}, [[1, 2], [0, 0], [0, 0]], [1, 2]),
        ({"step": 2, "asked": 2}, [[1, 2], [0, -1], [0, 0]], [0, -1]),
        ({"step": 3}, [[2.8, 2], [2.4, -1], [0, 0]], [2.8, 2]),
        ({"step": 2, "rule": "decay", "decay": 0.5}, [[0.5, 1], [0, -1], [0, 0]], [0.5, 1]),
        # What is known of "a": 0.6 (1, 2) + 0.8 (0, -1) = (0.6, 0.4); so (2.4, -0.4) is written.
        ({"step": 3, "rule": "delta"}, [[2.44, 1.76], [1.92, -1.32], [0, 0]], [2.44, 1.76]),
    ],
)
def test_small_states_by_hand(ask, settings, state, answer):
    figure = figure_of(**settings)
    (shown,) = ask([["compute", traits(figure)]])
    for result in (figure.result, shown["result"]):
        np.testing.assert_allclose(result[0], state, rtol=0, atol=1e-12)
        np.testing.assert_allclose(result[1], answer, rtol=0, atol=1e-12)


def test_the_browser_agrees_with_the_core_at_settings_by_chance(ask):
    figures = list(by_chance(60))
    for figure, answer in zip(figures, ask([["compute", traits(f)] for f in figures]), strict=True):
        assert answer["state"]["rule"] == figure.rule
        for shown, expected in zip(answer["result"], figure.result, strict=True):
            np.testing.assert_allclose(shown, expected, rtol=0, atol=1e-6)
        assert answer["error"] == pytest.approx(figure.error)
        after = [step["after"] for step in answer["steps"]]
        np.testing.assert_allclose(after, figure.states, rtol=0, atol=1e-6)


def test_what_is_before_and_what_is_added_make_what_is_after(ask):
    for answer in ask([["compute", traits(figure)] for figure in by_chance(12)]):
        now, key = answer["now"], answer["state"]["key"][answer["state"]["step"] - 1]
        added = np.outer(key, now["added"])
        np.testing.assert_allclose(np.add(now["kept"], added), now["after"], atol=1e-12)
        np.testing.assert_allclose(np.array(key) @ now["kept"], now["known"], atol=1e-12)


def test_the_rules_are_those_of_the_core():
    rules = {"sum": {}, "decay": {"decay": 0.7}, "delta": {"rate": 0.3}}
    for rule, given in rules.items():
        figure = figure_of(rule=rule, decay=0.7, rate=0.3)
        expected = associative_states(np.array(KEY, float), np.array(VALUE, float), **given)
        np.testing.assert_array_equal(figure.states, expected)


def test_the_sum_answers_with_both_values_and_the_delta_rule_with_the_last():
    both = figure_of(step=4, asked=4)
    np.testing.assert_allclose(both.answer, [1 + 5 + 0.6 * 3, 2 + 5])
    last = figure_of(step=4, asked=4, rule="delta")
    np.testing.assert_allclose(last.answer, [5, 5], atol=1e-12)
    assert last.error < 1e-12 < both.error


def test_a_query_of_its_own_is_asked(ask):
    query = np.roll(KEY, 1, axis=1)
    figure = StateMatrix(KEY, VALUE, query, step=2)
    np.testing.assert_array_equal(figure.answer, [0, -1])
    (shown,) = ask([["compute", traits(figure)]])
    assert shown["result"][1] == [0, -1]
    assert "The query of “0” is answered by (0, −1), and its" in ask([["told", shown]])[0]


def test_what_is_said(ask):
    def told(**settings):
        (shown,) = ask([["compute", traits(figure_of(**settings))]])
        return ask([["told", shown]])[0]

    assert told(step=2, asked=2) == (
        "2 of 4 words are read. The key of “has” is answered by (0, −1), exactly its value."
    )
    assert told(step=3) == (
        "3 of 4 words are read. The key of “Anna” is answered by (2.80, 2), "
        "and its value is (1, 2): off by 1.80."
    )
    assert told(step=1, asked=4) == (
        "1 of 4 words are read. The key of “cat”, which has not been read yet, is answered by "
        "(1, 2), and its value is (5, 5): off by 5.00."
    )


def test_what_is_said_of_a_key_that_was_written_again(ask):
    def told(**settings):
        (shown,) = ask([["compute", traits(figure_of(**settings))]])
        return ask([["told", shown]])[0]

    assert told(step=4, rule="delta") == (
        "4 of 4 words are read. The key of “Anna” is answered by (5, 5), "
        "the value of “cat”, a newer word with the same key."
    )
    assert told(step=4, asked=4, rule="delta").endswith("(5, 5), exactly its value.")
    assert "a newer word" not in told(step=4, rule="delta", rate=0.9), "another answer"
    assert "a newer word" not in told(step=3, rule="delta"), "it has not been read yet"


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("sum", "S + kᵀ v; decay and rate play no part"),
        ("decay", "0.90 × S + kᵀ v; rate plays no part"),
        ("delta", "S + 1 × kᵀ (v − k S); decay plays no part"),
    ],
)
def test_a_slider_that_plays_no_part_is_named(ask, rule, line):
    live = state_matrix(KEY, VALUE, rule=rule)
    (shown,) = ask([["compute", traits(live.figure)]])
    (lines,) = ask([["arithmetic", shown, [0, 0]]])
    assert lines[0] == ["rule", line]


def plain(line):
    return line if isinstance(line, str) else "".join(text for _, text in line)


@pytest.mark.parametrize(
    ("settings", "lines"),
    [
        (
            {"rule": "sum"},
            {
                "rule": "S + kᵀ v",
                "before": "1",
                "adds": "0.60 × 3 = 1.80",
                "after": "1 + 1.80 = 2.80",
                "answer": "1×2.80 + 0×2.40 + 0×0 = 2.80",
            },
        ),
        (
            {"rule": "decay", "decay": 0.5},
            {
                "rule": "0.50 × S + kᵀ v",
                "before": "0.50 × 0.50 = 0.25",
                "adds": "0.60 × 3 = 1.80",
                "after": "0.25 + 1.80 = 2.05",
                "answer": "1×2.05 + 0×2.40 + 0×0 = 2.05",
            },
        ),
        (
            {"rule": "delta"},
            {
                "rule": "S + 1 × kᵀ (v − k S)",
                "before": "1",
                "k S": "0.60×1 + 0.80×0 + 0×0 = 0.60",
                "adds": "0.60 × 1 × (3 − 0.60) = 1.44",
                "after": "1 + 1.44 = 2.44",
                "answer": "1×2.44 + 0×1.92 + 0×0 = 2.44",
            },
        ),
    ],
    ids=lambda value: value.get("rule", ""),
)
def test_the_arithmetic_of_a_cell(ask, settings, lines):
    (shown,) = ask([["compute", traits(figure_of(step=3, **settings))]])
    (found,) = ask([["arithmetic", shown, [0, 0]]])
    assert {term: plain(line) for term, line in found} == lines


def test_numbers_as_they_fit_a_cell(ask):
    numbers = [0, 1, -0.5, 0.04, -0.04, -1.25, 9.96, 12.3, 100, -20]
    written = ["0", "1", "−.5", "0", "0", "−1.3", "10", "12", "100", "−20"]
    assert ask([["tenths", number] for number in numbers]) == written


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"key": [1, 2]}, ValueError, r"key has shape \(2,\), and needs \(word, d_k\)"),
        ({"value": [[], []]}, ValueError, r"value has shape \(2, 0\), and needs \(word, d_v\)"),
        ({"key": np.ones((2, 9))}, ValueError, "key has 9 numbers a word, and the figure room for"),
        ({"value": [[1]]}, ValueError, "key has 2 words and value 1: give a row for each"),
        ({"query": np.ones((3, 2))}, ValueError, "key has 2 words and query 3"),
        ({"query": np.ones((2, 3))}, ValueError, "key has 2 numbers a word and query 3"),
        ({"words": ["a"]}, ValueError, "words has 1 words, and the figure 2"),
        ({"words": "ab"}, TypeError, "words is one string"),
        ({"key": [[1, np.nan], [0, 1]]}, ValueError, "key holds nan"),
        ({"key": [["a", "b"], ["c", "d"]]}, TypeError, "key holds"),
        ({"step": 0}, ValueError, "step is 0, and must be from 1 to 2"),
        ({"asked": 3}, ValueError, "asked is 3, and must be from 1 to 2"),
        ({"rule": "max"}, ValueError, "rule is 'max', and must be one of sum, decay, delta"),
        ({"decay": 1.5}, ValueError, "decay is 1.5, and must be from 0.0 to 1"),
        ({"rate": 2.5}, ValueError, "rate is 2.5, and must be from 0.0 to 2"),
        ({"focus": [2, 0]}, ValueError, r"focus is \[2, 0\]"),
        ({"speed": 1}, TypeError, r"\['speed'\] is no argument"),
        ({"controls": ["speed"]}, ValueError, r"controls has \['speed'\], and knows only"),
    ],
)
def test_what_does_not_fit_is_named(arguments, error, said):
    given = {"key": np.eye(2), "value": np.ones((2, 3))} | arguments
    with pytest.raises(error, match=said):
        state_matrix(given.pop("key"), given.pop("value"), **given)


def test_what_is_set_later_must_fit_too():
    figure = figure_of()
    with pytest.raises(ValueError, match="key has 4 words and value 3"):
        figure.value = np.ones((3, 2))
    with pytest.raises(traitlets.TraitError, match="step"):
        figure.step = 1.5
    assert figure.value.shape == (4, 2)
    figure.key = np.ones((4, 3))
    assert figure.states[0, 2, 0] == 1


def test_tensors_are_taken():
    tensors = StateMatrix(torch.tensor(KEY), torch.tensor(VALUE, dtype=torch.bfloat16), step=3)
    np.testing.assert_allclose(tensors.state, figure_of(step=3).state, atol=1e-6)


def test_viewers_without_widgets_get_a_picture_of_now():
    live = state_matrix(KEY, VALUE, words=WORDS, step=2)
    assert repr(live) == "Live state matrix, 3 by 2, 4 words"
    before = live.figure.png()
    assert before.startswith(b"\x89PNG")
    assert live.figure.png() == before
    live.figure.rule = "decay"
    assert live.figure.png() != before


def test_the_example_in_the_docstring():
    from attnlab.lab.widgets import state_matrix as module

    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


PAGE = "<!DOCTYPE html><style>{}</style><main style='width: {}px'></main>"
TOLD = """() => {
  figure.dispatchEvent(new Event("attn-ask"));
  return {...figure.dataset, spill: figure.scrollWidth - figure.clientWidth};
}"""


class Shown:
    """A figure on a page, and the same in Python."""

    def __init__(self, browser, figure, wide):
        self.page, self.figure = browser.new_page(), figure
        self.page.set_content(PAGE.format(style("palette.css") + style("figures.css"), wide))
        self.page.evaluate(START, {"code": bundle("state_matrix.js"), "values": traits(figure)})

    def told(self) -> dict:
        """What the figure says of itself, held to the same figure in Python."""
        self.page.evaluate(NEXT)
        told = self.page.evaluate(TOLD)
        self.figure.set_state(json.loads(told["state"]))
        for shown, right in zip(json.loads(told["result"]), self.figure.result, strict=True):
            np.testing.assert_allclose(shown, right, rtol=0, atol=6e-7)
        return told | {"state": json.loads(told["state"])}


def test_words_are_asked_and_numbers_typed_by_hand(browser):
    shown = Shown(browser, figure_of(step=2), 740)
    page, chips = shown.page, shown.page.locator(".attn-chip")
    assert chips.evaluate_all("chips => chips.map((chip) => chip.ariaPressed)") == [
        *("true", "false", "false", "false")
    ]
    chips.nth(1).click()
    assert shown.told()["state"]["asked"] == 2
    entry = page.get_by_label("V, has to v2")
    assert not entry.is_visible()
    page.get_by_role("button", name="change the keys and values").click()
    entry.fill("2.5")
    told = shown.told()
    assert told["state"]["value"][1] == [0, 2.5]
    np.testing.assert_allclose(shown.figure.answer, [0, 2.5])
    page.locator(".attn-drawing").press("ArrowDown")
    page.locator(".attn-drawing").press("End")
    assert shown.told()["focus"] == "[1,1]"
    assert page.locator(".attn-pair").inner_text() == "S22 after “has”"
    page.close()


PAIRS = ["cat → mat", "dog → sofa", "owl → tree", "cat → roof"]
KEYS = [[1, 0, 0], [0.6, 0.8, 0], [0, 0.6, 0.8], [1, 0, 0]]
BOXES = """() => {
  const box = document.querySelector(".attn-drawing").getBoundingClientRect();
  const texts = [...document.querySelectorAll(".attn-drawing text")];
  const spilt = texts.filter((text) => {
    const {left, right, width} = text.getBoundingClientRect();
    const cell = text.previousElementSibling?.matches(".attn-square")
      ? text.previousElementSibling.getBoundingClientRect() : box;
    return width && (left < cell.left || right > cell.right + 0.5);
  });
  return [figure.offsetHeight, spilt.map((text) => text.textContent)];
}"""


@pytest.mark.parametrize("wide", [300, 336, 780])
def test_nothing_is_cut_off_and_nothing_jumps_from_step_to_step(browser, wide):
    live = state_matrix(KEYS, np.eye(4), words=PAIRS, rate=2.0)
    shown = Shown(browser, live.figure, wide)
    heights = set()
    for rule, step, asked in itertools.product(("delta", "decay", "sum"), (1, 2, 3, 4), (1, 2, 4)):
        change = {"rule": rule, "step": step, "asked": asked, "focus": [0, asked - 1]}
        shown.page.evaluate("change => Object.entries(change).map((s) => model.set(...s))", change)
        shown.page.evaluate(NEXT)
        height, spilt = shown.page.evaluate(BOXES)
        assert spilt == [], change
        heights.add(height)
    shown.page.close()
    assert len(heights) == 1


@pytest.mark.parametrize("wide", [336, 900])
def test_the_largest_matrix_is_no_wider_than_its_room(browser, wide):
    key, value = np.random.default_rng(0).normal(size=(2, 12, 8))
    shown = Shown(browser, StateMatrix(key, value, rule="delta", step=12), wide)
    assert shown.told()["spill"] <= 0
    box = shown.page.locator(".attn-drawing svg").bounding_box()
    assert box["width"] <= wide
    shown.page.close()
