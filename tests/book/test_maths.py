"""Formulas are set while the book is built; amounts of money and code are none."""

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import needs
from attnlab.book import maths
from attnlab.book.maths import Formulas, in_html
from attnlab.book.trouble import BookError
from attnlab.lab.widgets.assets import style

ROOT = Path(__file__).parents[2]


def met(markdown: str) -> list[tuple[str, bool]]:
    """The formulas of this Markdown, and whether each stands on a line of its own."""
    formulas = Formulas()
    formulas.taken(markdown, "here")
    return [(formula, display) for formula, display, _ in formulas.met]


@pytest.mark.parametrize(
    ("markdown", "formulas"),
    [
        ("The weight $w$ and $$x^2$$.", [("w", False), ("x^2", True)]),
        ("$$\na +\n\nb\n$$", [("\na +\n\nb\n", True)]),
        ("over $a +\nb$ two lines", [("a +\nb", False)]),
        ("| $|x|$ | $y$ |", [("|x|", False), ("y", False)]),
        (r"a price in it: $\text{\$}5$", [(r"\text{\$}5", False)]),
        (
            "\\begin{align*}\na &= b\n\\end{align*}",
            [("\\begin{align*}\na &= b\n\\end{align*}", True)],
        ),
        (
            "$$\\begin{aligned}a\\end{aligned}$$",
            [("\\begin{aligned}a\\end{aligned}", True)],
        ),
        # No formulas: money, code, a dollar alone, dollars that are escaped, paragraphs apart.
        ("It costs $5, or $6 at most.", []),
        ("5 $ and 6 $ or 7 $", []),
        (r"\$5 and \$6, \$a\$", []),
        ("`$x$` and ```$y$```", []),
        ("```\n$z$\n```", []),
        ("US$a and AU$b", []),
        ("from $5 for a to b$6", []),
        ("$a\n\nb$", []),
        ("a $ b", []),
    ],
)
def test_what_is_a_formula(markdown, formulas):
    assert met(markdown) == formulas


def set_in(markup: str) -> str:
    return in_html(markup, lambda formula, display, place: f"[{formula}|{display}|{place}]", "here")


@pytest.mark.parametrize(
    ("markup", "made"),
    [
        ("<p>$$a &lt; b$$</p>", "<p>[a < b|True|here]</p>"),
        ("<li>so $n^2$ &amp; $5</li>", "<li>so [n^2|False|here] &amp; $5</li>"),
        # Left alone, as MathJax leaves it: code, styles, drawings, attributes, formulas in parts.
        ("<pre>$a$</pre><code>$b$</code>", "<pre>$a$</pre><code>$b$</code>"),
        ("<pre><b>x</b> $a$</pre>$c$", "<pre><b>x</b> $a$</pre>[c|False|here]"),
        ("<style>$a$</style><svg><text>$b$</text></svg>",) * 2,
        ('<img alt="$a$" src="x">',) * 2,
        ("$a<br>b$",) * 2,
    ],
)
def test_formulas_in_html(markup, made):
    assert set_in(markup) == made


@given(st.lists(st.integers(0, 9999), max_size=6), st.sampled_from([" ", ", ", "\n", " or "]))
def test_amounts_are_never_formulas(amounts, between):
    markdown = between.join(f"${amount}" for amount in amounts)
    assert Formulas().taken(markdown, "here") == markdown


@given(st.text(alphabet="ab$ \n`\\", max_size=30))
def test_marks_stand_for_what_was_taken(markdown):
    formulas = Formulas()
    text = formulas.taken(markdown, "here")
    for formula, display, _ in formulas.met:
        ticks = "$$" if display else "$"
        text = re.sub("\x02[^\x03]*\x03", lambda _, f=formula, t=ticks: f"{t}{f}{t}", text, count=1)
    assert text == markdown


def test_a_page_without_formulas_needs_no_node(monkeypatch, tmp_path):
    monkeypatch.setattr(maths.shutil, "which", lambda _: None)
    assert Formulas().fill(["a page \x023\x03"], tmp_path) == ["a page \x023\x03"]


