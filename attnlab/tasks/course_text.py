"""The course's own prose, to be read by a language model: text without a download."""

from __future__ import annotations

import json
import re
from pathlib import Path

from attnlab.course_folder import course

_CODE_SPAN = re.compile(r"(`+)(.+?)\1", re.DOTALL)
_EMPHASIS = re.compile(r"(?<![\w*])(\*{1,3})(?=\S)(.+?)(?<=\S)\1(?![\w*])")
_LEFT_OUT = (
    (re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL), ""),
    (re.compile(r"^\|.*$", re.MULTILINE), ""),  # tables
    (re.compile(r"\$\$.+?\$\$", re.DOTALL), ""),  # displayed formulas
    (re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)"), r"\1"),  # of a link its words stay
    (re.compile(r"</?[a-z][^>\n]*>"), ""),
    (_EMPHASIS, r"\2"),
    (_EMPHASIS, r"\2"),  # what stood inside of another
    (re.compile(r"^(?:#+|[-*]) +", re.MULTILINE), ""),  # marks of headings and lists
)
_SOURCES = re.compile(r"^#+ Sources$", re.MULTILINE)


def course_text(folder: Path | str | None = None) -> dict[str, str]:
    """The prose of each chapter, by the name of its notebook, in the order of the course.

    Prose is what the text cells say, up to the list of sources: headings, paragraphs and lists,
    without the marks that make them bold or a heading. Code, tables, displayed formulas and the
    addresses of links are left out; a formula or a name of code inside a sentence stays as it is
    written. Paragraphs are parted by an empty line. The same notebooks always give the same text.

    Args:
        folder: of the notebooks, whose names begin with two digits; the course's own if None.

    Raises:
        FileNotFoundError: no such notebook there.
        ValueError: a file is no notebook, naming it.

    >>> course_text()["03_softmax"].splitlines()[0]
    '3 · Softmax'
    """
    folder = course() if folder is None else Path(folder)
    paths = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    if not paths:
        raise FileNotFoundError(
            f"folder {folder} holds no notebook like 03_softmax.ipynb: hand in the one that does"
        )
    return {path.stem: _prose_of(path) for path in paths}


def _prose_of(path: Path) -> str:
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is no notebook: get it from the course again") from error
    return plain_prose(_SOURCES.split("\n\n".join(texts))[0])


def plain_prose(markdown: str) -> str:
    r"""The words of Markdown, as `course_text` describes them.

    >>> plain_prose("## Why\n\nThe **cat** [sat](on.html) on `<mat>`.<br>\n\n$$x = 1$$\n\nYes.")
    'Why\n\nThe cat sat on <mat>.\n\nYes.'
    """
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[2])
        return f"\0{len(kept) - 1}\0"

    fences, *others = _LEFT_OUT
    text = _CODE_SPAN.sub(keep, fences[0].sub("", markdown))
    for pattern, left in others:
        text = pattern.sub(left, text)
    text = re.sub("\0(\\d+)\0", lambda found: kept[int(found[1])], text)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
