"""Files of the course in TOML, read or refused."""

from __future__ import annotations

import tomllib
from pathlib import Path

from attnlab.book.trouble import BookError


def toml(path: Path, folder: str) -> dict:
    """What a file of the course says.

    Args:
        path: of the file.
        folder: how messages name the folder in which it lies.

    Raises:
        BookError: it is not there, or not TOML.
    """
    file = f"{folder}/{path.name}"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BookError(file, "this file is missing", "take it from the repository") from None
    except tomllib.TOMLDecodeError as error:
        raise BookError(file, f"this is not TOML ({error})", "mend that line") from None
