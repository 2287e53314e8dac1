"""`attnlab progress --class DIR`: reads what was handed in, and writes the table and the page."""

from __future__ import annotations

from pathlib import Path

from attnlab.check.class_page import class_page
from attnlab.check.class_summary import ClassSummary, summary
from attnlab.check.class_table import class_table
from attnlab.check.hand_ins import MADE, hand_ins
from attnlab.check.whole_file import write_whole
from attnlab.check.wording import counted


def sum_up(folder: Path) -> tuple[ClassSummary, Path, Path]:
    """Sum up a folder of progress files, and write class.csv and class.html into it.

    Returns:
        The summary, and the two files.

    Raises:
        ValueError: it is no folder, holds nothing that was handed in, or has files of these names
            that attnlab did not write.
        OSError: the two files cannot be written.
    """
    found = summary(hand_ins(folder))
    if not found.handed.students and not found.handed.troubles:
        raise ValueError(
            f"{folder} holds no progress files: students make one by "
            "attnlab progress --hand-in NAME.json"
        )
    table, page = (folder / name for name in MADE)
    content = class_table(found.handed).encode("utf-8-sig")  # which Excel needs
    _check_own(table, content.splitlines()[0])
    _check_own(page, b"<title>attnlab: the class</title>")
    write_whole(table, content)
    write_whole(page, class_page(found).encode())
    return found, table, page


def _check_own(file: Path, mark: bytes) -> None:
    """Refuse to write over a file in which this mark of ours does not stand."""
    if file.is_file() and not file.is_symlink() and mark not in file.read_bytes():
        raise ValueError(
            f"{file} is there already, and attnlab did not write it: move it elsewhere first"
        )


def told(found: ClassSummary) -> list[str]:
    """What is said in the terminal: how many, and each file that does not count."""
    handed = found.handed
    lines = [f"{counted(len(handed.students), 'student')}, {len(found.waiting)} not begun."]
    if handed.missing:
        lines.append(f"Nothing handed in: {', '.join(handed.missing)}.")
    return [*lines, *(f"Not counted: {file}: {why}" for file, why in handed.troubles)]
