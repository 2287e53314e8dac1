"""The page of the ledger: every claim, what became of it, and the cell that proves it."""

from __future__ import annotations

import html
from collections import Counter

from attnlab.book.course import Chapter, Course
from attnlab.book.stored import tags
from attnlab.book.trouble import BookError

VERDICTS = {"true": "True", "caveat": "True, with a caveat", "false": "False"}
_OPEN = "open"  # of a chapter that is not written yet
_WORDS = VERDICTS | {_OPEN: "Not yet"}
_INTRODUCTION = """# The ledger of claims

Courses on attention make many claims. Here a cell computes each claim of the chapters that are written, and fails if the claim does not hold. There are {all}. Of these, {settled}.{rest} Each verdict links to the cell that proves it."""  # noqa: E501


def ledger_page(course: Course) -> str:
    """The Markdown of the page.

    Raises:
        BookError: a claim that no cell of its chapter proves, or one with an unknown verdict.
    """
    claims, file = course.ledger["claim"], f"{course.folder.name}/claims.toml"
    there = {chapter.number: chapter for chapter in course.chapters}
    counts = count(course)
    rest = f" The other {counts[_OPEN]} belong to chapters that are not written yet."
    parts = [
        _INTRODUCTION.format(
            all=len(claims), settled=settled(counts), rest=rest if counts[_OPEN] else ""
        ),
        _filter(counts),
    ]
    for number, title in course.ledger["chapters"].items():
        own = [claim for claim in claims if claim["chapter"] == number]
        if not own:
            continue
        name = f"{int(number)} · {title}"
        rows = "\n".join(_row(claim, there, file) for claim in own)
        parts.append(_PART.format(name=name, rows=rows))
    return "\n\n".join(parts) + "\n"


def count(course: Course) -> Counter:
    """How many claims have which verdict; "open" are those of chapters that are not written."""
    there = {chapter.number: chapter for chapter in course.chapters}
    file = f"{course.folder.name}/claims.toml"
    return Counter(verdict(claim, there, file) for claim in course.ledger["claim"])


def settled(counts: Counter) -> str:
    """The verdicts that were found, counted: 68 are true, 6 only with a caveat."""
    words = {"true": "are true", "caveat": "only with a caveat", "false": "are false"}
    return ", ".join(f"{counts[key]} {word}" for key, word in words.items() if counts[key])


def verdict(claim: dict, there: dict[str, Chapter], file: str) -> str:
    """What an honest experiment found: true, caveat or false; open if it was not made yet."""
    if claim["verdict"] not in VERDICTS:
        cure = f"write one of {', '.join(VERDICTS)}"
        what = f"claim {claim['id']} has the unknown verdict {claim['verdict']}"
        raise BookError(file, what, cure)
    return claim["verdict"] if claim["chapter"] in there else _OPEN


def proof(claim: dict, chapter: Chapter) -> str:
    """The id of the cell that proves this claim.

    Raises:
        BookError: no cell of the chapter does.
    """
    for name, cell in chapter.cells.items():
        if f"claim:{claim['id']}" in tags(cell):
            return name
    cure = f"tag the cell that asserts it claim:{claim['id']}"
    raise BookError(chapter.file, f"no cell proves the claim {claim['id']}", cure)


_PART = """<section class="attn-part">

## {name}

<table class="attn-claims">
<thead><tr><th scope="col">claim</th><th scope="col">verdict</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>

</section>"""


def _row(claim: dict, there: dict[str, Chapter], file: str) -> str:
    found = verdict(claim, there, file)
    words = _WORDS[found]
    if found != _OPEN:
        chapter = there[claim["chapter"]]
        words = f'<a href="{chapter.place(proof(claim, chapter))}">{words}</a>'
    return (
        f'<tr class="attn-claim attn-{found}" id="claim-{claim["id"]}">'
        f"<td>{html.escape(claim['text'], quote=False)}</td><td>{words}</td></tr>"
    )


def _filter(counts: Counter) -> str:
    """Buttons that leave one verdict; pages.css does what they say."""
    chosen = [("all", f"all ({counts.total()})")]
    chosen += [
        (key, f"{word.lower()} ({counts[key]})") for key, word in _WORDS.items() if counts[key]
    ]
    buttons = "\n".join(
        f'<label><input type="radio" name="verdict" id="attn-only-{key}"'
        f"{' checked' if key == 'all' else ''}> {word}</label>"
        for key, word in chosen
    )
    return f'<fieldset class="attn-filter">\n<legend>Show</legend>\n{buttons}\n</fieldset>'
