"""All words that the sentences of the translation task can hold, in English and in French."""

from __future__ import annotations

from attnlab.tasks.translation import lexicon

_VERBS = (*lexicon.DO, *lexicon.DO_SOMETHING, *lexicon.SAY_THAT)
_VERBS += (lexicon.SPEAK, lexicon.GIVE, lexicon.BE)
_NOUNS = (*lexicon.NOUNS, lexicon.AREA)
_NOT_USED = {"Areas", "zones"}  # there is one European Economic Area


def english_words() -> list[str]:
    """The English words, sorted.

    >>> {"European", "Economic", "Area"} <= set(english_words())
    True
    """
    words = {"an", "who", "that", "do", "does", "not", "was", "were", "signed"}
    words |= {*lexicon.NAMES, *lexicon.PRONOUNS, *lexicon.ARTICLES, *lexicon.PREPOSITIONS}
    words |= {*lexicon.CONJUNCTIONS, *lexicon.MONTHS, *lexicon.YEARS}
    words |= {form for noun in _NOUNS for form in noun.english}
    words |= {adjective.english for adjective in lexicon.ADJECTIVES}
    words |= {form for verb in _VERBS for form in (*verb.english, verb.particle) if form}
    return sorted(words - _NOT_USED)


def french_words() -> list[str]:
    """The French words, sorted; an elided word stands alone, "l'".

    >>> {"l'", "accord", "zone"} <= set(french_words())
    True
    """
    words = {"l'", "j'", "n'", "d'", "qu'", "s'", "du", "au", "aux"}
    words |= {"ne", "pas", "qui", "a", "ont", "été", "en"}
    words |= {"signé", "signée", "signés", "signées"}
    words |= {*lexicon.NAMES, *lexicon.PRONOUNS.values(), *lexicon.YEARS, *lexicon.MONTHS.values()}
    words |= {form for forms in lexicon.ARTICLES.values() for form in forms if form}
    words |= {*lexicon.LINKED_ARTICLES.values()}
    for table in (lexicon.PREPOSITIONS, lexicon.CONJUNCTIONS):
        words |= {word for french in table.values() for word in french}
    words |= {form for noun in _NOUNS for form in noun.french}
    for adjective in lexicon.ADJECTIVES:
        words |= {*adjective.french, adjective.linked}
    words |= {form for verb in _VERBS for form in verb.french}
    return sorted(words - _NOT_USED)
