"""The page of the glossary: each word with the cell that explains it."""

import pytest

from attnlab.book.course import table
from attnlab.book.glossary import CELL, explained, glossary_page
from attnlab.book.trouble import BookError
from courses import WORDS, addresses, chapter, code, lost, one, prose, real, small, start


def test_each_word_leads_to_the_cell_that_prints_it_first(tmp_path):
    page = glossary_page(small(tmp_path))
    assert (
        '<tr><th scope="row"><a href="01_one.html#cell-say">head</a>, '
        '<a href="01_one.html#cell-say">beam search</a></th>'
        '<td><em>one</em> of several</td><td><a href="01_one.html">1</a></td></tr>'
    ) in page


def words(*texts: str):
    cells = [prose(f"c{i}", text) for i, text in enumerate(texts)]
    return chapter("03", "Three", prose("title", "# 3\n\n**entropy**"), *cells)


@pytest.mark.parametrize(
    ("word", "texts", "cell"),
    [
        ("entropy", ["entropy, *entropy*", "**Entropy.**", "**entropy**"], "c1"),
        ("entropy", ["entropy", "**the entropy**", "an *entropy*"], "c2"),
        ("entropy", ["**entropies**"], "c0"),
        ("head", ["ahead of heady heads", "**heads**"], "c1"),
        ("head", ["ahead of heady", "heads"], "c1"),
        ("additive score", ["an additive score", "an **additive** score"], "c1"),
        ("key-value cache", ["a key-value cache", "a **cache**"], "c1"),
        ("head", ["a head", "## What to remember\n\n**heads**"], "c0"),
        ("head", ["two", "## What to remember\n\n**heads**"], "c1"),
        ("d_k", ["```\nd_k\n```", "`d_k` is"], "c1"),
        ("W_o", ["two", "The matrix W_o."], "c1"),
        ("a+b", ["aab", "**a+b**"], "c1"),
    ],
)
def test_bold_comes_before_italics_and_these_before_plain_words(word, texts, cell):
    assert explained(word, [words(*texts)]) == f"03_three.html#cell-{cell}"


def test_a_word_is_not_explained_by_the_title_or_by_code():
    assert explained("entropy", [words("chaos")]) is None
    assert explained("code", [chapter("03", "Three", prose("t", "# 3"), code("code"))]) is None


def test_of_several_chapters_the_one_that_prints_it_bold_explains_it():
    plain = chapter("02", "Two", prose("t", "# 2"), prose("two", "a head"))
    assert explained("head", [plain, words("**heads**")]) == "03_three.html#cell-c0"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("beam search", "gate", r"cell glossary: the word gate does not occur in notebooks/01_one"),
        ("| 1 |", "| 7 |", r"head, beam search is said to be explained in chapter 7, which is"),
    ],
)
def test_a_word_that_its_chapter_does_not_have_stops_the_book(tmp_path, old, new, message):
    course = small(tmp_path, start(prose(CELL, WORDS.replace(old, new))), one())
    with pytest.raises(BookError, match=message):
        glossary_page(course)


def test_every_word_of_the_course_has_its_place():
    course = real()
    page = glossary_page(course)
    rows = table(course.text(course.start, CELL))
    places = [address for address in addresses(page) if "#" in address]
    assert len(places) == sum(len(row[0].split(",")) for row in rows) >= 60
    assert lost(course, page) == []
    known = {chapter.page: str(int(chapter.number)) for chapter in course.chapters}
    for row in page.split("<tr>")[2:]:
        place, *numbers = (known[address.partition("#")[0]] for address in addresses(row))
        assert place in numbers, row
