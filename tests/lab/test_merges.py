"""Byte-pair encoding as a live figure: its JavaScript held to the tasks, its words, bad input."""

import doctest

import pytest

from alone import NEXT, START
from attnlab.lab import Merges, merges
from attnlab.lab.widgets import merges as module
from attnlab.lab.widgets.assets import bundle
from attnlab.tasks import BytePairs
from node import javascript, traits

TEXTS = [
    "a",
    "aa",
    "aaa aaaa aaaaa aaaaaaa",
    "abab baba abba",
    "low low lower lowest",
    "It's they'll don't we've I'm 'tis",
    "100 1000 10000 1,000 ² Ⅷ ½ 二 二二",
    "naïve café, deux cafés; NAÏVE",
    "e\u0301 e\u0301 e\u0301s é é",  # an accent of its own
    "😀😀 😃 👩‍👩‍👧 👩‍👩‍👦 😀",
    "日本 日本語 日曜日",
    "שלום שלום עליכם مرحبا مرحبا",
    "\u00a0a\u00a0a \u2003 \u3000b \ufeffb \ufeffb",
    "tab\tand\nline\r\nends \x85 \x1c \x1f \x0b",
    "   many    blanks   ",
    "!!! ??? !? !? ... — — _a_ __init__ __init__",
    "a-b a-b c_d c_d x2 x2y 3z",
    "the cat sat on the mat and the rat sat on the hat that the cat had sat on",
    "ﬁ ﬁn ﬁn ﬃ ß ẞ İ ı",
    "\x00\x00 \x00a \x00a 𝒳𝒴 𝒳𝒴",
]


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    with javascript("merges.js", tmp_path_factory.mktemp("merges")) as answers:
        yield answers


def figure(text=TEXTS[4], **given):
    made = Merges("x", **given)
    made.text = text  # as it is typed, blanks and all
    return made


def letters(pair):
    return [piece.decode("latin-1") for piece in pair]


def test_low_lower_lowest_by_hand(ask):
    shown = figure("low low lower", merges=2, word="lowest")
    # lo 3, ow 3, blank + l 2, we 1, er 1: lo first, since l was there before w; then low.
    assert shown.learnt.merges == [(b"l", b"o"), (b"lo", b"w")]
    assert shown.pieces == [b"low", b" ", b"low", b" ", b"low", b"e", b"r"]
    assert shown.word_pieces == [b"low", b"e", b"s", b"t"]
    expected = [[2, 7, 13], [2, 1, 1], [257, 32, 257, 32, 257, 101, 114], [257, 101, 115, 116]]
    assert shown.result == expected
    (answer,) = ask([["compute", traits(shown)]])
    assert answer["result"] == expected


@pytest.mark.parametrize("text", TEXTS)
def test_the_browser_learns_the_same_merges_and_cuts_alike(ask, text):
    learnt = BytePairs.learn(text, size=256 + 40)
    (found,) = ask([["learnMerges", text, 40]])
    assert [merge["pair"] for merge in found] == [letters(pair) for pair in learnt.merges]
    (back,) = ask([["cutIntoPieces", text + TEXTS[9], found]])
    pieces = [piece for word in back for piece in word]
    assert "".join(pieces).encode("latin-1") == (text + TEXTS[9]).encode()
    figures = [figure(text, merges=made, word=word) for made, word in [(0, "é"), (3, "low 😀")]]
    figures.append(figure(text, merges=40, word=text.strip()[::-1] or "x"))
    for each, answer in zip(figures, ask([["compute", traits(f)] for f in figures]), strict=True):
        assert answer["result"] == each.result
        ranked = [[*letters(pair), count] for pair, count in each.pairs]
        assert [[*pair["pair"], pair["count"]] for pair in answer["pairs"]] == ranked
        assert each.learnt.decode(answer["result"][3]) == each.word


