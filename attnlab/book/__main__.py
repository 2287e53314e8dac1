"""`python -m attnlab.book preprocessor` and `… renderer`: what mdBook calls."""

from __future__ import annotations

import sys


def main(arguments: list[str]) -> int:
    """Hand on to the module that is named, started as quickly as it can be."""
    name, *rest = arguments
    # What checks notebooks would else compile a grammar of web addresses, three seconds each
    # time, that no notebook needs.
    sys.modules.setdefault("rfc3987_syntax", None)
    if name == "preprocessor":
        from attnlab.book.preprocessor import main as preprocessor

        return preprocessor(rest)
    from attnlab.book.renderer import main as renderer

    return renderer()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
