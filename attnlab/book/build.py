"""`attnlab book`: everything between a fresh clone and a book to open, except Node.js itself."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from attnlab.book.contents import contents
from attnlab.book.mdbook import find_mdbook
from attnlab.book.trouble import BookError

_NODE = "install Node.js 20 or newer (apt-get install npm, brew install node, or nodejs.org)"
_NPM = ["ci", "--ignore-scripts", "--no-fund", "--no-audit", "--loglevel=error"]


def build_book(root: Path) -> Path:
    """Build the book of the course at `root`; gives its first page.

    A build that is stopped, by Ctrl+C or by an error, leaves the last good book where it is.

    Args:
        root: the folder of book.toml.

    Raises:
        FileNotFoundError: no book.toml, Node.js or mdBook, with the cure.
        ValueError: the build failed, or warned of something.
    """
    mdbook = ready_to_build(root)
    book = root / "book"
    new = book / "next"
    try:
        run_mdbook([mdbook, "build", "--dest-dir", str(new), str(root)])
        _put_in_place(new / "html", book / "html")
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return book / "html" / "index.html"


def serve_book(root: Path) -> None:
    """Serve the book on this machine, and build it again whenever something changes.

    Ctrl+C ends it.

    Raises:
        FileNotFoundError, ValueError: as for build_book, or it could not be served.
    """
    command = [ready_to_build(root), "serve", "--open", str(root)]
    try:
        code = subprocess.run(command, env=environment(), check=False).returncode
    except KeyboardInterrupt:
        return
    if code:
        cure = "if port 3000 is in use, stop what uses it"
        raise ValueError(f"mdbook serve ended: see its words above; {cure}")


def ready_to_build(root: Path) -> str:
    """Install what the book needs, as far as that is missing; gives the path of mdBook.

    Raises:
        FileNotFoundError: no book.toml, Node.js or mdBook, with the cure.
        ValueError: npm failed, or a chapter in the table of contents is not there.
    """
    if not (root / "book.toml").exists():
        raise FileNotFoundError(f"{root} holds no book.toml: go to the folder of the course")
    contents(root / "notebooks")
    install_front_end(root)
    return find_mdbook()


def run_mdbook(command: list[str]) -> None:
    """Run mdBook, its warnings and errors handed on; what it warns of is an error.

    Raises:
        ValueError: it failed or warned.
    """
    result = subprocess.run(
        command,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    heard = [line for line in result.stdout.splitlines() if not line.startswith(" INFO ")]
    print(*heard, sep="\n", end="\n" if heard else "", file=sys.stderr)
    if result.returncode or any(re.match(r" ?(WARN|ERROR)\b", line) for line in heard):
        raise ValueError("the book was not built: see the words of mdBook above")


def environment() -> dict[str, str]:
    """Ours, with this Python found first, which mdBook calls as `python`; warnings are heard."""
    first = [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    own = os.environ | {"PATH": os.pathsep.join(first)}
    own.pop("MDBOOK_LOG", None)
    return own


def install_front_end(root: Path) -> None:
    """Install the packages of package.json, unless those of package-lock.json are there.

    An installation that was interrupted is made anew the next time.

    Raises:
        FileNotFoundError: no npm, with the cure.
        ValueError: npm failed.
    """
    done, lock = root / "node_modules" / ".attnlab", root / "package-lock.json"
    if not lock.is_file():
        raise BookError(lock.name, "it is missing", f"run git checkout {lock.name}")
    if done.exists() and done.read_bytes() == lock.read_bytes():
        return
    npm = shutil.which("npm")
    if not npm:
        raise FileNotFoundError(f"npm is missing, which brings what moves the figures: {_NODE}")
    done.unlink(missing_ok=True)
    print(f"attnlab: npm fetches the packages of {root.name}; this is done once", file=sys.stderr)
    if subprocess.run([npm, *_NPM], cwd=root, stdout=sys.stderr, check=False).returncode:
        cure = "see its words above; it needs the internet, and Node.js 20 or newer"
        raise ValueError(f"npm ci failed: {cure}")
    done.write_bytes(lock.read_bytes())


def _put_in_place(new: Path, old: Path) -> None:
    """The finished pages in place of the old ones, which stay until then."""
    before = old.with_name("before")
    shutil.rmtree(before, ignore_errors=True)
    if old.exists():
        old.rename(before)
    new.rename(old)
    shutil.rmtree(before, ignore_errors=True)
