"""How French words change by their neighbours: l'accord, j'aime, du jardin, aux enfants."""

from __future__ import annotations

from collections.abc import Iterable

_VOWELS = tuple("aeiouàâéèêëîïôùûœ")
_MUTE = ("homme", "histoire", "heureu")  # all other words with h, such as héros, keep theirs
_ELIDED = {"le", "la", "je", "ne", "de", "que"}
_CONTRACTED = {
    ("de", "le"): "du",
    ("de", "les"): "des",
    ("à", "le"): "au",
    ("à", "les"): "aux",
}

Linked = tuple[str, tuple[int, ...]]
"""A French word, and the places of the English words that it translates."""


def vowel_sound(word: str) -> bool:
    """Does the word begin with a vowel to the ear? A mute h is not heard.

    >>> [vowel_sound(word) for word in ("école", "homme", "héros", "chat")]
    [True, True, False, False]
    """
    return word.lower().startswith((*_VOWELS, *_MUTE))


def elide(words: Iterable[Linked]) -> list[Linked]:
    """Words as they are written side by side: le + accord is l' accord, de + le is du.

    Elided words stay words of their own, "l'"; words that contract keep the links of both.

    >>> elide([("de", (0,)), ("le", (1,)), ("chat", (2,))])
    [('du', (0, 1)), ('chat', (2,))]
    """
    words = list(words)
    following = [*(word for word, _ in words[1:]), ""]
    found: list[Linked] = []
    for (word, links), after in zip(words, following, strict=False):
        if (word in _ELIDED and vowel_sound(after)) or (word == "si" and after in ("il", "ils")):
            word = word[:-1] + "'"
        both = _CONTRACTED.get((found[-1][0], word)) if found else None
        if both:
            found[-1] = (both, (*found[-1][1], *links))
        else:
            found.append((word, links))
    return found
