"""The page of the ledger: every claim with its verdict, every definition, and their cells."""

from __future__ import annotations

import html
from collections import Counter

from attnlab.book.course import Chapter, Course
from attnlab.book.stored import tags
from attnlab.book.trouble import BookError

KINDS = ("definition", "claim")
VERDICTS = {"true": "True", "caveat": "True, with a caveat", "false": "False"}
_OPEN = "open"  # of a chapter that is not written yet
_WORDS = VERDICTS | {_OPEN: "Not yet"}
_INTRODUCTION = """# The ledger of claims

Courses on attention make many claims, and not all of them hold. Here a cell computes each claim of the chapters that are written, and fails if it finds something else. There are {claims} claims. Of these, {settled}.{rest} Each verdict links to the cell that decides it.

What cannot be false is no claim: the {definitions} definitions at the end of this page are shown, each in a cell."""  # noqa: E501


def ledger_page(course: Course) -> str:
    """The Markdown of the page.

    Raises:
        BookError: an entry that no cell of its chapter proves, one of an unknown kind or with an
            unknown verdict.
    """
    counts, definitions = count(course), entries(course, "definition")
    rest = f" The other {counts[_OPEN]} belong to chapters that are not written yet."
    introduction = _INTRODUCTION.format(
        claims=counts.total(),
        settled=settled(counts),
        rest=rest if counts[_OPEN] else "",
        definitions=len(definitions),
    )
    there = {chapter.number: chapter for chapter in course.chapters}
    parts = [introduction, _filter(counts)]
    for number, title in course.ledger["chapters"].items():
        own = [claim for claim in entries(course, "claim") if claim["chapter"] == number]
        rows = "\n".join(_row(claim, there, _file(course)) for claim in own)
        parts += [_PART.format(name=f"{int(number)} · {title}", rows=rows)] if own else []
    if definitions:
        rows = "\n".join(_definition(entry, there) for entry in definitions)
        parts.append(_DEFINITIONS.format(rows=rows))
    return "\n\n".join(parts) + "\n"


def entries(course: Course, kind: str) -> list[dict]:
    """The definitions of the ledger, or its claims.

    Raises:
        BookError: one that is neither.
    """
    for entry in course.ledger["claim"]:
        if entry.get("kind") not in KINDS:
            what = f"{entry['id']} is of the unknown kind {entry.get('kind')}"
            raise BookError(_file(course), what, f"write kind = {' or '.join(KINDS)}")
    return [entry for entry in course.ledger["claim"] if entry["kind"] == kind]


def count(course: Course) -> Counter:
    """How many claims have which verdict; "open" are those of chapters that are not written."""
    there = {chapter.number: chapter for chapter in course.chapters}
    return Counter(verdict(claim, there, _file(course)) for claim in entries(course, "claim"))


def _file(course: Course) -> str:
    return f"{course.folder.name}/claims.toml"


def settled(counts: Counter) -> str:
    """The verdicts that were found, counted, such as: 30 came out true and 6 false."""
    words = {"true": "true", "false": "false", "caveat": "true with a caveat"}
    told = [f"{counts[key]} {word}" for key, word in words.items() if counts[key]]
    said = " and ".join([", ".join(told[:-1]), told[-1]] if told[1:] else told)
    return said.replace(" ", " came out ", 1) or "none is decided yet"


def verdict(claim: dict, there: dict[str, Chapter], file: str) -> str:
    """What an honest experiment found: true, caveat or false; open if it was not made yet."""
    if claim.get("verdict") not in VERDICTS:
        cure = f"write one of {', '.join(VERDICTS)}"
        what = f"claim {claim['id']} has the unknown verdict {claim.get('verdict')}"
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


_DEFINITIONS = """## Definitions

<table class="attn-claims attn-definitions">
<thead><tr><th scope="col">definition</th><th scope="col">chapter</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>"""


def _definition(entry: dict, there: dict[str, Chapter]) -> str:
    number = entry["chapter"]
    where = str(int(number))
    if number in there:
        where = f'<a href="{there[number].place(proof(entry, there[number]))}">{where}</a>'
    return (
        f'<tr class="attn-definition" id="claim-{entry["id"]}">'
        f"<td>{html.escape(entry['text'], quote=False)}</td><td>{where}</td></tr>"
    )


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
