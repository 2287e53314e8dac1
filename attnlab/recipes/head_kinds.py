"""What a head does, in numbers: how much of its weight lies where."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

KINDS = ("previous word", "next word", "itself", "same word", "[CLS]", "[SEP]", "broad")
"""What is measured of every head."""


def head_kinds(weights: Tensor, tokens: Sequence[int]) -> dict[str, Tensor]:
    """How much of each kind every head does, in one sentence.

    For "previous word", "next word", "itself", "[CLS]" and "[SEP]" it is the mean weight on that
    token, over the words between the marks which have one; for "same word" the weight on all other
    places of the same token, over the words that come more than once (nan if there is none); for
    "broad" exp(entropy) / tokens: the share of all tokens that the head looks at, 1 if it looks
    at all of them with the same weight.

    Args:
        weights: (..., query, key), rows that add up to 1; the leading axes are layer and head.
        tokens: the number of each token, the marks at both ends included.

    Returns:
        By the names of `KINDS`, numbers of the leading axes.

    Raises:
        ValueError: fewer than two words between the marks, or weights for another number of tokens.

    Source: Clark et al. 2019, "What Does BERT Look At?", sections 3.1 and 3.3.
    """
    count = len(tokens)
    if count < 4 or weights.shape[-2:] != (count, count):
        raise ValueError(
            f"weights has shape {tuple(weights.shape)} and tokens {count} of them: weights needs "
            f"(..., {count}, {count}), and tokens two marks and at least two words"
        )
    words = torch.arange(1, count - 1)
    rows = weights[..., words, :]
    entropy = torch.special.entr(rows).sum(-1).mean(-1)
    return {
        "previous word": weights[..., words[1:], words[:-1]].mean(-1),
        "next word": weights[..., words[:-1], words[1:]].mean(-1),
        "itself": weights[..., words, words].mean(-1),
        "same word": _on_same(rows, torch.as_tensor(tokens)),
        "[CLS]": rows[..., 0].mean(-1),
        "[SEP]": rows[..., -1].mean(-1),
        "broad": entropy.exp() / count,
    }


def _on_same(rows: Tensor, tokens: Tensor) -> Tensor:
    """Weight on other places of the same token, over the words that have one."""
    same = (tokens[1:-1, None] == tokens) & ~torch.eye(len(tokens), dtype=torch.bool)[1:-1]
    return (rows * same).sum(-1)[..., same.any(-1)].mean(-1)


def on_partners(weights: Tensor, pairs: Sequence[tuple[int, int]]) -> Tensor:
    """The mean weight of each head on the second place of each pair, from the first.

    Args:
        weights: (..., query, key).
        pairs: (query, key) of each; nan if there are none.
    """
    query, key = torch.tensor(pairs, dtype=torch.long).reshape(-1, 2).T
    return weights[..., query, key].mean(-1)


def hits(weights: Tensor, pairs: Sequence[tuple[int, int]]) -> Tensor:
    """For each pair, whether each head looks more at its second place than at any other word.

    Only words are counted, so the marks at both ends have no say.

    Returns:
        Booleans, (..., pair).

    Source: Clark et al. 2019, section 4.2.
    """
    query, key = torch.tensor(pairs, dtype=torch.long).reshape(-1, 2).T
    return weights[..., query, 1:-1].argmax(-1) + 1 == key
