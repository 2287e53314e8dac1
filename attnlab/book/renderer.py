"""mdBook's second renderer: it puts beside the finished pages what moves their figures."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from attnlab.book.contents import is_notebook
from attnlab.book.course import Course
from attnlab.book.front_end import put_front_end, put_notebook, put_state
from attnlab.book.gallery import gallery_states
from attnlab.book.preprocessor import chapters_of
from attnlab.book.protocol import check_version, handed_in

_FONTS = Path(__file__).parent / "theme" / "fonts" / "fonts.css"


def render(context: dict) -> Path:
    """Complete the pages in the html renderer's folder; gives that folder.

    The decks of slides come with them, if they were built: lecturers' pages link to them.

    Args:
        context: mdBook's for a renderer: root, destination, book, config.

    Raises:
        FileNotFoundError: the pages are not there, or the front-end packages are not installed.
    """
    pages = Path(context["destination"]).parent / "html"
    if not (pages / "index.html").exists():
        raise FileNotFoundError(
            "there are no pages in book/html: book.toml needs [output.html] as well"
        )
    # mdBook copies whatever lies beside the notebooks, Jupyter's own copies too.
    shutil.rmtree(pages / ".ipynb_checkpoints", ignore_errors=True)
    put_front_end(pages / "live", Path(context["root"]))
    fonts = pages / "fonts" / "fonts.css"  # every page names it, and some builds of mdBook lack it
    if not fonts.exists():
        fonts.parent.mkdir(exist_ok=True)
        shutil.copyfile(_FONTS, fonts)
    items = [i for i in chapters_of(context["book"]["items"]) if is_notebook(i["path"])]
    course = Course.read(
        Path(context["root"]),
        config=context["config"],
        notebooks=[(item["name"], item["path"], item["content"]) for item in items],
    )
    for chapter in course.chapters:
        put_notebook(pages / "live", chapter.notebook, chapter.number)
    for name, state in gallery_states(course).items():
        put_state(pages / "live", state, name)
    decks = Path(context["root"]) / "slides"
    if (decks / "index.html").is_file():
        shutil.copytree(decks, pages / "slides", dirs_exist_ok=True)
    return pages


def main(_: list[str]) -> int:
    """What mdBook calls."""
    try:
        context = handed_in()
        check_version(context.get("version", ""))
        render(context)
    except (OSError, ValueError) as error:
        print(f"attnlab: {error}", file=sys.stderr)
        return 1
    return 0
