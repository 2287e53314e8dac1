"""How far the student has come: a table of all exercises, and one of the bets."""

from __future__ import annotations

import html
from collections.abc import Sequence

from attnlab.check.catalogue import all_exercises
from attnlab.check.diary import bets, recorded
from attnlab.check.verdict import Speaking

_HEAD = ("", "exercise", "check.", "difficulty", "minutes", "attempts", "best")
_BETS = ("how sure", "bets", "of them right")


class Standing(Speaking):
    """The table of the exercises, and that of the bets, as text and as HTML.

    Args:
        rows: one for each exercise, as many cells as the head has.
        note: a word below the table.
        bets: how sure, how many bets, how many of them right; no table of them if empty.
    """

    def __init__(
        self, rows: list[tuple[str, ...]], note: str, bets: Sequence[tuple[str, ...]] = ()
    ):
        self.rows, self.note, self.bets = rows, note, bets

    def __repr__(self) -> str:
        self._due = False
        parts = [*_aligned([_HEAD, *self.rows]), self.note]
        if self.bets:
            parts += ["", *_aligned([_BETS, *self.bets])]
        return "\n".join(parts)

    def _repr_html_(self) -> str:
        self._due = False
        bets = _table(_BETS, self.bets) if self.bets else ""
        return f"{_table(_HEAD, self.rows)}<p>{html.escape(self.note)}</p>{bets}"


def _aligned(lines: list[tuple[str, ...]]) -> list[str]:
    """The lines of a table as text."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    escape = html.escape
    words = "".join(f'<th scope="col">{escape(word)}</th>' for word in head)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f'<td style="text-align:left">{escape(cell)}</td>' for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{words}</tr></thead><tbody>{body}</tbody></table>"


def calibration() -> list[tuple[str, ...]]:
    """Of the bets whose verdict was read: how sure, how many, and how many of them right."""
    kept = bets().values()
    return [
        (f"{sure} %", str(len(alike)), str(sum(alike)))
        for sure in sorted({bet["sure"] for bet in kept})
        for alike in [[bet["right"] for bet in kept if bet["sure"] == sure]]
    ]


def standing() -> Standing:
    """The table as it is now."""
    entries, word = recorded()
    rows, right, minutes = [], 0, 0
    for task in all_exercises().values():
        entry = entries.get(task.name, {"attempts": 0, "best": "not attempted yet"})
        best = "right, but not everywhere" if entry["best"] == "right, but" else entry["best"]
        done = entry["best"] == "right"
        right += done
        minutes += 0 if done else task.minutes
        rows.append(
            (
                *(task.number, task.title, task.name, task.difficulty, str(task.minutes)),
                *(str(entry["attempts"]), best),
            )
        )
    left = f"; the others take about {minutes} minutes" if minutes else ""
    note = f"{right} of {len(rows)} right{left}."
    return Standing(rows, f"{note} {word}" if word else note, calibration())
