"""The pages that are made from the sources, and where they stand in the book."""

from __future__ import annotations

from collections.abc import Sequence

from attnlab.book.course import Chapter, Course
from attnlab.book.elsewhere import elsewhere_page, links
from attnlab.book.gallery import gallery_page
from attnlab.book.glossary import glossary_page
from attnlab.book.landing import landing_page
from attnlab.book.lecturers import lecture_page, lecture_path, lecturers_page
from attnlab.book.ledger import ledger_page
from attnlab.book.markup import link
from attnlab.book.reference import ROOMS, path_of, reference_page, room_page
from attnlab.book.teachers import teachers_page


def with_pages(items: list, course: Course) -> list:
    """The items of the book with the first page before them, and the pages for reference behind.

    Args:
        items: mdBook's, the chapters among them.
        course: what the pages are made from.

    Raises:
        BookError: a source of a page lacks something.
    """
    lectures = [
        page(
            chapter.name,
            lecture_path(chapter),
            lecture_page(course, chapter),
            number=[0, int(chapter.number)],
            parents=["For lecturers"],
        )
        for chapter in course.chapters
    ]
    rooms = [
        page(
            f"attnlab.{room}",
            path_of(room),
            room_page(room),
            number=[0, place],
            parents=["The package"],
            searched=True,
        )
        for place, room in enumerate(ROOMS, 1)
    ]
    return [
        page("Welcome", "index.md", landing_page(course)),
        *items,
        {"PartTitle": "For reference"},
        page("All live figures", "figures.md", gallery_page(course)),
        page("The ledger of claims", "ledger.md", ledger_page(course)),
        page("The words of the course", "glossary.md", glossary_page(course), searched=True),
        page("The package", "package.md", reference_page(), inner=rooms, searched=True),
        page("For lecturers", "lecturers.md", lecturers_page(course), inner=lectures),
        page("For teachers", "teachers.md", teachers_page(course), searched=True),
        page("Open elsewhere", "elsewhere.md", elsewhere_page(course)),
    ]


def page(
    name: str,
    path: str,
    content: str,
    *,
    number: list[int] | None = None,
    parents: Sequence[str] = (),
    inner: Sequence[dict] = (),
    searched: bool = False,
) -> dict:
    """A page as mdBook takes it, with other pages below it.

    Args:
        name, path, content: its title, the file that it becomes, and its Markdown.
        number: two numbers set it one step in, in the list of pages; pages.css hides them.
        parents: the names of the pages above it.
        inner: the pages below it.
        searched: whether the search looks into it. Those that repeat the chapters are said to
            come from the folder "made", which book.toml leaves out.
    """
    return {
        "Chapter": {
            "name": name,
            "content": content,
            "number": number,
            "sub_items": list(inner),
            "path": path,
            "source_path": None if searched else f"made/{path}",
            "parent_names": list(parents),
        }
    }


def end_of_chapter(course: Course, chapter: Chapter) -> str:
    """The line below a chapter: the same chapter in other forms."""
    lecture = lecture_path(chapter).replace(".md", ".html")
    ways = [
        f'<a href="{chapter.path}" download>download the notebook</a>',
        f"open it on {' or '.join(links(course.repository, chapter))}",
        link(lecture, "for lecturers"),
    ]
    opening = '<nav class="attn-elsewhere" aria-label="This chapter elsewhere">'
    return f"\n{opening}This chapter: {' · '.join(ways)}</nav>\n"
