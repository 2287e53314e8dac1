"""The reader's copy of the course brought up to date: what was there before is kept as well."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from attnlab.copies.manifest import Manifest, is_newer, manifest_of, put, remember, remembered
from attnlab.copies.update_step import Step, step, writable

_BACKUPS = "backups"


@dataclass(frozen=True)
class Update:
    """What an update did, or would do.

    Args:
        lines: to be shown.
        whole: whether everything that is new came in.
    """

    lines: list[str]
    whole: bool


def update_copy(
    folder: Path, course: Path, version: str, *, dry_run: bool = False, now: datetime | None = None
) -> Update:
    """Bring a copy of the course up to date, cell by cell.

    Cells that the reader left as they were become the new ones, those that the reader wrote or
    changed stay; where both have changed, the new one comes in and the reader's stands below it,
    marked. Each file that changes is kept as it was in `backups`. Doing it twice does no more than
    doing it once.

    Args:
        folder: the reader's copy.
        course: the folder of the notebooks as they are now.
        version: of the package that they come with.
        dry_run: only say what would be done.
        now: names the folder in `backups`; the time now if not given.

    Raises:
        ValueError: the copy is newer than the course, what is noted of it is damaged, or the
            folder cannot be written to.
    """
    known = remembered(folder)
    before = known or Manifest("", {})
    if known and is_newer(known.version, version):
        raise ValueError(
            f"{folder} is of attnlab {known.version}, and {version} is installed: "
            "upgrade attnlab first"
        )
    new = manifest_of(course, version).files
    steps = [step(folder, n, (course / n).read_bytes(), before.files.get(n)) for n in new]
    backup = None
    if not dry_run:
        steps, backup = _carried_out(folder, steps, now or datetime.now())
        entries = {one.name: one.entry for one in steps if one.entry}
        if known != (noted := Manifest(version, entries)):
            remember(folder, noted)
    left = [name for name in before.files if name not in new and (folder / name).exists()]
    lines = _lines(folder, steps, left, known, version)
    if backup:
        lines += [
            f"What you had before: {backup}",
            "Is one of them open in JupyterLab? Choose File → Reload Notebook from Disk.",
        ]
    return Update(lines, not any(one.failed for one in steps))


def _lines(
    folder: Path, steps: list[Step], left: list[str], known: Manifest | None, version: str
) -> list[str]:
    """What is told of the steps, and of files that are no longer in the course."""
    told = [f"  {one.name}: {one.words}" for one in steps if one.words]
    told += [f"  {name}: no longer in the course; yours stays" for name in left]
    if not told:
        return [f"{folder} is up to date (attnlab {version})"]
    if known is None:
        since = (
            "it is not noted what was copied, so each cell that differs is kept beside the new one"
        )
        return [f"{folder}: {since}", *told]
    return [f"{folder}: from attnlab {known.version} to {version}", *told]


def _carried_out(folder: Path, steps: list[Step], now: datetime) -> tuple[list[Step], Path | None]:
    """Write what the steps say; gives them, and where the files lie as they were before."""
    todo = [one for one in steps if one.after is not None]
    if todo and not writable(folder):
        raise ValueError(f"{folder} is read-only: make it writable, or copy it elsewhere")
    backup = _backed_up(folder, [one for one in todo if one.before is not None], now)
    return [_done(folder, one) if one.after is not None else one for one in steps], backup


def _backed_up(folder: Path, steps: list[Step], now: datetime) -> Path | None:
    if not steps:
        return None
    stem = now.strftime("%Y-%m-%d %H.%M.%S")
    names = itertools.chain([stem], (f"{stem}, {n}" for n in itertools.count(2)))
    backup = next(p for p in (folder / _BACKUPS / name for name in names) if not p.exists())
    backup.mkdir(parents=True)
    for one in steps:
        put(backup / one.name, one.before or b"")
    return backup


def _done(folder: Path, one: Step) -> Step:
    """The step as it was carried out; a file that was saved meanwhile is left as it is."""
    file = folder / one.name
    if _content(file) != one.before:
        words = "left as it is, for it was saved meanwhile: close it, and run attnlab update again"
        return replace(one, words=words, entry=one.base, failed=True)
    if one.beside:
        put(folder / one.beside[0], one.beside[1])
    put(file.resolve(), one.after or b"")
    return one


def _content(file: Path) -> bytes | None:
    return file.read_bytes() if file.exists() else None