def test_what_is_missing_is_said(monkeypatch, tmp_path):
    formulas = Formulas()
    formulas("x", False)
    with pytest.raises(ValueError, match=r"formulas need Node.js and KaTeX: install Node.js, then"):
        formulas.fill([], tmp_path)
    node = needs.node()
    (tmp_path / "node_modules" / "katex").mkdir(parents=True)  # a KaTeX that holds nothing
    monkeypatch.setattr(maths.shutil, "which", lambda _: node)
    words = r"node failed to set the formulas \(Error: Cannot find module.+\): try make book"
    with pytest.raises(ValueError, match=words):
        formulas.fill([], tmp_path)


@pytest.fixture
def katex():
    needs.front_end(ROOT)


@pytest.mark.usefixtures("katex")
def test_all_formulas_are_set_in_one_call_where_they_stood(monkeypatch):
    calls, run = [], subprocess.run
    monkeypatch.setattr(
        maths.subprocess, "run", lambda *args, **more: [calls.append(args), run(*args, **more)][1]
    )
    formulas = Formulas()
    pages = [formulas.taken("one $a$ and $$b_i^*$$", "here"), "none", formulas("c", False)]
    assert [formulas.on(page) for page in pages] == [True, False, True]
    one, none, three = formulas.fill(pages, ROOT)
    assert len(calls) == 1
    assert none == "none"
    assert one.startswith('one <span class="katex">')
    assert '<span class="katex-display">' in one
    assert 'encoding="application/x-tex">c</annotation>' in three
    for page in (one, three):
        assert "\n" not in page
        assert not set("*_`[]|\\$") & set("".join(re.findall(r">([^<]*)<", page))), "quiet"


COLOURED = ["query", "key", "value", "output"]


@pytest.mark.usefixtures("katex")
@pytest.mark.parametrize("part", COLOURED)
def test_a_part_of_a_formula_has_its_colour(part):
    formulas = Formulas()
    one = rf"$$\class{{mjx-attn-{part}}}{{Q^\top}}\,x$$"
    braced = rf"$\underbrace{{\class{{mjx-attn-{part}}}{{q}}\cdot k}}_{{2.00}}$"
    lines = rf"\begin{{aligned}} y &= \class{{mjx-attn-{part}}}{{v_j}} \\ &= 2 \end{{aligned}}"
    page = formulas.taken("\n\n".join([one, braced, lines]), "here")
    (page,) = formulas.fill([page], ROOT)
    shown = re.sub(r"<annotation.*?</annotation>", "", page)
    assert shown.count(f'class="enclosing mjx-attn-{part}"') == 3
    assert f".mjx-attn-{part} {{\n  color: var(--attn-{part});\n}}" in style("palette.css")


@pytest.mark.usefixtures("katex")
@pytest.mark.parametrize("name", ["attn-query", "mjx-attn-ring", "red"])
def test_other_classes_are_refused_with_those_that_there_are(name):
    formulas = Formulas()
    formulas.taken(rf"$\class{{{name}}}{{q}}$", "here")
    with pytest.raises(BookError, match=f"the class {name} is none of mjx-attn-query, mjx-attn-k"):
        formulas.fill([], ROOT)


@pytest.mark.usefixtures("katex")
def test_nothing_else_is_trusted():
    formulas = Formulas()
    (page,) = formulas.fill([formulas.taken(r"$\href{http://elsewhere}{q}$", "here")], ROOT)
    assert "katex" in page
    assert "href=" not in page


@pytest.mark.usefixtures("katex")
def test_letters_that_jupyter_shows_are_set():
    formulas = Formulas()
    assert "größer" in formulas.fill([formulas.taken("$x_{größer}$", "here")], ROOT)[0]


@pytest.mark.usefixtures("katex")
def test_a_formula_that_katex_refuses_is_named():
    formulas = Formulas()
    formulas.taken(r"$\sqrt{x}$, $\frac{a}$", "notebooks/a.ipynb, cell one")
    with pytest.raises(BookError) as caught:
        formulas.fill([], ROOT)
    words = str(caught.value)
    assert words.startswith(r"notebooks/a.ipynb, cell one: KaTeX refuses '\\frac{a}' (")
    assert words.endswith(r"Mend the formula, or write \$ where a dollar is meant.")
