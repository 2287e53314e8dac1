"""Tools that some tests need and pip cannot bring: skipped with a word where they are missing."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from attnlab.book.build import install_front_end


def missing(tool: str, cure: str) -> None:
    """Skip the running test, or fail it under CI=true, saying how to get the tool."""
    words = f"{tool} is missing, so this is not tested; to get it: {cure}"
    if os.environ.get("CI") == "true":
        pytest.fail(words)
    pytest.skip(words)


def node() -> str:
    """The path of node, or a skip."""
    found = shutil.which("node")
    if not found:
        missing("node", "install Node.js 20 or newer (apt-get install nodejs, brew install node)")
    return found


def mdbook() -> str:
    """The path of mdBook, or a skip."""
    found = shutil.which(
        "mdbook", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    )
    if not found:
        missing("mdBook", "brew install mdbook, or cargo install mdbook (version 0.5)")
    return found


def front_end(root: Path) -> Path:
    """The packages of package.json, installed if they are not, or a skip."""
    node()
    if not (root / "node_modules" / ".attnlab").exists() and not shutil.which("npm"):
        missing("npm", "install Node.js 20 or newer with npm (apt-get install npm)")
    install_front_end(root)
    return root / "node_modules"


def chromium(playwright) -> dict:
    """Launch options for Chromium: the system's, or Playwright's own, or a skip."""
    arguments = ["--disable-gpu", "--disable-background-networking"]
    arguments += ["--disable-component-update", "--disable-sync", "--no-first-run"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium refuses to run as root with it
    system = shutil.which("chromium") or shutil.which("chromium-browser")
    if system:
        return {"executable_path": system, "args": arguments}
    if Path(playwright.chromium.executable_path).exists():
        return {"args": arguments}
    missing("Chromium", "python -m playwright install chromium (or apt-get install chromium)")
    return {}
