"""Whether what only the full run covers has changed since that run last passed.

python tests/covered.py     ends with 0 if it has not; CI then runs the tests of every day

`python tests/run.py all` tries every figure with every key in each host. What it covers beyond the
tests of every day is named here; a digest of it is stored as that run passes.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
STAMP = Path(__file__).with_name("everything.sha256")
COVERED = (
    "attnlab/book/**/*",
    "attnlab/check/*.py",
    "attnlab/copies/*.py",
    "attnlab/lab/**/*",
    "attnlab/training/*checkpoint*.py",
    "package-lock.json",
    "pyproject.toml",
    "tests/jupyter.py",
    "tests/pages.py",
    "tests/published.py",
    "tests/test_book.py",
    "tests/test_browser.py",
    "tests/test_decks.py",
    "tests/test_wheel.py",
)


def digest() -> str:
    """One for all covered files, and for the figures that the notebooks store."""
    found = hashlib.sha256()
    for path in sorted({path for pattern in COVERED for path in ROOT.glob(pattern)}):
        if path.is_file() and "__pycache__" not in path.parts:
            found.update(path.relative_to(ROOT).as_posix().encode())
            found.update(path.read_bytes().replace(b"\r\n", b"\n"))
    for figures in _stored_figures():
        found.update(figures.encode())
    return found.hexdigest()


def stamp() -> None:
    """Note that the full run has passed for what is here."""
    STAMP.write_text(f"{digest()}\n", encoding="utf-8", newline="\n")


def is_covered() -> bool:
    """Whether the full run has passed for what is here."""
    return STAMP.exists() and STAMP.read_text(encoding="utf-8").strip() == digest()


def _stored_figures() -> Iterator[str]:
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        book = json.loads(path.read_text(encoding="utf-8"))
        yield path.name + json.dumps(book["metadata"].get("widgets"), sort_keys=True)


if __name__ == "__main__":
    sys.exit(0 if is_covered() else 1)
