"""The wall of heads: its JavaScript held to Python, its order, its words, its hands, bad input."""

import doctest
import json

import numpy as np
import pytest

from alone import NEXT, START
from attnlab.lab import HeadWall, head_wall
from attnlab.lab.widgets import head_wall as module
from attnlab.lab.widgets.assets import bundle
from node import javascript, traits

LAYERS, HEADS = 2, 3
SENTENCES = [["[CLS]", "the", "cat", "sat", "[SEP]"], ["[CLS]", "un", "##seen", "[SEP]"]]
KINDS = {
    "previous word": [[0.1, 0.9, 0.2], [0.3, 0.2, 0.9]],
    "next word": [[0.8, 0.0, 0.2], [0.3, 0.4, 0.0]],
}
CHANGES = [[[0.5, 0.1, 0.2], [0.0, 0.9, 0.3]], [[0.0, 0.25, 0.5], [1.0, 0.125, 0.0]]]


def weights_of(sentences, layers=LAYERS, heads=HEADS, seed=0):
    random = np.random.default_rng(seed)
    found = []
    for words in sentences:
        raw = random.gamma(0.3, size=(layers, heads, len(words), len(words)))
        found.append(raw / raw.sum(axis=-1, keepdims=True))
    return found


def wall(**given):
    arguments = {"kinds": KINDS, "changes": CHANGES, "least": 0.4} | given
    return HeadWall(weights_of(SENTENCES), SENTENCES, **arguments)


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    with javascript("head_wall.js", tmp_path_factory.mktemp("wall")) as answers:
        yield answers


def test_the_browser_agrees_with_python_in_every_order(ask):
    figures = [
        wall(sort=sort, sentence=name, opened=opened)
        for sort in wall().sorts
        for name in wall().names
        for opened in (0, 5)
    ]
    figures += [wall(kinds=None), wall(kinds=None, changes=None), wall(changes=CHANGES[0])]
    for figure, answer in zip(figures, ask([["compute", traits(f)] for f in figures]), strict=True):
        for shown, expected in zip(answer["result"], figure.result, strict=True):
            np.testing.assert_allclose(shown, expected, rtol=0, atol=1e-12)


def test_the_orders_by_hand():
    # Heads are numbered layer by layer: layer 0 has 0, 1, 2, layer 1 has 3, 4, 5.
    assert wall().order == [0, 3, 1, 4, 2, 5], "a column for each layer"
    assert wall(sort="previous word").order == [1, 5, 3, 2, 4, 0], "of equal ones the first"
    assert wall(sort="next word").order == [0, 4, 3, 2, 1, 5]
    assert wall().does.tolist() == [1, 0, 2, 2, 1, 0], "2: less than 0.4 of each"
    assert wall(sort="what it does").order == [1, 5, 0, 4, 3, 2]
    assert wall(sort="change without it").order == [4, 0, 5, 2, 1, 3]
    assert wall(sort="change without it", sentence="unseen").order == [3, 2, 1, 4, 0, 5]


def test_weights_travel_as_bytes():
    figure = wall(sentence="unseen", opened=4)
    sent = weights_of(SENTENCES)[1][1, 1]
    np.testing.assert_allclose(figure.result[0], sent, rtol=0, atol=0.5 / 255 + 1e-12)
    assert figure.weights.dtype == np.uint8
    assert len(figure.weights) == LAYERS * HEADS * (25 + 16)


def test_a_stored_wall_of_72_heads_is_small():
    sentences = [[f"word{i}" for i in range(count)] for count in (9, 18, 17, 14)]
    arrays = weights_of(sentences, 6, 12)
    kinds = {f"kind {i}": np.full((6, 12), 0.123456) for i in range(8)}
    changes = [np.full((6, 12), 0.123456)] * 4
    figure = HeadWall(arrays, sentences, kinds=kinds, changes=changes)
    state = {k: v for k, v in figure.get_state().items() if k[0] != "_" and k != "weights"}
    assert len(figure.weights) * 4 / 3 + len(json.dumps(state)) < 150_000


def test_names_and_signs():
    assert wall().names == ["the cat sat", "unseen"]
    assert wall().marks == ["←", "→"]
    assert wall(names=["a", "b"], marks=["p", "nx"]).sorts[2:4] == ["previous word", "next word"]
    one = HeadWall(weights_of(SENTENCES)[1], SENTENCES[1])
    assert one.sorts == ["layer and head"]
    assert one.settings == []
    assert repr(one) == "Live wall of 2 layers of 3 heads, 1 sentence"
    marked = HeadWall(weights_of([["[CLS]", "[SEP]"]]), [["[CLS]", "[SEP]"]])
    assert marked.names == ["sentence 1"]


def said(ask, figure, pair=()):
    (shown,) = ask([["compute", traits(figure)]])
    return ask([["wallSentence", shown, list(pair)]])[0]


