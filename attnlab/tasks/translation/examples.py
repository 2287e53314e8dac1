"""Sentences to show: French puts their words in another order, or bends them to words far away."""

from __future__ import annotations

from attnlab.tasks.translation import lexicon
from attnlab.tasks.translation.lexicon import Adjective, Noun, Verb
from attnlab.tasks.translation.parallel_corpus import Pair, pair_from_clauses
from attnlab.tasks.translation.phrases import Act, Clause, Is, Phrase, That, Where, Whom, Word


def _noun(english: str) -> Noun:
    return next(noun for noun in lexicon.NOUNS if english in noun.english)


def _adjective(english: str) -> Adjective:
    return next(each for each in lexicon.ADJECTIVES if each.english == english)


def _verb(english: str) -> Verb:
    verbs = (*lexicon.DO_SOMETHING, lexicon.SPEAK, *lexicon.SAY_THAT)
    return next(verb for verb in verbs if verb.english[0] == english)


def _phrase(words: str, tail: Whom | None = None) -> Phrase:
    """From its English words: article, adjectives, noun."""
    article, *adjectives, name = words.split()
    noun = _noun(name)
    plural = name == noun.english[1]
    return Phrase(article, noun, plural, tuple(map(_adjective, adjectives)), tail)


_OWL = Act(_verb("speak"), where=Where("to", _phrase("the hero")))
_FORGOTTEN = Whom(_phrase("the child"), Act(_verb("forget")))
_BLACK = Clause(_phrase("this garden"), Is(_adjective("black")))

EXAMPLE_PAIRS: tuple[Pair, ...] = tuple(
    pair_from_clauses(Clause(subject, act))
    for subject, act in [
        (_phrase("my happy red owl"), _OWL),
        (_phrase("the tired men"), Act(_verb("love"), _phrase("the gardens"))),
        (_phrase("this strange black house"), Is(_adjective("red"))),
        (_phrase("the happy hero"), Act(_verb("look"), Word("Ana"), negated=True)),
        (_phrase("a European queen"), Act(_verb("look"), _phrase("the European man"))),
        (_phrase("the queen", _FORGOTTEN), Is(_adjective("European"))),
        (_phrase("a happy queen"), Act(_verb("forget"), _phrase("the schools"))),
        (_phrase("the women"), That(_verb("say"), _BLACK)),
    ]
)
"""Eight sentences with their alignments, all of them from the test list: none was trained on."""
