"""How long the functions and the files of the package are: python tests/lengths.py

Bodies of functions are held (tests/test_architecture.py); a file may be as long as its one concept.
"""

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "attnlab"
MEDIAN, LONGEST = 4, 40


def bodies(text: str) -> Iterator[tuple[str, int]]:
    """The functions of a source, each with the lines of its body; docstrings do not count.

    >>> list(bodies("def f(x):\\n    '''Doubles.'''\\n    y = 2 * x\\n    return y"))
    [('f', 2)]
    """
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            told = ast.get_docstring(node, clean=False) is not None
            body = node.body[told:]
            yield node.name, body[-1].end_lineno - body[0].lineno + 1 if body else 0


def functions() -> dict[str, int]:
    """All functions of the package by their place, with the lines of their bodies."""
    return {
        f"{path.relative_to(PACKAGE)}: {name} ({place})": lines
        for path in sorted(PACKAGE.rglob("*.py"))
        for place, (name, lines) in enumerate(bodies(path.read_text(encoding="utf-8")))
    }


def files() -> dict[str, int]:
    """All files of the package, with their lines."""
    paths = sorted(PACKAGE.rglob("*.py"))
    texts = {str(p.relative_to(PACKAGE)): p.read_text(encoding="utf-8") for p in paths}
    return {name: text.count("\n") for name, text in texts.items()}


def longest(lengths: dict[str, int], count: int = 5) -> str:
    """The longest of them, one line each."""
    first = sorted(lengths.items(), key=lambda item: -item[1])[:count]
    return "\n".join(f"{lines:6}  {name}" for name, lines in first)


def main() -> None:
    """Print the report."""
    found, there = functions(), files()
    print(f"{len(found)} functions, median body {statistics.median(found.values()):g} lines:")
    print(longest(found))
    print(f"{len(there)} files of {sum(there.values()):,} lines:")
    print(longest(there))


if __name__ == "__main__":
    main()
