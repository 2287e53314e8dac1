"""Every exercise, whoever wrote it: solvable, honest, and each mistake known by its own name."""

import contextlib
import io
import pkgutil
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import nbformat
import numpy as np
import pytest

import attnlab.check
from attnlab import check
from attnlab.check.answering import judge_answer
from attnlab.check.catalogue import all_exercises
from attnlab.check.exercise import Exercise, Question
from attnlab.check.judging import alike, arguments_of, judge, outcome_of, spoken
from verdicts import solved

TASKS = list(all_exercises().values())
FUNCTIONS = [task for task in TASKS if isinstance(task, Exercise)]
QUESTIONS = [task for task in TASKS if isinstance(task, Question)]
NOTEBOOKS = Path(attnlab.check.__file__).parents[2] / "notebooks"


def named(values):
    return {"argvalues": values, "ids": [value.name for value in values]}


def pairs(field, tasks):
    found = [(task, part) for task in tasks for part in getattr(task, field)]
    return {"argvalues": found, "ids": [f"{task.name}-{part.name}" for task, part in found]}


each = pytest.mark.parametrize("task", **named(TASKS))
each_function = pytest.mark.parametrize("task", **named(FUNCTIONS))
each_mistake = pytest.mark.parametrize(("task", "mistake"), **pairs("mistakes", FUNCTIONS))
each_flaw = pytest.mark.parametrize(("task", "flaw"), **pairs("flaws", FUNCTIONS))
each_wrong = pytest.mark.parametrize(("task", "wrong"), **pairs("wrongs", QUESTIONS))


@each
def test_the_solution_is_right(task):
    verdict = getattr(check, task.name)(solved(task), strict=True)
    assert verdict.state == "right"
    assert repr(verdict).startswith(f"{task.heading}: right.")


@each_mistake
def test_a_mistake_gets_its_own_message(task, mistake):
    verdict = judge(task, mistake.function)
    assert verdict.name == mistake.name
    assert verdict.state not in ("right", "right, but", "not attempted yet")


@each_flaw
def test_a_flaw_is_found_where_all_else_is_right(task, flaw):
    verdict = judge(task, flaw.function)
    assert (verdict.state, verdict.name) == ("right, but", flaw.name)


@each_function
def test_the_same_is_said_each_time(task, everything):
    parts = [*task.mistakes, *task.flaws]
    for part in parts if everything else [*task.mistakes[:1], *task.flaws[:1]]:
        assert repr(judge(task, part.function)) == repr(judge(task, part.function)), part.name


@each_wrong
def test_a_wrong_answer_gets_its_own_message(task, wrong):
    verdict = judge_answer(task, wrong.example)
    assert verdict.name == wrong.name
    assert not verdict


@each_function
def test_any_two_mistakes_differ_on_some_probe(task):
    calls = [arguments_of(probe) for probe in task.probes]
    found = {
        mistake.name: [outcome_of(task, mistake.function, given) for given in calls]
        for mistake in (*task.mistakes, *task.flaws)
    }
    names = [mistake.name for mistake in task.mistakes]
    for index, one in enumerate(names):
        for other in [*names[:index], *(flaw.name for flaw in task.flaws)]:
            both = zip(found[one], found[other], strict=True)
            assert not all(alike(a, b) for a, b in both), f"{one} is the same as {other}"


@each_function
def test_the_probes_tell_axes_apart(task):
    for probe in task.probes:
        given = arguments_of(probe)
        sizes = {}
        for name, value in given.items():
            axes = [axis for axis in task.parameters[name].split() if axis != "..."]
            shape = np.shape(value)[-len(axes) :] if axes else ()
            for axis, size in zip(axes, shape, strict=True):
                assert sizes.setdefault(axis, size) == size, f"{axis} is {size} and {sizes[axis]}"
        assert len(set(sizes.values())) == len(sizes), f"two axes of the same length: {sizes}"
        assert set(task.parameters) >= set(given)


@each_function
def test_enough_is_known_of_it(task):
    assert len(task.mistakes) >= 8
    assert len(task.probes) >= 2
    names = [part.name for part in (*task.mistakes, *task.flaws)]
    assert len(set(names)) == len(names)
    first = arguments_of(task.probes[0])
    assert sum(np.size(value) for value in first.values()) <= 25, "the first is for the pencil"


@each_mistake
def test_what_is_said_of_a_mistake_is_a_sentence_that_keeps_the_solution(task, mistake):
    for probe in task.probes:
        given = arguments_of(probe)
        mine, right = (outcome_of(task, f, given) for f in (mistake.function, task.reference))
        if not alike(mine, right):
            words = spoken(mistake.says, mine, right, given)
            assert_is_prose(words)
            assert not any(line.strip() in words for line in code_lines(task.solution))


