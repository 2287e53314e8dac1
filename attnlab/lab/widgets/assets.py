"""The JavaScript of a figure as one text, since a browser gets each widget as a single module."""

import re
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+\.js)";\n', re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*//.*\n", re.MULTILINE)  # a line that holds nothing else


@cache
def bundle(name: str) -> str:
    """The module `name` of this folder, each module that it imports put in its place, once.

    Lines of comments stay at home: they are a fifth of what a page would fetch.
    """
    seen: set[str] = set()

    def read(file: str) -> str:
        if file in seen:
            return ""
        seen.add(file)
        text = (_HERE / file).read_text(encoding="utf-8")
        return _IMPORT.sub(lambda found: read(found[1]), text)

    return _COMMENT.sub("", read(name))


def style(name: str) -> str:
    """The style sheet `name` of this folder."""
    return (_HERE / name).read_text(encoding="utf-8")


@cache
def short_style(*names: str) -> str:
    """These style sheets as one, without its comments, for an output that brings its own look."""
    text = re.sub(r"/\*.*?\*/", "", "".join(map(style, names)), flags=re.DOTALL)
    return " ".join(text.split())


def style_element(owner: type) -> str:
    """The style of a class as HTML; it says whose it is, so that it can be renewed where stored."""
    name = f"{owner.__module__}.{owner.__qualname__}"
    return f'<style data-of="{name}">{vars(owner)["_css"]}</style>'
