"""Chapter 11: what goes wrong when runs of words are counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Mistake


def runs(words: Any, length: int) -> list[tuple[str, ...]]:
    """All runs of so many words."""
    return [tuple(words[i : i + length]) for i in range(len(words) - length + 1)]


def matching(found: Any, wanted: Any, length: int) -> tuple[int, int]:
    """How many runs are right, and how many there are."""
    mine, theirs = runs(found, length), runs(wanted, length)
    return (Counter(mine) & Counter(theirs)).total(), len(mine)


def _cut(cut: Callable[[Any, int], Any]) -> Callable[[Any, Any, int], tuple[int, int]]:
    """Counts as it should, but cuts the words into other runs."""

    def counted(found: Any, wanted: Any, length: int) -> tuple[int, int]:
        mine, theirs = Counter(cut(found, length)), Counter(cut(wanted, length))
        return (mine & theirs).total(), mine.total()

    return counted


def _counted(right: Callable[[Any, Any], int]) -> Callable[[Any, Any, int], tuple[int, int]]:
    """The right runs, but counted otherwise."""

    def counted(found: Any, wanted: Any, length: int) -> tuple[int, int]:
        mine, theirs = runs(found, length), runs(wanted, length)
        return right(mine, theirs), len(mine)

    return counted


def _over(all_of: Callable[[Any, Any, int], int]) -> Callable[[Any, Any, int], tuple[int, int]]:
    """The right count, but another number of runs beside it."""
    return lambda found, wanted, length: (
        matching(found, wanted, length)[0],
        all_of(found, wanted, length),
    )


def _text_search(found: Any, wanted: Any, length: int) -> tuple[int, int]:
    mine, text = runs(found, length), " ".join(wanted)
    return sum(" ".join(run) in text for run in mine), len(mine)


MISTAKES = (
    Mistake(
        "not used up",
        _counted(lambda mine, theirs: sum(run in theirs for run in mine)),
        lambda seen: (
            f"You count {seen.got[0]} right, of which {seen.wanted[0]} should count. A run that was "
            "found twice is right twice only if it is wanted twice: use it up."
        ),
    ),
    Mistake(
        "each run once",
        _counted(lambda mine, theirs: len(set(mine) & set(theirs))),
        "A run that is found twice and wanted twice counts once with you: a set forgets how often. "
        "Count them.",
    ),
    Mistake(
        "limited again and again",
        _counted(lambda mine, theirs: sum(min(mine.count(r), theirs.count(r)) for r in mine)),
        lambda seen: (
            f"You count {seen.got[0]} right of {seen.got[1]}, and {seen.wanted[0]} are. The smaller of "
            "the two counts is right, but a run that was found twice adds it twice: take each run once."
        ),
    ),
    Mistake(
        "sets on both sides",
        lambda found, wanted, length: (
            len(set(runs(found, length)) & set(runs(wanted, length))),
            len(set(runs(found, length))),
        ),
        lambda seen: (
            f"You count {seen.got[1]} runs in all, since a set keeps equal ones once. There are "
            f"{seen.wanted[1]}: take a list."
        ),
    ),
    Mistake(
        "looked for the other way round",
        _counted(lambda mine, theirs: sum(run in mine for run in theirs)),
        "You go through the wanted runs and look for each in what was found. It is the other way "
        "round, and each wanted run is used up once.",
    ),
    Mistake(
        "divided by what is wanted",
        _over(lambda found, wanted, length: len(runs(wanted, length))),
        lambda seen: (
            f"Your total, {seen.got[1]}, is the number of runs that are wanted. Asked is how many the "
            "model wrote."
        ),
    ),
    Mistake(
        "found and wanted swapped",
        lambda found, wanted, length: (
            sum(run in runs(found, length) for run in runs(wanted, length)),
            len(runs(wanted, length)),
        ),
        "Found and wanted have changed places: you ask of each wanted run whether it was found. "
        "Judge what the model wrote.",
    ),
    Mistake(
        "words counted in the total",
        _over(lambda found, wanted, length: len(found)),
        lambda seen: (
            f"Your total, {seen.got[1]}, is the number of words. They hold fewer runs of "
            f"{seen.length}: the last words begin none."
        ),
    ),
    Mistake(
        "the last run forgotten",
        _cut(lambda words, length: runs(words, length)[:-1]),
        lambda seen: (
            f"Your total is {seen.got[1]}, and there are {seen.wanted[1]} runs: the last one is "
            "forgotten. How many places can a run begin at?"
        ),
    ),
    Mistake(
        "the last run forgotten, none used up",
        lambda found, wanted, length: (
            sum(run in runs(wanted, length) for run in runs(found, length)[:-1]),
            len(runs(found, length)) - 1,
        ),
        lambda seen: (
            f"Your total is {seen.got[1]}, and there are {seen.wanted[1]} runs: the last one is "
            "forgotten. And no run is used up once it has been found right."
        ),
    ),
    Mistake(
        "short runs at the end",
        _cut(lambda words, length: [tuple(words[i : i + length]) for i in range(len(words))]),
        lambda seen: (
            f"Your total is {seen.got[1]}, one for each word. The runs that begin at the end are "
            f"shorter than {seen.length}: leave them out."
        ),
    ),
    Mistake(
        "all runs up to this length",
        _cut(lambda words, length: [run for n in range(1, length + 1) for run in runs(words, n)]),
        lambda seen: (
            f"Your total is {seen.got[1]}: you count shorter runs, too. Asked are those of exactly "
            f"{seen.length} words."
        ),
    ),
    Mistake(
        "side by side",
        _cut(
            lambda words, length: [
                tuple(words[i : i + length]) for i in range(0, len(words) - length + 1, length)
            ]
        ),
        lambda seen: (
            f"You find {seen.got[1]} runs, and there are {seen.wanted[1]}: they overlap. A run begins "
            "at each word that has enough behind it."
        ),
    ),
    Mistake(
        "single words",
        lambda found, wanted, length: matching(found, wanted, 1),
        lambda seen: f"You count single words. A run has {seen.length} of them, side by side.",
    ),
    Mistake(
        "always pairs",
        lambda found, wanted, length: matching(found, wanted, 2),
        lambda seen: (
            f"You count pairs. Here runs of {seen.length} are asked: let length say how long."
        ),
    ),
    Mistake(
        "one word longer",
        lambda found, wanted, length: matching(found, wanted, length + 1),
        lambda seen: (
            f"Your runs have {seen.length + 1} words, one too many. words[i:j] ends before j."
        ),
    ),
    Mistake(
        "order within a run ignored",
        _cut(lambda words, length: [tuple(sorted(run)) for run in runs(words, length)]),
        "You take runs as equal that have the same words in another order. The order counts: "
        "compare them as they stand.",
    ),
    Mistake(
        "words of a run anywhere",
        lambda found, wanted, length: (
            sum(all(word in wanted for word in run) for run in runs(found, length)),
            len(runs(found, length)),
        ),
        "With you a run is right if each of its words is wanted somewhere. They must stand side by "
        "side there, and be used up.",
    ),
    Mistake(
        "place by place",
        _counted(lambda mine, theirs: sum(a == b for a, b in zip(mine, theirs, strict=False))),
        "You compare run by run at the same place. After one word too many nothing would be right: a "
        "run counts wherever it stands.",
    ),
    Mistake(
        "searched in the text",
        _text_search,
        "You search in a text. There attend is found in attendent, and nothing is used up: compare "
        "lists of words, not letters.",
    ),
    Mistake(
        "the share",
        lambda found, wanted, length: float(np.divide(*matching(found, wanted, length))),
        "That is the share. Asked are both counts, since BLEU adds them up over all sentences before "
        "it divides.",
    ),
)

EXERCISES = ()  # the exercise itself stands in matching_runs_exercise
