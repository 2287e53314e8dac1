"""Numbers with words beside them: the table that most cells of the course end in."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Sequence

import numpy as np

from attnlab.lab.shown_arrays import as_array, listed_words


class Table:
    """A table that shows as HTML in a notebook and as aligned text everywhere else."""

    def __init__(self, cells: list[list[str]], rows: list[str], columns: list[str], caption: str):
        self.cells, self.rows, self.columns, self.caption = cells, rows, columns, caption

    def __repr__(self) -> str:
        lines = [
            ["", *self.columns],
            *([r, *c] for r, c in zip(self.rows, self.cells, strict=True)),
        ]
        widths = [max(columns_of(line[i]) for line in lines) for i in range(len(lines[0]))]
        text = [
            "  ".join(
                " " * (n - columns_of(c)) + isolated(c) for c, n in zip(line, widths, strict=True)
            )
            for line in lines
        ]
        return "\n".join([self.caption, *text] if self.caption else text)

    def _repr_html_(self) -> str:
        escape = html.escape
        head = "".join(f'<th scope="col">{escape(word)}</th>' for word in ["", *self.columns])
        body = "".join(
            f'<tr><th scope="row">{escape(row)}</th>'
            + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
            + "</tr>"
            for row, cells in zip(self.rows, self.cells, strict=True)
        )
        caption = f"<caption>{escape(self.caption)}</caption>" if self.caption else ""
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def show(
    values, rows: Sequence[str] | None = None, columns: Sequence[str] | None = None, caption=""
) -> Table:
    """Show an array as a table with a word for each row and each column.

    Args:
        values: one or two axes, NumPy or torch: numbers (to 2 places; whole ones as they are),
            booleans (yes, no) or strings. A single axis is shown as one row.
        rows, columns: the words; nothing and positions where they are not given.
        caption: a line above the table.

    Raises:
        TypeError: an array with a mask of its own, or a single text as rows or columns.
        ValueError: the number of words does not fit, naming both.

    >>> show([[1.0, 0.25]], rows=["sat"], columns=["cat", "mat"])
          cat   mat
    sat  1.00  0.25
    """
    array = np.atleast_2d(as_array("values", values))
    if array.ndim != 2:
        raise ValueError(f"values has shape {array.shape}, and a table has one or two axes")
    rows = [""] * len(array) if rows is None else listed_words("rows", rows)
    columns = listed_words("columns", range(array.shape[1]) if columns is None else columns)
    for name, words, size in (("rows", rows, len(array)), ("columns", columns, array.shape[1])):
        if len(words) != size:
            raise ValueError(f"{name} has {len(words)} words, and values shape {array.shape}")
    return Table(_written(array), rows, columns, "" if caption is None else str(caption))


def isolated(word: str) -> str:
    """A word that is written from right to left, apart from what stands beside it.

    Between the marks U+2068 and U+2069 a word of Hebrew or Arabic keeps its place in the line.
    """
    if not any(unicodedata.bidirectional(letter) in ("R", "AL", "AN") for letter in word):
        return word
    return f"\u2068{word}\u2069"


def columns_of(word: str) -> int:
    """How many columns a word takes in a text: an emoji two, an accent on a letter none."""
    letters = [letter for letter in word if unicodedata.category(letter) not in ("Mn", "Me", "Cf")]
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in letters)


def _written(array: np.ndarray) -> list[list[str]]:
    if array.dtype.kind == "b":
        return [["yes" if value else "no" for value in row] for row in array]
    if array.dtype.kind != "f":
        return [[str(value) for value in row] for row in array]
    array = array.astype(np.float64)  # 16 bits do not hold a million
    whole = np.all(array == np.round(array)) and np.all(np.abs(array) < 1e6)
    # Adding zero turns a minus zero, which rounding can leave, into a plain one.
    return [
        [f"{value + 0.0:.0f}" if whole else f"{round(value, 2) + 0.0:.2f}" for value in row]
        for row in array.tolist()
    ]
