"""An error in the words of the student's own lines: no line of a library, no path, no address."""

from __future__ import annotations

import linecache
import sysconfig
import traceback
from dataclasses import dataclass
from pathlib import Path

_OURS = str(Path(__file__).parents[1])
_LIBRARIES = tuple(
    str(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")
)
_INSIDE = ("<frozen", "<__array_function__", "<attrs")
_MOST = 4


@dataclass(frozen=True)
class Raised:
    """What a student's function raised: its type's name, its words, and the lines on the way."""

    kind: str
    words: str
    lines: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """Type and words, as Python shows them last."""
        return f"{self.kind}: {self.words}" if self.words else self.kind


def raised_by(error: BaseException) -> Raised:
    """Read an error, whatever its own methods do."""
    try:
        words = str(error)
    except Exception as second:
        words = f"(its text cannot be read: {type(second).__name__})"
    kind = type(error).__name__
    return Raised(kind, _short(words), _lines(error))


def _lines(error: BaseException) -> tuple[str, ...]:
    found = []
    for frame, number in traceback.walk_tb(error.__traceback__):
        code = frame.f_code
        if _is_students(code.co_filename):
            text = linecache.getline(code.co_filename, number, frame.f_globals).strip()
            found.append(f"line {number} of {code.co_name}" + (f": {text}" if text else ""))
    if len(found) <= _MOST:
        return tuple(found)
    return (*found[:2], f"… {len(found) - _MOST} more calls …", *found[-2:])


def _is_students(file: str) -> bool:
    return not file.startswith((_OURS, *_LIBRARIES, *_INSIDE))


def _short(words: str) -> str:
    first = " ".join(words.split())
    return first if len(first) <= 300 else first[:300] + " …"
