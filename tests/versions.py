"""Tests the package with other versions: python tests/versions.py lowest | newest

lowest   the lowest versions that pyproject.toml allows, on the lowest Python that can be had
newest   the newest of everything that is released, on each Python that can be had

Each gets an environment of its own beside .venv, made by uv, which also fetches a Python that is
not on this machine, where it may. Of what cannot be had the last lines say so; nothing is skipped
without a word.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
ROOMS = ["core", "nn", "tasks", "training", "recipes", "check", "copies", "lab"]
CHAPTERS = ["01_the_cat_sat_on_the_mat", "03_softmax", "06_masks"]
# Old releases use what newer ones of others warn of; that is for them to mend, and is done.
OLD = ["-W", "ignore::DeprecationWarning"]
# As TORCH=cpu for the Makefile: without the gigabytes for NVIDIA's cards.
BACKEND = ["--torch-backend", "cpu"] if os.environ.get("TORCH") == "cpu" else []
SCRIPTS = "Scripts" if os.name == "nt" else "bin"


def uv(*arguments: str, **more) -> subprocess.CompletedProcess:
    """Run uv, which `make test-lowest` has installed."""
    own = {**os.environ, "UV_HTTP_RETRIES": "0"}
    return subprocess.run([sys.executable, "-m", "uv", *arguments], env=own, cwd=ROOT, **more)


def environment(python: str, kind: str) -> tuple[Path | None, str]:
    """The Python of a fresh environment, or None; and in a word what is the matter."""
    folder = ROOT / f".venv-{kind}-{python}"
    made = uv("venv", "--clear", "-q", "--python", python, str(folder), capture_output=True)
    if made.returncode:
        return None, f"not on this machine, and not to be had ({last(made.stderr)})"
    inside = folder / SCRIPTS / "python"
    chosen = requirements(python, kind)
    into = ["pip", "install", "-q", *BACKEND, "--python", str(inside)]
    if chosen is None or uv(*into, "-r", chosen).returncode:
        return None, "its packages cannot be had: see above"
    uv("pip", "install", "-q", "--python", str(inside), "--no-deps", "-e", ".", check=True)
    return inside, "ready"


def requirements(python: str, kind: str) -> str | None:
    """A file with the versions for this Python; None if there are none that go together."""
    handle, name = tempfile.mkstemp(suffix=".txt", text=True)
    os.close(handle)
    how = ["--resolution", "lowest-direct"] if kind == "lowest" else ["--upgrade"]
    command = ["pip", "compile", "-q", *BACKEND, "--python-version", python, "--extra", "test"]
    done = uv(*command, *how, "--prerelease", "disallow", "pyproject.toml", "-o", name)
    return None if done.returncode else name


def last(text: bytes) -> str:
    """The last line of what a program said."""
    return (text.decode(errors="replace").strip().splitlines() or ["it did not say why"])[
        -1
    ].strip()


def tests(python: Path, kind: str) -> bool:
    """Whether the rooms' tests and three chapters pass there."""
    common = ["-m", "pytest", "-n", "2", "-q", "-p", "no:jaxtyping", "-p", "no:cacheprovider"]
    common += OLD if kind == "lowest" else []
    rooms = ["-m", "not slow", *(f"tests/{room}" for room in ROOMS)]
    nbval = ["--dist", "loadfile"]  # the cells of a notebook follow each other, in one process
    nbval += ["--nbval", "--nbval-sanitize-with", "tests/sanitize.cfg"]
    chapters = [f"notebooks/{chapter}.ipynb" for chapter in CHAPTERS]
    runs = [rooms, [*nbval, *chapters]]
    return all(
        subprocess.run([str(python), *common, *run], cwd=ROOT, check=False).returncode == 0
        for run in runs
    )


def main(kind: str) -> int:
    """Try the Pythons, lowest first; gives the exit code."""
    told, passed = {}, True
    for python in PYTHONS:
        if kind == "lowest" and "passed" in told.values():
            told[python] = "not asked for: the lowest versions are tested on the lowest Python"
            continue
        inside, word = environment(python, kind)
        if inside:
            fine = tests(inside, kind)
            word, passed = "passed" if fine else "FAILED", passed and fine
            if kind == "lowest" and not fine:
                told[python] = word
                break
        told[python] = word
    print(f"\nThe {kind} versions:")
    for python, word in told.items():
        print(f"  Python {python}: {word}")
    return 0 if passed and {"passed"} & set(told.values()) else 1


if __name__ == "__main__":
    if sys.argv[1:] not in (["lowest"], ["newest"]):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
