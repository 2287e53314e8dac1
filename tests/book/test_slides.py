"""Decks of slides, as pages: what is on them, and what stops their building."""

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_output

from attnlab.book.deck import TYPES, deck, slide_type
from attnlab.book.slides import build_slides
from attnlab.book.trouble import BookError
from attnlab.lab import attention_flow, card, show
from courses import VIEW, code, figure, one, prose, real, small
from needs import missing, node

ROOT = Path(__file__).parents[2]
SHOWN = [chapter.number for chapter in real().chapters]


def typed(chapter, *types: str):
    """The chapter, its cells being these on the slides."""
    for cell, word in zip(chapter.notebook.cells, types, strict=True):
        cell.metadata["slideshow"] = {"slide_type": word}
    return chapter


class Text(HTMLParser):
    """The words of a page within and without the notes for the speaker."""

    def __init__(self, page: str):
        super().__init__()
        self.notes, self.slides, self.inside = "", "", False
        self.feed(page)

    def handle_starttag(self, tag, attrs):  # noqa: ARG002
        self.inside |= tag == "aside"

    def handle_endtag(self, tag):
        self.inside &= tag != "aside"

    def handle_data(self, data):
        if self.inside:
            self.notes += data
        else:
            self.slides += data


@pytest.fixture
def page(tmp_path):
    """The deck of a chapter with one cell of each kind."""
    chapter = typed(one(), "slide", "subslide", "notes", "fragment", "skip", "-")
    return deck(small(tmp_path, chapter), chapter)


def test_every_cell_is_what_its_metadata_says(page):
    text = Text(page)
    assert page.count("<section") == 3  # a slide, with two slides one below the other
    assert page.count('<div class="fragment"') == 1
    assert 'id="cell-first"' in page
    assert 'id="cell-second"' not in page
    assert "These are heads" in text.slides
    assert "More of it: heads." in text.notes
    assert "More of it" not in text.slides


def test_a_figure_stands_without_its_code_with_its_heading_and_caption(page):
    section = page[page.index("cell-heat") :].partition("<aside")[0]
    assert '<h2 class="deck-repeated">1 · One</h2>' in section
    assert "<strong>Figure 1.1.</strong> Each <code>row</code> sums to 1." in section
    assert re.search(r'<div class="attn-out attn-view" [^>]*data-model="box"', section)
    assert "highlight" not in section


def test_what_answers_a_prediction_comes_a_step_later(tmp_path):
    chapter = typed(one(), "slide", "subslide", "notes", "fragment", "skip", "-")
    for cell in chapter.notebook.cells:
        if cell.id == "heat":
            cell.metadata["jupyter"] = {"outputs_hidden": True}
    made = deck(small(tmp_path, chapter), chapter)
    assert made.count('<div class="fragment"') == 2
    assert re.search(r'<div class="fragment">\s*<div class="attn-out attn-view"', made)


def test_a_verdict_waits_for_its_proof_and_a_bet_shows_no_code(tmp_path):
    chapter = typed(one(), "slide", "subslide", "notes", "subslide", "subslide", "-")
    *_, proof, verdict = chapter.notebook.cells
    verdict.source = "**False.** It shrinks."
    for still, shown in [('<p class="attn-finding">F</p>', True), ("<p>?</p>", False)]:
        data = {VIEW: {"model_id": "box"}, "text/plain": "F", "text/html": still}
        proof.outputs = [nbformat.v4.new_output("display_data", data)]
        proof.metadata["jupyter"] = {"outputs_hidden": True}
        made = deck(small(tmp_path, chapter), chapter)
        section = made[made.index('id="cell-second"') :]
        assert ('class="highlight' in section.partition("attn-out")[0]) == shown
        assert re.search(r'<div class="fragment"[^>]*>\s*<div id="cell-say">', section)


def test_the_notes_say_how_to_set_a_figure(page):
    notes = " ".join(Text(page).notes.split())
    assert "Temperature 0.5, causal on, sort: a & b; point at row 2 (sat), column 1." in notes
    assert "sat gives cat all." in notes


def test_pages_are_large_and_ask_nothing_of_others(page):
    assert re.search(r'<html class="attn-lecture" lang="en">', page)
    assert "<title>1 · One · slides</title>" in page
    assert not re.search(r"(src|href)=\"(https?:)?//", page)
    assert "mathjax" not in page.lower()
    assert "mermaid" not in page.lower()


