"""A parallel corpus: English sentences, their French translations, and which word is which."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from numbers import Integral
from typing import NamedTuple

import torch

from attnlab.tasks.draws import check_draw
from attnlab.tasks.translation.grammar import Draft, write_clauses
from attnlab.tasks.translation.invention import Chances, sentence
from attnlab.tasks.translation.languages import english_words, french_words
from attnlab.tasks.translation.lexicon import AREA, CONJUNCTIONS, NOUNS, OF_THE_AREA
from attnlab.tasks.translation.phrases import Clause, Phrase, Signed, Where
from attnlab.tasks.vocabulary import Vocabulary

SHORTEST, LONGEST = 3, 50
"""The fewest and the most English words that a sentence can have."""

_SPLITS = {"train": range(8), "validation": range(8, 9), "test": range(9, 10)}
_PATIENCE = 1000  # attempts in a row that find nothing new


class Pair(NamedTuple):
    """A sentence, its translation, and the places (source, target) of words that belong together.

    An elided word stands alone: "l'" "accord". A word may have several partners: "not" is "ne"
    and "pas", and "du" is "of" and "the".
    """

    source: tuple[str, ...]
    target: tuple[str, ...]
    alignment: tuple[tuple[int, int], ...]


class Splits(NamedTuple):
    """Three lists of pairs without a sentence in common."""

    train: list[Pair]
    validation: list[Pair]
    test: list[Pair]


def sentence_pairs(
    random: torch.Generator, count: int, *, shortest: int = 3, longest: int = 15
) -> list[Pair]:
    """Different English sentences with their French translations, made by rules.

    The rules cover gender and number, l' and j', du and aux, adjectives behind the noun, negation,
    relative clauses and conjunctions. An English sentence has one translation only: what English
    leaves open is fixed, "I" is a man and "they" are "ils". `AGREEMENT` is never among them.

    Args:
        random: the source of randomness; the same state gives the same pairs, on any machine.
        count: how many pairs.
        shortest, longest: English words, from 3 to 50; lengths between come up about evenly.

    Raises:
        TypeError: random is no generator, or a number is not whole.
        ValueError: lengths that cannot be, or more pairs than there are, naming the numbers.

    >>> pair = sentence_pairs(torch.Generator().manual_seed(0), 1)[0]
    >>> len(pair.source) in range(3, 16)
    True
    """
    check_draw(random, count=count)
    _check_lengths(shortest, longest)
    return _fill(random, {"count": count}, shortest, longest)["count"]


def splits(
    seed: int,
    train: int = 20_000,
    validation: int = 1000,
    test: int = 1000,
    *,
    shortest: int = 3,
    longest: int = 15,
) -> Splits:
    """Pairs to learn from, to choose by and to be tested on; no sentence is in two of the lists.

    To which list a sentence can belong is decided by the sentence alone, see `split_of`, so even
    the lists of other seeds and sizes never overlap.

    Args:
        seed: the same seed gives the same pairs, on any machine.
        train, validation, test: how many pairs of each.
        shortest, longest: as in `sentence_pairs`.

    Raises:
        ValueError: as `sentence_pairs`.
    """
    if not isinstance(seed, Integral) or isinstance(seed, bool):
        raise TypeError(f"seed is {seed!r}, and must be a whole number")
    wanted, random = {"train": train, "validation": validation, "test": test}, torch.Generator()
    check_draw(random, **wanted)
    _check_lengths(shortest, longest)
    return Splits(**_fill(random.manual_seed(int(seed)), wanted, shortest, longest))


def split_of(source: Sequence[str]) -> str:
    """The split that an English sentence may be in: "train" for 8 of 10, "validation" or "test".

    >>> split_of("the cat sleeps".split()) in ("train", "validation", "test")
    True
    """
    digest = hashlib.blake2b(" ".join(source).encode(), digest_size=8).digest()
    tenth = int.from_bytes(digest, "big") % 10
    return next(name for name, tenths in _SPLITS.items() if tenth in tenths)


def pair_from_clauses(*clauses: Clause, conjunctions: Sequence[str] = ()) -> Pair:
    """A sentence of your own with its translation, from clauses as the module `phrases` has them.

    Args:
        clauses: what is said, at least one clause.
        conjunctions: English words between each two clauses, such as "and".

    Raises:
        ValueError: too many or too few conjunctions, or one that the French for is not known.

    >>> from attnlab.tasks.translation.lexicon import DO
    >>> from attnlab.tasks.translation.phrases import Act, Word
    >>> pair_from_clauses(Clause(Word("I"), Act(DO[0]))).target
    ('je', 'dors')
    """
    if len(conjunctions) != len(clauses) - 1:
        raise ValueError(
            f"conjunctions has {len(conjunctions)} words for {len(clauses)} clauses: give one "
            "between each two clauses, and at least one clause"
        )
    for word in conjunctions:
        if word not in CONJUNCTIONS:
            raise ValueError(
                f"conjunctions holds {word!r}, and must be made of {', '.join(CONJUNCTIONS)}"
            )
    return _pair(write_clauses([*clauses], [*conjunctions]))


def detokenize(words: Sequence[str]) -> str:
    """Words as a sentence is written: no blank behind an apostrophe.

    >>> detokenize(["j'", "aime", "l'", "école"])
    "j'aime l'école"
    """
    return " ".join(words).replace("' ", "'")


def _fill(
    random: torch.Generator, wanted: dict[str, int], shortest: int, longest: int
) -> dict[str, list[Pair]]:
    """Lists of the wanted sizes, each of different pairs."""
    chances, seen, missed = Chances(random), {AGREEMENT.source}, 0
    found: dict[str, list[Pair]] = {name: [] for name in wanted}
    while any(len(found[name]) < count for name, count in wanted.items()):
        if missed == _PATIENCE:
            _give_up(found, wanted, shortest, longest)
        missed += 1
        draft = sentence(chances, shortest, longest)
        if draft is None or (source := tuple(draft.source)) in seen:
            continue
        seen.add(source)
        name = split_of(source) if len(wanted) > 1 else "count"
        if len(found[name]) < wanted[name]:
            found[name].append(_pair(draft))
            missed = 0
    return found


def _pair(draft: Draft) -> Pair:
    target = draft.finished()
    alignment = sorted((place, at) for at, (_, links) in enumerate(target) for place in links)
    return Pair(tuple(draft.source), tuple(word for word, _ in target), tuple(alignment))


def _check_lengths(shortest: int, longest: int) -> None:
    for name, length in {"shortest": shortest, "longest": longest}.items():
        if not isinstance(length, Integral) or isinstance(length, bool):
            raise TypeError(f"{name} is {length!r}, and must be a whole number of words")
    if not SHORTEST <= shortest <= longest <= LONGEST:
        raise ValueError(
            f"shortest is {shortest} and longest {longest}: give the smaller one first, both from "
            f"{SHORTEST} to {LONGEST}"
        )


def _give_up(found: dict, wanted: dict, shortest: int, longest: int) -> None:
    short = next(name for name in wanted if len(found[name]) < wanted[name])
    raise ValueError(
        f"{short} is {wanted[short]}, and only {len(found[short])} different sentences of "
        f"{shortest} to {longest} words were found: ask for fewer, or for longer ones"
    )


ENGLISH = Vocabulary(english_words())
"""All words that the sources are made of."""

FRENCH = Vocabulary(french_words())
"""All words that the targets are made of."""

AGREEMENT = pair_from_clauses(
    Clause(
        Phrase(
            "the",
            next(noun for noun in NOUNS if noun.english[0] == "agreement"),
            tail=Where("on", Phrase("the", AREA, adjectives=OF_THE_AREA)),
        ),
        Signed("August", "1992"),
    )
)
"""The agreement on the European Economic Area was signed in August 1992; with its alignment.

Source: Bahdanau et al. 2015, figure 3 (a), without the full stop. It is in none of the lists.
"""
