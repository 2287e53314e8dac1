"""The first page."""

import re

import pytest

from attnlab.book.landing import landing_page
from attnlab.book.trouble import BookError
from courses import MAP, REPOSITORY, chapter, code, lost, one, prose, real, small, start

SOURCES = [prose("the-map", MAP)]


def test_a_moving_figure_stands_behind_one_sentence(tmp_path):
    page = landing_page(small(tmp_path))
    before, _, after = page.partition('<div class="attn-first">')
    heading, promise = before.strip().split("\n\n")
    assert heading.startswith("# ")
    assert "\n" not in promise
    assert len(promise.split()) <= 40, "the figure is to be seen without scrolling"
    assert after.lstrip().startswith('<div class="attn-out attn-view" data-chapter="00"')
    assert "(00_start.html#cell-read-the-machine)" in page


def test_the_chapters_come_with_their_questions_from_the_map(tmp_path):
    page = landing_page(small(tmp_path))
    assert "| 1 | [One](01_one.html) | What is it? |\n| 2 | Two | What came of it? |\n" in page
    assert "being written" not in page


def test_what_is_counted_is_counted(tmp_path):
    page = landing_page(small(tmp_path))
    assert "The [2 live figures](figures.html)" in page
    assert "holds 2 so far: 1 came out true and 1 true with a caveat." in page


def test_it_says_how_to_get_the_course(tmp_path):
    page = landing_page(small(tmp_path))
    assert f"git clone {REPOSITORY}\ncd lessons\nmake lab\n" in page
    assert "on [Binder or Colab](elsewhere.html)" in page
    page = landing_page(small(tmp_path, repository="https://example.org/a/b.git/"))
    assert "\ncd b\n" in page
    assert "on [Binder](elsewhere.html)" in page


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (
            [prose("a-map", MAP)],
            r"00_start.ipynb, cell the-map: pages are made from this cell, and it is g",
        ),
        ([], r"00_start.ipynb, cell the-map: "),
    ],
)
def test_a_map_that_is_gone_stops_the_book(tmp_path, cells, message):
    with pytest.raises(BookError, match=message):
        landing_page(small(tmp_path, start(*cells), one()))


def test_a_figure_that_is_gone_stops_the_book(tmp_path):
    bare = chapter("00", "Start", code("the-machine"), prose("read-the-machine", "Read."), *SOURCES)
    words = r"the first page shows a figure of it that is gone. Give its live figure the cell id"
    with pytest.raises(BookError, match=words):
        landing_page(small(tmp_path, bare, one()))


def test_the_course_is_shown_as_it_is():
    course = real()
    page = landing_page(course)
    assert lost(course, page) == []
    for known in course.chapters[1:]:
        assert f"]({known.page}) |" in page, "each chapter with its question"
    assert re.search(r"The \[\d\d live figures\]", page)
    assert "`" not in page.replace("```", "")
