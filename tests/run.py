"""Runs the tests, spread over the cores: python tests/run.py [quick | all]

without a word   everything once: the mathematics, each chapter in a kernel, each page in a browser
quick            before a commit: the rooms that have changed, without kernels, browsers, slow tests
all              every figure with every key in each host, every chapter run in JupyterLab as well
"""

import os
import subprocess
import sys
from pathlib import Path

from covered import stamp
from spread import BROWSERS

ROOT = Path(__file__).parents[1]
SHAPED = ("core", "nn")  # their signatures state shapes, which are checked as they are tested
LINT = [["-m", "ruff", "format", "--check", "."], ["-m", "ruff", "check", "."]]
# One more than there are cores, for browsers wait a good part of their time.
WORKERS = min(4, (os.cpu_count() or 1) + 1)
ALWAYS = ["tests/test_architecture.py", "tests/test_notebooks.py"]  # seconds, and they see most
# What a change of these means for the tests, besides those of the room that has its name.
ELSEWHERE = {
    "attnlab/cli.py": "tests/test_cli.py",
    "environment.yml": "tests/test_environment.py",
    "Makefile": "tests/test_environment.py",
    "pyproject.toml": "tests/test_environment.py",
    "README.md": "tests/test_environment.py",
    "tools": "tests/test_static.py",
    "requirements.lock": "tests/test_environment.py",
    "notebooks": "tests/book",
}


def rooms() -> list[str]:
    """All files and folders of tests, as pytest is told of them."""
    found = [path for path in (ROOT / "tests").iterdir() if any(path.glob("test_*.py"))]
    found += (ROOT / "tests").glob("test_*.py")
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def commands(paths: list[str], *options: str) -> list[list[str]]:
    """The runs of pytest for these paths: shapes are checked where they are tested."""
    spread = ["-m", "pytest", "-n", str(WORKERS), *options]
    shaped = [path for path in paths if path.startswith(tuple(f"tests/{r}" for r in SHAPED))]
    rest = [path for path in paths if path not in shaped]
    checker = "--jaxtyping-packages=attnlab,beartype.beartype"
    notebooks = ["--nbval", "--nbval-sanitize-with", "tests/sanitize.cfg"]
    runs = [[*spread, checker, *shaped]] if shaped else []
    return [*runs, [*spread, "-p", "no:jaxtyping", *notebooks, *rest]] if rest else runs


def changed() -> list[str]:
    """What differs from the last commit, and what git does not know yet."""
    asked = [["diff", "--name-only", "HEAD"], ["ls-files", "--others", "--exclude-standard"]]
    told = [subprocess.check_output(["git", *each], cwd=ROOT, text=True) for each in asked]
    return sorted({name for names in told for name in names.splitlines()})


def concerned(files: list[str]) -> list[str]:
    """The tests that a change of these files concerns, but for those that need a browser."""
    found = set(ALWAYS)
    for file in files:
        room, _, _ = file.removeprefix("attnlab/").removeprefix("tests/").partition("/")
        found |= {f"tests/{room}", ELSEWHERE.get(file) or ELSEWHERE.get(room)}
    return sorted(found & (set(rooms()) - set(BROWSERS)))


def plan(kind: str) -> list[list[str]]:
    """The commands of a run: of each its arguments for Python."""
    if kind == "quick":
        return [*LINT, *commands(concerned(changed()), "-m", "not slow", "-q")]
    options = ["--everything"] if kind == "all" else []
    return [*LINT, *commands([*rooms(), "notebooks"], *options)]


def main(kind: str = "every day") -> int:
    """Run all commands up to the first that fails; gives its exit code, or 0."""
    for command in plan(kind):
        print("python", *command, flush=True)
        if code := subprocess.run([sys.executable, *command], cwd=ROOT, check=False).returncode:
            return code
    if kind == "all":
        stamp()
    if kind == "quick":
        print("Kernels, browsers and slow tests were left out: make test runs them.")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
