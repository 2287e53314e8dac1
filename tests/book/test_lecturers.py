"""The pages for lecturers."""

import html
import json
import re

import pytest

from attnlab.book.lecturers import lecture_page, lecture_path, lecturers_page, plan
from attnlab.book.trouble import BookError
from courses import LECTURE, STATE, addresses, lost, real, settings, small


def written(tmp_path, text=LECTURE):
    """A small course whose lecture 1 says this, and its chapter 1."""
    course = small(tmp_path)
    (course.folder / "lectures" / "01.toml").write_text(text, encoding="utf-8")
    return course, course.chapters[1]


def test_a_lecture_has_what_to_show_what_to_expect_and_what_to_ask(tmp_path):
    page = lecture_page(*written(tmp_path))
    assert page.startswith("# Lecture 1 · One\n")
    assert "<dt>Minutes</dt><dd>40</dd>" in page
    assert "<dt>Aim</dt><dd>The room can read <em>a</em> row.</dd>" in page
    assert "<dt>Before</dt><dd><code>softmax</code>, and 1 &lt; 2.</dd>" in page
    assert (
        '<li><p><a href="01_one.html#cell-heat?temperature=0.5&amp;causal=true&amp;'
        'kind=a%20%26%20b&amp;focus=1,0">Figure 1.1: temperature 0.5, causal on, sort: a &amp; b; '
        "point at row 2 (sat), column 1</a></p><p><em>sat</em> gives <em>cat</em> all.</p></li>"
    ) in page
    assert (
        '<p class="attn-ask">Does it sum to 2?</p><p class="attn-hear">Yes.</p><p>No, to 1.</p>'
    ) in page
    folded = "<details>\n<summary>Why?</summary>\n<p>Softmax.</p>\n</details>"
    assert f"\n\n{folded}\n" in page, "mdBook wants it to be a block of its own"


def test_the_page_that_leads_to_the_lectures_names_minutes_and_aims(tmp_path):
    page = lecturers_page(small(tmp_path))
    assert (
        '<tr><th scope="row"><a href="lecture_01.html">1 · One</a></th><td>40</td>'
        "<td>The room can read <em>a</em> row.</td></tr>"
    ) in page
    assert "The lectures take 1 hours in all" not in page
    assert "The lectures take 80 minutes in all" in page


def test_slides_are_linked_where_they_were_built(tmp_path):
    course, known = written(tmp_path)
    assert "slides" not in lecture_page(course, known)
    (tmp_path / "slides").mkdir()
    (tmp_path / "slides" / "01_one.html").touch()
    assert "slides" not in lecture_page(course, known), "not all of them are there yet"
    (tmp_path / "slides" / "index.html").touch()
    assert '<a href="slides/01_one.html">its slides</a>' in lecture_page(course, known)


def test_a_chapter_without_a_lecture_stops_the_book(tmp_path):
    course, known = written(tmp_path)
    (course.folder / "lectures" / "01.toml").unlink()
    words = r"^notebooks/lectures/01.toml: chapter 1 · One has no lecturer's page. Write it, in the"
    for page in (lecturers_page, lambda course: lecture_page(course, known)):
        with pytest.raises(BookError, match=words):
            page(course)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("minutes = 40", "", r"the lecture lacks minutes. Add it"),
        ("say =", "tell =", r"\[\[show\]\] lacks say. Add it"),
        ("reply =", "answer =", r"\[\[wrong\]\] lacks reply. Add it"),
        ("focus =", "point =", r"point is unknown in \[\[show\]\]. Take one of figure, focus, say"),
        ("minutes = 40", "minutes = 4\nhours = 1", r"hours is unknown. Take one of aim, before"),
        ("[[question]]", "[[questions]]", r"the lecture lacks question. Add it"),
        ('"heat"', '"heart"', r"cell heart shows no live figure. Take one of heat"),
        ('"heat"', '"say"', r"cell say shows no live figure. Take one of heat"),
        ("causal = true", "mask = 1", r"no control moves mask in Figure 1.1 \(cell heat\). Set"),
        ("minutes = 40", "minutes 40", r"this is not TOML \("),
    ],
)
def test_a_lecture_that_is_not_as_it_should_be_stops_the_book(tmp_path, old, new, message):
    assert old in LECTURE
    with pytest.raises(BookError, match=rf"^notebooks/lectures/01.toml: {message}"):
        lecture_page(*written(tmp_path, LECTURE.replace(old, new)))


def test_the_focus_may_be_left_open(tmp_path):
    page = lecture_page(*written(tmp_path, LECTURE.replace("focus = [1, 0]", "")))
    assert 'kind=a%20%26%20b">Figure 1.1: temperature 0.5, causal on, sort: a &amp; b</a>' in page


def test_every_chapter_of_the_course_has_a_lecture_with_figures_set_as_it_says():
    course = real()
    assert lost(course, lecturers_page(course)) == []
    for known in course.chapters:
        page, found = lecture_page(course, known), plan(course, known)
        assert lost(course, page) == []
        ways = [address for address in addresses(page) if "#cell-" in address]
        traits = json.dumps(known.notebook.metadata["widgets"][STATE]["state"])
        for address, show in zip(ways, found["show"], strict=True):
            said = settings(address)
            focus = show.get("focus")
            assert said.pop("focus", None) == (",".join(map(str, focus)) if focus else None)
            assert list(said) == list(show["set"])
            assert all(f'"{trait}"' in traits for trait in said)
        assert page.count("<details>") == len(found["question"]) == 3
        assert page.count("</details>\n\n<details>") == 2, "each a block of its own"
        assert page.count('class="attn-wrong"') == len(found["wrong"])
        text = html.unescape(re.sub(r"<[^>]+>", "", page))
        assert "*" not in text
        assert "`" not in text
        assert lecture_path(known) == f"lecture_{known.number}.md"
