"""Where the notebooks of the course lie: here, in the checkout, or inside the package."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent
_FIRST = "00_start_here.ipynb"


def course() -> Path:
    """The folder of the notebooks.

    It is the first of these that holds the course: `notebooks` in the current folder, the current
    folder itself, `notebooks` of the checkout that is installed, and the copy that comes inside
    the installed package.

    Raises:
        FileNotFoundError: none of them holds 00_start_here.ipynb.
    """
    here = Path.cwd()
    for folder in (here / "notebooks", here, *_installed()):
        if (folder / _FIRST).exists():
            return folder
    raise FileNotFoundError(
        f"no notebooks/{_FIRST} here: go to the folder of the course and try again"
    )


def installed_course() -> Path:
    """The notebooks that came with the package: those of the checkout, or the copy inside it.

    Raises:
        FileNotFoundError: it came without.
    """
    for folder in _installed():
        if (folder / _FIRST).exists():
            return folder
    raise FileNotFoundError("this attnlab came without its notebooks: install it anew")


def packaged_course() -> Path:
    """Where the copy inside the installed package lies; in a checkout there is none."""
    return _PACKAGE / "course"


def _installed() -> tuple[Path, Path]:
    return _PACKAGE.parent / "notebooks", packaged_course()
