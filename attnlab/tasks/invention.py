"""Sentences made up at random, of about a wanted length, for the translation task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import torch

from attnlab.tasks.grammar import Draft, write_clauses
from attnlab.tasks.lexicon import (
    ADJECTIVES,
    AREA,
    CONJUNCTIONS,
    DO,
    DO_SOMETHING,
    GIVE,
    MONTHS,
    NAMES,
    NOUNS,
    OF_THE_AREA,
    PRONOUNS,
    SAY_THAT,
    SPEAK,
    YEARS,
    Adjective,
    Noun,
)
from attnlab.tasks.phrases import (
    Act,
    Both,
    Clause,
    Is,
    Phrase,
    Signed,
    That,
    Where,
    Who,
    Whom,
    Word,
)

Item = TypeVar("Item")

_CERTAIN = ("the", "this", "my", "his", "her"), ("the", "these", "my", "his", "her")
_ANY = ("the", "the", "a", "a", *_CERTAIN[0][1:]), ("the", "the", "some", "two", *_CERTAIN[1][1:])
_AFTER_DE = ("the", "the", "a", *_CERTAIN[0][1:]), ("the", "the", "two", *_CERTAIN[1][1:])
_LIVING = tuple(noun for noun in NOUNS if noun.kind in ("human", "animal"))
_HUMAN = tuple(noun for noun in NOUNS if noun.kind == "human")
_PLACES = (*(noun for noun in NOUNS if noun.kind == "place"), AREA)
_SIGNED = tuple(noun for noun in NOUNS if noun.kind == "signed")
_FITTING = {
    kind: tuple(adjective for adjective in ADJECTIVES if kind in adjective.kinds)
    for kind in {noun.kind for noun in NOUNS}
}
_ROOM_FOR_TAIL = 4  # English words


class Chances:
    """Random choices that are the same on every machine, drawn in blocks since that is fast."""

    def __init__(self, random: torch.Generator):
        self._random, self._left = random, []

    def number(self) -> int:
        """From 0 to 2^30 - 1."""
        if not self._left:
            self._left = torch.randint(2**30, (4096,), generator=self._random).tolist()
        return self._left.pop()

    def one_of(self, items: Sequence[Item]) -> Item:
        """One of the items, each as likely."""
        return items[self.number() % len(items)]

    def happens(self, share: float) -> bool:
        """True in this share of the calls."""
        return self.number() < share * 2**30


def sentence(chances: Chances, shortest: int, longest: int) -> Draft | None:
    """A sentence of shortest to longest English words, or None if this attempt missed them.

    All lengths are meant to come up equally often; clauses are added until the wanted one is met.
    """
    wanted = shortest + chances.number() % (longest - shortest + 1)
    clauses, joints, length = [], [], 0
    for _ in range(40):
        room = wanted - length - bool(clauses)
        if room < 2:
            break
        clause = _clause(chances, room)
        size = len(write_clauses([clause], []).source)
        if size > room:
            continue
        if clauses:
            joints.append(chances.one_of(tuple(CONJUNCTIONS)))
        length = wanted - room + size
        clauses.append(clause)
    return write_clauses(clauses, joints) if shortest <= length <= longest else None


def _clause(chances: Chances, room: int) -> Clause:
    """A clause of about so many English words, now and then more."""
    if room >= 6 and chances.happens(0.08):
        month = chances.one_of(tuple(MONTHS)) if room >= 9 and chances.happens(0.7) else ""
        year = chances.one_of(YEARS) if month else ""
        subject = _phrase(chances, room - 2 - 3 * bool(month), _SIGNED)
        return Clause(subject, Signed(month, year))
    if room >= 6 and chances.happens(0.15):
        speaker = _subject(chances, 2)
        clause = _clause(chances, room - 4)
        return Clause(speaker, That(chances.one_of(SAY_THAT), clause))
    if chances.happens(0.2):
        subject = _phrase(chances, room - 2, NOUNS) if room > 3 else _subject(chances, room - 2)
        return Clause(subject, _is(chances, subject))
    subject = _subject(chances, room // 2)
    return Clause(subject, _act(chances, room - room // 2))


def _subject(chances: Chances, room: int) -> Word | Phrase | Both:
    """Somebody who can act."""
    if room >= 5 and chances.happens(0.15):
        return Both(_phrase(chances, 3, _LIVING), _phrase(chances, 3, _LIVING))
    if room < 2 or chances.happens(0.25):
        return Word(chances.one_of((*NAMES, *PRONOUNS)))
    return _phrase(chances, room, _LIVING)


def _is(chances: Chances, subject: Word | Phrase | Both) -> Is:
    kind = subject.noun.kind if isinstance(subject, Phrase) else "human"
    return Is(_fitting(chances, kind), chances.happens(0.2))


def _act(chances: Chances, room: int) -> Act:
    negated = room >= 4 and chances.happens(0.2)
    articles = _CERTAIN if negated else _ANY
    room -= 1 + 2 * negated
    if room < 1 or chances.happens(0.2):
        return Act(chances.one_of(DO), where=_place(chances, room), negated=negated)
    if room >= 3 and chances.happens(0.15):
        return Act(SPEAK, where=_to(chances, room), negated=negated)
    if room >= 5 and chances.happens(0.15):
        what = _phrase(chances, 3, NOUNS, articles)
        return Act(GIVE, what, _to(chances, room - 3), negated=negated)
    return Act(chances.one_of(DO_SOMETHING), _somebody(chances, room, articles), negated=negated)


def _place(chances: Chances, room: int) -> Where | None:
    """Where something happens, if there is room to say so."""
    if room < 3 or chances.happens(0.3):
        return None
    preposition = chances.one_of(("near", "with", "behind", "in", "in"))
    if preposition == "in":
        return Where("in", _phrase(chances, room - 1, _PLACES))
    return _where(chances, preposition, room)


def _to(chances: Chances, room: int) -> Where:
    return Where("to", _phrase(chances, room - 1, _LIVING))


def _where(chances: Chances, preposition: str, room: int) -> Where:
    articles = _AFTER_DE if preposition in ("of", "near") else _ANY
    return Where(preposition, _somebody(chances, room - 1, articles))


def _somebody(chances: Chances, room: int, articles: tuple) -> Word | Phrase:
    """Somebody or something that is acted on."""
    if room < 2 or chances.happens(0.15):
        return Word(chances.one_of(tuple(NAMES)))
    return _phrase(chances, room, NOUNS, articles)


def _phrase(chances: Chances, room: int, nouns: tuple[Noun, ...], articles: tuple = _ANY) -> Phrase:
    """An article with a noun, and as many adjectives and tails as there is room for."""
    noun = chances.one_of(nouns)
    if noun is AREA or (noun.kind == "place" and room >= 4 and chances.happens(0.1)):
        return Phrase("the", AREA, adjectives=OF_THE_AREA)
    plural = chances.happens(0.35)
    room -= 2
    adjectives: tuple[Adjective, ...] = ()
    for share in (0.45, 0.35):
        if room >= 1 and chances.happens(share):
            another = _fitting(chances, noun.kind)
            if another.order not in [adjective.order for adjective in adjectives]:
                adjectives, room = (*adjectives, another), room - 1
    article = chances.one_of(articles[plural])
    phrase = Phrase(article, noun, plural, adjectives)
    if room < _ROOM_FOR_TAIL or chances.happens(0.35):
        return phrase
    return phrase._replace(tail=_tail(chances, phrase, room))


def _tail(chances: Chances, phrase: Phrase, room: int) -> Where | Who | Whom:
    kind = phrase.noun.kind
    if kind in ("text", "signed") and chances.happens(0.4):
        area = Phrase("the", AREA, adjectives=OF_THE_AREA)
        on_area = kind == "signed" and chances.happens(0.5)
        return Where("on", area) if on_area else _where(chances, "on", room)
    if chances.happens(0.4):
        if kind in ("human", "animal"):
            return _where(chances, chances.one_of(("near", "with", "behind")), room)
        return _where(chances, chances.one_of(("of", "near")), room)
    if chances.happens(0.4):
        # A simple subject: whose verb is whose stays plain to see.
        who = _phrase(chances, 2, _HUMAN) if chances.happens(0.6) else None
        subject = who or Word(chances.one_of((*NAMES, *PRONOUNS)))
        negated = room >= 6 and chances.happens(0.15)
        return Whom(subject, Act(chances.one_of(DO_SOMETHING), negated=negated))
    if kind not in ("human", "animal") or chances.happens(0.2):
        return Who(_is(chances, phrase))
    return Who(_act(chances, room - 1))