def test_words_between_angles_are_kept_in_the_notes(tmp_path):
    chapter = typed(one(), "slide", "slide", "notes", "skip", "skip", "-")
    course = small(tmp_path, chapter)
    lecture = course.folder / "lectures" / "01.toml"
    lecture.write_text(lecture.read_text().replace("gives *cat* all", "after <begin>"))
    assert "sat after <begin>." in Text(deck(course, chapter)).notes


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({}, "it has no type of slide. Set metadata.slideshow.slide_type to slide, subslide"),
        ({"slideshow": {"slide_type": "big"}}, "big is no type of slide"),
    ],
)
def test_a_cell_without_a_type_stops_the_building(metadata, words):
    cell = code("first")
    cell.metadata = nbformat.from_dict(metadata)
    with pytest.raises(BookError, match=re.escape(f"n.ipynb, cell first: {words}")):
        slide_type(cell, "n.ipynb")


def test_a_card_stands_without_its_code_and_a_table_with_it(tmp_path):
    flow = attention_flow(["a"], [[1.0]])
    summary = card("Sum", formula="n^2", code="x @ x", picture=flow, remember="All of $n$.")
    cells = [code("card"), code("table")]
    for cell, shown in zip(cells, [summary, show([1])], strict=True):
        cell.outputs = [new_output("display_data", {"text/html": shown._repr_html_()})]
    chapter = typed(one(*cells), "slide", "subslide", "notes", "fragment", "skip", "-", "-", "-")
    course = small(tmp_path, chapter)
    made = deck(course, chapter)
    before, after = made[made.index("cell-card") :].split("cell-table")
    assert 'class="attn-card"' in before
    assert "highlight" not in before
    assert "highlight" in after
    assert [formula for formula, *_ in course.maths.met] == ["n^2", "n"]


def test_a_missing_lecture_stops_the_building(tmp_path):
    chapter = typed(one(), *["slide"] * 6)
    course = small(tmp_path, chapter)
    (course.folder / "lectures" / "01.toml").unlink()
    with pytest.raises(BookError, match=r"lectures/01\.toml: .* has no lecturer's page"):
        deck(course, chapter)


@pytest.mark.parametrize("number", SHOWN)
def test_the_course_keeps_its_own_rules(number):
    (chapter,) = [each for each in real().chapters if each.number == number]
    cells = chapter.notebook.cells
    types = {cell.id: slide_type(cell, chapter.file) for cell in cells}
    assert set(types.values()) <= set(TYPES)
    for cell in cells:
        heading = re.match(r"## (.+)", cell.source) if cell.cell_type == "markdown" else None
        if heading:
            assert types[cell.id] in ("slide", "skip"), cell.id
        if cell.source.startswith("## Exercises"):
            assert types[cell.id] == "skip"
    for shown in chapter.figures:
        assert types[shown.cell] in ("slide", "subslide"), f"{shown.cell} has no slide of its own"
    assert "notes" in types.values()


@pytest.mark.slow
def test_the_real_decks_are_built_and_linked(tmp_path):
    node()
    if not (ROOT / "node_modules" / "reveal.js").is_dir():
        missing("reveal.js", "make slides")
    index = build_slides(ROOT, tmp_path / "decks")
    links = re.findall(r'href="([^"]+)"', index.read_text(encoding="utf-8"))
    assert links == [chapter.page for chapter in real().chapters]
    for link in links:
        page = (index.parent / link).read_text(encoding="utf-8")
        assert "\x02" not in page, "a formula is not filled in"
        for file in re.findall(r'(?:src|href)="((?:live/)?[^"#:]+)"', page):
            assert (index.parent / file).exists(), f"{link} names {file}"


def test_no_course_no_slides(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"holds no book\.toml: go to the folder"):
        build_slides(tmp_path)


def test_a_chapter_that_is_not_there_stops_the_building(tmp_path, monkeypatch):
    monkeypatch.setattr("attnlab.book.slides.install_front_end", lambda _: None)
    (tmp_path / "notebooks").mkdir()
    shutil.copy(ROOT / "book.toml", tmp_path)
    (tmp_path / "notebooks" / "SUMMARY.md").write_text("- [Gone](05_gone.ipynb)")
    with pytest.raises(BookError, match=r"SUMMARY\.md: there is no 05_gone\.ipynb"):
        build_slides(tmp_path)


def test_metadata_survives_the_canonical_form():
    from attnlab.book.canonical import canonical

    book = nbformat.v4.new_notebook(cells=[prose("title", "# 1"), figure("heat")])
    del book.cells[1]
    book.cells[0].metadata["slideshow"] = {"slide_type": "slide"}
    kept = json.loads(nbformat.writes(canonical(book)))["cells"][0]["metadata"]
    assert kept == {"slideshow": {"slide_type": "slide"}}
