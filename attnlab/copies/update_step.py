"""What an update does to one file of the reader's copy: decided here, carried out elsewhere."""

from __future__ import annotations

import itertools
import os
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from attnlab.copies.cell_merge import merge
from attnlab.copies.manifest import Copied, copied
from attnlab.copies.notebook_json import DamagedError, parsed, written

_CURE = "move it away, and attnlab update brings a new one"


@dataclass(frozen=True)
class Step:
    """What an update does to a file.

    Args:
        name: of the file.
        words: what happens to it; "" if nothing does.
        entry: what is remembered of it from now on.
        base: what was remembered of it until now.
        before: its bytes as they were read; None if it is not there.
        after: the bytes that it gets; None if it is left as it is.
        beside: a name and bytes of a second file, the reader's version.
        failed: whether it would have to be changed, and cannot be.
    """

    name: str
    words: str
    entry: Copied | None
    base: Copied | None = None
    before: bytes | None = None
    after: bytes | None = None
    beside: tuple[str, bytes] | None = None
    failed: bool = False


def step(folder: Path, name: str, new: bytes, base: Copied | None) -> Step:
    """What is to be done with a file.

    Args:
        folder: the reader's.
        name: of the file.
        new: its bytes in the course.
        base: what is remembered of it as it was copied, if anything is.
    """
    entry = copied(name, new)
    try:
        before = (folder / name).read_bytes()
    except FileNotFoundError:
        words = "copied" if base is None else "copied anew"
        return Step(name, words, entry, base, after=new)
    except OSError as error:
        return Step(name, f"left as it is ({error.strerror})", base, base, failed=True)
    try:
        words, after, beside = _changed(folder, name, before, new, entry, base)
    except DamagedError as error:
        words = f"left as it is, for {error}: {_CURE}"
        return Step(name, words, base, base, before, failed=True)
    if after is not None and not writable(folder / name):
        words = "left as it is, for it is read-only"
        return Step(name, words, base, base, before, failed=True)
    return Step(name, words, entry, base, before, after, beside)


def _changed(
    folder: Path, name: str, before: bytes, new: bytes, entry: Copied, base: Copied | None
) -> tuple[str, bytes | None, tuple[str, bytes] | None]:
    """Words, the bytes that the file gets, and what comes beside it."""
    mine = parsed(before) if name.endswith(".ipynb") else None
    if before == new or (base and entry.digest == base.digest):
        return "", None, None
    if base and sha256(before).hexdigest() == base.digest:
        return "renewed", new, None
    if mine is None:
        yours = _free(folder, name)
        return f"renewed; yours is {yours}", new, (yours, before)
    merged = merge(base.cells if base else {}, mine, parsed(new))
    return _told(merged.counts, merged.beside), written(merged.notebook), None


_WORDS = {
    "renewed": "{} renewed",
    "added": "{} new",
    "removed": "{} removed, no longer in the course",
    "put back": "{} put back, which you had deleted and the course has changed",
    "kept": "{} of yours kept",
    "own": "{} added by you kept",
    "gone": "{} of yours kept that the course no longer has",
    "beside": "{} changed by both: yours stands below ({beside})",
}


def _told(counts: Counter[str], beside: list[str]) -> str:
    """What happened to the cells of a notebook, in words.

    >>> _told(Counter({"renewed": 2, "beside": 1}), ["try-softmax"])
    'cells: 2 renewed, 1 changed by both: yours stands below (try-softmax)'
    """
    parts = [
        words.format(counts[kind], beside=", ".join(beside))
        for kind, words in _WORDS.items()
        if counts[kind]
    ]
    return f"cells: {', '.join(parts)}" if parts else "its figures and outputs renewed"


def _free(folder: Path, name: str) -> str:
    """A name beside this one that is not in use: glossary.yours.md."""
    stem, ending = os.path.splitext(name)
    tries = (f"{stem}.yours{number}{ending}" for number in ["", *range(2, 1000)])
    return next(one for one in itertools.chain(tries) if not (folder / one).exists())


def writable(path: Path) -> bool:
    """Whether its owner means it to be changed; the administrator may, and yet should not."""
    return os.access(path, os.W_OK) and bool(path.stat().st_mode & 0o200)
