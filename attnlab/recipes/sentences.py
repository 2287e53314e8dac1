"""Sentence pairs as tensors, and batches of them in which all sentences are equally long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor

from attnlab.tasks import ENGLISH, FRENCH, PAD, UNKNOWN, Pair, Splits, pad, splits
from attnlab.tasks.translation import lexicon

_STRANGE = 0.15  # the share of sentences that have a copy with unknown words
_OPEN = {form for noun in lexicon.NOUNS for form in noun.english}
_OPEN |= {*lexicon.NAMES, *(adjective.english for adjective in lexicon.ADJECTIVES)}


class Group(NamedTuple):
    """All sentences of one English length: tokens (sentence, n), with marks (sentence, m)."""

    source: Tensor
    target: Tensor


@cache
def corpus(count: int, longest: int) -> Splits:
    """Pairs of 3 to `longest` words, always the same: `count` to train on, 1,000 to choose by,
    2,000 for the test."""
    return splits(0, count, 1000, 2000, longest=longest)


@cache
def groups(count: int, longest: int) -> list[Group]:
    """The corpus's sentences to train on, by their English length.

    Of about one in seven there is a copy in which one or two names, nouns or adjectives are
    unknown in both languages, so that a model learns to hand on what it does not know.
    """
    return grouped(corpus(count, longest).train, torch.Generator().manual_seed(0))


def grouped(pairs: Sequence[Pair], strangers: torch.Generator | None = None) -> list[Group]:
    """Sentences by their English length, the shortest first.

    Args:
        pairs: at least one.
        strangers: chooses the copies with unknown words; there are none if it is not given.
    """
    found: dict[int, list[tuple[list[int], list[int]]]] = {}
    for pair in pairs:
        source, target = ENGLISH.encode(pair.source), FRENCH.encode(pair.target, marks=True)
        rows = found.setdefault(len(source), [])
        rows.append((source, target))
        if strangers and torch.rand((), generator=strangers) < _STRANGE:
            places = can_be_unknown(pair)
            count = int(torch.randint(1, 3, (), generator=strangers))
            some = torch.randperm(len(places), generator=strangers)[:count].tolist()
            rows.append(_with_unknown(source, target, [places[i] for i in some]))
    return [
        Group(*(pad(side)[0] for side in zip(*found[length], strict=True)))
        for length in sorted(found)
    ]


def batches(groups: list[Group], random: torch.Generator, words: int) -> Iterator[tuple]:
    """Batches (source, target) without end, each of one source length, so that nothing is padded
    there; all lengths come up as often as there are sentences of them.

    Args:
        groups: as `groups` makes them.
        random: the source of randomness; the same state gives the same batches.
        words: about how many source words make a batch.
    """
    counts = torch.tensor([len(group.source) for group in groups], dtype=torch.float64)
    while True:
        source, target = groups[torch.multinomial(counts, 1, generator=random)]
        size = max(1, round(words / source.shape[1]))
        rows = torch.randint(len(source), (size,), generator=random)
        target = target[rows]
        longest = int((target != PAD).sum(-1).max())
        yield source[rows], target[:, :longest]


def can_be_unknown(pair: Pair) -> list[tuple[int, int]]:
    """The places (source, target) of names, nouns and adjectives that could be unknown.

    Each has the other as its only partner, and nothing is elided before it.
    """
    sources = [at for at, _ in pair.alignment]
    targets = [to for _, to in pair.alignment]
    return [
        (at, to)
        for at, to in pair.alignment
        if pair.source[at] in _OPEN
        and sources.count(at) == targets.count(to) == 1
        and not (to > 0 and pair.target[to - 1].endswith("'"))
    ]


def _with_unknown(
    source: list[int], target: list[int], places: list[tuple[int, int]]
) -> tuple[list[int], list[int]]:
    source, target = [*source], [*target]
    for at, to in places:
        source[at] = target[to + 1] = UNKNOWN  # one further, behind the begin mark
    return source, target
