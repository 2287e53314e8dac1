"""What the errors that beginners often meet want to say, with the names of the axes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

Sizes = Mapping[int, str]
"""The name of the axis that has a size; all axes of a call differ in size."""


def meaning(sentence: str, sizes: Sizes, arguments: str) -> str | None:
    """What an error wants to say; None if nobody has put it into words.

    Args:
        sentence: the error as Python shows it.
        sizes: of the arguments of the call.
        arguments: their names, in a sentence.
    """
    for pattern, said in _MEANINGS:
        if found := pattern.search(sentence):
            return said(found, sizes, arguments)
    return None


def _product(rows: int, row: int, sizes: Sizes) -> str:
    return (
        f"In a @ b a row of a must be as long as b has rows. Here a row has {_named(row, sizes)} "
        f"and b has {_named(rows, sizes)}: is one of them the wrong one, on the wrong side, or to "
        "be transposed?"
    )


def _matmul(found: re.Match[str], sizes: Sizes, _: str) -> str:
    return _product(int(found[1]), int(found[2]), sizes)


def _dot(found: re.Match[str], sizes: Sizes, _: str) -> str:
    return _product(int(found[2]), int(found[1]), sizes)


def _broadcast(found: re.Match[str], sizes: Sizes, _: str) -> str:
    shapes = [_shape(found[place], sizes) for place in (1, 2)]
    return (
        f"{shapes[0]} meets {shapes[1]}: number by number, with * + - /, each axis must have the "
        "same size in both, or 1. A product of matrices is @, and a sum that must still line up "
        "keeps its axis, keepdims=True."
    )


def _beyond(found: re.Match[str], sizes: Sizes, _: str) -> str:
    size = int(found[3])
    return (
        f"Places are counted from 0, so of {_named(size, sizes)} the last is {size - 1}, and "
        f"{found[1]} is beyond it. Let the loop end where its list does: range(len(…))."
    )


def _no_axis(found: re.Match[str], *_: object) -> str:
    count = int(found[2])
    which = "axis 0 alone" if count == 1 else f"the axes 0 to {count - 1}"
    return f"It asks for axis {found[1]} of what has {which}."


def _not_defined(found: re.Match[str], _: Sizes, arguments: str) -> str:
    return (
        f"Nothing is named {found[1]} there. The function knows its arguments, {arguments}, and "
        "what it defines itself: a size is the len of an argument, or a number of its shape."
    )


def _plain(words: str) -> Callable[[re.Match[str], Sizes, str], str]:
    return lambda *_: words


def _named(size: int, sizes: Sizes) -> str:
    return f"{size} ({sizes[size]})" if size in sizes else str(size)


def _shape(text: str, sizes: Sizes) -> str:
    found = [_named(int(size), sizes) for size in re.findall(r"\d+", text)]
    return f"what is {' by '.join(found)}" if found else "a single number"


_MEANINGS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Sizes, str], str]], ...] = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (r"matmul: .*\(size (\d+) is different from (\d+)\)", _matmul),
        (r"not aligned: (\d+) \(dim \d+\) != (\d+) \(dim \d+\)", _dot),
        (r"could not be broadcast together with shapes \(([\d,]*)\) \(([\d,]*)\)", _broadcast),
        (r"index (-?\d+) is out of bounds for axis (\d+) with size (\d+)", _beyond),
        (r"axis (-?\d+) is out of bounds for array of dimension (\d+)", _no_axis),
        (r"name '(\w+)' is not defined", _not_defined),
        (
            r"value.* is ambiguous",  # of NumPy, and of torch
            _plain(
                "Python wants a single yes or no there, and gets many: `if`, `and`, `or`, `not`, "
                "max(…) and a < b < c cannot ask a table. Compare one side at a time, in "
                "brackets; join by & or |; choose by np.where."
            ),
        ),
        (
            r"tuple index out of range",
            _plain(
                "It asks for the size of an axis that is not there. What has one axis only has "
                "its size in shape[0], which is its len."
            ),
        ),
        (
            r"only (length-1|size-1|0-dimensional) arrays can be converted",
            _plain("It takes one number, as math.exp does, and gets many. np.exp takes them all."),
        ),
        (
            r"unsupported operand type.*'NoneType'",
            _plain("One of the two is None: what only prints, or changes in place, returns None."),
        ),
        (
            r"unsupported operand type.*'(list|tuple)'|'list' object has no attribute",
            _plain("A list does not calculate: make an array of it, np.array(…)."),
        ),
        (
            r"inhomogeneous",
            _plain("Rows of different lengths make no array: look at the shape of each part."),
        ),
        (
            r"too many indices",
            _plain("It asks for more places than there are axes: one number in brackets an axis."),
        ),
    )
)
