"""The page of all live figures, each with its caption and the way to its place."""

from __future__ import annotations

from attnlab.book.course import Chapter, Course, LiveFigure
from attnlab.book.markup import link

_INTRODUCTION = """# All live figures

These are the {count} live figures of the course. Each begins to move when you come near it. The numbers in a figure are explained in its chapter."""  # noqa: E501


def gallery_page(course: Course) -> str:
    """The Markdown of the page.

    Raises:
        BookError: a live figure without a caption.
    """
    parts = [_INTRODUCTION.format(count=sum(len(c.figures) for c in course.chapters))]
    for chapter in course.chapters:
        if chapter.figures:
            parts.append(f"## {chapter.name}")
            parts += [_shown(course, chapter, figure) for figure in chapter.figures]
    return "\n\n".join(parts) + "\n"


def _shown(course: Course, chapter: Chapter, figure: LiveFigure) -> str:
    caption = course.prose(f"**{figure.label}.** {figure.caption}", chapter.file, figure.cell)
    way = link(chapter.place(figure.cell), f"{figure.label} in its chapter")
    return f'{course.shown(chapter, figure)}\n\n{caption}\n\n<p class="attn-way">{way}</p>'
