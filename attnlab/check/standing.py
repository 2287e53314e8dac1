"""How far the student has come: a table of all exercises."""

from __future__ import annotations

import html

from attnlab.check.catalogue import all_exercises
from attnlab.check.diary import recorded
from attnlab.check.verdict import Speaking

_HEAD = ("", "exercise", "check.", "difficulty", "minutes", "attempts", "best")


class Standing(Speaking):
    """The table of the exercises, as text and as HTML.

    Args:
        rows: one for each exercise, as many cells as the head has.
        note: a word below the table.
    """

    def __init__(self, rows: list[tuple[str, ...]], note: str):
        self.rows, self.note = rows, note

    def __repr__(self) -> str:
        lines = [_HEAD, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(_HEAD))]
        table = [
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in lines
        ]
        self._due = False
        return "\n".join([*table, self.note])

    def _repr_html_(self) -> str:
        escape = html.escape
        head = "".join(f'<th scope="col">{escape(word)}</th>' for word in _HEAD)
        body = "".join(
            f'<tr><th scope="row">{escape(row[0])}</th>'
            + "".join(f'<td style="text-align:left">{escape(cell)}</td>' for cell in row[1:])
            + "</tr>"
            for row in self.rows
        )
        table = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
        self._due = False
        return f"<table>{table}</table><p>{escape(self.note)}</p>"


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
    return Standing(rows, f"{note} {word}" if word else note)
