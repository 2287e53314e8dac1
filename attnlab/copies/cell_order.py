"""In which order the cells of two lists stand that have most of them in common."""

from __future__ import annotations

from collections.abc import Iterable


def woven(first: Iterable[str], second: Iterable[str]) -> list[str]:
    """All of the first in its order; what only the second has stands behind what precedes it there.

    >>> woven(["a", "b", "c"], ["a", "my note", "b", "d"])
    ['a', 'my note', 'b', 'd', 'c']
    """
    found = list(first)
    known, place = set(found), 0
    for name in second:
        if name in known:
            place = found.index(name) + 1
        else:
            found.insert(place, name)
            known.add(name)
            place += 1
    return found


def moved(before: Iterable[str], after: Iterable[str]) -> bool:
    """Whether what both lists have stands in another order.

    >>> moved(["a", "b", "c"], ["a", "new", "c"]), moved(["a", "b"], ["b", "a"])
    (False, True)
    """
    old, new = list(before), list(after)
    return [name for name in old if name in set(new)] != [name for name in new if name in set(old)]
