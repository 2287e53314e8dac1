"""Sentences as trees: what is meant, before it is said in English or French."""

from __future__ import annotations

from typing import NamedTuple

from attnlab.tasks.translation.lexicon import NAMES, Adjective, Noun, Verb

ALONE, ONE, MANY = 0, 1, 2
"""Who acts: I, he or she, they; a place in the forms of a verb."""


class Word(NamedTuple):
    """A name, the same in both languages, or a pronoun."""

    english: str


class Phrase(NamedTuple):
    """An article, adjectives and a noun, then a place or a relative clause."""

    article: str
    noun: Noun
    plural: bool = False
    adjectives: tuple[Adjective, ...] = ()
    tail: Where | Who | Whom | None = None


class Both(NamedTuple):
    """Two that act together: "the cat and Ana"."""

    first: Word | Phrase
    second: Word | Phrase


class Where(NamedTuple):
    """A preposition with its phrase."""

    preposition: str
    phrase: Word | Phrase


class Act(NamedTuple):
    """What somebody does, to what, and where or to whom."""

    verb: Verb
    what: Word | Phrase | None = None
    where: Where | None = None
    negated: bool = False


class Is(NamedTuple):
    """What somebody is like."""

    adjective: Adjective
    negated: bool = False


class Signed(NamedTuple):
    """ "was signed in August 1992"."""

    month: str = ""
    year: str = ""


class That(NamedTuple):
    """What somebody says or thinks."""

    verb: Verb
    clause: Clause


class Who(NamedTuple):
    """A relative clause in which the noun acts: "that sees the cat"."""

    act: Act | Is


class Whom(NamedTuple):
    """A relative clause in which the noun is acted on: "that the cat sees"."""

    subject: Word | Phrase
    act: Act


class Clause(NamedTuple):
    """Who does what."""

    subject: Word | Phrase | Both
    act: Act | Is | Signed | That


def traits(subject: Word | Phrase | Both) -> tuple[int, str]:
    """Who acts, ALONE, ONE or MANY, and the French gender: one man among women makes it "m"."""
    if isinstance(subject, Both):
        genders = {traits(subject.first)[1], traits(subject.second)[1]}
        return MANY, "m" if "m" in genders else "f"
    if isinstance(subject, Phrase):
        return (MANY if subject.plural else ONE), subject.noun.gender
    person = {"I": ALONE, "they": MANY}.get(subject.english, ONE)
    return person, "f" if subject.english == "she" else NAMES.get(subject.english, "m")
