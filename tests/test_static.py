"""What is found without running anything: types that do not fit, and the form of the front end."""

import subprocess
import sys
from pathlib import Path

import pytest

import needs

ROOT = Path(__file__).parents[1]
TOOLS = ROOT / "tools"


@pytest.fixture(scope="module")
def tools():
    """Where the commands of tools/package.json lie."""
    return needs.front_end(TOOLS) / ".bin"


def told_by(*command):
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    return result.returncode, result.stdout + result.stderr


@pytest.mark.slow
def test_types_fit(tools):
    code, said = told_by(tools / "pyright", "--pythonpath", sys.executable)
    assert code == 0, said


def test_the_front_end_is_in_form(tools):
    code, said = told_by(tools / "biome", "ci", "--max-diagnostics=50", "--error-on-warnings")
    assert code == 0, said
