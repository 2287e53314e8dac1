"""What cells show, on a page: text as a terminal showed it, tables, pictures with their words."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_output

from attnlab.book.outputs import best, output_html
from attnlab.book.stored import VIEW
from attnlab.book.trouble import BookError
from attnlab.lab import attention_flow

DOT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAA"
    "AABJRU5ErkJggg=="
)


def shown(output) -> str:
    return output_html(
        output,
        2,
        "sum",
        chapter="05",
        file="notebooks/05.ipynb",
        maths=lambda formula, display, place: f"[{formula}|{display}|{place}]",
        prose=lambda markdown, cell: f"{cell}: {markdown}",
    )


def data(**kinds):
    slashed = {name.replace("__", "/"): content for name, content in kinds.items()}
    return shown(new_output("display_data", data=slashed))


def stream(text, name="stdout"):
    return shown(new_output("stream", name=name, text=text))


def inside(markup: str) -> str:
    """The text that a browser shows of a <pre>."""
    body = re.search(r"<pre [^>]*>(.*)</pre>", markup, re.DOTALL)[1]
    return html.unescape(re.sub(r"<[^>]*>", "", body))


def test_a_stream_is_text_in_a_box_of_its_own():
    assert stream("a < b\n  c & d\n\n") == (
        '<div class="attn-out"><pre class="attn-text attn-stdout" tabindex="0">'
        "a &lt; b&#10;  c &amp; d</pre></div>"
    )
    assert "attn-stderr" in stream("careful", "stderr")
    assert stream(" \n") == ""
    assert stream("\x1b[31m\x1b[0m") == ""


def test_colours_of_a_terminal():
    assert '<span class="ansi-red-fg">no</span> yes' in stream("\x1b[31mno\x1b[0m yes")
    assert inside(stream("\x1b[1;32mfine\x1b[0m <b>")) == "fine <b>"


def test_what_a_terminal_overwrote_is_gone():
    assert inside(stream("10 %\r100 %\nready\r\nnext\r")) == "100 %\nready\nnext"
    assert inside(stream("a\x00b\x07c\x1b")) == "abc"


def test_long_lines_and_other_letters_stay():
    line = "größer → 注意 " * 300
    assert inside(stream(line)) == line.rstrip("\n")


@given(st.text(alphabet="ab <>&'\"`*_[]\n\\$|é→", min_size=1, max_size=60))
def test_text_arrives_as_it_is_and_in_one_line(text):
    markup = stream(text)
    assert "\n" not in markup
    assert (inside(markup) if markup else "") == (text.rstrip("\n").strip("\n") if markup else "")


def test_a_result_and_a_traceback():
    assert "attn-result" in data(text__plain="3")
    failure = new_output("error", ename="E", evalue="v", traceback=["\x1b[31mE\x1b[0m: v", "below"])
    assert inside(shown(failure)) == "E: v\nbelow"
    assert "attn-traceback" in shown(failure)


def test_a_table_stands_before_its_text():
    table = "<table>\n\n<tr><td>1</td></tr>\n</table>"
    found = data(text__html=table, text__plain="1")
    assert found == '<div class="attn-out"><table>\n<tr><td>1</td></tr>\n</table></div>'


def test_formulas_in_html_are_set_and_tables_without_stay():
    place = "notebooks/05.ipynb, cell sum"
    found = data(text__html="<div>$$x &amp; y$$</div><pre>$a$</pre>", text__plain="x")
    assert found == f'<div class="attn-out"><div>[x & y|True|{place}]</div><pre>$a$</pre></div>'


def test_a_drawing_stands_without_the_picture_for_viewers_that_take_its_style_away():
    flow = attention_flow(["a"], [[1.0]])
    assert "attn-flow-still" in flow._repr_html_()
    found = data(text__html=flow._repr_html_(), image__png=DOT, text__plain="x")
    assert "<svg" in found
    assert "data:image/png" not in found


def test_html_that_a_page_cannot_show():
    with pytest.raises(BookError, match=r"notebooks/05.ipynb, cell sum: <script> is more than"):
        data(text__html="<script>1</script>", text__plain="a chart")


def test_markdown_and_formulas():
    assert data(text__markdown="**b**", text__plain="b") == (
        '<div class="attn-out">\n\nsum: **b**\n\n</div>'
    )
    assert data(text__latex="$\\displaystyle x$", text__plain="x") == (
        '<div class="attn-out">[\\displaystyle x|True|notebooks/05.ipynb, cell sum]</div>'
    )


@pytest.mark.parametrize("kind", ["image/png", "image/jpeg", "image/svg+xml"])
def test_a_picture_has_words(kind):
    found = shown(new_output("display_data", data={kind: DOT, "text/plain": 'A "dot"\n& two'}))
    ending = {"image/png": "png", "image/jpeg": "jpg", "image/svg+xml": "svg"}[kind]
    assert f'src="live/05-sum-2.{ending}"' in found
    assert 'alt="A &quot;dot&quot;&#10;&amp; two"' in found


@pytest.mark.parametrize(
    "words", ["", " ", "<Figure size 640x480 with 1 Axes>", "<IPython.core.display.Image object>"]
)
def test_a_picture_without_words(words):
    with pytest.raises(BookError) as caught:
        data(image__png=DOT, text__plain=words)
    assert str(caught.value) == (
        "notebooks/05.ipynb, cell sum: this picture has no words for those who cannot see it. "
        "Let its repr say in words what is seen, as attnlab.lab's figures do."
    )


def test_the_place_of_a_live_figure():
    view = {VIEW: {"model_id": "a1"}, "text/plain": "Live figure, 2 words"}
    assert shown(new_output("display_data", data=view)) == (
        '<div class="attn-out attn-view" data-chapter="05" data-model="a1" data-cell="sum" '
        'data-words="Live figure, 2 words"></div>'
    )
    found = shown(new_output("display_data", data={**view, "image/png": DOT}))
    still = '<img class="attn-picture" src="live/05-sum-2.png" alt="Live figure, 2 words">'
    assert f"<noscript>{still}</noscript></div>" in found


def test_what_no_page_can_show():
    for kinds, known in [({"application/json": {}}, "application/json"), ({}, "nothing")]:
        with pytest.raises(BookError) as caught:
            shown(new_output("display_data", data=kinds))
        assert str(caught.value) == (
            f"notebooks/05.ipynb, cell sum: no page can show {known}. Show text or a picture."
        )
    assert best({}) is None
    assert best({"text/plain": "x", "image/png": DOT}) == "image/png"


def test_the_place_of_a_quiz_holds_its_words():
    view = {
        VIEW: {"model_id": "a1"},
        "text/plain": "Which?",
        "text/html": "<p>Which?</p>\n<ul></ul>",
    }
    found = shown(new_output("display_data", data=view))
    assert found.startswith('<div class="attn-out attn-view attn-asks" ')
    assert "<noscript><div><p>Which?</p>" in found
    assert "\n" not in found
