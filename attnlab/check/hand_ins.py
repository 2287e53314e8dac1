"""The progress files that a class has handed in: read one by one, and what cannot be read named."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attnlab.check.diary import read_progress

LARGEST = 1_000_000
"""Bytes of a progress file; one with every exercise and every bet of the course has some 50,000."""
NAMES = "names.txt"
MADE = ("class.csv", "class.html")
"""What `attnlab progress --class` writes into the folder, and so does not read."""

_COPY = re.compile(r"(\s*\(\d+\)|\s+-\s+copy|\s+copy)+$", re.IGNORECASE)


@dataclass(frozen=True)
class HandIn:
    """What one student has handed in.

    Args:
        student: the name, from that of the file or of its folder.
        file: within the folder of the class.
        exercises: by name, as attnlab.check.diary keeps them.
        bets: by claim, likewise.
    """

    student: str
    file: str
    exercises: dict[str, dict[str, Any]] = field(default_factory=dict)
    bets: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def attempts(self) -> int:
        """Of all exercises."""
        return sum(entry["attempts"] for entry in self.exercises.values())


@dataclass(frozen=True)
class HandIns:
    """All that a class has handed in.

    Args:
        students: one for each, sorted by name.
        troubles: (file, what is wrong with it), of those that do not count.
        missing: names of names.txt of which no file was handed in.
    """

    students: list[HandIn]
    troubles: list[tuple[str, str]]
    missing: list[str]


def hand_ins(folder: Path) -> HandIns:
    """Read NAME.json and NAME/anything.json in a folder, and names.txt if it is there.

    Nothing is followed out of the folder, and nothing in it is changed. Of two files of one student
    the one with more attempts counts, or the one that comes first by name.

    Args:
        folder: of the class.

    Raises:
        ValueError: it is no folder.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder} is no folder: name the one with your students' progress files")
    found: dict[str, HandIn] = {}
    troubles = []
    for path in _files(folder):
        file = plain(path.relative_to(folder).as_posix())
        try:
            mine = HandIn(_student(path, folder), file, **_content(path))
        except (OSError, ValueError) as error:
            troubles.append((file, getattr(error, "strerror", None) or str(error)))
            continue
        other = found.get(_same(mine.student), mine)
        kept = max(other, mine, key=lambda each: each.attempts)
        found[_same(mine.student)] = kept
        if other is not mine:
            lost = mine if kept is other else other
            troubles.append((lost.file, f"a second file of {kept.student}: {kept.file} counts"))
    names, trouble = _names(folder / NAMES)
    missing = [name for name in names if _same(name) not in found]
    students = sorted(found.values(), key=lambda each: (_sorted_as(each.student), each.file))
    return HandIns(students, [*troubles, *trouble], missing)


def plain(text: str) -> str:
    """A name as it can be written anywhere: without what is no character, and in one line.

    >>> plain("Ada\\nLovelace\\udcff")
    'Ada Lovelace�'
    """
    kinds = ((unicodedata.category(character), character) for character in " ".join(text.split()))
    return "".join("\N{REPLACEMENT CHARACTER}" if kind in ("Cc", "Cs") else c for kind, c in kinds)


def _files(folder: Path) -> list[Path]:
    """The files of the folder and of the folders in it; those that attnlab wrote are left out."""
    found = []
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink() and os.access(path, os.R_OK | os.X_OK):
            found += sorted(path.iterdir())
        elif path.name not in (*MADE, NAMES):
            found.append(path)
    return [path for path in found if not path.name.startswith(".")]


def _student(path: Path, folder: Path) -> str:
    name = path.stem if path.parent == folder else path.parent.name
    return plain(_COPY.sub("", name)) or plain(name)


def _same(name: str) -> str:
    """What two spellings of a name have in common."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _sorted_as(name: str) -> str:
    """With É among the E."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold() or name


def _content(path: Path) -> dict[str, Any]:
    content = _bytes(path, ".json")
    if not content:
        raise ValueError("empty")
    return dict(read_progress(content))


def _bytes(path: Path, ending: str) -> bytes:
    """The bytes of a plain file of a size that can be; a link or a pipe is never opened."""
    status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode):
        raise ValueError("a link: not followed")
    if not stat.S_ISREG(status.st_mode):
        raise ValueError("no plain file: not read")
    if path.suffix.lower() != ending:
        raise ValueError(f"no {ending} file: not read")
    if status.st_size > LARGEST:
        size, most = f"{status.st_size:,} bytes", f"{LARGEST:,}"
        raise ValueError(f"{size}, and a progress file has fewer than {most}: not read")
    return path.read_bytes()


def _names(path: Path) -> tuple[list[str], list[tuple[str, str]]]:
    """The names that are expected, one a line, if the list is there; and what is wrong with it."""
    if not os.path.lexists(path):
        return [], []
    try:
        lines = _bytes(path, ".txt").decode("utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        words = "not in UTF-8: save it so" if isinstance(error, UnicodeError) else str(error)
        return [], [(path.name, words)]
    return [name for line in lines if (name := plain(line))], []
