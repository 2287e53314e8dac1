"""Sentences whose grammar is known, since it made them: which word belongs to which."""

from __future__ import annotations

from typing import NamedTuple

import torch

from attnlab.tasks.draws import check_draw

_NOUNS = ["cat", "dog", "horse", "bird", "girl", "boy", "king", "queen", "teacher", "doctor"]
_NOUNS += ["farmer", "driver", "singer", "soldier", "student", "lawyer"]
_ADJECTIVES = [
    "small",
    "old",
    "young",
    "red",
    "happy",
    "tall",
    "clever",
    "quiet",
    "white",
    "strange",
]
_VERBS = ["see", "hear", "follow", "help", "love", "visit", "remember", "know"]
_PREPOSITIONS = ["near", "behind", "with", "beside"]
_DETERMINERS = (["the", "a", "this", "every"], ["the", "some", "these", "many"])  # one, several
_ADVERBS = ["today", "often", "again", "now"]

DEPENDENCIES = ("determiner", "adjective", "subject", "object", "preposition")
"""What the pairs of words are: determiner and its noun, adjective and its noun, a verb's subject
and the verb, its object and the verb, a preposition and its noun."""


class Parsed(NamedTuple):
    """A sentence with its grammar.

    Args:
        words: its words, in order.
        pairs: by the name of a relation, pairs of places: of the word that depends, and of the one
            on which it depends.
    """

    words: list[str]
    pairs: dict[str, list[tuple[int, int]]]


def dependency_sentences(random: torch.Generator, count: int = 100) -> list[Parsed]:
    """Sentences such as "the old cats near a red bird see this dog today", parsed.

    Every noun has a determiner, and up to three adjectives between the two; half of the subjects
    have a second noun behind them, so that the verb's neighbour is often not its subject, and may
    be of another number. So how far apart two words that belong together stand says little.

    Args:
        random: the source of randomness; the same state gives the same sentences.
        count: how many.

    Raises:
        TypeError, ValueError: random is no generator, count no whole number of at least 1.

    >>> sentence = dependency_sentences(torch.Generator().manual_seed(0), 1)[0]
    >>> all(sentence.words[place] for pair in sentence.pairs["subject"] for place in pair)
    True

    Source: the relations are those of de Marneffe et al. 2014, "Universal Stanford Dependencies".
    """
    check_draw(random, count=count)
    return [_Writer(random).sentence() for _ in range(count)]


class _Writer:
    """Writes one sentence, and notes what belongs to what."""

    def __init__(self, random: torch.Generator):
        self.random = random
        self.words: list[str] = []
        self.pairs: dict[str, list[tuple[int, int]]] = {name: [] for name in DEPENDENCIES}

    def sentence(self) -> Parsed:
        several = self._number(2)
        subject = self._noun(several)
        if self._number(2):
            preposition = self._write(self._one_of(_PREPOSITIONS))
            self.pairs["preposition"].append((self._noun(self._number(2)), preposition))
        verb = self._write(self._one_of(_VERBS) + ("" if several else "s"))
        self.pairs["subject"].append((subject, verb))
        self.pairs["object"].append((self._noun(self._number(2)), verb))
        if self._number(2):
            self._write(self._one_of(_ADVERBS))
        return Parsed(self.words, self.pairs)

    def _noun(self, several: int) -> int:
        """A determiner, adjectives and a noun; gives the place of the noun."""
        determiner = self._write(self._one_of(_DETERMINERS[several]))
        order = torch.randperm(len(_ADJECTIVES), generator=self.random)[: self._number(4)]
        adjectives = [self._write(_ADJECTIVES[each]) for each in order.tolist()]
        place = self._write(self._one_of(_NOUNS) + "s" * several)
        self.pairs["determiner"].append((determiner, place))
        self.pairs["adjective"] += [(adjective, place) for adjective in adjectives]
        return place

    def _write(self, word: str) -> int:
        self.words.append(word)
        return len(self.words) - 1

    def _one_of(self, words: list[str]) -> str:
        return words[self._number(len(words))]

    def _number(self, below: int) -> int:
        return int(torch.randint(below, (1,), generator=self.random))
