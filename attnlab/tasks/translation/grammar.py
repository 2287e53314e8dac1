"""The rules that write a sentence down in English and French at once.

Each rule appends English words to a draft, remembers their places, and writes the French words
with links to them: the alignment comes with the translation.
"""

from __future__ import annotations

from attnlab.tasks.translation.elision import Linked, elide, vowel_sound
from attnlab.tasks.translation.lexicon import (
    ARTICLES,
    BE,
    CONJUNCTIONS,
    LINKED_ARTICLES,
    MONTHS,
    PREPOSITIONS,
    PRONOUNS,
    Verb,
)
from attnlab.tasks.translation.phrases import (
    MANY,
    ONE,
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
    traits,
)


class Draft:
    """A pair of sentences while it is written."""

    def __init__(self):
        self.source: list[str] = []
        self.target: list[Linked] = []

    def say(self, *words: str) -> tuple[int, ...]:
        """Append English words; their places."""
        first = len(self.source)
        self.source += words
        return tuple(range(first, len(self.source)))

    def write(self, links: tuple[int, ...], *words: str) -> None:
        """Append French words that translate the English ones at these places."""
        self.target += [(word, links) for word in words]

    def both(self, english: str, *french: str) -> None:
        """Append an English word and its translation."""
        self.write(self.say(english), *french)

    def finished(self) -> list[Linked]:
        """The French words as neighbours change them."""
        return elide(self.target)


def write_clauses(clauses: list[Clause], conjunctions: list[str]) -> Draft:
    """Clauses with a conjunction between each two: "I sleep when Ana sings"."""
    draft = Draft()
    for clause, conjunction in zip(clauses, ["", *conjunctions], strict=True):
        if conjunction:
            draft.both(conjunction, *CONJUNCTIONS[conjunction])
        _clause(draft, clause)
    return draft


def _clause(draft: Draft, clause: Clause) -> None:
    subject = clause.subject
    if isinstance(subject, Both):
        _phrase(draft, subject.first)
        draft.both("and", "et")
        _phrase(draft, subject.second)
    else:
        _phrase(draft, subject)
    _act(draft, clause.act, *traits(subject))


def _act(draft: Draft, act: Act | Is | Signed | That, person: int, gender: str) -> None:
    if isinstance(act, Is):
        _verb(draft, BE, person, act.negated)
        draft.both(act.adjective.english, act.adjective.form(gender, person == MANY))
    elif isinstance(act, Signed):
        draft.both("were" if person == MANY else "was", "ont" if person == MANY else "a", "été")
        draft.both("signed", "signé" + "e" * (gender == "f") + "s" * (person == MANY))
        if act.month:
            draft.both("in", "en")
            draft.both(act.month, MONTHS[act.month])
            draft.both(act.year, act.year)
    else:
        _verb(draft, act.verb, person, isinstance(act, Act) and act.negated)
        if isinstance(act, That):
            draft.both("that", "que")
            _clause(draft, act.clause)
            return
        if act.what:
            _phrase(draft, act.what)
        if act.where:
            _where(draft, act.where)


def _verb(draft: Draft, verb: Verb, person: int, negated: bool) -> None:
    """ "sees" is "voit"; "does not see" is "ne voit pas"."""
    particle = [verb.particle] if verb.particle else []
    if not negated:
        draft.write(draft.say(verb.english[person], *particle), verb.french[person])
        return
    if verb is BE:
        links, no = draft.say(BE.english[person]), draft.say("not")
    else:
        helper, no = draft.say("does" if person == ONE else "do"), draft.say("not")
        links = helper + draft.say(verb.english[MANY], *particle)
    draft.write(no, "ne")
    draft.write(links, verb.french[person])
    draft.write(no, "pas")


def _where(draft: Draft, where: Where) -> None:
    draft.both(where.preposition, *PREPOSITIONS[where.preposition])
    _phrase(draft, where.phrase)


def _phrase(draft: Draft, phrase: Word | Phrase) -> None:
    if isinstance(phrase, Word):
        draft.both(phrase.english, PRONOUNS.get(phrase.english, phrase.english))
        return
    _noun(draft, phrase)
    tail = phrase.tail
    if isinstance(tail, Where):
        _where(draft, tail)
    elif isinstance(tail, Who):
        draft.both("who" if phrase.noun.kind == "human" else "that", "qui")
        _act(draft, tail.act, *traits(phrase))
    elif isinstance(tail, Whom):
        draft.both("that", "que")
        _clause(draft, Clause(tail.subject, tail.act))


def _noun(draft: Draft, phrase: Phrase) -> None:
    """Article, adjectives, noun: in French some adjectives follow, the nearest one first."""
    noun, plural = phrase.noun, phrase.plural
    adjectives = sorted(phrase.adjectives, key=lambda adjective: adjective.order)
    words = [*(adjective.english for adjective in adjectives), noun.english[plural]]
    article = draft.say(_a_or_an(words[0]) if phrase.article == "a" else phrase.article)
    places = draft.say(*words)
    before: list[Linked] = []
    after: list[Linked] = [(noun.french[plural], places[-1:])]
    for adjective, place in zip(reversed(adjectives), reversed(places[:-1]), strict=True):
        form = adjective.form(noun.gender, plural)
        if adjective.order:
            after.append((form, (place,)))
            continue
        if noun.gender == "m" and not plural and vowel_sound(noun.french[0]):
            form = adjective.linked
        before.append((form, (place,)))
    following = [*before, *after]
    draft.write(article, _article(phrase, following[0][0], bool(before)))
    draft.target += following


def _article(phrase: Phrase, following: str, adjective_first: bool) -> str:
    french = ARTICLES[phrase.article][2 if phrase.plural else int(phrase.noun.gender == "f")]
    if phrase.article == "some" and adjective_first:
        return "de"  # de petits chats
    return LINKED_ARTICLES.get(french, french) if vowel_sound(following) else french


def _a_or_an(following: str) -> str:
    """ "an economic agreement", but "a European": it begins with the sound of "you"."""
    return "an" if following[0] in "aeiou" else "a"
