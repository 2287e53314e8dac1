"""What pages are made from."""

import nbformat
import pytest

from attnlab.book.contents import contents
from attnlab.book.course import Chapter, Course, table
from attnlab.book.markup import inline, link
from attnlab.book.toml_files import toml
from attnlab.book.trouble import BookError
from courses import ROOT, chapter, code, figure, one, prose, real, small


def test_a_chapter_knows_its_page_and_its_places():
    known = one()
    assert (known.page, known.name) == ("01_one.html", "1 · One")
    assert known.place("say") == "01_one.html#cell-say"


def test_cells_that_are_not_on_the_page_are_not_known():
    known = chapter("03", "Three", code("gone", "remove-cell"), code("here", "remove-input"))
    assert list(known.cells) == ["here"]


def test_the_caption_of_a_figure_is_the_first_paragraph_behind_it():
    (found,) = one().figures
    assert (found.cell, found.index, found.model) == ("heat", 0, "box")
    assert (found.label, found.caption) == ("Figure 1.1", "Each `row` sums to 1.")
    assert one().figure("heat") == found
    assert one().figure("say") is None


@pytest.mark.parametrize("behind", [[], [prose("say", "It shows **Figure 1.1.**")]])
def test_a_figure_without_a_caption_is_named(behind):
    known = chapter("03", "Three", figure("bare"), *behind)
    words = r"notebooks/03_three.ipynb, cell bare: this live figure has no caption. Begin the next"
    with pytest.raises(BookError, match=words):
        _ = known.figures


def test_every_live_figure_of_the_course_has_a_number_of_its_own():
    course = real()
    assert isinstance(course.chapters[0], Chapter)
    labels = [found.label for known in course.chapters for found in known.figures]
    assert len(labels) == len(set(labels)) >= 30
    for known in course.chapters:
        own = f"Figure {int(known.number)}."
        assert all(found.label.startswith(own) for found in known.figures), known.file


def test_a_cell_that_pages_need_and_that_is_gone_is_named(tmp_path):
    course = small(tmp_path)
    with pytest.raises(BookError, match=r"00_start.ipynb, cell index: pages are made from this"):
        course.text(course.start, "index")


def test_a_course_without_its_first_chapter_is_refused(tmp_path):
    with pytest.raises(BookError, match=r"SUMMARY.md: chapter 00 is not in it. Name 00_start"):
        _ = small(tmp_path, one()).start


def test_a_file_that_is_missing_or_no_toml_is_named(tmp_path):
    with pytest.raises(BookError, match=r"notebooks/claims.toml: this file is missing. Take it"):
        toml(tmp_path / "claims.toml", "notebooks")
    (tmp_path / "claims.toml").write_text("a =\n", encoding="utf-8")
    with pytest.raises(BookError, match=r"notebooks/claims.toml: this is not TOML \(.*line 1"):
        toml(tmp_path / "claims.toml", "notebooks")


def test_the_rows_of_a_table():
    text = "Before.\n\n| a | b |\n|---|---|\n| 1 | x y |\n|2|  |\n\nBehind | it."
    assert table(text) == [["1", "x y"], ["2", ""]]
    assert table("No table.") == []


def test_words_as_html():
    assert inline("*a*'s < `b*c*` & 2 * 3 * 4\n d_k") == (
        "<em>a</em>'s &lt; <code>b*c*</code> &amp; 2 * 3 * 4 d_k"
    )
    assert link('a?b=1&c="2"', "<em>a</em>") == (
        '<a href="a?b=1&amp;c=&quot;2&quot;"><em>a</em></a>'
    )


def test_the_course_is_read_as_its_files_say():
    course = real()
    entries = [entry for entry in contents(ROOT / "notebooks") if entry[1].endswith(".ipynb")]
    assert [(known.title, known.path) for known in course.chapters] == entries
    assert [known.number for known in course.chapters] == [path[:2] for _, path in entries]
    assert course.repository.startswith("https://")
    assert (course.root, course.folder) == (ROOT, ROOT / "notebooks")


def test_what_mdbook_has_read_is_not_read_again(tmp_path):
    (tmp_path / "notebooks").mkdir()
    config = {"book": {"src": "notebooks"}, "output": {"html": {}}}
    text = nbformat.writes(one().notebook)
    course = Course.read(tmp_path, config=config, notebooks=[("One", "01_one.ipynb", text)])
    (chapter,) = course.chapters
    assert (chapter.number, chapter.name) == ("01", "1 · One")
    assert (chapter.file, course.repository) == ("notebooks/01_one.ipynb", "")
