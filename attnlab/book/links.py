"""Links of a notebook on the pages of the book: from chapter to chapter, and never into nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from attnlab.book.trouble import BookError

_CODE = re.compile(
    r"^[ \t>]*(?P<fence>`{3,}|~{3,})[^\n]*\n.*?(?:^[ \t>]*(?P=fence)[`~]*[ \t]*$|\Z)"
    r"|(?<![\\`])(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)",
    re.DOTALL | re.MULTILINE,
)
_LINK = re.compile(
    r"(?P<start>(?P<picture>!?)\[(?P<words>[^\]]*)\]\(<?)(?P<target>[^)\s>]+)"  # [words](target)
    r"|(?P<named>^[ ]{0,3}\[[^\]^]+\]:[ ]*<?)(?P<defined>[^\s>]+)"  # [name]: target
    r"|(?P<html>\b(?P<attribute>href|src)\s*=\s*[\"'])(?P<address>[^\"']+)",
    re.MULTILINE,
)
_BARE = re.compile(
    r"(?<![\w(<\[\"'=/])https?://(?:[^\s<>()\]\"']|\([^\s<>()]*\))*(?:[\w/]|\([^\s<>()]*\))"
)
_PAGE = re.compile(r"\.(?:ipynb|md)$")
_FOREIGN = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)


def outside_code(markdown: str, change: Callable[[str], str]) -> str:
    """The Markdown with `change` made everywhere but in code."""
    parts, end = [], 0
    for found in _CODE.finditer(markdown):
        parts += [change(markdown[end : found.start()]), found[0]]
        end = found.end()
    return "".join([*parts, change(markdown[end:])])


def linked(markdown: str, file: str, cell: str, folder: Path) -> str:
    """Links to notebooks and texts made links to their pages; bare addresses made links, too.

    Args:
        markdown: of one cell.
        file, cell: where it stands, for messages.
        folder: of the notebooks.

    Raises:
        BookError: a link or a picture names a file or a heading that is not there, a file outside
            the book, or a picture of another host; a picture has no words.
    """

    def change(found: re.Match) -> str:
        if found["picture"] and not found["words"].strip():
            cure = "say what is seen: ![what is seen](…)"
            raise BookError(file, f"the picture {found['target']} has no words", cure, cell)
        target = found["target"] or found["defined"] or found["address"]
        is_picture = bool(found["picture"]) or found["attribute"] == "src"
        start = found["start"] or found["named"] or found["html"]
        return start + _address(target, is_picture, file, cell, folder)

    def both(text: str) -> str:
        return _BARE.sub(lambda found: f"<{found[0]}>", _LINK.sub(change, text))

    return outside_code(markdown, both)


def heading_id(heading: str) -> str:
    """The id that mdBook gives a heading."""
    words = re.sub(r"[*`]", "", heading).strip().lower()
    return "".join(c for c in words.replace(" ", "-") if c.isalnum() or c in "-_")


def _address(target: str, is_picture: bool, file: str, cell: str, folder: Path) -> str:
    if _FOREIGN.match(target):
        if is_picture and not target.startswith("data:"):
            cure = "store the picture in the notebook"
            raise BookError(file, f"{target} would be asked of another host", cure, cell)
        return target
    path, _, place = target.partition("#")
    wanted = folder / unquote(path) if path else folder / Path(file).name
    if path and not wanted.is_file():
        raise BookError(file, f"there is no {path} to link to", "mend the link", cell)
    if path and folder.resolve() not in wanted.resolve().parents:
        cure = "link to its place on the web, or to a chapter"
        raise BookError(file, f"{path} lies outside the book", cure, cell)
    page = _PAGE.sub(".html", path)
    if place and wanted.suffix == ".ipynb" and wanted.is_file():
        place = _place(unquote(place), wanted, file, cell)
    return page + (f"#{place}" if place else "")


def _place(place: str, notebook: Path, file: str, cell: str) -> str:
    """The anchor on the page for the heading that Jupyter calls by this name."""
    headings, cells = _anchors(notebook, notebook.stat().st_mtime_ns)
    if place in cells:
        return place
    for heading in headings:
        if place in (heading.replace(" ", "-"), heading_id(heading)):
            return heading_id(heading)
    what = f"{notebook.name} has no heading {place.replace('-', ' ')!r} to link to"
    raise BookError(file, what, "mend the part of the link after #", cell)


@cache
def _anchors(notebook: Path, _: int) -> tuple[list[str], set[str]]:
    """The headings of a notebook, and the anchors of its cells."""
    headings, cells = [], set()
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        cells.add(f"cell-{cell.get('id')}")
        if cell["cell_type"] == "markdown":
            text = "".join(cell["source"])
            headings += [re.sub(r"[*`]", "", words) for words in _HEADING.findall(text)]
    return headings, cells
