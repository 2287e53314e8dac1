"""The page for teachers."""

import json

from attnlab.book import front_end
from attnlab.book.teachers import MEASURED, needed, teachers_page
from courses import REPOSITORY, small


def test_it_shows_what_was_measured_and_what_a_class_needs(tmp_path):
    page, found = teachers_page(small(tmp_path)), json.loads(MEASURED.read_text(encoding="utf-8"))
    assert f"on {found['date']}, on {found['machine']}" in page
    assert f"plan **{needed(found)} GB** of memory" in page
    assert f"lets {found['students']} students in" in page
    assert page.count("<tr>") == 11


def test_its_commands_are_there_and_its_links_lead_to_the_repository(tmp_path):
    page = teachers_page(small(tmp_path))
    for command in ("progress --hand-in", "progress --class", "links https", "solutions ELSEWHERE"):
        assert f"attnlab {command}" in page
    assert f"git clone {REPOSITORY}" in page
    assert (
        "01_one  https://hub.school.org/hub/user-redirect/git-pull?repo=https%3A%2F%2Fgithub"
        in page
    )


def test_its_picture_comes_with_the_pages_and_is_told_in_words(tmp_path):
    page = teachers_page(small(tmp_path))
    assert 'src="live/class_page.png"' in page
    assert 'alt="The page about a class' in page
    content = (front_end._HERE / "class_page.png").read_bytes()
    sizes = (int.from_bytes(content[at : at + 4]) for at in (16, 20))
    assert 'width="{}" height="{}"'.format(*sizes) in page