def test_what_is_said(ask):
    assert said(ask, wall(opened=1)) == (
        "Layer 0, head 1: most of all “previous word”, 0.90 (1st of 6). "
        "Without it the sentence's embedding moves by 0.100 (5th of 6)."
    )
    assert said(ask, wall(opened=2, changes=None)) == "Layer 0, head 2: a bit of everything."
    sentence = said(ask, wall(opened=4, kinds=None, changes=None), [2, 3])
    assert sentence.startswith("Layer 1, head 1: Here cat looks most at ")


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (
            {"weights": weights_of(SENTENCES)[:1]},
            ValueError,
            "weights has 1 sentences and tokens 2",
        ),
        ({"weights": [np.ones((3, 4, 4))] * 2}, ValueError, r"sentence 0 has shape \(3, 4, 4\)"),
        ({"weights": [np.ones((2, 3, 5, 4))] * 2}, ValueError, "with as many queries as keys"),
        ({"weights": [np.full((2, 3, 5, 5), 1.5)] * 2}, ValueError, r"holds 1.5 at \[0, 0, 0, 0\]"),
        ({"weights": [np.full((2, 3, 5, 5), np.nan)] * 2}, ValueError, "holds nan at"),
        ({"weights": [np.ones((2, 3, 5, 5))] * 2}, ValueError, "sentence 1 has 5 queries, .* 4"),
        (
            {"weights": [np.ones((2, 3, 5, 5)), np.ones((1, 3, 4, 4))]},
            ValueError,
            r"sentence 1 has \(1, 3\) layers and heads, and those of sentence 0 \(2, 3\)",
        ),
        ({"weights": [], "tokens": []}, ValueError, "weights has 0 sentences and tokens 0"),
        ({"tokens": "the cat"}, TypeError, "tokens is one string: write tokens.split"),
        ({"kinds": [1]}, TypeError, "kinds is .*must be a dictionary"),
        ({"kinds": {"a": np.ones((3, 2))}}, ValueError, r"kinds\['a'\] has shape \(3, 2\), and"),
        ({"kinds": {"a": np.full((2, 3), 1.5)}}, ValueError, "goes from 1.5 to 1.5, .* 0 to 1"),
        ({"kinds": {"what it does": np.ones((2, 3))}}, ValueError, "rename them"),
        ({"changes": np.ones((3, 2))}, ValueError, r"changes has shape \(3, 2\)"),
        ({"changes": [np.ones((2, 3))] * 3}, ValueError, "changes has 3 sentences, and tokens 2"),
        ({"names": ["a"]}, ValueError, "names has 1 names, and tokens 2"),
        ({"names": ["a", "a"]}, ValueError, "names has the same name twice"),
        ({"marks": ["a"]}, ValueError, r"marks is \['a'\], and needs a sign .* of 2 kinds"),
        ({"sort": "size"}, ValueError, "sort is 'size', and must be one of layer and head, what"),
        ({"sentence": "a"}, ValueError, "sentence is 'a', and must be one of the cat sat, unseen"),
        ({"opened": 6}, ValueError, "opened is 6, and must be from 0 to 5"),
        ({"pair": [5, 0]}, ValueError, r"pair is \[5, 0\], and must be \[\] or \[query, key\]"),
        ({"focus": [3, 0]}, ValueError, r"focus is \[3, 0\], .* within \[3, 2\]"),
        ({"heat": 1}, TypeError, r"\['heat'\] is no argument"),
        ({"controls": ["opened"]}, ValueError, r"\['opened'\], and knows only \['sentence', 'sort"),
    ],
)
def test_bad_input_is_named(arguments, error, words):
    given = {"kinds": KINDS, "changes": CHANGES}
    given |= {"weights": weights_of(SENTENCES), "tokens": SENTENCES} | arguments
    with pytest.raises(error, match=words):
        head_wall(**given)


def test_more_weights_than_a_figure_holds():
    with pytest.raises(
        ValueError, match=r"weights has 259200 numbers in 1 .* a figure holds 250000"
    ):
        HeadWall(np.zeros((6, 12, 60, 60)), ["word"] * 60)


def test_what_is_stored():
    live = head_wall(weights_of(SENTENCES), SENTENCES, kinds=KINDS, changes=CHANGES)
    assert repr(live) == "Live wall of 2 layers of 3 heads, 2 sentences"
    assert [each["trait"] for each in live.figure.settings] == ["sentence", "sort"]
    pictures = [live.figure.png(), live.figure.png()]
    assert pictures[0] == pictures[1]
    for trait, value in [("sort", "next word"), ("sentence", "unseen"), ("opened", 3)]:
        setattr(live.figure, trait, value)
        pictures.append(live.figure.png())
    assert len(set(pictures)) == 4


def test_a_single_word_and_hostile_words_have_a_picture():
    assert HeadWall(np.ones((1, 1, 1, 1)), ["<b>$x$</b>"], kinds={"$": [[1.0]]}).png()


def test_arguments_are_not_written_to():
    arrays, changes = weights_of(SENTENCES), np.zeros((2, 3))
    figure = HeadWall(arrays, SENTENCES, changes=changes)
    before = figure.result
    arrays[0][:], changes[:] = 0.0, 1.0
    assert figure.result == before
    assert (figure.moves == 0).all()