def test_no_text_and_no_word_have_no_pieces(ask):
    empty = figure("")
    empty.word = ""
    assert empty.result == [[0, 0, 0], [], [], []]
    assert empty.png()
    (answer,) = ask([["compute", traits(empty)]])
    assert answer["result"] == empty.result


def test_of_a_very_long_text_the_beginning_is_read(ask):
    long = figure("😀ab " * 6_000, merges=3)
    assert long.result[0][2] == 20_000
    (answer,) = ask([["compute", traits(long)]])
    assert answer["result"][0] == long.result[0]


def test_merges_end_where_no_pair_stands_there_twice(ask):
    done = figure("low low", merges=30)
    assert done.result[0] == [2, 3, 7]
    (answer,) = ask([["compute", traits(done)]])
    assert answer["result"] == done.result
    assert answer["state"]["merges"] == 30, "the slider stays where it is"


def test_a_text_is_learnt_once(ask):
    first, second = figure(merges=1), figure(merges=3)
    (before,) = ask([["compute", traits(first)]])
    before["learnt"] = before["learnt"][:1]  # so that it can be seen whether it is asked
    (after,) = ask([["compute", traits(second), before]])
    assert after["result"][0][0] == 1
    (anew,) = ask([["compute", traits(second), before | {"text": "another"}]])
    assert anew["result"] == second.result


@pytest.mark.parametrize(
    ("piece", "shown"),
    [
        (" the", "·the"),
        ("\n\t", "↵⇥"),
        ("é", "é"),
        ("\xc3", "⟨C3⟩"),
        (" \xe6\x97a", "·⟨E6⟩⟨97⟩a"),
        ("\xf0\x9f\x98\x80", "😀"),
        ("\xa9\xc3\xa9", "⟨A9⟩é"),
    ],
)
def test_a_piece_is_read_as_characters_or_bytes(ask, piece, shown):
    data = piece.encode("utf-8" if piece == "é" else "latin-1")
    from attnlab.lab.merges_still import shown as still

    assert ask([["pieceShown", data.decode("latin-1")]]) == [shown]
    assert still(data) == shown


def said(ask, made):
    (shown,) = ask([["compute", traits(made)]])
    (sentence,) = ask([["mergeSentence", shown]])
    return sentence, shown


def test_what_is_said(ask):
    sentence, shown = said(ask, figure("low low lower", merges=1, word="lowest"))
    assert sentence == (
        "1 merge: 13 characters in 10 pieces. Next: lo + w, which stands there 3 times. “lowest” "
        "is cut into lo | w | e | s | t; nothing is unknown, since every byte is a piece."
    )
    lines = dict(ask([["mergeLines", shown, 0]])[0])
    assert lines["stands"] == "3 times: in “low” 1, in “·low” 1, in “·lower” 1"
    assert lines["order"] == "merged next: the commonest"
    assert dict(ask([["mergeLines", shown, 2]])[0])["order"].startswith("a pair that stands there")
    end, _ = said(ask, figure("low low", merges=9, word="low"))
    assert "No pair stands there twice any more. “low” is one piece;" in end


def test_ties_are_said(ask):
    _, shown = said(ask, figure("ab cd ab cd", merges=0))
    assert dict(ask([["mergeLines", shown, 0]])[0])["order"] == (
        "merged next; of the 3 commonest its pieces were made first"
    )
    second = dict(ask([["mergeLines", shown, 1]])[0])
    assert second["order"] == "number 2 of 4; 3 stand there as often"


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"text": 3}, TypeError, "text is a int, and must be a string"),
        ({"text": "\ud800"}, ValueError, "text holds .*half of a surrogate pair"),
        ({"word": b"x"}, TypeError, "word is a bytes, and must be a string"),
        ({"texts": "abc"}, TypeError, "texts is one string"),
        ({"texts": [" "]}, ValueError, "texts is empty: give at least one"),
        ({"words": []}, ValueError, "words is empty"),
        ({"steps": 0}, ValueError, "steps is 0, and must be from 1 to 200"),
        ({"steps": 201}, ValueError, "steps is 201, and must be from 1 to 200"),
        ({"steps": 5, "merges": -1}, ValueError, "merges is -1, and must be from 0 to 5"),
        ({"focus": [10, 0]}, ValueError, r"focus is \[10, 0\]"),
        ({"size": 3}, TypeError, r"\['size'\] is no argument"),
        ({"controls": ["speed"]}, ValueError, r"\['speed'\], and knows only"),
    ],
)
def test_bad_input_is_named(arguments, error, words):
    with pytest.raises(error, match=words):
        merges(**arguments)


