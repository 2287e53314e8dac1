"""Sentences of uneven length in one batch: the short ones are padded with zeros."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real

import torch
from torch import Tensor

from attnlab.tasks.draws import check_draw


def geometric_lengths(random: torch.Generator, batch: int, *, mean: int | float = 10) -> list[int]:
    """Lengths as texts have them: most sentences are short, a few very long.

    After each word the sentence ends with the probability 1 / mean.

    Args:
        random: the source of randomness; the same state gives the same lengths.
        batch: how many lengths.
        mean: their mean over many draws, at least 1.

    Raises:
        ValueError: mean is below 1.
    """
    check_draw(random, batch=batch)
    if not isinstance(mean, Real) or isinstance(mean, bool):
        raise TypeError(f"mean is {mean!r}, and must be a number of at least 1")
    if not 1 <= mean < math.inf:
        raise ValueError(
            f"mean is {mean}, and must be at least 1 and finite: no sentence is shorter"
        )
    if mean == 1:
        return [1] * batch
    lengths = torch.empty(batch, dtype=torch.float64).geometric_(1 / mean, generator=random)
    return lengths.int().tolist()


def padded_sentences(random: torch.Generator, lengths: Sequence[int], vocabulary: Tensor) -> Tensor:
    """Sentences of random words, one of each length, with zeros behind the shorter ones.

    Args:
        random: the source of randomness; the same state gives the same sentences.
        lengths: how many words each sentence has, at least 1.
        vocabulary: a vector for each word, (words, width).

    Returns:
        (batch, longest, width), in the type of the vocabulary.

    Raises:
        TypeError: random is no generator, or a length is not whole.
        ValueError: no lengths, one below 1, or a vocabulary that is no matrix.
    """
    counts = getattr(lengths, "tolist", lambda: lengths)()  # of a tensor or an array
    if not isinstance(counts, list | tuple):
        raise TypeError(f"lengths is {lengths!r}, and must be a list of whole numbers")
    check_draw(random, **{f"lengths[{place}]": count for place, count in enumerate(counts)})
    if not counts or min(counts) < 1:
        raise ValueError(f"lengths is {counts}: give at least one, each at least 1")
    if not isinstance(vocabulary, Tensor):
        raise TypeError(f"vocabulary is a {type(vocabulary).__name__}, and must be a tensor")
    if vocabulary.ndim != 2:
        raise ValueError(
            f"vocabulary has shape {tuple(vocabulary.shape)}, and needs (words, width)"
        )
    sentences = [
        vocabulary[torch.randint(len(vocabulary), (length,), generator=random)] for length in counts
    ]
    return torch.nn.utils.rnn.pad_sequence(sentences, batch_first=True)
