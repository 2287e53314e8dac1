"""The student's progress: one small file in the user's own folder, and never anywhere else."""

from __future__ import annotations

import contextlib
import errno
import itertools
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from attnlab.check.verdict import STATES
from attnlab.check.whole_file import write_whole

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

    Up to the first right answer the mistakes that have a name are counted too, and from it on it
    is known how many tries it took: {"attempts": 4, "best": "right", "tries": 3, "mistakes":
    {"axis ignored": 2}}. A damaged file is set aside under another name, so that nothing is lost.
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
        return read_progress(content), None
    except ValueError:
        return nothing, _set_aside(folder() / _NAME)


def bets() -> dict[str, dict[str, Any]]:
    """The bets whose verdict was read, by claim: {"sure": 80, "right": True}."""
    return _kept()[0]["bets"]


def record(name: str, state: str, mistake: str | None = None) -> str | None:
    """Count an attempt, and keep the best state; a word comes back if it cannot be kept.

    Args:
        name: of the exercise.
        state: what was said of the attempt, one of STATES.
        mistake: its name, if it has one.
    """

    def count(kept: _Kept) -> None:
        before = kept["exercises"].get(name, {"attempts": 0, "best": STATES[0]})
        kept["exercises"][name] = _with_attempt(before, state, mistake)

    return _changed(count)


def _with_attempt(before: dict[str, Any], state: str, mistake: str | None) -> dict[str, Any]:
    """An entry with one more attempt; what is tried after a right answer is no mistake."""
    done = before["best"] == "right"
    after = before | {"attempts": before["attempts"] + 1}
    after["best"] = max(before["best"], state, key=STATES.index)
    if state == "right" and not done:
        after["tries"] = after["attempts"]
    if mistake and not done:
        made = before.get("mistakes", {})
        after["mistakes"] = made | {mistake: made.get(mistake, 0) + 1}
    return after


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


def read_progress(content: bytes) -> _Kept:
    """What the bytes of a progress file say: {"exercises": {...}, "bets": {...}}.

    Raises:
        ValueError: they are not those of a progress file of this version, and why not.
    """
    try:
        found = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        raise ValueError("not a progress file, or a damaged one") from None
    if not isinstance(found, dict) or not str(found.get("format")).startswith(_FORMAT[:-1]):
        raise ValueError("not a progress file")
    if found["format"] != _FORMAT:
        raise ValueError(f"of another version of attnlab: {str(found['format'])[:40]!r}")
    kept = {"exercises": found.get("exercises"), "bets": found.get("bets", {})}
    for name, fits in (("exercises", _is_entry), ("bets", _is_bet)):
        if not isinstance(kept[name], dict) or not all(map(fits, kept[name].values())):
            raise ValueError(f"damaged: its {name} are not as attnlab writes them")
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
        and _is_count(entry.get("attempts"))
        and _is_count(entry.get("tries", 1))
        and entry.get("best") in STATES
        and isinstance(entry.get("mistakes", {}), dict)
        and all(map(_is_count, entry.get("mistakes", {}).values()))
    )


def _is_count(number: Any) -> bool:
    return type(number) is int and 0 < number < 10**9


def hand_in(target: Path) -> None:
    """Copy the progress to a file that a student can hand in.

    Args:
        target: where to, such as Path("ada.json"); an earlier copy there is replaced.

    Raises:
        ValueError: there is no progress yet, `target` does not end in .json, lies in a folder that
            is not there, or is something other than a copy of it.
        OSError: it cannot be read or written.
    """
    source = folder() / _NAME
    if target.suffix != ".json":
        raise ValueError(f"{target} does not end in .json: name it like {target.name}.json")
    if not target.parent.is_dir():
        raise ValueError(f"there is no folder {target.parent}: make it, or name another")
    if not source.exists():
        raise ValueError("there is nothing to hand in yet: try an exercise first")
    content = source.read_bytes()
    read_progress(content)
    if target.exists():
        try:
            read_progress(target.read_bytes() if target.is_file() else b"")
        except ValueError:
            words = "is there already, and is no progress file: name another file"
            raise ValueError(f"{target} {words}") from None
    target.write_bytes(content)


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
    write_whole(file, text.encode())


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
