"""Associative recall: a memory holds contents under names, and is asked for one by its name.

The task in its five forms: with one key, with two keys at once, over several hops, with labels of
which some are wrong, and with one word that must be kept until the sentence ends. They are so small
that a reader can solve them by eye, and each is made to need one idea.

Source: Graves et al. 2014, "Neural Turing Machines", section 4.3, for associative recall; Weston
et al. 2015, "Towards AI-Complete Question Answering", for questions of several hops.
"""

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase

import torch
from torch import Tensor

from attnlab.tasks.draws import check_draw


def associative_recall(
    random: torch.Generator, batch: int = 64, *, names: int = 8, items: int = 5, width: int = 4
) -> tuple[Tensor, Tensor, Tensor]:
    """Memories to look something up in: each item is a name beside a content; one name is asked.

    The names of one memory are different, the contents are random numbers, and nothing in a
    content hints at its name. The asked item stands first, which attention cannot see.

    Args:
        random: the source of randomness; the same state gives the same memories.
        batch: how many memories.
        names: how many names there are; a name is a one-hot vector of this dimension.
        items: how many items each memory holds, at most `names`.
        width: the dimension of a content.

    Returns:
        query: the asked name, (batch, 1, names)
        memory: name and content end to end, (batch, items, names + width)
        answer: the content of the asked item, (batch, 1, width)

    Raises:
        ValueError: more items than names, naming both.
    """
    check_draw(random, batch=batch, names=names, items=items, width=width)
    if items > names:
        raise ValueError(f"items is {items} and names {names}: each item needs a name of its own")
    name = _different_names(random, batch, names, items)
    content = torch.randn(batch, items, width, generator=random)
    return name[:, :1], torch.cat([name, content], -1), content[:, :1]


def two_key_recall(
    random: torch.Generator, batch: int = 64, *, labels: int = 6, items: int = 5, width: int = 4
) -> tuple[Tensor, Tensor, Tensor]:
    """Memories whose items have a name and a place; one item is asked by name, another by place.

    One row of weights cannot serve both. The names of one memory are different, and so are its
    places. The contents are random numbers, and nothing in a content hints at its name or place.
    The item asked for by name stands first, the one asked for by place second, which attention
    cannot see.

    Args:
        random: the source of randomness; the same state gives the same memories.
        batch: how many memories.
        labels: how many names there are, and how many places; each is a one-hot vector.
        items: how many items each memory holds, from 2 to `labels`.
        width: the dimension of a content.

    Returns:
        query: the asked name, the asked place and zeros, (batch, 1, 2 labels + width)
        memory: name, place and content end to end, (batch, items, 2 labels + width)
        answer: the contents of the two asked items end to end, (batch, 1, 2 width)

    Raises:
        ValueError: fewer than two items, or more than labels, naming both.
    """
    check_draw(random, batch=batch, labels=labels, items=items, width=width)
    if not 2 <= items <= labels:
        raise ValueError(
            f"items is {items} and labels {labels}: two different items are asked for, and each "
            f"needs a label of its own, so items must be from 2 to {labels}"
        )
    name, place = (_different_names(random, batch, labels, items) for _ in range(2))
    content = torch.randn(batch, items, width, generator=random)
    query = torch.cat([name[:, :1], place[:, 1:2], torch.zeros(batch, 1, width)], -1)
    answer = torch.cat([content[:, :1], content[:, 1:2]], -1)
    return query, torch.cat([name, place, content], -1), answer


def multi_hop_recall(
    random: torch.Generator, batch: int = 64, *, people: int = 6, width: int = 4, hops: int = 2
) -> tuple[Tensor, Tensor]:
    """People in a circle, each with a friend and a content: what has the friend's friend?

    Each person tells a name, the name of one friend, and a content of random numbers. Following
    the friends leads through all people and back. Everybody is asked for the content of the person
    that so many hops lead to; nothing in a person's own vector, or in the friend's, hints at it.

    Args:
        random: the source of randomness; the same state gives the same people.
        batch: how many circles.
        people: how many people each has; more than `hops`, so that no hop leads back home.
        width: the dimension of a content.
        hops: how many friends to follow: 2 asks for the friend's friend.

    Returns:
        x: name and friend as one-hot vectors, and the content, end to end,
            (batch, people, 2 people + width); row i is the person with name i
        answer: a content for each person, (batch, people, width)

    Raises:
        ValueError: no hop at all, or as many hops as people, naming both numbers.
    """
    check_draw(random, batch=batch, people=people, width=width)
    if not 1 <= hops < people:
        raise ValueError(
            f"hops is {hops} and people {people}: hops must be from 1 to {people - 1}, since "
            f"{people} hops lead home"
        )
    circle = torch.rand(batch, people, generator=random).argsort(-1)
    friend = torch.empty_like(circle).scatter_(1, circle, circle.roll(-1, 1))
    content = torch.randn(batch, people, width, generator=random)
    found = friend
    for _ in range(hops - 1):
        found = friend.gather(1, found)
    name = torch.eye(people).expand(batch, people, people)
    x = torch.cat([name, torch.eye(people)[friend], content], -1)
    return x, content.gather(1, found[..., None].expand(-1, -1, width))


