"""The pages for lecturers: one for each chapter, from notebooks/lectures/NN.toml."""

from __future__ import annotations

from pathlib import Path

from attnlab.book.course import Chapter, Course
from attnlab.book.markup import inline, link
from attnlab.book.settings import address, said
from attnlab.book.toml_files import toml
from attnlab.book.trouble import BookError

_KEYS = {
    "": {"minutes", "aim", "before", "show", "wrong", "question"},
    "show": {"figure", "set", "focus", "say"},
    "wrong": {"ask", "hear", "reply"},
    "question": {"ask", "answer"},
}
_INTRODUCTION = """# For lecturers

Each chapter is one lecture, given from these pages or from its slides. For each there is a page with what to show, which answers to expect, and what to ask the room. The settings are links: they open the figure as described. The lectures take {time} in all.

Decks of slides, with notes for the speaker, are made by `make slides` in a copy of the course; their figures move, and they need no network. In a notebook, `attnlab.lab.lecture()` makes everything large enough for a room. If you teach a class that works through the course, see also [For teachers](teachers.html)."""  # noqa: E501


def lecture_path(chapter: Chapter) -> str:
    """The file of the lecturer's page: lecture_05.md."""
    return f"lecture_{chapter.number}.md"


def lecturers_page(course: Course) -> str:
    """The Markdown of the page that leads to all others.

    Raises:
        BookError: a lecture that is missing or incomplete.
    """
    plans = [(chapter, plan(course, chapter)) for chapter in course.chapters]
    rows = "\n".join(
        f'<tr><th scope="row">{link(_page(chapter), chapter.name)}</th>'
        f"<td>{found['minutes']}</td><td>{inline(found['aim'])}</td></tr>"
        for chapter, found in plans
    )
    minutes = sum(found["minutes"] for _, found in plans)
    time = f"{minutes} minutes" if minutes < 120 else f"{round(minutes / 60)} hours"
    return f"{_INTRODUCTION.format(time=time)}\n\n{_TABLE.format(rows=rows)}\n"


def lecture_page(course: Course, chapter: Chapter) -> str:
    """The Markdown of the lecturer's page of one chapter.

    Raises:
        BookError: the lecture is missing or incomplete, or shows what the chapter does not have.
    """
    found = plan(course, chapter)
    ways = [link(chapter.page, "The chapter")]
    decks = course.root / "slides"
    if all((decks / name).is_file() for name in (slides(chapter), "index.html")):
        ways.append(link(f"slides/{slides(chapter)}", "its slides"))
    facts = [
        ("Minutes", str(found["minutes"])),
        ("Aim", inline(found["aim"])),
        ("Before", inline(found["before"])),
        ("Open", " · ".join(ways)),
    ]
    shown = "\n".join(_show(course, chapter, show) for show in found["show"])
    wrong = "\n".join(_wrong(each) for each in found["wrong"])
    questions = "\n\n".join(_question(each) for each in found["question"])
    return f"""# Lecture {chapter.name}

<dl class="attn-facts">
{"".join(f"<div><dt>{name}</dt><dd>{words}</dd></div>" for name, words in facts)}
</dl>

## What to show

<ol class="attn-shows">
{shown}
</ol>

## Likely wrong answers

<div class="attn-wrongs">
{wrong}
</div>

## Questions for the room

{questions}
"""


def plan(course: Course, chapter: Chapter) -> dict:
    """What notebooks/lectures/NN.toml says.

    Raises:
        BookError: it is missing, or a part of it is.
    """
    path = course.folder / "lectures" / f"{chapter.number}.toml"
    file = _file(course, chapter)
    if not path.is_file():
        cure = f"write it, in the form of its neighbours in {file.rpartition('/')[0]}"
        raise BookError(file, f"chapter {chapter.name} has no lecturer's page", cure)
    found = toml(path, file.rpartition("/")[0])
    _check(found, "", file)
    for part in ("show", "wrong", "question"):
        for each in found[part]:
            _check(each, part, file)
    return found


def _check(found: dict, part: str, file: str) -> None:
    wanted = _KEYS[part] - ({"focus"} if part == "show" else set())
    for key in sorted(wanted - set(found)):
        raise BookError(file, f"{f'[[{part}]]' if part else 'the lecture'} lacks {key}", "add it")
    for key in sorted(set(found) - _KEYS[part]):
        cure = f"take one of {', '.join(sorted(_KEYS[part]))}"
        raise BookError(file, f"{key} is unknown{f' in [[{part}]]' if part else ''}", cure)


def slides(chapter: Chapter) -> str:
    """The file of its deck."""
    return chapter.page


def _file(course: Course, chapter: Chapter) -> str:
    return f"{course.folder.name}/lectures/{chapter.number}.toml"


def _page(chapter: Chapter) -> str:
    return str(Path(lecture_path(chapter)).with_suffix(".html"))


def _show(course: Course, chapter: Chapter, show: dict) -> str:
    file, name, focus = _file(course, chapter), show["figure"], show.get("focus")
    figure = chapter.figure(name)
    if figure is None:
        known = ", ".join(figure.cell for figure in chapter.figures)
        raise BookError(file, f"cell {name} shows no live figure", f"take one of {known}")
    try:
        words = said(chapter, figure, show["set"], focus)
    except LookupError as error:
        what = f"{error.args[0]} in {figure.label} (cell {name})"
        raise BookError(file, what, "set what has a control") from None
    way = link(address(chapter, name, show["set"], focus), inline(f"{figure.label}: {words}"))
    return f"<li><p>{way}</p><p>{inline(show['say'])}</p></li>"


def _wrong(each: dict) -> str:
    return (
        f'<div class="attn-wrong"><p class="attn-ask">{inline(each["ask"])}</p>'
        f'<p class="attn-hear">{inline(each["hear"])}</p><p>{inline(each["reply"])}</p></div>'
    )


def _question(each: dict) -> str:
    return (
        f"<details>\n<summary>{inline(each['ask'])}</summary>\n"
        f"<p>{inline(each['answer'])}</p>\n</details>"
    )


_TABLE = """<table class="attn-lectures">
<thead><tr><th scope="col">chapter</th><th scope="col">minutes</th><th scope="col">afterwards</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>"""  # noqa: E501
