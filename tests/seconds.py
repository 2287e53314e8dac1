"""What each room of the tests costs, in processor seconds, and what it may cost.

Wall clocks say more of the machine's other work than of ours: processor seconds are counted. Those
of a kernel, a browser or a server count with the test after which it ended: the last that used it.
They are held to the budgets of tests/budgets.toml: a room that spends more fails the run.
"""

import os
import time
import tomllib
from collections import Counter
from pathlib import Path

import pytest

BUDGETS = Path(__file__).with_name("budgets.toml")
SLOWEST = 20
FASTER = 0.042  # seconds that `_probe` takes on the machine for which the budgets were written


def spent() -> float:
    """Processor seconds of this process and of its children that have ended, so far."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def room_of(nodeid: str) -> str:
    """The room of a test: tests/core/test_heads.py is of core, tests/test_book.py of book pages.

    >>> room_of("tests/core/test_heads.py::test_a"), room_of("notebooks/03_softmax.ipynb::Cell 0")
    ('core', 'notebooks')
    >>> room_of("tests/test_decks.py::test_a[03]")
    'test_decks'
    """
    parts = nodeid.partition("::")[0].split("/")
    return parts[1].removesuffix(".py") if len(parts) > 1 and parts[0] == "tests" else parts[0]


def slowness() -> float:
    """How many times as long as on the machine of the budgets a small piece of work takes here."""
    return min(_probe() for _ in range(3)) / FASTER


def over_budget(rooms: dict[str, float], budgets: dict[str, float], slow: float) -> list[str]:
    """A line for each room that cost more than it may on a machine that is so slow."""
    lines = []
    for room, seconds in rooms.items():
        most = budgets.get(room, budgets["other"]) * max(slow, 1.0)
        if seconds > most:
            lines.append(f"{room} took {seconds:.0f} processor seconds, and may take {most:.0f}")
    return lines


def _probe() -> float:
    begin = time.process_time()
    sum(number * number for number in range(1_000_000))
    return time.process_time() - begin


class Seconds:
    """A plugin that counts, tells the slowest tests and each room's sum, and holds the budgets.

    Args:
        budgets: processor seconds that each room may take; "other" for rooms not named.
    """

    def __init__(self, budgets: dict[str, float]):
        self.budgets, self.mark = budgets, spent()
        self.tests: Counter[str] = Counter()
        self.cases: Counter[str] = Counter()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self):
        """Note with each report what was spent since the last: fixtures count, too."""
        report = (yield).get_result()
        now = spent()
        report.processor_seconds, self.mark = now - self.mark, now

    def pytest_runtest_logreport(self, report) -> None:
        """Add it up; the cells of a notebook count as one, since they share a kernel."""
        path, _, _ = report.nodeid.partition("::")
        name = path if path.endswith(".ipynb") else report.nodeid
        self.tests[name] += report.processor_seconds
        self.cases[room_of(name)] += report.when == "call"

    @property
    def rooms(self) -> Counter[str]:
        """Processor seconds of each room, the dearest first."""
        rooms: Counter[str] = Counter()
        for nodeid, seconds in self.tests.items():
            rooms[room_of(nodeid)] += seconds
        return Counter(dict(rooms.most_common()))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session) -> None:
        self.broken = over_budget(self.rooms, self.budgets, slowness() if self.tests else 1.0)
        if self.broken and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter) -> None:
        tell = terminalreporter.write_line
        terminalreporter.section(f"the {SLOWEST} slowest, in processor seconds")
        for nodeid, seconds in self.tests.most_common(SLOWEST):
            tell(f"{seconds:6.1f}  {nodeid}")
        terminalreporter.section("processor seconds of each room")
        for room, seconds in self.rooms.items():
            tell(f"{seconds:6.0f}  {room}: {self.cases[room]} tests")
        for line in self.broken:
            tell(f"OVER BUDGET: {line} (tests/budgets.toml)", red=True)


def budgets(kind: str) -> dict[str, float]:
    """Those of tests/budgets.toml for a run of this kind: "every_day" or "everything"."""
    return tomllib.loads(BUDGETS.read_text(encoding="utf-8"))[kind]
