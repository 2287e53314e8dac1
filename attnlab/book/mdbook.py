"""The program mdBook: where it is, and how each kind of machine gets it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from attnlab.book.protocol import LAYOUT

_WAYS = {  # how machines get mdBook, in the order in which they are tried
    "brew": ["install", "mdbook"],
    "conda": ["install", "--yes", "--channel", "conda-forge", f"mdbook={LAYOUT}"],
    "scoop": ["install", "mdbook"],
    "cargo": ["install", "mdbook", "--version", f"^{LAYOUT}", "--locked", "--force", "--root"],
}
_CURE = (
    f"Get mdBook {LAYOUT} by one of: brew install mdbook; conda install -c conda-forge mdbook; "
    f"cargo install mdbook --version ^{LAYOUT} --locked; apt-get install mdbook (Debian 14 or "
    "newer); or put the program of its releases page on the PATH"
)


def find_mdbook() -> str:
    """The path of mdBook, installed by the first way that this machine has.

    Raises:
        FileNotFoundError: no way worked, with the cure.
        ValueError: there is one, of another version.
    """
    if found := _found():
        return _checked(found)
    for name, words in _WAYS.items():
        if not (tool := shutil.which(name)):
            continue
        rest = [sys.prefix] if name == "cargo" else []
        print(f"attnlab: mdBook is missing; trying {name} {' '.join(words)}", file=sys.stderr)
        subprocess.run([tool, *words, *rest], stdout=sys.stderr, check=False)
        if found := _found():
            return _checked(found)
    raise FileNotFoundError(f"mdBook is missing, which lays out the book. {_CURE}")


def _found() -> str | None:
    """Where mdBook is: beside this Python, in its environment, or on the PATH."""
    prefix = Path(sys.prefix)
    own = [Path(sys.executable).parent, prefix / "bin", prefix / "Library" / "bin"]
    places = os.pathsep.join([*map(str, own), os.environ.get("PATH", "")])
    return shutil.which("mdbook", path=places)


def _checked(mdbook: str) -> str:
    said = subprocess.run([mdbook, "--version"], capture_output=True, encoding="utf-8", check=False)
    version = said.stdout.strip().removeprefix("mdbook").strip().removeprefix("v")
    if version.split(".")[:2] != LAYOUT.split("."):
        raise ValueError(
            f"{mdbook} is version {version or 'unknown'}, and the book is laid out for {LAYOUT}. "
            f"{_CURE}"
        )
    return mdbook
