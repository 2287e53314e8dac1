"""The page of the glossary: each word with the cell that explains it."""

import re

import pytest

from attnlab.book.glossary import FILE, explained, glossary, glossary_page
from attnlab.book.links import linked
from attnlab.book.trouble import BookError
from courses import WORDS, addresses, chapter, code, lost, prose, real, small


def test_each_word_leads_to_the_cell_that_prints_it_first(tmp_path):
    page = glossary_page(small(tmp_path))
    assert (
        '<tr><th scope="row"><a href="01_one.html#cell-say">head</a>, '
        '<a href="01_one.html#cell-say">beam search</a></th>'
        '<td><em>one</em> of several</td><td><a href="01_one.html">1</a></td></tr>\n'
        '<tr><th scope="row">logit</th><td>not yet <em>met</em></td><td>–</td></tr>'
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
        (
            "beam search",
            "gate",
            r"^notebooks/glossary.md: the word gate does not occur in note.*one",
        ),
        ("| [1] |", "| [7] |", r"head, beam search is said to be explained in chapter 7, which is"),
        ("| [1] |", "| 1 |", r"this is no entry: head, beam search \| \*one\* of several \| 1\. W"),
        ("| [1] |", "| [1], |", "this is no entry"),
        ("| *one* of several ", "", "this is no entry: head, beam search"),
        ("*one* of several", "", "this is no entry: head, beam search"),
    ],
)
def test_an_entry_that_is_wrong_stops_the_book(tmp_path, old, new, message):
    assert old in WORDS
    with pytest.raises(BookError, match=message):
        glossary_page(small(tmp_path, words=WORDS.replace(old, new)))


def test_without_a_glossary_there_is_no_book(tmp_path):
    course = small(tmp_path)
    (course.folder / FILE).unlink()
    with pytest.raises(BookError, match=r"glossary is missing\. Run git checkout notebooks/glo"):
        glossary_page(course)


def test_every_word_of_the_course_has_its_place():
    course = real()
    page = glossary_page(course)
    places = [address for address in addresses(page) if "#" in address]
    explained_words = [words for words, _, numbers in glossary(course) if numbers]
    assert len(places) == sum(len(words.split(",")) for words in explained_words) >= 90
    assert lost(course, page) == []
    known = {chapter.page: str(int(chapter.number)) for chapter in course.chapters}
    for row in page.split("<tr>")[2:]:
        if places := [known[address.partition("#")[0]] for address in addresses(row)]:
            assert places[0] in places[1:], row


def test_a_word_without_a_chapter_is_explained_by_none():
    bold = {
        word.strip(".:,").casefold()
        for known in real().chapters
        for cell in known.cells.values()
        for word in re.findall(r"\*\*(.+?)\*\*", cell.source)
    }
    loose = {words for words, _, numbers in glossary(real()) if not numbers}
    assert loose
    assert not {word.casefold() for word in loose} & bold, "name the chapter that explains it"


def test_the_words_stand_in_the_order_of_the_alphabet_and_each_once():
    words = [words.casefold() for words, _, _ in glossary(real())]
    assert words == sorted(set(words))


def test_the_words_of_the_field_are_there():
    known = {word.strip() for words, _, _ in glossary(real()) for word in words.split(",")}
    field = {"dimension", "transpose", "probability", "parameter", "gradient", "logit", "padding"}
    field |= {"standard deviation", "residual connection", "perplexity", "hidden state", "n-gram"}
    field |= {"sub-word", "BPE", "decoder-only", "nucleus sampling", "learning-rate schedule"}
    field |= {"dropout", "exposure bias", "vanishing gradient", "teacher forcing", "weight"}
    field |= {"expectation", "convex hull", "log-sum-exp", "sigmoid", "word vector", "projection"}
    field |= {"reference (in translation)", "hypothesis (in translation)"}
    assert field - known == set()


def test_the_links_of_the_file_lead_to_the_chapters_that_their_numbers_name():
    course = real()
    text = (course.folder / FILE).read_text(encoding="utf-8")
    named = {number for _, _, numbers in glossary(course) for number in numbers}
    found = dict(re.findall(r"^\[(\d+)\]: (\S+)$", text, flags=re.MULTILINE))
    paths = {str(int(chapter.number)): chapter.path for chapter in course.chapters}
    assert {number: paths[number] for number in named} == found


def test_chapter_0_leads_to_the_glossary():
    course = real()
    cell = linked(course.text(course.start, "glossary"), "00", "glossary", course.folder)
    assert "](glossary.html)" in cell
