"""The page of all live figures."""

import re

import pytest

from attnlab.book.gallery import gallery_page
from attnlab.book.trouble import BookError
from courses import chapter, code, figure, lost, one, prose, real, small


def test_each_figure_stands_there_with_its_caption_and_its_place(tmp_path):
    page = gallery_page(small(tmp_path))
    assert "the 2 live figures" in page
    assert page.index("## 0 · Start") < page.index("**Figure 0.1.** Read it.")
    assert page.index("Figure 0.1") < page.index("## 1 · One") < page.index('data-cell="heat"')
    assert (
        'data-chapter="01" data-model="box" data-cell="heat" data-words="a &amp; b"'
        '><noscript><img class="attn-picture" src="live/01-heat-0.png" alt="a &amp; b">'
    ) in page
    assert (
        "</noscript></div>\n\n**Figure 1.1.** Each `row` sums to 1.\n\n"
        '<p class="attn-way"><a href="01_one.html#cell-heat">Figure 1.1 in its chapter</a></p>'
    ) in page
    assert "More of it" not in page


def test_links_and_formulas_in_captions_are_made_ready(tmp_path):
    told = chapter("03", "Three", figure("b"), prose("c", "**Figure 3.1.** [a](01_one.ipynb)"))
    page = gallery_page(small(tmp_path, one(), told))
    assert "**Figure 3.1.** [a](01_one.html)" in page


def test_a_chapter_without_figures_is_left_out(tmp_path):
    page = gallery_page(small(tmp_path, one(), chapter("03", "Three", code("x"))))
    assert "Three" not in page


def test_a_figure_without_a_caption_stops_the_book(tmp_path):
    with pytest.raises(BookError, match=r"03_three.ipynb, cell bare: this live figure has no capt"):
        gallery_page(small(tmp_path, chapter("03", "Three", figure("bare"))))


def test_all_figures_of_the_course_are_there():
    course = real()
    page = gallery_page(course)
    shown = re.findall(r'data-chapter="(\d\d)" data-model="\w+" data-cell="([\w-]+)"', page)
    assert shown == [(c.number, found.cell) for c in course.chapters for found in c.figures]
    labels = re.findall(r"^\*\*(Figure \d+\.\d+)\.\*\* \S", page, re.MULTILINE)
    assert labels == [found.label for c in course.chapters for found in c.figures]
    assert lost(course, page) == []
