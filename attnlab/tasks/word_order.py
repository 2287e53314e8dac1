"""Tasks about the order of words: the same words in another order have another answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from attnlab.tasks.draws import check_draw

IN_AND_OUT = ("?", "in", "out", "the", "cat", "sat", "on", "mat", "and")
"""The words of these tasks; a sentence holds their places in this list."""


def in_or_out(
    random: torch.Generator, batch: int = 128, *, length: int = 16
) -> tuple[Tensor, Tensor]:
    """Is the cat in or out? The one of the two words that stands later says it.

    Each sentence has "in" once and "out" once at random places, other words around them, and
    ends in "?". Exchanging the two words gives the other answer with the same heap of words.

    Args:
        random: the source of randomness; the same state gives the same sentences.
        batch: how many sentences.
        length: how many words each has, the "?" among them, at least 3.

    Returns:
        words: places in IN_AND_OUT, (batch, length)
        answer: 0 = in, 1 = out, (batch,)

    Raises:
        ValueError: sentences too short for "in", "out" and "?", naming both numbers.
    """
    check_draw(random, batch=batch, length=length)
    if length < 3:
        raise ValueError(f'length is {length}, and "in", "out" and "?" need 3')
    words = _others(random, batch, length)
    places = torch.rand(batch, length - 1, generator=random).argsort(-1)[:, :2]
    words.scatter_(1, places, torch.tensor([1, 2]).expand(batch, 2))
    return words, (places[:, 1] > places[:, 0]).long()


def word_before(
    random: torch.Generator, batch: int = 128, *, length: int = 16, back: int = 2
) -> tuple[Tensor, Tensor]:
    """Which word stands so many places before the "?" at the end of the sentence?

    Args:
        random: the source of randomness; the same state gives the same sentences.
        batch: how many sentences.
        length: how many words each has, the "?" among them.
        back: how many places before the "?", from 1 to length - 1.

    Returns:
        words: places in IN_AND_OUT from 3 on, and 0 at the end, (batch, length)
        answer: the word, counted from "the" = 0 to "and" = 5, (batch,)

    Raises:
        ValueError: a place before the beginning, naming both numbers.
    """
    check_draw(random, batch=batch, length=length, back=back)
    _check_back(back, length)
    words = _others(random, batch, length)
    return words, words[:, -1 - back] - 3


def word_before_mark(
    random: torch.Generator, batch: int = 128, *, length: int = 16, back: int = 2
) -> tuple[Tensor, Tensor]:
    """Which word stands so many places before the "?", which may stand anywhere?

    As `word_before`, but the end of the sentence says nothing about the place that is asked for.

    Args:
        random: the source of randomness; the same state gives the same sentences.
        batch: how many sentences.
        length: how many words each has, the "?" among them.
        back: how many places before the "?", from 1 to length - 1.

    Returns:
        words: places in IN_AND_OUT from 3 on, and one 0, (batch, length)
        answer: the word, counted from "the" = 0 to "and" = 5, (batch,)

    Raises:
        ValueError: a place before the beginning, naming both numbers.
    """
    check_draw(random, batch=batch, length=length, back=back)
    _check_back(back, length)
    words = torch.randint(3, len(IN_AND_OUT), (batch, length), generator=random)
    marks = torch.randint(back, length, (batch, 1), generator=random)
    words.scatter_(1, marks, 0)
    return words, words.gather(1, marks - back)[:, 0] - 3


def mixed_lengths(
    task: Callable[..., tuple], random: torch.Generator, *, shortest: int = 4, longest: int = 16
) -> Iterator[tuple]:
    """Batches of a task without end, each of sentences of another length.

    Args:
        task: called as task(random, length=...), such as `in_or_out`.
        random: the source of randomness; the same state gives the same batches.
        shortest, longest: the lengths are drawn evenly from these two and all between.

    Raises:
        ValueError: shortest is above longest, naming both.
    """
    if shortest > longest:
        raise ValueError(
            f"shortest is {shortest} and longest {longest}: give the smaller one first"
        )
    while True:
        length = torch.randint(shortest, longest + 1, (), generator=random)
        yield task(random, length=int(length))


def _check_back(back: int, length: int) -> None:
    if not 1 <= back < length:
        raise ValueError(f"back is {back} and length {length}: back must be from 1 to {length - 1}")


def _others(random: torch.Generator, batch: int, length: int) -> Tensor:
    """Words that say nothing about in and out, and a "?" at the end."""
    words = torch.randint(3, len(IN_AND_OUT), (batch, length), generator=random)
    words[:, -1] = 0
    return words
