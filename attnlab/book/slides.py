"""`attnlab slides`: the chapters as reveal.js decks, every figure live, without a network."""

from __future__ import annotations

import html
import shutil
from pathlib import Path

from attnlab.book.build import install_front_end
from attnlab.book.course import Course
from attnlab.book.deck import TEMPLATE, deck
from attnlab.book.front_end import put_front_end, put_notebook
from attnlab.book.lecturers import plan, slides

_REVEAL = ["dist/reveal.js", "dist/reveal.css", "plugin/notes/notes.js"]


def build_slides(root: Path, destination: Path | None = None) -> Path:
    """Build a deck for each chapter that SUMMARY.md names; gives the page that links them all.

    Args:
        root: the folder of book.toml.
        destination: where the decks go, root/slides if None. Decks that are there are replaced,
            once all of the new ones are made.

    Raises:
        FileNotFoundError: no course there, or no Node.js, with the cure.
        ValueError: a notebook cannot become slides, naming the file, the cell and the cure.
    """
    if not (root / "book.toml").exists():
        raise FileNotFoundError(f"{root} holds no book.toml: go to the folder of the course")
    install_front_end(root)
    course = Course.read(root)
    pages = [deck(course, chapter) for chapter in course.chapters]
    pages = course.maths.fill(pages, root)  # all in one call of node
    destination = destination or root / "slides"
    shutil.rmtree(destination, ignore_errors=True)
    live = destination / "live"
    put_front_end(live, root)
    _put_deck(live, root)
    for chapter, page in zip(course.chapters, pages, strict=True):
        put_notebook(live, chapter.notebook, chapter.number)
        (destination / slides(chapter)).write_text(page, encoding="utf-8")
    index = destination / "index.html"
    index.write_text(_index(course), encoding="utf-8")
    return index


def _put_deck(live: Path, root: Path) -> None:
    for inside in _REVEAL:
        source = root / "node_modules" / "reveal.js" / inside
        if not source.exists():
            raise FileNotFoundError(
                f"node_modules/reveal.js/{inside} is missing: make slides installs it (by npm ci)"
            )
        shutil.copyfile(source, live / source.name)
    for name in ("deck.css", "deck.js"):
        shutil.copyfile(TEMPLATE / name, live / name)


def _index(course: Course) -> str:
    """The page that links all decks."""
    items = []
    for chapter in course.chapters:
        link = f'<a href="{slides(chapter)}">{html.escape(chapter.title)}</a>'
        minutes = plan(course, chapter)["minutes"]
        items.append(f'<li value="{int(chapter.number)}">{link} <span>{minutes} minutes</span>')
    page = (TEMPLATE / "decks.html").read_text(encoding="utf-8")
    return page.replace("<!-- decks -->", "\n".join(items))
