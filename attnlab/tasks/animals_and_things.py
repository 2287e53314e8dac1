"""Sentences about animals and things: the text says by its company what kind of word each is.

In the text, animals sleep and are fed, things break and are bought, and much is done to both. A
question of few labels asks of a sentence that could be said of both, "Ana draws the owl", whether
its noun is an animal. Nothing in the sentence tells, but whoever has read knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch

from attnlab.tasks.draws import check_draw
from attnlab.tasks.vocabulary import Vocabulary


def _words(text: str) -> list[str]:
    return text.split()


ANIMALS = _words("""
    owl cat dog horse goat rabbit parrot mouse fox bear wolf hen duck goose swan frog snake turtle
    pony lamb calf sheep cow pig donkey camel lion tiger monkey deer otter seal whale shark eagle
    crow robin hamster badger beaver
""")
THINGS = _words("""
    cup plate spoon knife lamp chair table shelf clock bell book pen brush box bag coat hat shoe
    belt ring key lock door bottle jar pot pan broom rope nail hammer saw ladder bench basket tray
    drum flute kite sledge
""")
NOUNS_OF_KINDS = (*ANIMALS, *THINGS)
"""Forty animals, then forty things."""

_WHO = _words("Ana Mia Lena Yuki Tom Omar Ravi Ming")
_OF_BOTH = (
    *("{who} sees the {noun}", "{who} likes the {noun}", "{who} finds the {noun}"),
    *("{who} draws the {noun}", "the {noun} is small", "the {noun} is old"),
    *("the {noun} is here", "here is the {noun}"),
)
_OF_ANIMALS = (
    *("the {noun} sleeps", "the {noun} eats", "the {noun} hides", "the {noun} is hungry"),
    *("the {noun} is tired", "{who} feeds the {noun}", "{who} wakes the {noun}"),
    "the {noun} looks at {who}",
)
_OF_THINGS = (
    *("the {noun} breaks", "the {noun} lies there", "the {noun} is cheap", "the {noun} is new"),
    *("{who} repairs the {noun}", "{who} buys the {noun}", "{who} sells the {noun}"),
    "the {noun} belongs to {who}",
)
_BEHIND = ("", "", " near the {other}", " behind the {other}")

_FRAMES = " ".join((*_OF_BOTH, *_OF_ANIMALS, *_OF_THINGS, *_BEHIND))
KIND_WORDS = Vocabulary(
    [*NOUNS_OF_KINDS, *_WHO, *sorted(word for word in set(_FRAMES.split()) if word[0] != "{")]
)
"""The words of these sentences."""


def text_of_kinds(random: torch.Generator, count: int) -> list[str]:
    """Sentences to read, without labels: every second one fits its noun's kind alone.

    Behind every second one another noun stands, "near the cup", of any kind.

    Args:
        random: the source of randomness; the same state gives the same sentences.
        count: how many.

    Raises:
        TypeError, ValueError: a source of randomness that is none, a count below 0.

    >>> len(text_of_kinds(torch.Generator().manual_seed(0), 3))
    3
    """
    check_draw(random, count=count)
    found = []
    for noun in _drawn(random, count, len(NOUNS_OF_KINDS)):
        own = _OF_ANIMALS if noun < len(ANIMALS) else _OF_THINGS
        frame = _one_of(random, own if _drawn(random, 1, 2)[0] else _OF_BOTH)
        sentence = frame + _one_of(random, _BEHIND)
        other = _one_of(random, NOUNS_OF_KINDS)
        found.append(_said(sentence, random, NOUNS_OF_KINDS[noun], other))
    return found


def labelled_kinds(
    random: torch.Generator,
    count: int,
    question: Literal["kind", "arbitrary"] = "kind",
    nouns: Sequence[str] = NOUNS_OF_KINDS,
) -> tuple[list[str], list[int]]:
    """Sentences that fit both kinds, each with a label, 0 and 1 in turn.

    Args:
        random: the source of randomness; the same state gives the same sentences.
        count: how many.
        question: "kind" asks whether the noun is an animal, 1, or a thing, 0. "arbitrary" asks for
            one half of the nouns or the other, twenty of each kind in both: every second word of
            the lists, so that no text says anything of it.
        nouns: of which each sentence has one.

    Returns:
        sentences, labels

    Raises:
        TypeError, ValueError: as `text_of_kinds`; an unknown question or noun.

    >>> sentences, labels = labelled_kinds(torch.Generator().manual_seed(0), 200)
    >>> labels[sentences.index("the owl is small")]
    1
    """
    check_draw(random, count=count)
    if question not in ("kind", "arbitrary"):
        raise ValueError(f"question is {question!r}, and must be 'kind' or 'arbitrary'")
    if wrong := [noun for noun in nouns if noun not in NOUNS_OF_KINDS]:
        raise ValueError(f"nouns holds {wrong}, and needs words of ANIMALS and THINGS")
    of_label: tuple[list[str], list[str]] = ([], [])
    for noun in nouns:
        place = NOUNS_OF_KINDS.index(noun)
        label = place < len(ANIMALS) if question == "kind" else place % 2
        of_label[label].append(noun)
    for label, of_it in enumerate(of_label):
        if not of_it:
            raise ValueError(f"nouns holds no word of label {label}: both labels need one")
    labels = [index % 2 for index in range(count)]
    nouns = [_one_of(random, of_label[label]) for label in labels]
    return [_said(_one_of(random, _OF_BOTH), random, noun) for noun in nouns], labels


def _said(frame: str, random: torch.Generator, noun: str, other: str = "") -> str:
    return frame.format(who=_one_of(random, _WHO), noun=noun, other=other)


def _one_of(random: torch.Generator, items: Sequence[str]) -> str:
    return items[_drawn(random, 1, len(items))[0]]


def _drawn(random: torch.Generator, count: int, below: int) -> list[int]:
    return torch.randint(below, (count,), generator=random).tolist()
