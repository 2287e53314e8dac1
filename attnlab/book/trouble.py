"""What stops the build of the book: always with the file, the cell and the cure."""

from __future__ import annotations


class BookError(ValueError):
    """A notebook that cannot become a chapter.

    Args:
        file: the notebook, as the reader names it.
        what: what is wrong.
        cure: what to do about it.
        cell: the id of the cell, or "" where the whole file is meant.
    """

    def __init__(self, file: str, what: str, cure: str, cell: str = ""):
        place = f"{file}, cell {cell}" if cell else file
        super().__init__(f"{place}: {what}. {cure[:1].upper()}{cure[1:]}.")
        self.file, self.cell = file, cell
