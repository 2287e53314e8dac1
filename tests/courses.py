"""Courses to make pages from: the real one, and one small enough to see through."""

import re
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl, unquote

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from attnlab.book.course import Chapter, Course

ROOT = Path(__file__).parents[1]
REPOSITORY = "https://github.com/someone/lessons"
VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"

LECTURE = """
minutes = 40
aim = "The room can read *a* row."
before = "`softmax`, and 1 < 2."

[[show]]
figure = "heat"
set = { temperature = 0.5, causal = true, kind = "a & b" }
focus = [1, 0]
say = "*sat* gives *cat* all."

[[wrong]]
ask = "Does it sum to 2?"
hear = "Yes."
reply = "No, to 1."

[[question]]
ask = "Why?"
answer = "Softmax."
"""
CLAIMS = """
[chapters]
01 = "One"
02 = "Two"

[[claim]]
id = "sums"
chapter = "01"
kind = "claim"
verdict = "true"
text = "W_q *and* W_k sum to < 2."
[[claim]]
id = "grows"
chapter = "01"
kind = "claim"
verdict = "caveat"
text = "It grows. Caveat: at times."
[[claim]]
id = "shrinks"
chapter = "02"
kind = "claim"
verdict = "false"
text = "It 'shrinks'."
"""
WORDS = """# Words

| word | meaning | chapter |
|---|---|---|
| logit | not yet *met* | – |
| head, beam search | *one* of several | [1] |

[1]: 01_one.ipynb
"""
MAP = """## Map

| | chapter | the question |
|---|---|---|
| 1 | [One](01_one.ipynb) | What is it? |
| 2 | Two | What came of it? |

Chapters without a link are being written.
"""


def prose(name: str, text: str):
    return new_markdown_cell(text, id=name)


def code(name: str, *tags: str):
    return new_code_cell("1", id=name, execution_count=1, metadata={"tags": list(tags)})


def figure(name: str, model: str = "box"):
    """A cell that shows a live figure."""
    data = {VIEW: {"model_id": model}, "image/png": "iVBORw0KGgo=", "text/plain": "a & b"}
    return new_code_cell(
        "f", id=name, execution_count=1, outputs=[new_output("display_data", data)]
    )


def models() -> dict:
    """A box with a figure, and beside it a switch; the figure says what can be set."""

    def model(kind: str, **state) -> dict:
        return {"model_name": kind, "state": state}

    labels = {"temperature": "temperature", "causal": "causal", "kind": "sort"}
    settings = [{"trait": trait, "label": label} for trait, label in labels.items()]
    words = {"query_words": ["The", "sat"], "key_words": []}
    return {
        "box": model("VBoxModel", children=["IPY_MODEL_row", "IPY_MODEL_drawn"]),
        "row": model("HBoxModel", children=["IPY_MODEL_switch"]),
        "switch": model("CheckboxModel", description="width"),
        "drawn": model("AnyModel", _anywidget_id="a.B", focus=[0, 0], settings=settings, **words),
    }


def chapter(number: str, title: str, *cells) -> Chapter:
    notebook = new_notebook(cells=list(cells))
    notebook.metadata["widgets"] = nbformat.from_dict({STATE: {"state": models()}})
    path = f"{number}_{title.lower()}.ipynb"
    return Chapter(number, title, path, f"notebooks/{path}", notebook)


def start(*cells) -> Chapter:
    """Chapter 0."""
    own = [figure("the-machine"), prose("read-the-machine", "**Figure 0.1.** Read it.")]
    return chapter("00", "Start", prose("title", "# 0"), *own, *cells)


def one(*cells) -> Chapter:
    """Chapter 1, with a figure and a proof of each of its claims."""
    own = [
        prose("title", "# 1 · One\n\n**You will beam.** A head and a beam search."),
        figure("heat"),
        prose("read", "**Figure 1.1.** Each `row` sums to 1.\n\nMore of it: heads."),
        code("first", "claim:sums"),
        code("second", "other", "claim:grows"),
        prose("say", "These are **heads**, found by *beam searches*."),
    ]
    return chapter("01", "One", *own, *cells)


def small(
    root: Path, *chapters: Chapter, repository: str = REPOSITORY, words: str = WORDS
) -> Course:
    """A course of these chapters, 0 and 1 if none are named, in this folder."""
    folder = root / "notebooks"
    (folder / "lectures").mkdir(parents=True, exist_ok=True)
    (folder / "claims.toml").write_text(CLAIMS, encoding="utf-8")
    (folder / "glossary.md").write_text(words, encoding="utf-8")
    chapters = chapters or (start(prose("the-map", MAP)), one())
    for known in chapters:
        (folder / known.path).touch()
        lecture = folder / "lectures" / f"{known.number}.toml"
        text = LECTURE if known.number != "00" else LECTURE.replace("heat", "the-machine")
        lecture.write_text(text, encoding="utf-8")
    return Course(root, folder, repository, list(chapters))


@cache
def real() -> Course:
    """The course of this repository."""
    return Course.read(ROOT)


def addresses(page: str) -> list[str]:
    """Where the links of a page lead."""
    found = re.findall(r'href="([^"]*)"|\]\(([^)]*)\)', page)
    return [(first or second).replace("&amp;", "&") for first, second in found]


def lost(course: Course, page: str) -> list[str]:
    """The links within the book that lead to no chapter, or to no cell of it."""
    made = {"figures", "ledger", "glossary", "lecturers", "elsewhere", "index", "package"}
    made |= {"teachers"}
    made |= {f"lecture_{known.number}" for known in course.chapters}
    chapters = {known.page: known for known in course.chapters}
    found = []
    for address in addresses(page):
        if address.startswith("https:"):
            continue
        file, _, place = address.partition("#")
        cell = place.partition("?")[0].removeprefix("cell-")
        known = chapters.get(file)
        there = file.removesuffix(".html") in made or file in {c.path for c in course.chapters}
        if not (there or known) or (place and not (known and cell in known.cells)):
            found.append(address)
    return found


def settings(address: str) -> dict[str, str]:
    """What an address sets, as live.js reads it."""
    return {name: unquote(value) for name, value in parse_qsl(address.partition("?")[2])}
