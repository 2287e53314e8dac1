"""`python -m attnlab.book preprocessor` and `… renderer`: what mdBook calls."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any


def main(arguments: list[str]) -> int:
    """Hand on to the module that is named, started as quickly as it can be."""
    name, *rest = arguments
    # What checks notebooks would else compile a grammar of web addresses, three seconds each
    # time, that no notebook needs.
    modules: dict[str, Any] = sys.modules  # None in place of a module: it cannot be imported
    modules.setdefault("rfc3987_syntax", None)
    return import_module(f"attnlab.book.{name}").main(rest)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