def test_what_is_stored():
    live = merges("low  low\nlower", word=" lowest ", merges=2, texts=["low low lower", "a b"])
    assert repr(live) == "Live byte-pair encoding, 13 characters in 7 pieces, 2 merges"
    assert live.figure.texts == ["low low lower", "a b"], "one blank, and nothing twice"
    assert live.figure.word == "lowest"
    assert [each["trait"] for each in live.figure.settings] == ["text", "merges", "word"]
    pictures = [live.figure.png(), live.figure.png()]
    assert pictures[0] == pictures[1]
    for trait, value in [("merges", 0), ("text", "a b"), ("word", "日本 $x$ <b>")]:
        setattr(live.figure, trait, value)
        pictures.append(live.figure.png())
    assert len(set(pictures)) == 4


def test_the_example_in_the_docstring():
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


READ = """() => {
  figure.dispatchEvent(new Event("attn-ask"));
  return [JSON.parse(figure.dataset.result), JSON.parse(figure.dataset.state)];
}"""


@pytest.fixture
def page(browser):
    page = browser.new_page(viewport={"width": 800, "height": 900})
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def opened(made, wide=780):
        page.set_content(f"<style>{made._css}</style><main style='width: {wide}px'></main>")
        page.evaluate(START, {"code": bundle("merges.js"), "values": traits(made), "room": ""})
        page.evaluate(NEXT)
        return page

    yield opened
    page.close()
    assert not complaints


def test_keys_and_clicks_merge_and_take_back(page):
    opened = page(figure(merges=1))
    drawing = opened.locator(".attn-drawing")
    drawing.press("PageDown")
    opened.evaluate(NEXT)
    assert opened.evaluate(READ)[1]["merges"] == 2
    drawing.press("PageUp")
    opened.evaluate(NEXT)
    assert opened.evaluate(READ)[1]["merges"] == 1
    opened.locator("svg .attn-weight").click()  # the bar of the pair that is merged next
    opened.evaluate(NEXT)
    result, state = opened.evaluate(READ)
    assert (result[0][0], state["merges"]) == (2, 2)
    opened.locator("[data-merge='1']").click()
    opened.evaluate(NEXT)
    assert opened.evaluate(READ)[1]["merges"] == 1


def test_what_is_typed_stays_text_and_nothing_is_wider_than_a_phone(page):
    hostile = "<img src=x onerror=alert(1)> <img src=x onerror=alert(1)> " + "w" * 90
    opened = page(figure(hostile, merges=9, word=hostile), wide=328)
    assert opened.locator("main img").count() == 0
    assert opened.evaluate("() => figure.scrollWidth <= figure.clientWidth")
    chips = opened.locator(".attn-pieces-chip")
    right = [box["x"] + box["width"] for box in (chip.bounding_box() for chip in chips.all())]
    assert max(right) <= 8 + 328


def test_the_slider_does_not_move_what_stands_below(page):
    opened = page(figure(TEXTS[17], merges=0))
    heights = set()
    for made in (0, 1, 7, 40):
        opened.evaluate("made => model.set('merges', made)", made)
        opened.evaluate(NEXT)
        heights.add(opened.evaluate("() => figure.offsetHeight"))
    assert len(heights) == 1
