"""Sentences made up at random, of about a wanted length, for the translation task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import torch

from attnlab.tasks.translation.grammar import Draft, write_clauses
from attnlab.tasks.translation.lexicon import (
    ADJECTIVES,
    AREA,
    CONJUNCTIONS,
    DO,
    DO_SOMETHING,
    GIVE,
    MONTHS,
    NAMES,
    NEVER_OWNED,
    NOUNS,
    OF_THE_AREA,
    POSSESSIVES,
    PRONOUNS,
    SAY_THAT,
    SPEAK,
    YEARS,
    Adjective,
    Noun,
)
from attnlab.tasks.translation.phrases import (
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

_CERTAIN = ("the", "this", *POSSESSIVES), ("the", "these", *POSSESSIVES)
_ANY = ("the", "the", "a", "a", *_CERTAIN[0][1:]), ("the", "the", "some", "two", *_CERTAIN[1][1:])
_AFTER_DE = ("the", "the", "a", *_CERTAIN[0][1:]), ("the", "the", "two", *_CERTAIN[1][1:])
_LIVING = tuple(noun for noun in NOUNS if noun.kind in ("human", "animal"))
_HUMAN = tuple(noun for noun in NOUNS if noun.kind == "human")
_PLACES = (*(noun for noun in NOUNS if noun.kind == "place"), AREA)
_GIFTS = tuple(noun for noun in NOUNS if noun.kind in ("thing", "text", "signed"))
_SOLID = (*_LIVING, *(noun for noun in NOUNS if noun.kind in ("place", "thing")))
_BEHIND = {"with": _LIVING, "in": _PLACES, "to": _LIVING, "near": _SOLID, "behind": _SOLID}
_BEHIND |= {"of": _SOLID, "on": NOUNS, "about": NOUNS}
_SIGNED = tuple(noun for noun in NOUNS if noun.kind == "signed")
_FITTING = {
    kind: tuple(adjective for adjective in ADJECTIVES if kind in adjective.kinds)
    for kind in {noun.kind for noun in (*NOUNS, AREA)}
}
_PREPOSITIONS_OF = {
    "human": ("near", "with", "behind"),
    "animal": ("near", "with", "behind"),
    "place": ("of", "near"),
    "thing": ("of", "near"),
    "text": ("of",),
    "signed": ("of",),
}
_ROOM_FOR_TAIL = 4  # English words
_ATTEMPTS = 100


class Chances:
    """Random choices that are the same on every machine, drawn in blocks since that is fast."""

    def __init__(self, random: torch.Generator):
        self._random, self._left = random, []

    def draw(self) -> int:
        """From 0 to 2^30 - 1."""
        if not self._left:
            # As torch.randint(2**30, (4096,)) draws since PyTorch 2.6, the same in older ones.
            drawn = torch.empty(4096, dtype=torch.int64).random_(generator=self._random)
            self._left = (drawn % 2**30).tolist()
        return self._left.pop()

    def one_of(self, items: Sequence[Item]) -> Item:
        """One of the items, each as likely."""
        return items[self.draw() % len(items)]

    def happens(self, share: float) -> bool:
        """True in this share of the calls."""
        return self.draw() < share * 2**30


def sentence(chances: Chances, shortest: int, longest: int) -> Draft | None:
    """A sentence of shortest to longest English words, each length equally often.

    Clauses are added until the wanted length is met; None if it never was.
    """
    wanted = shortest + chances.draw() % (longest - shortest + 1)
    clauses: list[Clause] = []
    sizes: list[int] = []
    for _ in range(_ATTEMPTS):
        missing = wanted - sum(sizes) - len(sizes)  # a conjunction for each clause there is
        if missing == -1:
            joints = [chances.one_of(tuple(CONJUNCTIONS)) for _ in clauses[1:]]
            return write_clauses(clauses, joints)
        if missing < 2:  # no clause is so short: the last one shall be another
            clauses.pop()
            sizes.pop()
            continue
        clause = _clause(chances, missing)
        size = len(write_clauses([clause], []).source)
        if size <= missing:
            clauses.append(clause)
            sizes.append(size)
    return None


def _clause(chances: Chances, room: int) -> Clause:
    """A clause of about so many English words, now and then more."""
    if room >= 6 and chances.happens(0.12):
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
    part = (room + chances.draw() % 2) // 2
    subject, act = _subject(chances, part), _act(chances, room - part)
    return _clause(chances, room) if act.what == subject else Clause(subject, act)


def _subject(chances: Chances, room: int) -> Word | Phrase | Both:
    """Somebody who can act."""
    if room >= 5 and chances.happens(0.15):
        first = _phrase(chances, 3, _LIVING)
        others = tuple(noun for noun in _LIVING if noun is not first.noun)
        return Both(first, _phrase(chances, 3, others))
    if room < 2 or chances.happens(0.25):
        return Word(chances.one_of((*NAMES, *PRONOUNS)))
    return _phrase(chances, room, _LIVING)


def _is(chances: Chances, subject: Word | Phrase | Both) -> Is:
    kind, told = "human", ()
    if isinstance(subject, Phrase):
        kind, told = subject.noun.kind, subject.adjectives
    fresh = [adjective for adjective in _FITTING[kind] if adjective not in told]
    return Is(chances.one_of(fresh), chances.happens(0.2))


def _act(chances: Chances, room: int) -> Act:
    negated = room >= 4 and chances.happens(0.2)
    articles = _CERTAIN if negated else _ANY
    room -= 1 + 2 * negated
    if room < 1 or chances.happens(0.2):
        return Act(chances.one_of(DO), where=_place(chances, room), negated=negated)
    if room >= 3 and chances.happens(0.15):
        return Act(SPEAK, where=_where(chances, "to", room), negated=negated)
    if room >= 5 and chances.happens(0.15):
        what = _phrase(chances, 3, _GIFTS, articles)
        return Act(GIVE, what, _where(chances, "to", room - 3), negated=negated)
    what = _somebody(chances, room, NOUNS, articles)
    return Act(chances.one_of(DO_SOMETHING), what, negated=negated)


def _place(chances: Chances, room: int) -> Where | None:
    """Where something happens, if there is room to say so."""
    if room < 3 or chances.happens(0.3):
        return None
    preposition = chances.one_of(("near", "with", "behind", "in", "in"))
    return _where(chances, preposition, room)


def _where(chances: Chances, preposition: str, room: int) -> Where:
    nouns = _BEHIND[preposition]
    articles = _AFTER_DE if preposition in ("of", "near") else _ANY
    if preposition in ("in", "to"):
        return Where(preposition, _phrase(chances, room - 1, nouns))
    return Where(preposition, _somebody(chances, room - 1, nouns, articles))


def _somebody(
    chances: Chances, room: int, nouns: tuple[Noun, ...], articles: tuple
) -> Word | Phrase:
    """Somebody or something that is acted on."""
    if room < 2 or chances.happens(0.15):
        return Word(chances.one_of(tuple(NAMES)))
    return _phrase(chances, room, nouns, articles)


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
            another = chances.one_of(_FITTING[noun.kind])
            if another.order not in [adjective.order for adjective in adjectives]:
                adjectives, room = (*adjectives, another), room - 1
    article = chances.one_of(articles[plural])
    if noun.english[0] in NEVER_OWNED and article in POSSESSIVES:
        article = "the"
    phrase = Phrase(article, noun, plural, adjectives)
    if room < _ROOM_FOR_TAIL or chances.happens(0.35):
        return phrase
    return phrase._replace(tail=_tail(chances, phrase, room))


def _tail(chances: Chances, phrase: Phrase, room: int) -> Where | Who | Whom:
    kind = phrase.noun.kind
    if kind in ("text", "signed") and chances.happens(0.4):
        about = "on" if phrase.noun.english[0] == "agreement" else "about"
        if kind == "signed" and chances.happens(0.5):
            return Where(about, Phrase("the", AREA, adjectives=OF_THE_AREA))
        return _where(chances, about, room)
    prepositions = _PREPOSITIONS_OF[kind]
    if phrase.article in POSSESSIVES:  # never "my house of the queen"
        prepositions = tuple(preposition for preposition in prepositions if preposition != "of")
    if prepositions and chances.happens(0.4):
        return _where(chances, chances.one_of(prepositions), room)
    if chances.happens(0.4):
        # A simple subject: whose verb is whose stays plain to see.
        who = _phrase(chances, 2, _HUMAN) if chances.happens(0.6) else None
        subject = who or Word(chances.one_of((*NAMES, *PRONOUNS)))
        negated = room >= 6 and chances.happens(0.15)
        return Whom(subject, Act(chances.one_of(DO_SOMETHING), negated=negated))
    if kind not in ("human", "animal") or chances.happens(0.2):
        return Who(_is(chances, phrase))
    return Who(_act(chances, room - 1))
