"""Rows of digits to copy, to turn round, to sort and to add.

Tokens are those of `DIGITS`: 0 to 3 are the marks, digit d is 4 + d, and "+" is 14. Source and
target of the first three tasks are equally long, so an encoder alone can learn them; an encoder
with a decoder takes the target between marks, as `with_marks` makes it.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from attnlab.tasks.draws import check_draw
from attnlab.tasks.vocabulary import BEGIN, END, MARKS, Vocabulary

DIGITS = Vocabulary([*"0123456789", "+"])
"""The tokens of these tasks."""

_ZERO, _PLUS = len(MARKS), DIGITS.encode("+")[0]
_SPLITS = {"train": range(8), "validation": range(8, 9), "test": range(9, 10)}


def copy_digits(
    random: torch.Generator, batch: int = 128, *, length: int = 16
) -> tuple[Tensor, Tensor]:
    """Write down what stands there.

    Args:
        random: the source of randomness; the same state gives the same rows.
        batch: how many rows.
        length: how many digits each has, at least 1.

    Returns:
        source, target: tokens of DIGITS, both (batch, length)

    Raises:
        ValueError: rows without a digit.

    >>> source, target = copy_digits(torch.Generator().manual_seed(0), 1, length=5)
    >>> DIGITS.decode(source[0]) == DIGITS.decode(target[0])
    True
    """
    check_draw(random, batch=batch, length=length)
    source = _digits(random, batch, length)
    return source, source.clone()


def reverse_digits(
    random: torch.Generator, batch: int = 128, *, length: int = 16
) -> tuple[Tensor, Tensor]:
    """Write the last digit first: "3 1 7" becomes "7 1 3". Arguments as in `copy_digits`."""
    check_draw(random, batch=batch, length=length)
    source = _digits(random, batch, length)
    return source, source.flip(-1)


def sort_digits(
    random: torch.Generator, batch: int = 128, *, length: int = 10
) -> tuple[Tensor, Tensor]:
    """Write the smallest digit first: "3 1 7" becomes "1 3 7". Arguments as in `copy_digits`."""
    check_draw(random, batch=batch, length=length)
    source = _digits(random, batch, length)
    return source, source.sort(-1).values


def add_numbers(
    random: torch.Generator,
    batch: int = 128,
    *,
    split: Literal["train", "validation", "test"] = "train",
) -> tuple[Tensor, Tensor]:
    """Add two numbers from 10 to 99; the sum is written from the ones to the hundreds.

    "3 8 + 4 7" becomes "5 8 0", which is 85 read backwards: so each digit needs only the digits
    of its own column and what was carried over. There are 8,100 pairs, so they are dealt out to
    three splits for good, about 8 to 1 to 1, and no pair is in two of them.

    Args:
        random: the source of randomness; the same state gives the same rows.
        batch: how many rows.
        split: which pairs to draw from.

    Returns:
        source: two digits, "+", two digits, as tokens of DIGITS, (batch, 5)
        target: three digits, (batch, 3)

    Raises:
        ValueError: an unknown split.
    """
    check_draw(random, batch=batch)
    if split not in _SPLITS:
        raise ValueError(f"split is {split!r}, and must be one of {', '.join(_SPLITS)}")
    pairs = torch.cartesian_prod(torch.arange(10, 100), torch.arange(10, 100))
    pairs = pairs[torch.isin(_scattered(pairs), torch.tensor(_SPLITS[split]))]
    first, second = pairs[torch.randint(len(pairs), (batch,), generator=random)].unbind(-1)
    total = first + second
    plus = torch.full((batch,), _PLUS)
    source = [first // 10 + _ZERO, first % 10 + _ZERO, plus]
    source += [second // 10 + _ZERO, second % 10 + _ZERO]
    target = [total // size % 10 + _ZERO for size in (1, 10, 100)]
    return torch.stack(source, -1), torch.stack(target, -1)


def with_marks(rows: Tensor) -> Tensor:
    """BEGIN before and END behind every row, (batch, length) -> (batch, length + 2).

    A decoder reads ``with_marks(target)[:, :-1]`` and shall say ``with_marks(target)[:, 1:]``.

    >>> with_marks(torch.tensor([[7, 9]]))
    tensor([[1, 7, 9, 2]])
    """
    if rows.ndim != 2:
        raise ValueError(f"rows has shape {tuple(rows.shape)}, and needs (batch, length)")
    begin, end = (rows.new_full((len(rows), 1), mark) for mark in (BEGIN, END))
    return torch.cat([begin, rows, end], -1)


def _digits(random: torch.Generator, batch: int, length: int) -> Tensor:
    if length < 1:
        raise ValueError(f"length is {length}, and a row needs at least 1 digit")
    return torch.randint(10, (batch, length), generator=random) + _ZERO


def _scattered(pairs: Tensor) -> Tensor:
    """A number from 0 to 9 for each pair, always the same, and without a pattern in the digits."""
    both = pairs[:, 0] * 100 + pairs[:, 1]
    return both * 2_654_435_761 % 2**32 // 2**16 % 10  # multiplicative hashing, Knuth 6.4
