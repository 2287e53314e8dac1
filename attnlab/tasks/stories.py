"""Little stories about somebody's animal: who is "he", what is "it", and what is it like?"""

from __future__ import annotations

import torch
from torch import Tensor

from attnlab.tasks.draws import check_draw

STORY = ["Ming", "has", "a", "cat", "it", "is", "naughty", "and", "cute"]
STORY += ["and", "he", "likes", "it"]

_HE = ["Ming", "Tom", "Omar", "Ravi"]
_SHE = ["Ana", "Mia", "Lena", "Yuki"]
_NAMES = _HE + _SHE
_ANIMALS = ["cat", "dog", "horse", "parrot", "rabbit", "goat"]
_ADJECTIVES = ["naughty", "cute", "old", "lazy", "clever", "shy"]
_SMALL = ["has", "a", "it", "is", "and", "he", "she", "likes"]  # they only hold a story together
STORY_WORDS = _NAMES + _ANIMALS + _ADJECTIVES + _SMALL

# Where the words stand, in every story.
_NAME, _ANIMAL, _FIRST, _SECOND, _PERSON = 0, 3, 6, 8, 10
_IT = (4, 12)


def _pairs(*places: tuple[int, int]) -> Tensor:
    pairs = torch.zeros(len(STORY), len(STORY), dtype=torch.bool)
    for query, key in places:
        pairs[query, key] = True
    return pairs


# Which word (row) finds its answer at which other word (column), by one relation or the other.
REFERENCE = _pairs(*((it, _ANIMAL) for it in _IT), (_PERSON, _NAME))
PROPERTY = _pairs(
    *((it, adjective) for it in _IT for adjective in (_FIRST, _SECOND)),
    *((adjective, _ANIMAL) for adjective in (_FIRST, _SECOND)),
)


def pet_stories(
    random: torch.Generator, batch: int = 64, *, width: int = 4, words: list[str] | None = None
) -> tuple[Tensor, Tensor]:
    """Stories like `STORY` with another name, animal and adjectives, and two questions a word.

    A word is a one-hot vector, and beside it a content: random numbers, new in each story, for
    all that a word may have to tell. Small words such as "has" have none, zeros. Each word is
    asked two questions at once, and hands back contents: by reference, to whom do you point?
    (it: the animal's; he or she: the name's); by property, what are you like, and who is like
    you? (it: the mean of both adjectives'; an adjective: the animal's). Where a question has no
    answer, zeros are right.

    Args:
        random: the source of randomness; the same state gives the same stories.
        batch: how many stories.
        width: the length of a content.
        words: one story to tell in all of them, in place of random ones.

    Returns:
        x: words and contents end to end, (batch, 13, len(STORY_WORDS) + width)
        answer: by reference, then by property, (batch, 13, 2 width)

    Raises:
        ValueError: words is no such story, naming the first word that does not fit.
    """
    check_draw(random, batch=batch, width=width)
    tokens = _drawn(random, batch) if words is None else _told(words).expand(batch, -1)
    content = torch.randn(batch, len(STORY), width, generator=random)
    small = tokens >= len(STORY_WORDS) - len(_SMALL)
    content = content.masked_fill(small[..., None], 0.0)
    x = torch.cat([torch.eye(len(STORY_WORDS))[tokens], content], -1)
    hard = [pairs / pairs.sum(-1, keepdim=True).clamp(min=1) for pairs in (REFERENCE, PROPERTY)]
    return x, torch.cat([weights @ content for weights in hard], -1)


def _drawn(random: torch.Generator, batch: int) -> Tensor:
    """Random stories as places in the vocabulary, (batch, 13)."""

    def one_of(words: list[str], how_many: int = 1) -> Tensor:
        order = torch.rand(batch, len(words), generator=random).argsort(-1)
        return order[:, :how_many] + STORY_WORDS.index(words[0])

    tokens = torch.tensor([STORY_WORDS.index(word) for word in STORY]).repeat(batch, 1)
    tokens[:, [_NAME]] = name = one_of(_NAMES)
    tokens[:, [_ANIMAL]] = one_of(_ANIMALS)
    tokens[:, [_FIRST, _SECOND]] = one_of(_ADJECTIVES, 2)
    he, she = (STORY_WORDS.index(word) for word in ("he", "she"))
    tokens[:, [_PERSON]] = torch.where(name < len(_HE), he, she)
    return tokens


def _told(words: list[str]) -> Tensor:
    """One story as places in the vocabulary, once it is sure that it is one."""
    fitting = [[word] for word in STORY]
    fitting[_NAME], fitting[_ANIMAL] = _NAMES, _ANIMALS
    fitting[_FIRST] = fitting[_SECOND] = _ADJECTIVES
    fitting[_PERSON] = ["he"] if words[:1] and words[0] in _HE else ["she"]
    if len(words) != len(STORY):
        raise ValueError(
            f"words has {len(words)} words, and a story {len(STORY)}: {' '.join(STORY)}"
        )
    for place, (word, known) in enumerate(zip(words, fitting, strict=True)):
        if word not in known:
            raise ValueError(
                f"words has {word!r} at place {place}, where a story has {' or '.join(known)}"
            )
    return torch.tensor([STORY_WORDS.index(word) for word in words])
