"""Every chapter, laid out by mdBook, says what Jupyter shows: word by word, cell by cell."""

import html
import json
import re
import subprocess
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbconvert.filters import markdown2html

import needs
from attnlab.book.chapter import chapter
from attnlab.book.links import outside_code
from attnlab.book.maths import Formulas, in_html
from attnlab.book.prose import ready
from attnlab.book.stored import VIEW, tags
from pages import COURSE
from published import ROOT

pytestmark = pytest.mark.slow  # the book is built
KINDS = {"strong": "b", "em": "i", "code": "c", "li": "l", "td": "d", "th": "d", "summary": "s"}
FORMULA = "formula"
TEX = re.compile(r'<annotation encoding="application/x-tex">(.*?)</annotation>')
KINDS |= {f"h{level}": f"h{level}" for level in range(1, 7)} | {"blockquote": "q", "p": "p"}


@dataclass
class Seen(HTMLParser):
    """What is seen on a page: each word with what it stands in, by the cell that it belongs to."""

    text: str
    cells: dict[str, list] = field(default_factory=dict)

    def __post_init__(self):
        super().__init__()
        self.cell, self.within, self.formula = "", [], 0
        self.feed(self.text)
        self.close()

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        if said.get("class") == "katex":
            self.handle_data(FORMULA)
        if self.formula or said.get("class") == "katex":
            self.formula += 1  # its letters stand there two times, for the eye and for the ear
            return
        if said.get("id", "").startswith("cell-"):
            self.cell = said["id"].removeprefix("cell-")
        elif "attn-elsewhere" in said.get("class", ""):
            self.cell = "the line below the chapter"
        own = self.cells.setdefault(self.cell, [])
        if tag == "a" and "header" not in said.get("class", "") and "href" in said:
            self.within.append(("a", f"a {said['href']}"))
        elif tag in KINDS:
            self.within.append((tag, KINDS[tag]))
            own.append(KINDS[tag])  # a new one begins, be it empty
        elif tag in ("img", "br", "table", "hr"):
            own.append(f"{tag} {said.get('alt', '')}")

    def handle_startendtag(self, tag, attrs):
        if not self.formula:
            super().handle_startendtag(tag, attrs)

    def handle_endtag(self, tag):
        if self.formula:
            self.formula -= 1
        elif tag in [name for name, _ in self.within]:
            while self.within.pop()[0] != tag:
                pass

    def handle_data(self, data):
        if self.formula:
            return
        around = " ".join(sorted({kind for _, kind in self.within}))
        words = data.replace("¶", " ").split()  # Jupyter's link to a heading
        self.cells.setdefault(self.cell, []).extend(f"{word} ({around})" for word in words)


def by_jupyter(cell) -> list[str]:
    """What Jupyter shows of a cell of Markdown, its links leading to pages; a formula is a word."""
    source = re.sub("\x02[^\x03]*\x03", f" {FORMULA} ", Formulas().taken(cell.source, ""))
    links = re.sub(r'(href="[^":]+)\.(ipynb|md)', r"\1.html", markdown2html(source))
    return Seen(re.sub(r'class="anchor-link" href="[^"]*"', "", links)).cells.get("", [])


def words_of(markup: str) -> list[str]:
    return html.unescape(re.sub(r"<[^>]*>", " ", markup)).split()


def main_of(page: Path) -> str:
    """What the chapter itself says on its page."""
    text = page.read_text(encoding="utf-8")
    return re.search(r"<main>(.*)</main>", text, re.DOTALL)[1]


@pytest.fixture(scope="module", params=[path.stem for path in COURSE])
def lesson(request, book):
    """The name of a chapter, its notebook, and its page."""
    notebook = nbformat.read(ROOT / "notebooks" / f"{request.param}.ipynb", as_version=4)
    return request.param, notebook, main_of(book / f"{request.param}.html")


def test_every_cell_of_words_reads_as_in_jupyter(lesson):
    _, book, page = lesson
    seen = Seen(page).cells
    cells = [cell for cell in book.cells if cell.cell_type == "markdown"]
    assert len(cells) > 5
    for cell in cells:
        assert seen[cell.id] == by_jupyter(cell), cell.id


def test_every_cell_of_code_is_there_with_its_answers(lesson):
    name, book, page = lesson
    parts = re.split(r'<div class="attn-anchor" id="cell-([^"]+)"></div>', page)
    texts = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert list(texts) == [cell.id for cell in book.cells]
    for cell in book.cells:
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        shown = texts[cell.id]
        source = re.search(r'<code class="language-python">(.*?)</code>', shown, re.DOTALL)
        if "remove-input" in tags(cell):
            assert source is None, cell.id
        else:
            assert html.unescape(source[1]).rstrip("\n") == cell.source.rstrip("\n"), cell.id
            shown = shown[source.end() :]
        for output in cell.outputs:
            check_output(output, shown, f"{name}, {cell.id}")


