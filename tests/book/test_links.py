"""Links between chapters lead to their pages, and a link into nothing stops the build."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import write
from nbformat.v4 import new_markdown_cell, new_notebook

from attnlab.book.links import heading_id, linked, outside_code
from attnlab.book.trouble import BookError


@pytest.fixture
def folder(tmp_path):
    """A folder of notebooks with a file outside it."""
    inner = tmp_path / "notebooks"
    inner.mkdir()
    own = [new_markdown_cell("# 5 · Many *heads*\n\n## `softmax`, twice?", id="title")]
    write(new_notebook(cells=own), inner / "05_many_heads.ipynb")
    (inner / "claims.toml").write_text("")
    (inner / "glossary.md").write_text("")
    (inner / "a picture.png").write_text("")
    (tmp_path / "README.md").write_text("")
    return inner


def change(markdown, folder):
    return linked(markdown, "notebooks/05_many_heads.ipynb", "title", folder)


SAME = [
    "no link, `[code](x.ipynb)`, [ ] and (x.ipynb)",
    "```python\nx[0](05_many_heads.ipynb)\n```",
    "````\n```\n[a](b.ipynb)\n````",
    "`` ` [a](b.ipynb) ``",
    "[a](claims.toml), [b](https://example.org/x.ipynb), [c](mailto:a@example.org)",
    "![one dot](data:image/png;base64,AAAA)",
    "![one dot](a%20picture.png)",
    "<https://example.org/a_b>",
]
CHANGED = {
    "[5](05_many_heads.ipynb)": "[5](05_many_heads.html)",
    '[a *b*](05_many_heads.ipynb "words")': '[a *b*](05_many_heads.html "words")',
    "[5](<05_many_heads.ipynb>)": "[5](<05_many_heads.html>)",
    "[5]: 05_many_heads.ipynb": "[5]: 05_many_heads.html",
    '<a href="05_many_heads.ipynb">5</a>': '<a href="05_many_heads.html">5</a>',
    "[words](glossary.md#w), [a](https://example.org/a.md)": "[words](glossary.html#w), [a](https://example.org/a.md)",
    "`x` [5](05_many_heads.ipynb) `y`": "`x` [5](05_many_heads.html) `y`",
    # Jupyter's name of a heading, mdBook's, and the anchor of a cell:
    "[5](05_many_heads.ipynb#5-·-Many-heads)": "[5](05_many_heads.html#5--many-heads)",
    "[5](05_many_heads.ipynb#softmax-twice)": "[5](05_many_heads.html#softmax-twice)",
    "[5](05_many_heads.ipynb#softmax,-twice?)": "[5](05_many_heads.html#softmax-twice)",
    "[5](05_many_heads.ipynb#cell-title)": "[5](05_many_heads.html#cell-title)",
    "[above](#5-·-Many-heads)": "[above](#5--many-heads)",
    # An address without brackets is a link in Jupyter, so here too; its full stop is none.
    "see https://example.org/a_(b).": "see <https://example.org/a_(b)>.",
    "(see https://example.org/a)": "(see <https://example.org/a>)",
    "see https://example.org/a?b=1, and": "see <https://example.org/a?b=1>, and",
}


@pytest.mark.parametrize("markdown", SAME)
def test_what_is_no_link_to_a_chapter_stays(markdown, folder):
    assert change(markdown, folder) == markdown


@pytest.mark.parametrize("markdown", CHANGED)
def test_links_lead_to_pages(markdown, folder):
    assert change(markdown, folder) == CHANGED[markdown]


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("[6](06_masks.ipynb)", "there is no 06_masks.ipynb to link to. Mend the link."),
        ("[6]: 06_masks.ipynb", "there is no 06_masks.ipynb to link to. Mend the link."),
        ("![heads](heads.png)", "there is no heads.png to link to. Mend the link."),
        ("<img src='heads.png' alt='x'>", "there is no heads.png to link to. Mend the link."),
        ("[read](../README.md)", "../README.md lies outside the book. Link to its place on the"),
        ("![a](https://example.org/a.png)", "https://example.org/a.png would be asked of another"),
        ("![](a%20picture.png)", "the picture a%20picture.png has no words. Say what is seen: !["),
        ("[5](05_many_heads.ipynb#Nine)", "05_many_heads.ipynb has no heading 'Nine' to link to."),
        ("[below](#No-such-thing)", "05_many_heads.ipynb has no heading 'No such thing' to link"),
    ],
)
def test_no_link_leads_into_nothing(markdown, words, folder):
    with pytest.raises(BookError) as caught:
        change(f"Words, `code`, {markdown}" if "]:" not in markdown else markdown, folder)
    assert str(caught.value).startswith("notebooks/05_many_heads.ipynb, cell title: ")
    assert words in str(caught.value)


def test_headings_have_the_ids_of_mdbook():
    assert heading_id("4 · Scoring functions") == "4--scoring-functions"
    assert heading_id("What *is* `softmax_2`, anyway?") == "what-is-softmax_2-anyway"


CODE = st.sampled_from(["`x`", "``a ` b``", "```\nx\n```\n", "~~~~\n`\n~~~~\n", "`x\ny`"])


@given(st.lists(st.one_of(st.text(alphabet="ab *\n", max_size=8), CODE), max_size=6))
def test_all_but_code_is_changed_and_nothing_is_lost(parts):
    markdown = "\n".join(parts)
    assert outside_code(markdown, lambda text: text) == markdown
    capitals = outside_code(markdown, str.upper)
    assert capitals.lower() == markdown
    for part in set(parts) & {"`x`", "``a ` b``", "`x\ny`"}:
        assert part in capitals
