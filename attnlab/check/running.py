"""Run a function that may do anything: never end, flood, exit, or return what bites."""

from __future__ import annotations

import contextlib
import ctypes
import sys
import threading
import time
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from attnlab.check.comparing import UnreadableError
from attnlab.check.student_lines import Raised, raised_by

_KEPT, _WIDTH = 10, 100  # lines of what it prints, and characters of each
_GRACE = 1.0  # seconds to come to an end after it was told to stop


class _Stopped(SystemExit):
    """Raised inside a function that takes too long; a thread that ends by it says nothing."""


@dataclass(frozen=True)
class Outcome:
    """What became of one call.

    Args:
        parts: what was returned, read as arrays.
        error: what was raised.
        refusal: why what was returned cannot be read.
        stopped: it was stopped because it took too long.
        printed: the first lines that it printed, and a word if there were more.
        peak: the most bytes that it held; measured only on demand.
    """

    parts: tuple[np.ndarray, ...] | None = None
    error: Raised | None = None
    refusal: str | None = None
    stopped: bool = False
    printed: tuple[str, ...] = ()
    peak: int | None = None


class Runner:
    """Runs a student's calls, which share one budget of time."""

    def __init__(self, seconds: int | float):
        self.seconds, self._left = seconds, seconds

    def call(self, work: Callable[[], Any], *, measure: bool = False) -> Outcome:
        """Do the work in a thread of its own, and stop it when the time is over.

        A loop is ended by an exception that is raised inside it again and again. What cannot be
        ended, such as a long sleep, is left alone to end later; it cannot hold up the session.
        KeyboardInterrupt is passed on.
        """
        found: dict[str, Any] = {}
        leash = _Leash()
        thread = threading.Thread(target=_work, args=(work, found, leash, measure), daemon=True)
        pages = _Pages(thread)
        with _captured(pages), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            begun = time.monotonic()
            thread.start()
            try:
                leash.wait(begun + self._left)
            except BaseException:
                leash.end(thread)
                raise
            self._left = max(self._left - (time.monotonic() - begun), 0.0)
            stopped = not leash.done
            if stopped:
                leash.end(thread)
        if stopped or not found:
            return Outcome(stopped=True, printed=pages.lines(endless=True))
        if isinstance(found.get("raised"), KeyboardInterrupt):
            raise KeyboardInterrupt
        found.pop("raised", None)
        return Outcome(**found, printed=pages.lines())


class _Leash:
    """Waits for a thread, and ends it by raising in it, but never while it tidies up after itself.

    The thread's own `join` is of no use here: interrupted, it takes the thread for ended.
    """

    def __init__(self) -> None:
        self.done, self._pulled, self._loose = False, False, False
        self._over = threading.Event()

    def wait(self, until: float) -> None:
        """Until the work is done or the time has come."""
        # In small steps: on Windows a wait without end does not hear Control-C.
        while not self.done and (left := until - time.monotonic()) > 0:
            self._over.wait(min(left, 0.1))

    def end(self, thread: threading.Thread) -> None:
        """Raise in the thread again and again, until its work is done or the grace is over."""
        self._pulled = True
        until = time.monotonic() + _GRACE
        while not self.done and time.monotonic() < until:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(thread.ident or 0), ctypes.py_object(_Stopped)
            )
            self._over.wait(0.02)
        self._loose = True
        if self.done:
            thread.join(_GRACE)

    def finish(self) -> None:
        """Called in the thread when its work is done: from here on nothing is raised in it."""
        while not self.done or (self._pulled and not self._loose):
            with contextlib.suppress(_Stopped):
                self.done = True
                if self._pulled:
                    time.sleep(0.002)
        self._over.set()


def _work(work: Callable[[], Any], found: dict[str, Any], leash: _Leash, measure: bool) -> None:
    try:
        found.update(_found(work, measure))
    except _Stopped:
        pass
    finally:
        leash.finish()


def _found(work: Callable[[], Any], measure: bool) -> dict[str, Any]:
    already = tracemalloc.is_tracing()
    try:
        if measure:
            tracemalloc.start()
            tracemalloc.reset_peak()
        with np.errstate(all="ignore"):
            parts = work()
        return {"parts": parts, "peak": tracemalloc.get_traced_memory()[1] if measure else None}
    except _Stopped:
        raise
    except UnreadableError as refusal:
        return {"refusal": str(refusal)}
    except BaseException as error:
        return {"error": raised_by(error), "raised": error}
    finally:
        if measure and not already:
            tracemalloc.stop()


class _Pages:
    """Takes what one thread prints, and keeps the first lines."""

    def __init__(self, thread: threading.Thread):
        self.thread, self._text, self._count = thread, "", 0

    def take(self, text: str) -> None:
        self._text += text[: max(_WIDTH * _KEPT * 2 - len(self._text), 0)]
        self._count += text.count("\n")

    def lines(self, endless: bool = False) -> tuple[str, ...]:
        """The first lines, cut where they are long, and how many were dropped."""
        lines = self._text.splitlines()[:_KEPT]
        more = self._count - len(lines)
        lines = [line if len(line) <= _WIDTH else line[:_WIDTH] + " …" for line in lines]
        if more <= 0:
            return tuple(lines)
        return (*lines, "… and many more lines" if endless else f"… and {more} more lines")


class _Stream:
    """Stands in for sys.stdout: one thread's text goes to the pages, all other where it went."""

    def __init__(self, stream: Any, pages: _Pages):
        self._stream, self._pages = stream, pages

    def write(self, text: str) -> int:
        if threading.current_thread() is not self._pages.thread:
            return self._stream.write(text)
        self._pages.take(str(text))
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextlib.contextmanager
def _captured(pages: _Pages) -> Iterator[None]:
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (_Stream(stream, pages) for stream in before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
