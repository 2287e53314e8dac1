"""What a class has done as a page: one HTML file, no script, nothing asked of any host."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from pathlib import Path

from attnlab.check.class_summary import ClassSummary, Cost, Slip, tries_of
from attnlab.check.hand_ins import HandIn
from attnlab.check.verdict import STATES, marked
from attnlab.check.wording import counted, listed, said

_STYLE = Path(__file__).with_suffix(".css")
_MARKS = {STATES[-1]: ("right", "✓"), STATES[-2]: ("nearly", "≈")}


def class_page(found: ClassSummary) -> str:
    """The page: what it cost, which mistakes were made, who is where, which bets, which files."""
    parts = [
        _opening(found),
        _section("What each exercise cost", _INTRODUCTION, _costs(found)),
        _section("The mistakes that were made most", _OF_MISTAKES, _slips(found)),
        _section("Who is where", _OF_STUDENTS, _grid(found)),
        _section("Bets", _OF_BETS, _bets(found)) if found.bets else "",
        _section("Files that do not count", "", _troubles(found)) if found.handed.troubles else "",
    ]
    style = _STYLE.read_text(encoding="utf-8")
    return _PAGE.format(style=style, parts="\n".join(filter(None, parts)))


def _opening(found: ClassSummary) -> str:
    handed = found.handed
    attempts = sum(each.attempts for each in handed.students)
    facts = [
        f"{counted(len(handed.students), 'student')} handed in a file that can be read, with "
        f"{counted(attempts, 'attempt')} at {counted(len(found.costs), 'exercise')}."
    ]
    if found.waiting:
        facts.append(f"Not begun yet: {_names(found.waiting)}.")
    if handed.missing:
        facts.append(f"Nothing handed in: {_names(handed.missing)}.")
    if handed.troubles:
        files = counted(len(handed.troubles), "file")
        facts.append(f'<a href="#files-that-do-not-count">{files}</a> could not be counted.')
    if found.unknown:
        facts.append(f"Exercises that this version does not have: {_names(found.unknown[:20])}.")
    return "".join(f"<p>{fact}</p>" for fact in facts)


def _names(names: Iterable[str]) -> str:
    return listed(f"<bdi>{html.escape(name)}</bdi>" for name in names)


def _section(title: str, words: str, content: str) -> str:
    name = title.lower().replace(" ", "-")
    told = f"<p>{words}</p>" if words else ""
    return (
        f'<section aria-labelledby="{name}"><h2 id="{name}">{title}</h2>{told}{content}</section>'
    )


def _table(title: str, head: Sequence[str], rows: Iterable[str]) -> str:
    """A table that scrolls sideways by itself; whoever uses keys can reach it."""
    words = "".join(f'<th scope="col">{word}</th>' for word in head)
    return (
        f'<div class="wide" role="region" aria-label="{title}" tabindex="0"><table>'
        f"<caption>{title}</caption><thead><tr>{words}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _costs(found: ClassSummary) -> str:
    if not found.costs:
        return "<p>Nobody has tried an exercise yet.</p>"
    head = ("exercise", "tried by", "right", "usual tries", "most tries", "share of the class")
    rows = (_cost(cost, len(found.handed.students)) for cost in found.costs)
    return _table("Tries of each exercise", head, rows)


def _cost(cost: Cost, students: int) -> str:
    nearly = sum(best == STATES[-2] for _, _, best in cost.others)
    count, who = cost.most
    usual = "–" if cost.usual is None else said(cost.usual)
    shares = {"right": len(cost.tries), "nearly": nearly, "wrong": len(cost.others) - nearly}
    bar = "".join(
        f'<i class="{name}" style="width:{100 * number / students:.1f}%"></i>'
        for name, number in shares.items()
        if number
    )
    return (
        f'<tr><th scope="row">{cost.task.number} {html.escape(cost.task.title)}</th>'
        f"<td>{cost.tried}</td><td>{len(cost.tries)}</td><td>{usual}</td>"
        f'<td>{count} <span class="who"><bdi>{html.escape(who)}</bdi></span></td>'
        f'<td><span class="bar" aria-hidden="true">{bar}</span></td></tr>'
    )


def _slips(found: ClassSummary) -> str:
    if not found.slips:
        return "<p>No mistake with a name was made.</p>"
    return f'<ol class="slips">{"".join(map(_slip, found.slips))}</ol>'


def _slip(slip: Slip) -> str:
    made = f"{counted(slip.students, 'student')}, {counted(slip.times, 'time')}"
    return (
        f"<li><strong>{html.escape(slip.name)}</strong>"
        f'<span class="who">{slip.task.number} {html.escape(slip.task.title)} · {made}</span>'
        f"{_sentence(slip.sentence)}</li>"
    )


def _sentence(text: str) -> str:
    return f"<p>{marked(html.escape(text))}</p>" if text else ""


def _grid(found: ClassSummary) -> str:
    numbers = [f"{cost.task.number}" for cost in found.costs]
    rows = (_student(each, found.costs) for each in found.handed.students)
    return _table("Each student and each exercise", ("student", "right", *numbers), rows)


def _student(each: HandIn, costs: list[Cost]) -> str:
    entries = [each.exercises.get(cost.task.name) for cost in costs]
    right = sum(entry["best"] == STATES[-1] for entry in entries if entry)
    cells = "".join(_try(entry) for entry in entries)
    name = f"<bdi>{html.escape(each.student)}</bdi>"
    return f'<tr><th scope="row">{name}</th><td>{right}</td>{cells}</tr>'


def _try(entry: dict | None) -> str:
    if entry is None:
        return '<td><span class="told">not tried</span></td>'
    kind, mark = _MARKS.get(entry["best"], ("wrong", "✗"))
    words = f'<span class="told">{entry["best"]} after </span>{tries_of(entry)}'
    return f'<td class="{kind}"><span aria-hidden="true">{mark}</span> {words}</td>'


def _bets(found: ClassSummary) -> str:
    rows = (
        f'<tr><th scope="row">{html.escape(claim)}</th><td>{count}</td><td>{right}</td>'
        f"<td>{sure:.0f} %</td></tr>"
        for claim, count, right, sure in found.bets
    )
    return _table(
        "Bets on claims", ("claim", "bets", "of them right", "how sure, on average"), rows
    )


def _troubles(found: ClassSummary) -> str:
    files = "".join(
        f'<li><bdi>{html.escape(file)}</bdi><span class="who">{html.escape(why)}</span></li>'
        for file, why in found.handed.troubles
    )
    return f'<ul class="slips">{files}</ul>'


_INTRODUCTION = (
    "Tries are counted up to the first right answer. “Usual” is the median of those who "
    'got there. In the bars: <span class="key right"></span> right, <span class="key nearly">'
    '</span> right, but not everywhere, <span class="key wrong"></span> not yet.'
)
_OF_MISTAKES = (
    "Counted up to the first right answer. The sentence is the checker’s, "
    "with the numbers of its own example."
)
_OF_STUDENTS = "✓ right, ≈ right but not everywhere, ✗ not yet; behind it the number of tries."
_OF_BETS = "Claims whose verdict was read after a bet."
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>attnlab: the class</title>
<style>
{style}</style>
</head>
<body>
<main>
<h1>The class</h1>
{parts}
</main>
</body>
</html>
"""
