"""The tests themselves: all of them are run, each thing once, and none costs more than it may."""

import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import covered
import run
import versions
from attnlab.check.catalogue import all_exercises
from pages import COURSE, figures_of, samples_of
from seconds import Seconds, budgets, over_budget, room_of
from solved import solved_source, tasks_of
from spread import group_of, longest_first

TESTS = Path(__file__).parent


def files_of(command: list[str]) -> set[str]:
    """The files of tests that a run of pytest collects."""
    paths = [run.ROOT / word for word in command if (run.ROOT / word).exists()]
    found = [file for path in paths for file in ([path] if path.is_file() else path.rglob("*"))]
    return {
        file.relative_to(run.ROOT).as_posix()
        for file in found
        if file.match("test_*.py") or file.suffix == ".ipynb"
    }


@pytest.mark.parametrize("kind", ["every day", "all"])
def test_every_test_and_every_notebook_is_run_once(kind):
    ruff, check, *runs = run.plan(kind)
    assert [ruff[1:3], check[1:3]] == [["ruff", "format"], ["ruff", "check"]]
    ran = [file for command in runs for file in files_of(command)]
    there = [*TESTS.rglob("test_*.py"), *COURSE]
    assert sorted(ran) == sorted(path.relative_to(run.ROOT).as_posix() for path in there)
    words = {word for command in runs for word in command}
    assert not words & {"-k", "--deselect", "--ignore", "-x"}
    assert ("--everything" in words) == (kind == "all")


def test_shapes_are_checked_where_they_are_stated():
    shaped, rest = run.plan("every day")[2:]
    assert "--jaxtyping-packages=attnlab,beartype.beartype" in shaped
    assert {"tests/core", "tests/nn"} <= set(shaped)
    assert "no:jaxtyping" in rest
    stated = {
        path.relative_to(run.ROOT / "attnlab").parts[0]
        for path in (run.ROOT / "attnlab").rglob("*.py")
        if re.search(r"\b(Bool|Float|Int|Real)\[", path.read_text(encoding="utf-8"))
    }
    assert stated == set(run.SHAPED)


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ([], set()),
        (["attnlab/core/softmax.py"], {"tests/core"}),
        (["tests/nn/test_dropout.py", "attnlab/nn/dropout.py"], {"tests/nn"}),
        (["attnlab/lab/widgets/frame.js"], {"tests/lab"}),
        (["notebooks/03_softmax.ipynb", "README.md"], {"tests/book", "tests/test_environment.py"}),
        (["attnlab/cli.py", "tests/test_train_command.py"], None),
        (["tests/test_browser.py", "docs/live-figure.png"], set()),
    ],
)
def test_before_a_commit_the_rooms_that_changed_are_tested(changed, wanted):
    wanted = {"tests/test_cli.py", "tests/test_train_command.py"} if wanted is None else wanted
    assert set(run.concerned(changed)) == {*run.ALWAYS, *wanted}


def test_the_first_command_that_fails_ends_a_run(monkeypatch):
    ran = []

    def failing(command, **_):
        ran.append(command[1:])
        return SimpleNamespace(returncode=len(ran) - 1)

    monkeypatch.setattr(run, "plan", lambda kind: [["first"], [kind], ["never"]])
    monkeypatch.setattr(run, "stamp", lambda: ran.append("stamped"))
    monkeypatch.setattr(subprocess, "run", failing)
    assert run.main("all") == 1
    assert ran == [["first"], ["all"]], "and what failed is not stamped"


def test_what_needs_one_browser_stays_with_it_and_the_longest_begins():
    book = {group_of(f"tests/{name}.py::test_a") for name in ("test_book", "test_decks")}
    assert book == {group_of("tests/book/test_as_jupyter_shows_it.py::test_a[x]")}
    assert group_of("notebooks/03_softmax.ipynb::Cell 3") == "notebooks/03_softmax.ipynb"
    groups = ["tests/core/test_heads.py", "notebooks/03_softmax.ipynb", "JupyterLab", "the book"]
    assert longest_first(groups) == groups[::-1]


def test_one_figure_of_each_class_is_tried_with_every_key():
    kinds = {stored.kind for path in COURSE for stored in figures_of(path.stem)}
    samples = [(p.stem, place) for p in COURSE for place in samples_of(p.stem)]
    assert sorted(figures_of(name)[place].kind for name, place in samples) == sorted(kinds)
    assert len(kinds) >= 12