def check_output(output, shown: str, place: str) -> None:
    """This output stands on this part of a page."""
    data = output.get("data", {})
    if VIEW in data:
        assert f'data-model="{data[VIEW]["model_id"]}"' in shown, place
        assert data["text/plain"] in html.unescape(shown), place
    elif "text/html" in data:
        assert shown.count("<table") >= data["text/html"].count("<table"), place
        formulas = []
        rest = in_html(data["text/html"], lambda *met: formulas.append(met[0]) or "\x02", place)
        words = " ".join(words_of(shown))
        for part in rest.split("\x02"):
            assert " ".join(words_of(part)) in words, place
        by_katex = {html.unescape(formula).strip() for formula in TEX.findall(shown)}
        assert {formula.strip() for formula in formulas} <= by_katex, place
    elif "image/png" in data:
        alt = html.unescape(re.search(r'class="attn-picture" [^>]*alt="([^"]*)"', shown)[1])
        assert alt.split() == data["text/plain"].split(), place
    else:
        text = output.get("text") or data["text/plain"]
        assert text.strip("\n") in html.unescape(re.sub(r"<[^>]*>", "", shown)), place


def test_no_markdown_and_no_json_is_left_over(lesson):
    _, _, page = lesson
    prose = re.sub(r"<(pre|code)\b.*?</\1>", "", page, flags=re.DOTALL)
    words = html.unescape(re.sub(r"<[^>]*>", " ", prose))
    for sign in ["**", "](", "```", "~~", "\x02", "\x03", '{"', "<div", "&#"]:
        assert sign not in words, words[max(words.find(sign) - 60, 0) :][:120]


def test_every_figure_and_every_picture_has_its_files(lesson, book):
    name, notebook, page = lesson
    pictures = re.findall(r'<img class="attn-picture" src="([^"]+)"', page)
    views = re.findall(r'data-model="([^"]+)"', page)
    kinds = [set(o.get("data", {})) for c in notebook.cells for o in c.get("outputs", [])]
    assert len(views) == sum(VIEW in kind for kind in kinds)
    stills = [kind for kind in kinds if VIEW in kind or "text/html" not in kind]
    assert len(pictures) == sum("image/png" in kind for kind in stills)
    assert all((book / picture).stat().st_size > 100 for picture in pictures)
    script = (book / "live" / f"{name[:2]}.js").read_text(encoding="utf-8")
    assert all(f'"{model}"' in script for model in views)


def test_the_search_knows_every_chapter_and_no_json(book):
    text = (book / "searchindex.js").read_text(encoding="utf-8")
    quoted = re.search(r"JSON\.parse\('(.*)'\)\);?\s*$", text, re.DOTALL)[1]
    index = json.loads(re.sub(r"\\(['\\])", r"\1", quoted))
    bodies = {}
    for number, page in index["index"]["documentStore"]["docs"].items():
        address = index["doc_urls"][int(number)].partition(".html")[0]
        bodies[address] = f"{bodies.get(address, '')} {page['title']} {page['body']}"
    assert {path.stem for path in COURSE} <= set(bodies)
    for path in COURSE:
        book = nbformat.read(path, as_version=4)
        plain = words_of(
            " ".join(markdown2html(c.source) for c in book.cells if c.cell_type != "code")
        )
        known = set(re.findall(r"\w{4,}", bodies[path.stem].lower()))
        missing = {w for w in re.findall(r"\w{4,}", " ".join(plain).lower()) if w not in known}
        assert len(missing) <= 3, (path.stem, missing)
    for address, body in bodies.items():
        body = body.replace("class{mjx-attn-", "")  # a formula as it is written
        for sign in ["model_id", "_anywidget_id", "attn-", "katex", "<div", "cell_type", "iVBORw"]:
            assert sign not in body, (address, sign, body[max(body.find(sign) - 80, 0) :][:160])


