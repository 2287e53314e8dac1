"""`attnlab book`: everything between a fresh clone and a book to open, except Node.js itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

_WAYS = {  # how machines get mdBook, in the order in which they are tried
    "brew": ["install", "mdbook"],
    "conda": ["install", "--yes", "--channel", "conda-forge", "mdbook"],
    "cargo": ["install", "mdbook", "--version", "^0.5", "--locked", "--root"],
}


def build_book(root: Path, serve: bool = False) -> Path:
    """Build the book of the course at `root`; gives its first page.

    Args:
        root: the folder of book.toml.
        serve: serve it on this machine, and build it again whenever something changes.

    Raises:
        FileNotFoundError: no book.toml, Node.js or mdBook, with the cure.
        ValueError: the build failed, or warned of something.
    """
    if not (root / "book.toml").exists():
        raise FileNotFoundError(f"{root} holds no book.toml: go to the folder of the course")
    install_front_end(root)
    mdbook = find_mdbook()
    if serve:
        subprocess.run([mdbook, "serve", "--open", str(root)], env=environment(), check=False)
    else:
        run_mdbook([mdbook, "build", str(root)])
    return root / "book" / "html" / "index.html"


def run_mdbook(command: list[str]) -> None:
    """Run mdBook, its words handed on; what it warns of is an error."""
    result = subprocess.run(
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    print(result.stdout, end="", file=sys.stderr)
    if result.returncode or " WARN " in result.stdout:
        raise ValueError("the book was not built: see the words of mdBook above")


def environment() -> dict[str, str]:
    """Ours, with this Python found first: mdBook calls it as `python`."""
    return os.environ | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    }


def install_front_end(root: Path) -> None:
    """Install the packages of package.json, unless those of package-lock.json are there.

    Raises:
        FileNotFoundError: no npm, with the cure.
        ValueError: npm failed.
    """
    done, lock = root / "node_modules" / ".attnlab", root / "package-lock.json"
    if done.exists() and done.read_bytes() == lock.read_bytes():
        return
    npm = shutil.which("npm")
    if not npm:
        cure = "install Node.js 20 or newer (apt-get install npm, brew install node, nodejs.org)"
        raise FileNotFoundError(f"npm is missing, which brings what moves the figures: {cure}")
    command = [npm, "ci", "--ignore-scripts", "--no-fund", "--no-audit", "--loglevel=error"]
    if subprocess.run(command, cwd=root, check=False).returncode:
        raise ValueError("npm ci failed: see its words above")
    done.write_bytes(lock.read_bytes())


def find_mdbook() -> str:
    """The path of mdBook, installed by the first way that this machine has.

    Raises:
        FileNotFoundError: no way worked, with the cure.
    """
    prefix = Path(sys.executable).parent.parent
    places = os.pathsep.join([str(prefix / "bin"), os.environ.get("PATH", "")])
    if found := shutil.which("mdbook", path=places):
        return found
    for name, words in _WAYS.items():
        if not (tool := shutil.which(name)):
            continue
        rest = [str(prefix)] if name == "cargo" else []
        print(f"attnlab: mdBook is missing; trying {name} {' '.join(words)}", file=sys.stderr)
        subprocess.run([tool, *words, *rest], check=False)
        if found := shutil.which("mdbook", path=places):
            return found
    raise FileNotFoundError(
        "mdBook 0.5 is missing, which lays out the book. Get it by one of: brew install mdbook; "
        "conda install -c conda-forge mdbook; cargo install mdbook; apt-get install mdbook "
        "(Debian 14 or newer); or put the program of its releases page on the PATH"
    )
