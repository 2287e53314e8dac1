"""The checker in a script: its words are printed once, and the verdict holds without a home."""

import os
import subprocess
import sys

import pytest

from attnlab.check.wording import counted

SOLVED = """
import numpy as np
from attnlab import check
def mine(scores, axis=-1):
    e = np.exp(scores - scores.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)
"""
HEADING = "Softmax: right"


def ran(code, tmp_path, *flags, **environment):
    environment = {"ATTNLAB_STATE": str(tmp_path / "state")} | environment
    environment = {**os.environ, **environment}
    environment = {name: value for name, value in environment.items() if value is not None}
    done = subprocess.run(
        [sys.executable, *flags, "-"] if "-i" in flags else [sys.executable, *flags, "-c", code],
        input=code if "-i" in flags else None, capture_output=True, text=True, env=environment,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "line",
    [
        "check.softmax(mine)",
        "print(check.softmax(mine))",
        "verdict = check.softmax(mine)",
        "verdict = check.softmax(mine); print(verdict)",
        "assert check.softmax(mine)",
        "if check.softmax(mine): pass",
        "print(f'{check.softmax(mine)}')",
        "text = str(check.softmax(mine)); print(text)",
        "check.softmax(mine, strict=True)",
    ],
)
def test_a_script_hears_it_once(tmp_path, line):
    assert ran(SOLVED + line, tmp_path).count(HEADING) == 1


def test_a_script_hears_hints_and_solutions_and_how_far_one_is(tmp_path):
    assert "Softmax" in ran(SOLVED + "check.hint('softmax')", tmp_path)
    assert ran(SOLVED + "check.solution('softmax')", tmp_path).strip()
    assert ran(SOLVED + "check.progress()", tmp_path).count("Softmax") >= 1


def test_a_console_shows_it_once(tmp_path):
    code = SOLVED.replace("    return", "    return").replace("\nimport", "import")
    code = code.rstrip() + "\n\ncheck.softmax(mine)\n"
    assert ran(code, tmp_path, "-i", "-q").count(HEADING) == 1


def test_a_notebook_shows_it_once(tmp_path):
    code = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        f"shell.run_cell({SOLVED!r} + 'check.softmax(mine)')\n"
        "shell.run_cell('v = check.softmax(mine); del v')\n"
    )
    environment = {"IPYTHONDIR": str(tmp_path / "ipython")}
    assert ran(code, tmp_path, **environment).count(HEADING) == 1


def test_without_a_home_the_verdict_holds(tmp_path):
    code = "import pathlib\n" + SOLVED + (
        "def nobody(cls=None): raise RuntimeError('Could not determine home directory.')\n"
        "pathlib.Path.home = staticmethod(nobody)\n"
        "print(check.softmax(mine))\n"
        "print(check.progress())\n"
    )  # fmt: skip
    homeless = dict.fromkeys(["ATTNLAB_STATE", "HOME", "XDG_STATE_HOME"])
    said = ran(code, tmp_path, **homeless)
    assert HEADING in said
    assert "not kept" in said
    assert "ATTNLAB_STATE" in said


def test_one_is_one():
    assert [counted(n, "run") for n in (0, 1, 2)] == ["0 runs", "1 run", "2 runs"]