def test_every_exercise_is_solved_in_the_kernel_of_its_chapter():
    tasks = [task for path in COURSE for task in tasks_of(path.name[:2])]
    assert {task.name for task in tasks} == set(all_exercises())
    assert len(tasks) == len(all_exercises())
    for task in tasks:
        compile(solved_source(task), task.name, "exec")
        assert solved_source(task).endswith(", strict=True)")


def test_a_room_that_costs_more_than_it_may_is_told():
    rooms = {"core": 11.0, "nn": 10.0, "new": 3.1}
    most = {"core": 10.0, "nn": 10.0, "other": 3.0}
    assert over_budget(rooms, most, 1.0) == [
        "core took 11 processor seconds, and may take 10",
        "new took 3 processor seconds, and may take 3",
    ]
    assert over_budget(rooms, most, 0.1) == over_budget(rooms, most, 1.0), "fast machines may idle"
    assert over_budget(rooms, most, 1.2) == []


@pytest.mark.parametrize(("budget", "code"), [(5.0, 0), (4.0, pytest.ExitCode.TESTS_FAILED)])
def test_a_run_over_its_budget_has_failed(budget, code):
    plugin, session = Seconds({"other": budget}), SimpleNamespace(exitstatus=pytest.ExitCode.OK)
    for name, seconds in [("a", 2.0), ("a", 1.0), ("b", 1.5)]:
        report = SimpleNamespace(nodeid=f"tests/core/test_heads.py::{name}", when="call")
        report.processor_seconds = seconds
        plugin.pytest_runtest_logreport(report)
    assert (plugin.rooms, plugin.cases) == ({"core": 4.5}, {"core": 3})
    plugin.budgets = {"other": budget / 1000} if code else plugin.budgets  # whatever the machine
    plugin.pytest_sessionfinish(session)
    assert session.exitstatus == code


@pytest.mark.parametrize("kind", ["every_day", "everything"])
def test_every_room_has_a_budget(kind):
    named = {room_of(f"{room}/x" if room == "notebooks" else f"{room}::x") for room in run.rooms()}
    assert set(budgets(kind)) == {*named, "notebooks", "other"}


def test_what_changes_a_figure_asks_for_the_full_run(tmp_path, monkeypatch):
    for name in (
        "attnlab/lab/frame.js",
        "attnlab/core/softmax.py",
        "attnlab/lab/__pycache__/a.pyc",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    monkeypatch.setattr(covered, "ROOT", tmp_path)
    monkeypatch.setattr(covered, "STAMP", tmp_path / "stamp")
    assert not covered.is_covered()
    covered.stamp()
    (tmp_path / "attnlab/core/softmax.py").write_text("2")
    (tmp_path / "attnlab/lab/__pycache__/a.pyc").write_text("2")
    assert covered.is_covered()
    (tmp_path / "attnlab/lab/frame.js").write_text("2")
    assert not covered.is_covered()


def test_the_question_of_ci_needs_nothing_installed():
    program = [sys.executable, "-I", "-S", str(TESTS / "covered.py")]
    assert subprocess.run(program, check=False).returncode == (not covered.is_covered())


def test_other_versions_are_tried_on_rooms_and_chapters_that_are_there():
    assert all((run.ROOT / "tests" / room).is_dir() for room in versions.ROOMS)
    assert all((run.ROOT / "notebooks" / f"{name}.ipynb").exists() for name in versions.CHAPTERS)


def test_a_python_that_cannot_be_had_is_said_and_fails_nothing(monkeypatch, capsys):
    monkeypatch.setattr(
        versions,
        "environment",
        lambda python, _: ("here", "") if python == "3.11" else (None, "no"),
    )
    monkeypatch.setattr(versions, "tests", lambda *_: True)
    assert versions.main("newest") == 0
    assert capsys.readouterr().out == (
        "\nThe newest versions:\n  Python 3.11: passed\n"
        "  Python 3.12: no\n  Python 3.13: no\n  Python 3.14: no\n"
    )
    assert versions.main("lowest") == 0
    assert "Python 3.12: not asked for" in capsys.readouterr().out


@pytest.mark.parametrize("fails", ["nothing can be had", "a test fails"])
def test_versions_that_fail_are_told_by_the_exit_code(fails, monkeypatch, capsys):
    had = "here" if fails == "a test fails" else None
    monkeypatch.setattr(versions, "environment", lambda *_: (had, "not to be had"))
    monkeypatch.setattr(versions, "tests", lambda *_: False)
    assert versions.main("newest") == 1
    assert versions.main("lowest") == 1
    assert ("FAILED" if had else "not to be had") in capsys.readouterr().out
