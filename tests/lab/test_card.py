"""The card at a chapter's end: formula, code, picture and what to remember, as HTML and as text."""

import doctest
import html
import re
import sys

import numpy as np
import pytest

from attnlab.book.elements import check_html
from attnlab.lab import attention_flow, attention_heatmap, card, lines, show
from attnlab.lab.palette import PALETTE
from attnlab.lab.widgets.assets import style

FORMULA = r"a < b \& \class{mjx-attn-query}{Q}"
CODE = "scores = Q @ keys.T  # Q asks\nweights = softmax(scores) < 1\noutput = weights @ V"
FLOW = attention_flow(["a", "b"], np.eye(2))
PLOT = lines([1, 2], {"mean": [1, 2]}, across="a", up="<b>")


def made(**changed):
    given = {"formula": FORMULA, "code": CODE, "picture": FLOW, "remember": ["One.", "Two."]}
    return card("Attention", **given | changed)


def inside(shown, kind: str) -> str:
    """The HTML of the part of a card with this class."""
    element = r"<(\w+) class=\"[^\"]*\b" + kind + r"\b[^>]*>(.*?)</\1>"
    return re.search(element, shown._repr_html_(), re.DOTALL)[2]


def test_the_text_has_all_of_it():
    assert repr(made(formula=[FORMULA, "x"])).split("\n") == [
        "Attention",
        FORMULA,
        "x",
        "",
        *CODE.split("\n"),
        "",
        repr(FLOW),
        "",
        "- One.",
        "- Two.",
    ]


def test_formulas_stand_between_dollars_for_jupyter_and_the_book():
    found = re.findall(r"<div>\$\$(.*?)\$\$</div>", made(formula=[FORMULA, "x"])._repr_html_())
    assert [html.unescape(formula) for formula in found] == [FORMULA, "x"]


def test_code_is_whole_and_in_identity_colours():
    code = inside(made(), "attn-card-code")
    assert html.unescape(re.sub("<[^>]*>", "", code)) == CODE
    assert re.findall(r'<span class="attn-(\w+)">(.*?)</span>', code) == [
        ("query", "Q"),
        ("key", "keys"),
        ("note", "# Q asks"),
        ("output", "output"),
        ("value", "V"),
    ]


def test_what_to_remember_has_code_words_and_formulas():
    points = inside(made(remember=["`a*b*` < *all* of $a*b*c$ & more"]), "attn-card-remember")
    assert points == "<li><code>a*b*</code> &lt; <em>all</em> of $a*b*c$ &amp; more</li>"


@pytest.mark.parametrize("picture", [FLOW, PLOT, attention_heatmap(np.eye(2)).figure])
def test_pictures_of_all_kinds(picture):
    shown = made(picture=picture)._repr_html_()
    check_html(shown, "a.ipynb", "one")
    if picture is FLOW:
        assert FLOW._repr_html_() in shown
        assert "attn-card-parts attn-card-below" in shown
    else:
        words = html.escape(repr(picture))
        assert f'<img class="attn-picture" alt="{words}" src="data:image/png;base64,' in shown
        assert "attn-card-parts attn-card-beside" in shown


def test_a_live_figure_with_its_controls_stands_as_it_is_now():
    live = attention_heatmap(np.eye(2))
    assert inside(made(picture=live), "attn-card-picture") == inside(
        made(picture=live.figure), "attn-card-picture"
    )


def test_a_table_may_stand_for_the_picture_and_one_sentence_for_several():
    shown = made(picture=show([1]), remember="One.")
    assert inside(shown, "attn-card-picture").startswith("<table>")
    assert inside(shown, "attn-card-remember") == "<li>One.</li>"


def test_what_a_reader_typed_is_shown_and_not_run():
    bad = "<script>alert(1)</script>"
    shown = card(bad, formula=bad, code=bad, picture=FLOW, remember=[bad])._repr_html_()
    assert "<script>" not in shown
    check_html(shown, "a.ipynb", "one")


@pytest.mark.parametrize(
    ("changed", "error", "words"),
    [
        ({"formula": "$x$"}, ValueError, r"formula is '\$x\$': leave its dollars away"),
        ({"formula": []}, ValueError, "formula is empty: give one line or several"),
        ({"formula": ["x", " "]}, ValueError, "formula is empty: give one line or several"),
        ({"remember": []}, ValueError, "remember is empty: give one line or several"),
        ({"remember": 3}, TypeError, "remember is 3, and must be a list"),
        ({"code": " "}, ValueError, "code is empty"),
        ({"code": 3}, TypeError, "code is a int, and must be a text"),
        ({"formula": 3}, TypeError, "formula is 3, and must be a list"),
        ({"picture": "x"}, TypeError, "picture is 'x', and must be a picture or a figure of"),
        ({"picture": None}, TypeError, "picture is None, and must be a picture or a figure of"),
    ],
)
def test_what_does_not_fit_is_named(changed, error, words):
    with pytest.raises(error, match=words):
        made(**changed)


@pytest.mark.parametrize("name", ["flow.css", "card.css"])
def test_its_colours_are_those_of_the_course(name):
    asked = set(re.findall(r"var\(--attn-(\w+)\)", style(name)))
    assert asked <= set(PALETTE)
    assert not re.findall(r"#[0-9a-f]{6}", style(name))


def test_the_example_in_the_docstring():
    names = {"lines": lines}
    result = doctest.testmod(sys.modules["attnlab.lab.card"], extraglobs=names)
    assert result.attempted > 0
    assert result.failed == 0