def test_the_example_in_the_docstring():
    result = doctest.testmod(module, extraglobs={"np": np})
    assert result.attempted > 0
    assert result.failed == 0


READ = """() => {
  figure.dispatchEvent(new Event("attn-ask"));
  return [JSON.parse(figure.dataset.result), JSON.parse(figure.dataset.state),
    JSON.parse(figure.dataset.focus || "[]"), model.get("pair")];
}"""
TILE = "head => { const b = document.querySelectorAll('.attn-tile')[head].getBoundingClientRect();"
TILE += " return [b.x + b.width / 2, b.y + b.height / 2]; }"


@pytest.fixture
def page(browser):
    page = browser.new_page(viewport={"width": 900, "height": 900}, reduced_motion="reduce")
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def opened(figure, wide=780):
        page.set_content(f"<style>{figure._css}</style><main style='width: {wide}px'></main>")
        page.evaluate(START, {"code": bundle("head_wall.js"), "values": traits(figure), "room": ""})
        page.evaluate(NEXT)
        return page

    yield opened
    page.close()
    assert not complaints


def test_a_head_is_enlarged_by_keys_and_by_a_click(page):
    opened = page(wall())
    drawing = opened.locator(".attn-drawing")
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):  # the first one begins at the corner
        drawing.press(key)
        opened.evaluate(NEXT)
    assert opened.evaluate(READ)[2] == [1, 1]
    drawing.press("Enter")
    opened.evaluate(NEXT)
    result, state, *_ = opened.evaluate(READ)
    assert state["opened"] == 4, "layer 1, head 1"
    np.testing.assert_allclose(result[0], wall(opened=4).result[0], atol=1e-6)
    opened.mouse.click(*opened.evaluate(TILE, 2))
    opened.evaluate(NEXT)
    _, state, focus, _ = opened.evaluate(READ)
    assert (state["opened"], focus) == (2, [2, 0])
    drawing.press("Shift+ArrowRight")
    opened.evaluate(NEXT)
    drawing.press("Shift+ArrowDown")
    opened.evaluate(NEXT)
    *_, focus, pair = opened.evaluate(READ)
    assert (pair, focus) == ([1, 0], [2, 0])
    assert "Here the looks" in opened.get_by_role("status").text_content()


def test_a_word_of_the_large_heatmap_is_pointed_at(page):
    opened = page(wall())
    left, top, side = opened.locator(".attn-drawing > canvas").evaluate(
        "c => { const b = c.getBoundingClientRect(); return [b.x, b.y, b.width / 5]; }"
    )
    opened.mouse.move(left + 3.5 * side, top + 1.5 * side)
    opened.evaluate(NEXT)
    assert opened.evaluate(READ)[3] == [1, 3]


def test_heads_move_to_their_places(page):
    opened = page(wall())
    first = opened.evaluate(TILE, 1)
    opened.evaluate("() => model.set('sort', 'previous word')")
    opened.evaluate(NEXT)
    assert opened.evaluate(TILE, 1) == opened.evaluate(
        "() => { const b = document.querySelector('.attn-drawing').getBoundingClientRect();"
        " const [x, y] = [...document.querySelectorAll('.attn-tile')].map((t) => [...t.style."
        "transform.matchAll(/[\\d.]+/g)].map(Number))[1]; const t = document.querySelector("
        "'.attn-tile'); return [b.x + x + t.offsetWidth / 2, b.y + y + t.offsetHeight / 2]; }"
    )
    assert opened.evaluate(TILE, 1) != first
    corner = sorted((opened.evaluate(TILE, head)[::-1], head) for head in range(6))
    assert [head for _, head in corner] == wall(sort="previous word").order


def test_motion_can_be_off(browser):
    for wanted, moves in (("reduce", "0s"), ("no-preference", "0.28s")):
        page = browser.new_page(reduced_motion=wanted)
        made = wall()
        page.set_content(f"<style>{made._css}</style><main style='width: 700px'></main>")
        page.evaluate(START, {"code": bundle("head_wall.js"), "values": traits(made), "room": ""})
        first = "() => getComputedStyle(document.querySelector('.attn-tile')).transitionDuration"
        assert page.evaluate(first) == "0s", "at first they are simply there"
        page.evaluate("() => model.set('sort', 'next word')")
        page.evaluate(NEXT)
        assert page.evaluate(first) == moves
        page.close()


def test_hostile_words_are_only_text_and_a_phone_is_wide_enough(page):
    words = [["<img src=x onerror=alert(1)>", "b" * 60, "c"]]
    kinds = {"<b>kind</b>": np.ones((6, 12)), "other": np.zeros((6, 12))}
    made = HeadWall(weights_of(words, 6, 12), words, kinds=kinds, changes=np.ones((6, 12)))
    opened = page(made, wide=328)
    assert opened.locator("main img, main b").count() == 0
    assert opened.locator(".attn-tile").count() == 72
    assert opened.evaluate("() => figure.scrollWidth <= figure.clientWidth")
