"""What mdBook 0.5 and its helpers say to one another: JSON on the standard input."""

from __future__ import annotations

import json
import sys

LAYOUT = "0.5"  # the mdBook whose protocol and theme this is


def handed_in(stream=None):
    """The JSON that mdBook handed in.

    Args:
        stream: of bytes (UTF-8, whatever the machine's own encoding); the standard input if None.

    Raises:
        ValueError: something else came, or nothing.
    """
    try:
        return json.load(stream or sys.stdin.buffer)
    except ValueError as error:
        raise ValueError(
            f"mdBook hands in JSON here, which this is not ({error}). For the book: attnlab book"
        ) from None


def check_version(version: str) -> None:
    """Refuse any mdBook but 0.5.

    Args:
        version: as mdBook says it, such as "0.5.4".

    Raises:
        ValueError: another version, with the cure.

    >>> check_version("0.5.4")
    """
    if version.split(".")[:2] != LAYOUT.split("."):
        raise ValueError(
            f"the book is laid out for mdBook {LAYOUT}, and this is {version or 'an older one'}. "
            f"Get {LAYOUT}, for instance by: cargo install mdbook --version ^{LAYOUT} --locked"
        )
