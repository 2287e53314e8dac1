"""The student's progress: one small file in the user's own folder, and never anywhere else."""

from __future__ import annotations

import contextlib
import errno
import itertools
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from attnlab.check.verdict import STATES

_FORMAT = "attnlab progress 1"
_NAME = "progress.json"
_Kept = dict[str, dict[str, dict[str, Any]]]  # exercises and bets, each by name


def folder() -> Path:
    """Where the file is kept: ATTNLAB_STATE if that is set, else where the system keeps such.

    Raises:
        OSError: the system does not know whose home that would be.
    """
    if own := os.environ.get("ATTNLAB_STATE"):
        return Path(own)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or _home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = _home() / "Library" / "Application Support"
    else:
        base = os.environ.get("XDG_STATE_HOME") or _home() / ".local" / "state"
    return Path(base) / "attnlab"


def _home() -> Path:
    try:
        return Path.home()
    except (RuntimeError, KeyError):
        words = "no home folder is known: set ATTNLAB_STATE to a folder of yours"
        raise FileNotFoundError(errno.ENOENT, words) from None


def recorded() -> tuple[dict[str, dict[str, Any]], str | None]:
    """What was attempted, by exercise: {"attempts": 3, "best": "right"}; and a word if it is lost.

    A damaged file is set aside under another name, so that nothing is lost.
    """
    kept, word = _kept()
    return kept["exercises"], word


def _kept() -> tuple[_Kept, str | None]:
    nothing: _Kept = {"exercises": {}, "bets": {}}
    try:
        content = (folder() / _NAME).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return nothing, None
    except OSError as error:
        return nothing, f"Your progress cannot be read ({error.strerror})."
    try:
        return _read(content), None
    except ValueError:
        return nothing, _set_aside(folder() / _NAME)


def bets() -> dict[str, dict[str, Any]]:
    """The bets whose verdict was read, by claim: {"sure": 80, "right": True}."""
    return _kept()[0]["bets"]


def record(name: str, state: str) -> str | None:
    """Count an attempt, and keep the best state; a word comes back if it cannot be kept."""

    def count(kept: _Kept) -> None:
        before = kept["exercises"].get(name, {"attempts": 0, "best": state})
        best = max(before["best"], state, key=STATES.index)
        kept["exercises"][name] = {"attempts": before["attempts"] + 1, "best": best}

    return _changed(count)


def record_bet(claim: str, sure: int, right: bool) -> str | None:
    """Keep what became of the bet on a claim; a word comes back if it cannot be kept."""

    def keep(kept: _Kept) -> None:
        kept["bets"][claim] = {"sure": sure, "right": right}

    return _changed(keep)


def _changed(change: Callable[[_Kept], None]) -> str | None:
    try:
        folder().mkdir(parents=True, exist_ok=True)
        with _alone(folder()):
            kept, word = _kept()
            change(kept)
            _write(folder() / _NAME, kept)
            return word
    except OSError as error:
        return f"Your progress was not kept ({error.strerror}); the verdict holds all the same."


def _read(content: bytes) -> _Kept:
    found = json.loads(content.decode("utf-8"))
    if not isinstance(found, dict) or found.get("format") != _FORMAT:
        raise ValueError("another format")
    kept = {"exercises": found.get("exercises"), "bets": found.get("bets", {})}
    for name, fits in (("exercises", _is_entry), ("bets", _is_bet)):
        if not isinstance(kept[name], dict) or not all(map(fits, kept[name].values())):
            raise ValueError("not the entries of a progress file")
    return kept


def _is_bet(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and type(entry.get("sure")) is int
        and type(entry.get("right")) is bool
    )


def _is_entry(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("attempts"), int)
        and entry.get("best") in STATES
    )


def _set_aside(file: Path) -> str:
    names = (f"progress.damaged-{number}.json" for number in itertools.count(1))
    aside = next(path for path in map(file.with_name, names) if not path.exists())
    try:
        file.rename(aside)
    except OSError as error:
        return f"Your progress file is damaged and cannot be set aside ({error.strerror})."
    return f"Your progress file was damaged: it is kept as {aside.name}, and a new one begins."


def _write(file: Path, kept: _Kept) -> None:
    told = {name: entries for name, entries in kept.items() if entries or name == "exercises"}
    text = json.dumps({"format": _FORMAT} | told, indent=1, sort_keys=True) + "\n"
    handle, name = tempfile.mkstemp(prefix=".progress-", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as unfinished:
            unfinished.write(text.encode())
            unfinished.flush()
            _to_disk(unfinished.fileno())
        os.replace(name, file)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _to_disk(handle: int) -> None:
    try:
        os.fsync(handle)
    except OSError as error:  # some network folders know no such call
        if error.errno not in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
            raise


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One process at a time, where the system can lock a folder; else the last one counts."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network folders know no locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
