"""Run a function that may do anything: never end, flood, exit, or return what bites."""

from __future__ import annotations

import contextlib
import ctypes
import math
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
_PATIENCE, _LEAST = 6, 10.0  # on a busy machine: times its own time, and seconds in any case
_IDLE = 0.01  # who gets no more of the processor than that is asleep


class _Stopped(SystemExit):
    """Raised inside a function that takes too long; a thread that ends by it says nothing."""


@dataclass(frozen=True)
class Outcome:
    """What became of one call.

    Args:
        parts: what was returned, read as arrays.
        error: what was raised.
        refusal: why what was returned cannot be read.
        stopped: if it took too long: the time after which it was stopped, in words.
        waited: it was stopped, and had hardly worked: it slept, or waited for something.
        printed: the first lines that it printed, and a word if there were more.
        peak: the most bytes that it held; measured only on demand.
    """

    parts: tuple[np.ndarray, ...] | None = None
    error: Raised | None = None
    refusal: str | None = None
    stopped: str = ""
    waited: bool = False
    printed: tuple[str, ...] = ()
    peak: int | None = None


class Runner:
    """Runs a student's calls, which share one budget of processor time."""

    def __init__(self, seconds: int | float):
        self.seconds, self._left = seconds, seconds

    @property
    def is_over(self) -> bool:
        """Whether the time is spent."""
        return self._left <= 0

    def call(
        self, work: Callable[[], Any], *, measure: bool = False, at_most: float = math.inf
    ) -> Outcome:
        """Do the work in a thread of its own, and stop it when its time is over.

        What counts is the time of the processor, so that a busy machine makes nobody slow. A loop
        is ended by an exception that is raised inside it again and again. What cannot be ended,
        such as a long sleep, is left alone to end later; it cannot hold up the session.
        KeyboardInterrupt is passed on.

        Args:
            work: what is to be done.
            measure: the memory that it takes.
            at_most: the seconds that this call may have of all that are left.
        """
        found: dict[str, Any] = {}
        leash = _Leash(min(self._left, at_most))
        thread = threading.Thread(target=_work, args=(work, found, leash, measure), daemon=True)
        pages = _Pages(thread)
        with _captured(pages), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            thread.start()
            try:
                leash.wait()
            except BaseException:
                leash.end(thread)
                raise
            self._left = max(self._left - leash.spent(), 0.0)
            stopped, why = not leash.done, leash.why(self.seconds)
            if stopped:
                leash.end(thread)
        if stopped or not found:
            return Outcome(stopped=why, waited=leash.is_idle(), printed=pages.lines(endless=True))
        if isinstance(found.get("raised"), KeyboardInterrupt):
            raise KeyboardInterrupt
        found.pop("raised", None)
        return Outcome(**found, printed=pages.lines())


class _Leash:
    """Waits for a thread, and ends it by raising in it, but never while it tidies up after itself.

    The thread's own `join` is of no use here: interrupted, it takes the thread for ended.

    Args:
        seconds: how long the thread may work; asleep it may take as long, on a busy machine longer.
    """

    def __init__(self, seconds: float) -> None:
        self.done, self._pulled, self._loose = False, False, False
        self._over = threading.Event()
        self.seconds, self._clock, self._begun = seconds, _Clock(), time.monotonic()

    def begin(self) -> None:
        """Called in the thread before its work."""
        self._clock = _Clock.of_this_thread()

    def spent(self) -> float:
        """The seconds that count: those of the processor, and all of one who sleeps."""
        return self._passed() if self.is_idle() else self._clock.spent()

    def is_idle(self) -> bool:
        """Whether it has hardly worked at all."""
        return self._clock.spent() <= _IDLE * self._passed()

    def why(self, seconds: float) -> str:
        """After what it was stopped, in words, if all calls together had so many seconds."""
        if self.is_idle():
            return f"{seconds:g} seconds"
        if self._clock.spent() >= self.seconds:
            return f"{seconds:g} seconds of processor time"
        return f"{self._passed():.2g} seconds"

    def wait(self) -> None:
        """Until the work is done or the time is over."""
        # In small steps: on Windows a wait without end does not hear Control-C.
        while not self.done and (left := self._left()) > 0:
            self._over.wait(min(max(left, 0.01), 0.1))

    def _passed(self) -> float:
        return time.monotonic() - self._begun

    def _left(self) -> float:
        """The seconds after which its time may be over."""
        passed = self._passed()
        if self.is_idle():
            return self.seconds - passed
        patience = max(_PATIENCE * self.seconds, _LEAST)
        return min(self.seconds - self._clock.spent(), patience - passed)

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


class _Clock:
    """Processor seconds since it was made: of one thread where the system can tell, else of all."""

    def __init__(self, read: Callable[[], float] = time.process_time):
        self._read, self._last = read, 0.0
        self._begun = read()

    @classmethod
    def of_this_thread(cls) -> _Clock:
        """That of the thread which calls it."""
        if not hasattr(time, "pthread_getcpuclockid"):  # Windows, macOS, the page's own Python
            return cls()
        number = time.pthread_getcpuclockid(threading.get_ident())
        return cls(lambda: time.clock_gettime(number))

    def spent(self) -> float:
        """The seconds till now, or till the thread ended."""
        with contextlib.suppress(OSError):  # a thread that has ended has no clock any more
            self._last = self._read() - self._begun
        return self._last


def _work(work: Callable[[], Any], found: dict[str, Any], leash: _Leash, measure: bool) -> None:
    try:
        leash.begin()
        found.update(_found(work, measure))
        leash.spent()
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
    """Stands in for sys.stdout: one thread's text goes to the pages, all other where it went.

    What the checker itself says goes `beneath`, whichever thread it is that says it.
    """

    def __init__(self, stream: Any, pages: _Pages):
        self._stream, self._pages = stream, pages
        self.beneath = getattr(stream, "beneath", stream)

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
