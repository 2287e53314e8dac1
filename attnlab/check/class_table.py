"""What a class has done as a table: CSV, for any table program."""

from __future__ import annotations

import csv
import io
from typing import Any

from attnlab.check.catalogue import all_exercises
from attnlab.check.class_summary import tries_of
from attnlab.check.hand_ins import HandIn, HandIns, plain

_COLUMNS = ("student", "exercise", "name", "title", "best", "tries", "attempts", "mistakes")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a table program would reckon with what so begins


def class_table(handed: HandIns) -> str:
    """CSV: a line for each student and each exercise; who has begun none has a line too."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for each in handed.students:
        for row in _rows(each) or [("", "", "", "not begun", 0, 0, "")]:
            writer.writerow([_cell(each.student), *map(_cell, row)])
    for name in handed.missing:
        writer.writerow([_cell(name), "", "", "", "nothing handed in", 0, 0, ""])
    return text.getvalue()


def _rows(each: HandIn) -> list[tuple[Any, ...]]:
    return [
        (
            *(task.number, task.name, task.title, entry["best"]),
            *(tries_of(entry), entry["attempts"]),
            "; ".join(f"{plain(name)} ({times})" for name, times in _made(entry)),
        )
        for task in all_exercises().values()
        if (entry := each.exercises.get(task.name))
    ]


def _cell(value: Any) -> Any:
    """A cell that no table program takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _made(entry: dict[str, Any]) -> list[tuple[str, int]]:
    return sorted(entry.get("mistakes", {}).items(), key=lambda pair: (-pair[1], pair[0]))
