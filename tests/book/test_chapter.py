"""A notebook as Markdown, cell by cell, and each cell's Markdown made ready for a page."""

import re

import pytest
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
    new_raw_cell,
)

from attnlab.book.chapter import chapter
from attnlab.book.maths import Formulas
from attnlab.book.prose import ready
from attnlab.book.trouble import BookError

SAID = [new_output("stream", name="stdout", text="3\n")]


def code(source="1 + 2", *tags):
    return new_code_cell(
        source, id="sum", execution_count=1, outputs=SAID, metadata={"tags": list(tags)}
    )


def words(*tags, source="Some *words*.", **more):
    return new_markdown_cell(source, id="say", metadata={"tags": list(tags)}, **more)


def page(*cells) -> str:
    return chapter(
        new_notebook(cells=list(cells)),
        "notebooks/05.ipynb",
        "05",
        prose=lambda markdown, cell: f"({cell}) {markdown}",
        maths=Formulas(),
    )


def prepared(markdown, folder) -> str:
    return ready(markdown, "notebooks/05.ipynb", "say", folder, Formulas())


def test_cells_stand_below_one_another_each_with_its_anchor():
    assert page(words(), code(), new_raw_cell("raw", id="raw")) == (
        '<div class="attn-anchor" id="cell-say"></div>\n\n'
        "(say) Some *words*.\n\n"
        '<div class="attn-anchor" id="cell-sum"></div>\n\n'
        "```python\n1 + 2\n```\n\n"
        '<div class="attn-out"><pre class="attn-text attn-stdout" tabindex="0">3</pre></div>\n\n'
        '<div class="attn-anchor" id="cell-raw"></div>\n'
    )


@pytest.mark.parametrize(
    ("tag", "seen", "folded"),
    [
        ("remove-cell", [], None),
        ("remove-input", ["answer"], None),
        ("remove-output", ["code"], None),
        ("hide-input", ["code", "answer"], "Show the code"),
        ("hide-output", ["code", "answer"], "Show the answer"),
        ("hide-cell", ["code", "answer"], "Show this cell"),
        ("claim:x", ["code", "answer"], None),
    ],
)
def test_tags_remove_and_fold(tag, seen, folded):
    text = page(code("1 + 2", tag))
    parts = {"code": "```python", "answer": "attn-stdout"}
    assert [name for name, part in parts.items() if part in text] == seen
    assert ("cell-sum" in text) == bool(seen)
    assert re.findall("<summary>(.*)</summary>", text) == ([folded] if folded else [])
    inner = text.partition("<details")[2].partition("</details>")[0]
    held = [name for name, part in parts.items() if part in inner]
    wanted = {"Show the code": ["code"], "Show the answer": ["answer"], "Show this cell": seen}
    assert held == (wanted[folded] if folded else [])


def test_nothing_is_folded_where_there_is_nothing():
    bare = new_code_cell("x = 1", id="x", execution_count=1, metadata={"tags": ["hide-output"]})
    assert "<details" not in page(bare)
    assert page(new_code_cell("", id="x")) == '<div class="attn-anchor" id="cell-x"></div>\n'
    assert "(say)" not in page(words("remove-cell"))


@pytest.mark.parametrize("ticks", ["", "`", "```", "`````"])
def test_code_with_backticks_stays_code(ticks):
    source = f'text = """\n{ticks}\n</code> <b> {{{{#include x}}}} $a$\n"""'
    fence = re.search(r"^(`{3,})python\n(.*?)\n\1$", page(code(source)), re.DOTALL | re.MULTILINE)
    assert fence[2] == source
    assert len(fence[1]) > len(ticks)


def test_pictures_that_were_dragged_into_a_cell():
    attachments = {"dot.png": {"image/png": "AA\nAA"}}
    text = page(words(source="![a dot](attachment:dot.png)", attachments=attachments))
    assert "![a dot](data:image/png;base64,AAAA)" in text
    with pytest.raises(BookError, match=r"05.ipynb, cell say: the picture dot.png is not stored"):
        page(words(source="![a dot](attachment:dot.png)"))


@pytest.mark.parametrize(
    "markdown",
    [
        "# Words\n\n- a\n- b\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n1. one\n2. `two`",
        "`<begin>` and ``` <pad> ``` and\n\n```\n<end>\n[a](b)\n```",
        "A line  \nbreak, a < b, ~~gone~~, a note[^1].\n\n[^1]: Here.",
        "<details>\n<summary>Answers</summary>\n\n1. **One**.\n\n</details>",
        "````\n```python\n````",
        "{{#include a.txt}} and {{ words }}",
    ],
)
def test_what_means_the_same_on_a_page_stays(markdown, tmp_path):
    assert prepared(markdown, tmp_path) == markdown


def test_braces_at_the_end_of_a_heading_are_words(tmp_path):
    assert prepared("## The set {1, 2}\n\n{3}", tmp_path) == "## The set &#123;1, 2}\n\n{3}"


@pytest.mark.parametrize(
    ("markdown", "said"),
    [
        ("```python\nx = 1", "code begins with ``` and never ends. Add ```."),
        ("~~~\nx = 1\n```", "code begins with ~~~ and never ends. Add ~~~."),
        ("It writes <end>.", "<end> would vanish, for it reads as HTML. Write `<end>` between"),
        ("<b>bold", "<b> is never closed. Add </b>."),
        ("<script>1</script>", "<script> is more than a page can show safely."),
        ("[a](none.ipynb)", "there is no none.ipynb to link to. Mend the link."),
        ("![a](https://example.org/a.png)", "https://example.org/a.png would be asked of another"),
    ],
)
def test_what_a_page_would_show_differently_stops_the_build(markdown, said, tmp_path):
    with pytest.raises(BookError) as caught:
        prepared(markdown, tmp_path)
    assert str(caught.value).startswith("notebooks/05.ipynb, cell say: ")
    assert said in str(caught.value)
