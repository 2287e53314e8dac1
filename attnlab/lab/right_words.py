"""Which words of a translation are right: those that stand in the right one, in the same order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache


def right_words(found: Sequence[str], wanted: Sequence[str]) -> list[bool]:
    """For each word of `found`, whether it belongs to the longest common subsequence of the two.

    This is the kindest count that minds the order: words between may be missing or wrong. Of
    several that are equally long, it is the one that begins first.

    Args:
        found: the words of a translation.
        wanted: those of the reference.

    >>> right_words("la reine oublie la reine".split(), "une reine heureuse oublie".split())
    [False, True, True, False, False]

    Source: Lin 2004, "ROUGE: A Package for Automatic Evaluation of Summaries", section 3.1.
    """

    @cache
    def common(i: int, j: int) -> int:
        """How long the longest one is from these places on."""
        if i == len(found) or j == len(wanted):
            return 0
        if found[i] == wanted[j]:
            return 1 + common(i + 1, j + 1)
        return max(common(i + 1, j), common(i, j + 1))

    right, j = [False] * len(found), 0
    for i, word in enumerate(found):
        if word in wanted[j:]:
            at = wanted.index(word, j)
            if 1 + common(i + 1, at + 1) == common(i, j):
                right[i], j = True, at + 1
    return right