@each
def test_its_data_is_complete(task):
    assert re.fullmatch(r"[a-z][a-z0-9_]*", task.name)
    assert task.difficulty in ("easy", "medium", "hard")
    assert 1 <= task.minutes <= 45
    assert len(task.hints) == 4
    assert len(set(task.hints)) == 4
    for hint in task.hints[:3]:
        assert not any(line.strip() in hint for line in code_lines(task.solution))
    assert task.handed.startswith("my_"), "so that it overwrites no name of the chapter"
    assert len(task.solution.strip().splitlines()) <= 30


@each
def test_its_name_is_free(task):
    modules = {module.name for module in pkgutil.iter_modules(attnlab.check.__path__)}
    assert task.name not in modules | set(attnlab.check.__all__)


@pytest.mark.parametrize("task", **named(QUESTIONS))
def test_a_question_has_an_answer_and_wrong_ones(task):
    assert judge_answer(task, task.answer).state == "right"
    assert judge_answer(task, ...).state == "not attempted yet"
    assert len(task.wrongs) >= 2
    for wrong in task.wrongs:
        assert_is_prose(
            wrong.says if isinstance(wrong.says, str) else wrong.says(np.asarray(wrong.example))
        )


@each
def test_its_cell_in_the_notebook_is_a_stub(task):
    (path,) = NOTEBOOKS.glob(f"{task.chapter:02}_*.ipynb")
    cells = nbformat.read(path, as_version=4).cells
    at = {cell.id: place for place, cell in enumerate(cells)}
    if not any(other.cell in at for other in TASKS if other.chapter == task.chapter):
        pytest.skip(f"{path.name} has no cells for exercises yet")
    cell, before = cells[at[task.cell]], cells[at[task.cell] - 1]
    assert cell.source == task.filled(task.stub)
    assert before.source == task.prose
    said = io.StringIO()
    space = {"check": check, "np": np}
    with contextlib.redirect_stdout(said):
        exec(cell.source.rpartition("\n")[0], space)
    verdict = getattr(check, task.name)(space[task.handed])
    assert verdict.state == "not attempted yet"


@each
def test_its_hints_lead_to_what_the_chapter_has(task):
    (path,) = NOTEBOOKS.glob(f"{task.chapter:02}_*.ipynb")
    cells = nbformat.read(path, as_version=4).cells
    sources = "\n".join(cell.source for cell in cells)
    headings = {line.strip("# ").replace("*", "") for line in sources.splitlines() if "#" in line}
    words = " ".join([task.prose, *task.hints])
    for quoted in re.findall(r'[Ss]ections? ((?:"[^"]+"(?:, | and )?)+)', words):
        assert set(re.findall(r'"([^"]+)"', quoted)) <= headings
    for kind, number in re.findall(r"(Figure|Table)s? (\d+\.\d+)", words):
        if number.startswith(f"{task.chapter}."):
            assert f"{kind} {number}" in sources


def test_the_catalogue_is_light():
    program = "from attnlab import check; dir(check); import sys; print('torch' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout == "False\n"


def code_lines(solution):
    """The lines of a solution that give it away."""
    lines = [line for line in solution.splitlines() if line.strip()]
    return [line for line in lines if not line.startswith(("def ", "class ", "import ", "from "))]


def assert_is_prose(words):
    assert words[-1] in ".?", words
    assert len(words) <= 400, words
    assert "  " not in words, words


@each
def test_a_right_answer_hears_why_and_what_next(task):
    verdict = getattr(check, task.name)(solved(task))
    assert task.right, "give it a section Right"
    assert verdict.paragraphs[0] == task.right.why
    assert verdict.paragraphs[-1] == task.right.following
    for words, most in ((task.right.why, 300), (task.right.following, 250)):
        assert 30 <= len(words) <= most, len(words)
        assert_is_prose(words)
    assert not task.right.lead or task.right.lead.endswith(":")


@pytest.mark.parametrize(
    "task", **named([task for task in TASKS if task.right and task.right.other])
)
def test_the_other_way_is_right_too(task):
    space = {"np": np, "check": check}
    exec(task.right.other, space)
    verdict = getattr(check, task.name)(space[task.handed])
    assert verdict.state == "right", verdict
    assert task.right.other != task.solution
    assert len(task.right.other.strip().splitlines()) <= 12
    shown = task.solution if isinstance(task, Exercise) else task.right.other
    assert textwrap.dedent(verdict.paragraphs[-2]).strip() == shown.strip()