def noisy_recall(
    random: torch.Generator, batch: int = 64, *, names: int = 8, items: int = 4, noise: float = 0.2
) -> tuple[Tensor, Tensor, Tensor]:
    """Questions to memories with noisy labels: some are answered from the wrong item.

    A memory holds items under different names, and one name is asked for. The answer comes from
    the item of that name, or, by the noise, from any other. The best weights are therefore
    1 - noise for the item asked for, and for each other an equal part of the rest: scores that
    must be soft as well as right.

    Args:
        random: the source of randomness; the same state gives the same questions.
        batch: how many memories.
        names: how many names there are; a name is a one-hot vector of this dimension.
        items: how many items each memory holds, from 2 to `names`.
        noise: the share of answers that come from another item, from 0 to 1.

    Returns:
        query: the name asked for, (batch, 1, names)
        key: the names of the items, (batch, items, names); the one asked for stands first, which
            attention cannot see
        answer: the place of the item that the answer comes from, (batch,), whole numbers

    Raises:
        ValueError: items not from 2 to `names`, noise not from 0 to 1, naming the numbers.

    >>> query, key, answer = noisy_recall(torch.Generator().manual_seed(0), batch=3, noise=0.0)
    >>> answer
    tensor([0, 0, 0])
    """
    check_draw(random, batch=batch, names=names, items=items)
    if not 2 <= items <= names:
        raise ValueError(
            f"items is {items} and names {names}: take at least 2 items, and a name for each"
        )
    if not 0 <= noise <= 1:
        raise ValueError(f"noise is {noise}, and must be a share from 0 to 1")
    key = _different_names(random, batch, names, items)
    wrong = torch.rand(batch, generator=random) < noise
    other = torch.randint(1, items, (batch,), generator=random)
    return key[:, :1], key, torch.where(wrong, other, 0)


def first_word_recall(
    random: torch.Generator, batch: int = 64, *, length: int = 20, answers: int = 8, place: int = 0
) -> tuple[Tensor, Tensor]:
    """Which word stood first? A sentence is read, and asked for its first word at the end.

    The first word is the only one in capitals. All others but the last are drawn from the same
    words in small letters, so finding it is easy, and nothing is left but to keep it. The last
    word is a "?".

    Args:
        random: the source of randomness; the same state gives the same sentences.
        batch: how many sentences.
        length: how many words each has, the "?" among them, at least 2.
        answers: how many words there are, and so how many answers, from 1 to 26.
        place: where the word in capitals stands, from 0, the first, to length - 2.

    Returns:
        words: places in `recall_words(answers)`, (batch, length)
        answer: the word in capitals, from 0 to answers - 1, (batch,)

    Raises:
        ValueError: no words to draw from, or a place outside the sentence, naming the numbers.

    >>> words, answer = first_word_recall(torch.Generator().manual_seed(0), 1, length=5)
    >>> " ".join(recall_words()[word] for word in words[0]), recall_words()[1 + answer[0]]
    ('D h f a ?', 'D')

    Source: Hochreiter and Schmidhuber 1997, "Long Short-Term Memory", experiment 2, in which the
    first word decides what comes last.
    """
    check_draw(random, batch=batch, length=length, answers=answers, place=place)
    recall_words(answers)
    if place > length - 2:
        raise ValueError(
            f'place is {place} and length {length}: a word is asked for and then comes the "?", '
            f"so place must be from 0 to length - 2 and length at least 2"
        )
    words = torch.randint(1 + answers, 1 + 2 * answers, (batch, length), generator=random)
    answer = torch.randint(answers, (batch,), generator=random)
    words[:, place] = 1 + answer
    words[:, -1] = 0
    return words, answer


def recall_words(answers: int = 8) -> tuple[str, ...]:
    """The words of `first_word_recall`: "?", those in capitals, and the same in small letters.

    Raises:
        ValueError: answers is not from 1 to 26.

    >>> recall_words(3)
    ('?', 'A', 'B', 'C', 'a', 'b', 'c')
    """
    if not 1 <= answers <= len(ascii_uppercase):
        raise ValueError(f"answers is {answers}, and the alphabet has 26 letters: give 1 to 26")
    return "?", *ascii_uppercase[:answers], *ascii_lowercase[:answers]


def _different_names(random: torch.Generator, batch: int, names: int, items: int) -> Tensor:
    """One-hot vectors, in each memory all different, (batch, items, names)."""
    chosen = torch.rand(batch, names, generator=random).argsort(-1)[:, :items]
    return torch.eye(names)[chosen]