ODD = {
    "marks": (
        "It writes `<begin>`, then `a ** b` and a < b.",
        "It writes <begin>, then a ** b and",
    ),
    "include": ("Words {{#include x.txt}} and {{ these }}", "{{#include x.txt}} and {{ these }}"),
    "braces": ("## The set {1, 2}", "The set {1, 2}"),
    "money": ("It costs $5 or $6, at most \\$7.", "It costs $5 or $6, at most $7."),
    "note": ("A claim[^1].\n\n[^1]: Shown in 2014.", "A claim"),
    "again": ("Another[^again].\n\n[^again]: In 2015.", "Another"),
    "folded": ("<details>\n<summary>Open</summary>\n\n1. **One**\n\n</details>", "One"),
    "signs": ("größer → 注意, “quoted”, -- and ...", "größer → 注意, “quoted”, -- and ..."),
    "address": ("See https://example.org/a_b_c.", "See https://example.org/a_b_c."),
    "formula": ("Then $w_{ij}*a_i*b$ and\n\n$$\n\\sum_j w_{ij}\n$$", "Then"),
    "in-a-table": ("| a | b |\n|---|---|\n| $|x|$ | `x` |", "a"),
}
CODE = '"""\n\n```\n</code></pre> <b>\n\n{{#include y}} $a$ **b** <begin>\n"""  # ' + "long " * 200
TABLE = "<style scoped>\n\n b { color: red }\n</style>\n"
TABLE += "<table>\n\n<tr><td>1 < 2 & 3\n\n</td></tr></table>"


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """A page of a notebook that holds what is easily spoilt, by mdBook as our book.toml sets it."""
    needs.front_end(ROOT)
    root = tmp_path_factory.mktemp("odd")
    (root / "src").mkdir()
    v4 = nbformat.v4
    shown = [
        v4.new_output("stream", name="stdout", text="**no bold**\n\n  \x1b[31mred\x1b[0m <b>\n"),
        v4.new_output("display_data", data={"text/html": TABLE, "text/plain": ""}),
        v4.new_output("display_data", data={"text/markdown": "*slanted* $y$"}),
        v4.new_output("display_data", data={"text/latex": "$z^2$", "text/plain": "z²"}),
    ]
    cells = [v4.new_markdown_cell(source, id=name) for name, (source, _) in ODD.items()]
    cells += [v4.new_code_cell(CODE, id="code", execution_count=1, outputs=shown)]
    formulas = Formulas()
    text = chapter(
        v4.new_notebook(cells=cells),
        "odd.ipynb",
        "99",
        prose=lambda markdown, cell: ready(markdown, "odd.ipynb", cell, root / "src", formulas),
        maths=formulas,
    )
    (root / "src" / "odd.md").write_text(formulas.fill([text], ROOT)[0], encoding="utf-8")
    (root / "src" / "SUMMARY.md").write_text("[Odd](odd.md)\n")
    settings = (ROOT / "book.toml").read_text(encoding="utf-8").replace('"notebooks"', '"src"')
    settings = re.sub(
        r"\[(preprocessor\.attnlab|output\.live|output\.html\.search\.chapter)\]\n(.+\n)*",
        "",
        settings,
    )
    (root / "book.toml").write_text(re.sub("(?m)^theme = .*", "", settings), encoding="utf-8")
    said = subprocess.run([needs.mdbook(), "build", str(root)], capture_output=True, text=True)
    assert "WARN" not in said.stdout + said.stderr, said
    assert said.returncode == 0, said
    return main_of(next((root / "book").rglob("odd.html")))


@pytest.mark.parametrize("name", [*ODD])
def test_what_is_easily_spoilt_is_not(odd, name):
    part = re.search(rf'id="cell-{name}"></div>(.*?)(<div class="attn-anchor"|$)', odd, re.DOTALL)
    words = " ".join(words_of(re.sub(r"</?(code|strong|em|a|sup)\b[^>]*>", "", part[1])))
    assert ODD[name][1] in words


def test_footnotes_are_all_there(odd):
    assert "Shown in 2014." in odd
    assert "In 2015." in odd


def test_formulas_are_set_and_hold_no_markdown(odd):
    set_by_katex = TEX.findall(odd)
    wanted = ["w_{ij}*a_i*b", "\n\\sum_j w_{ij}\n", "|x|", "y", "z^2"]
    assert [html.unescape(f).strip() for f in set_by_katex] == [f.strip() for f in wanted]
    assert odd.count("katex-display") == 2
    assert "$" not in re.sub(r"<pre.*?</pre>", "", odd, flags=re.DOTALL).replace("$5", "").replace(
        "$6", ""
    ).replace("$7", "")


def test_code_and_its_answers_are_as_they_were(odd):
    assert (
        html.unescape(re.search(r'language-python">(.*?)</code>', odd, re.DOTALL)[1]) == f"{CODE}\n"
    )
    text = re.search(r'<pre class="attn-text attn-stdout"[^>]*>(.*?)</pre>', odd, re.DOTALL)[1]
    assert html.unescape(re.sub("<[^>]*>", "", text)) == "**no bold**\n\n  red <b>"
    assert '<span class="ansi-red-fg">red</span>' in text
    assert re.search(r"<style[^>]*>\s*b \{ color: red \}\s*</style>", odd)
    assert re.search(r"<td>1 &lt; 2 &amp; 3\s*</td>", odd)
    assert "<em>slanted</em>" in odd


def test_a_page_that_lacks_a_word_would_be_found(lesson):
    """The comparison itself: words, emphasis, links and code outside which nothing is looked at."""
    _, book, page = lesson
    cell = next(cell for cell in book.cells if cell.cell_type == "markdown")
    for old, new in [("<strong>", "<em>"), ("</h1>", "!</h1>"), ("<p>", "<p><br>")]:
        assert old in page
        assert Seen(page.replace(old, new, 1)).cells[cell.id] != by_jupyter(cell)
    assert outside_code("`a` b", str.upper) == "`a` B"
