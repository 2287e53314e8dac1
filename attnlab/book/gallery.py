"""The page of live figures: one of each kind, its caption, and the ways to the others."""

from __future__ import annotations

from attnlab.book.course import Chapter, Course, LiveFigure
from attnlab.book.markup import link
from attnlab.book.stored import state_of
from attnlab.book.widget_state import reached

_INTRODUCTION = """# All live figures

The course has {count} live figures, of {kinds}. Here is one of each kind, where it is met first; below it stand the ways to the others. It begins to move when you come near it. The numbers in a figure are explained in its chapter."""  # noqa: E501

Shown = tuple[Chapter, LiveFigure]


def gallery_page(course: Course) -> str:
    """The Markdown of the page.

    Raises:
        BookError: a live figure without a caption.
    """
    kinds = _kinds(course)
    count = sum(len(chapter.figures) for chapter in course.chapters)
    said = "one kind" if len(kinds) == 1 else f"{len(kinds)} kinds"
    parts = [_INTRODUCTION.format(count=count, kinds=said)]
    for chapter in course.chapters:
        here = [alike for alike in kinds if alike[0][0] is chapter]
        if here:
            parts.append(f"## {chapter.name}")
            parts += [_shown(course, alike) for alike in here]
    return "\n\n".join(parts) + "\n"


def gallery_states(course: Course) -> dict[str, dict]:
    """What moves the figures of the page: of each chapter the models that they need, by its name.

    The name is that of the script, such as 05-first. The other figures of the chapter, which may
    be heavy, are left out.
    """
    shown: dict[str, list[str]] = {}
    states = {chapter.number: state_of(chapter.notebook) for chapter in course.chapters}
    for (chapter, figure), *_ in _kinds(course):
        shown.setdefault(chapter.number, []).append(figure.model)
    return {_name(number): reached(states[number], models) for number, models in shown.items()}


def _name(number: str) -> str:
    return f"{number}-first"


def _kinds(course: Course) -> list[list[Shown]]:
    """The figures of each kind, in the order of the course."""
    kinds: dict[str, list[Shown]] = {}
    for chapter in course.chapters:
        for figure in chapter.figures:
            kinds.setdefault(_kind(chapter, figure), []).append((chapter, figure))
    return list(kinds.values())


def _kind(chapter: Chapter, figure: LiveFigure) -> str:
    """Of its models that one which says what can be set is the figure."""
    models = reached(state_of(chapter.notebook), [figure.model]).values()
    kinds = [each["state"]["_anywidget_id"] for each in models if "settings" in each["state"]]
    return kinds[0] if kinds else f"{chapter.number} {figure.cell}"


def _shown(course: Course, alike: list[Shown]) -> str:
    (chapter, figure), *others = alike
    drawn = course.shown(chapter, figure, state=_name(chapter.number))
    caption = course.prose(f"**{figure.label}.** {figure.caption}", chapter.file, figure.cell)
    ways = link(chapter.place(figure.cell), f"{figure.label} in its chapter")
    if others:
        ways += " · also " + ", ".join(link(c.place(f.cell), f.label) for c, f in others)
    return f'{drawn}\n\n{caption}\n\n<p class="attn-way">{ways}</p>'
