"""The page of all live figures."""

import re

import pytest

from attnlab.book.gallery import gallery_page, gallery_states
from attnlab.book.trouble import BookError
from courses import STATE, chapter, code, figure, lost, models, one, prose, real, small, start


def test_each_figure_stands_there_with_its_caption_and_its_place(tmp_path):
    page = gallery_page(small(tmp_path, start(), kind(one(), "a.Heat")))
    assert "2 live figures, of 2 kinds" in page
    assert page.index("## 0 · Start") < page.index("**Figure 0.1.** Read it.")
    assert page.index("Figure 0.1") < page.index("## 1 · One") < page.index('data-cell="heat"')
    assert (
        'data-chapter="01" data-model="box" data-cell="heat" data-words="a &amp; b" '
        'data-state="01-first"'
        '><noscript><img class="attn-picture" src="live/01-heat-0.png" alt="a &amp; b">'
    ) in page
    assert (
        "</noscript></div>\n\n**Figure 1.1.** Each `row` sums to 1.\n\n"
        '<p class="attn-way"><a href="01_one.html#cell-heat">Figure 1.1 in its chapter</a></p>'
    ) in page
    assert "More of it" not in page


def test_of_each_kind_the_first_is_shown_and_the_others_are_named(tmp_path):
    more = [figure("b"), prose("c", "**Figure 2.1.** Once more."), figure("d", model="drawn")]
    two = chapter("02", "Two", *more, prose("e", "**Figure 2.2.** And again."))
    course = small(tmp_path, kind(one(), "a.Heat"), kind(two, "a.Heat"))
    page = gallery_page(course)
    assert "3 live figures, of 1 kinds" not in page
    assert "3 live figures, of one kind" in page
    assert page.count("attn-view") == 1
    assert (
        'in its chapter</a> · also <a href="02_two.html#cell-b">Figure 2.1</a>, '
        '<a href="02_two.html#cell-d">Figure 2.2</a></p>'
    ) in page


def test_the_page_loads_of_a_chapter_only_what_its_figures_need(tmp_path):
    told = one()
    told.notebook.metadata["widgets"][STATE]["state"]["heavy"] = {"state": {}, "model_name": "A"}
    assert gallery_states(small(tmp_path, told)) == {"01-first": models()}


def kind(known, name: str):
    """The chapter, its figures of this kind."""
    known.notebook.metadata["widgets"][STATE]["state"]["drawn"]["state"]["_anywidget_id"] = name
    return known


def test_links_and_formulas_in_captions_are_made_ready(tmp_path):
    told = chapter("03", "Three", figure("b"), prose("c", "**Figure 3.1.** [a](01_one.ipynb)"))
    page = gallery_page(small(tmp_path, one(), kind(told, "a.Heat")))
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
    places = [c.place(found.cell) for c in course.chapters for found in c.figures]
    ways = re.findall(r'<p class="attn-way">(.*?)</p>', page)
    named = [place for way in ways for place in re.findall(r'href="([^"]+)"', way)]
    assert sorted(named) == sorted(places)
    firsts = [way.partition('href="')[2].partition('"')[0] for way in ways]
    assert firsts == sorted(firsts, key=places.index)
    shown = re.findall(r'data-chapter="(\d\d)" data-model="\w+" data-cell="([\w-]+)"', page)
    assert [f"#cell-{cell}" for _, cell in shown] == [f"#{way.split('#')[1]}" for way in firsts]
    assert len(shown) < len(places)
    labels = re.findall(r"^\*\*(Figure \d+\.\d+)\.\*\* \S", page, re.MULTILINE)
    assert len(labels) == len(shown)
    assert lost(course, page) == []
