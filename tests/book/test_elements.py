"""HTML in a notebook: what a page shows as Jupyter does passes, all else is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnlab.book.elements import check_html, one_block, one_line
from attnlab.book.trouble import BookError

GOOD = [
    "",
    "a < b and b > c, x<5, <- and ->, 1 <2",
    "<details>\n<summary>Answers</summary>\n\n1. *one*\n</details>",
    "line<br>break<br/> and H<sub>2</sub>O",
    "<table><tr><td>no end tag is needed<td>here</table>",
    "<style scoped>.frame td { color: red; }</style><div><b>1</b></div>",
    '<img src="data:image/png;base64,AAAA" alt="two words">',
    "<!-- <script> in a comment --> and <https://example.org>",
    '<a href="https://example.org/?a=1&b=2">a link is no request</a>',
    r"escaped: \<begin> is text",
    '<svg><g><path d="M0 0"/><rect width="1" /><text>a<tspan>b</tspan></text></g></svg>',
]
REFUSED = {
    "<script>alert(1)</script>": "<script> is more than a page can show safely. Say it in Markdown",
    '<b onclick="go()">x</b>': "<b> is more than a page can show safely",
    "<iframe></iframe>": "<iframe> is more than a page can show safely",
    "<b>bold": "<b> is never closed. Add </b>",
    "<svg><g/><path></svg>": "</svg> closes nothing that is open",
    "<div/>": "<div> is never closed. Add </div>",
    "bold</b>": "</b> closes nothing that is open. Open <b> before it, or drop it",
    "<b><i>x</b></i>": "</b> closes nothing that is open",
    '<img src="https://example.org/a.png" alt="x">': "https://example.org/a.png would be asked of",
    "<img src='//example.org/a.png' alt='x'>": "//example.org/a.png would be asked of",
    "<div style='background: url(http://example.org/a)'></div>": "http://example.org/a would be",
    '<img src="data:image/png;base64,AAAA">': "has no words. Say what is seen: <img alt=",
    '<img src="data:image/png;base64,AAAA" alt=" ">': "has no words",
}


@pytest.mark.parametrize("markup", GOOD)
def test_what_a_page_shows_as_jupyter_does(markup):
    check_html(markup, "a.ipynb", "one")


@pytest.mark.parametrize("markup", REFUSED)
@pytest.mark.parametrize("prose", [True, False])
def test_what_it_would_not(markup, prose):
    with pytest.raises(BookError) as caught:
        check_html(markup, "a.ipynb", "one", prose=prose)
    assert str(caught.value).startswith("a.ipynb, cell one: ")
    assert REFUSED[markup] in str(caught.value)


def test_words_that_read_as_html():
    with pytest.raises(BookError, match="cell one: <begin> would vanish, for it reads as HTML"):
        check_html("It reads <begin>, then words.", "a.ipynb", "one", prose=True)
    with pytest.raises(BookError, match=r"Write `<pad>` between backticks\.$"):
        check_html("filled with <pad>", "a.ipynb", "one", prose=True)
    with pytest.raises(BookError, match="<pad> is no HTML known here"):
        check_html("<pad>", "a.ipynb", "one")


def test_a_style_keeps_its_signs():
    style = "<style>a > b { &:hover { x: 1 } }\n@container (width < 3px) { c { y: 2 } }</style>"
    assert one_block(f"{style}\n\n<b>1 < 2</b>") == f"{style}\n<b>1 &lt; 2</b>"


def test_styles_belong_to_outputs_only():
    with pytest.raises(BookError, match="<style> is more"):
        check_html("<style>p { color: red }</style>", "a.ipynb", "one", prose=True)


def test_an_empty_line_would_end_a_block_of_html():
    markup = "<div>\n\n<p>a</p>\r\n\r\n  \n<pre>x\n\n  y</pre>\n\n</div>\n"
    assert one_block(markup) == "<div>\n<p>a</p>\n<pre>x&#10;&#10;  y</pre>\n</div>"


def test_a_lone_sign_is_text():
    markup = "<b>1 < 2 & 3 &lt; 4 &#38; <5</b>"
    assert one_block(markup) == "<b>1 &lt; 2 &amp; 3 &lt; 4 &#38; &lt;5</b>"


@given(st.text(alphabet="ab \n\r<>/pre", max_size=40))
def test_no_block_has_an_empty_line(markup):
    block = one_block(f"<div>{markup}</div>")
    assert all(line.strip() for line in block.split("\n"))


@given(st.text(alphabet="ab \n\r\t&", max_size=40))
def test_one_line_is_one_line(text):
    assert "\n" not in one_line(text)
