"""The measures of what was learnt: how many answers are right, how well words are aligned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import Any

import torch
from torch import Tensor

from attnlab.training.alignment_pairs import pairs_of
from attnlab.training.arguments import check_scores, whole


def exact_match(
    found: Tensor | Sequence[Sequence], wanted: Tensor | Sequence[Sequence], end: int | None = None
) -> float:
    """The share of rows that are right from the first token to the last.

    Args:
        found: what a model wrote, (batch, n), or a list of sequences.
        wanted: what it should have written, (batch, m), or a list of sequences.
        end: the mark after which a row no longer counts. Zeros at a row's end are padding.

    Raises:
        TypeError: a single text or sequence in place of several.
        ValueError: no rows, or not as many in the one as in the other.

    >>> exact_match(torch.tensor([[5, 6, 2], [5, 2, 0]]), torch.tensor([[5, 6, 2], [6, 2, 0]]))
    0.5

    Source: Rajpurkar et al. 2016, "SQuAD", section 6.1, exact match.
    """
    if end is not None and (isinstance(end, bool) or not isinstance(end, Integral | str)):
        raise TypeError(f"end is {end!r}, and must be the number of the end mark, or None")
    found, wanted = _rows("found", found), _rows("wanted", wanted)
    if len(found) != len(wanted):
        raise ValueError(
            f"found has {len(found)} rows and wanted {len(wanted)}: each answer needs its own"
        )
    pairs = zip(found, wanted, strict=True)
    return sum(_real(a, end) == _real(b, end) for a, b in pairs) / len(found)


def alignment_error(
    found: Iterable[tuple] | Tensor,
    sure: Iterable[tuple] | Tensor,
    possible: Iterable[tuple] | Tensor | None = None,
) -> float:
    """The alignment error rate: 0 if all sure pairs are found, and only possible ones.

        1 - (|found and sure| + |found and possible|) / (|found| + |sure|)

    Args:
        found: pairs (source index, target index) that a model aligned. For many sentences put
            the sentence's number before each: (sentence, source index, target index). A tensor
            or an array has a pair, or a triple, in each row.
        sure: pairs that must be found.
        possible: pairs that may be found, the sure ones among them; the sure ones if not given.

    Raises:
        TypeError: something that holds no pairs of whole numbers, such as a matrix of booleans.
        ValueError: a sure pair is not possible, pairs among triples, or there is no pair at all.

    >>> alignment_error({(0, 0), (1, 2), (2, 2)}, sure={(0, 0), (1, 2), (2, 1)})  # two of three
    0.33333333333333337

    Source: Och and Ney 2003, "A Systematic Comparison of Various Statistical Alignment Models",
    "Evaluation Methodology", AER(S, P; A).
    """
    found, sure = pairs_of("found", found), pairs_of("sure", sure)
    possible = sure if possible is None else pairs_of("possible", possible)
    if len({len(pair) for pair in found | sure | possible}) > 1:
        raise ValueError(
            "found, sure and possible hold pairs and triples: put the sentence's number before "
            "each pair, or before none"
        )
    if not sure <= possible:
        raise ValueError(
            f"possible lacks {len(sure - possible)} of the {len(sure)} sure pairs, such as "
            f"{min(sure - possible)}: write possible | sure"
        )
    if not found and not sure:
        raise ValueError("found and sure hold no pair: there is nothing to compare")
    right = len(found & sure) + len(found & possible)
    return 1.0 - right / (len(found) + len(sure))


def aligned(
    weights: Tensor,
    source_lengths: Tensor | Sequence[int] | None = None,
    target_lengths: Tensor | Sequence[int] | None = None,
    *,
    first: int = 0,
) -> set[tuple[int, int, int]]:
    """The hard alignment in attention weights: each target word with its heaviest source word.

        {(b, argmax over s of weights[b, t, s], t)}

    Args:
        weights: (batch, target, source), row t of them from the step that writes target word t:
            a single head, or the mean over several.
        source_lengths: how many real source words each sentence has; what stands behind them,
            marks and padding, is never chosen. All, if not given.
        target_lengths: how many real target words each has: the rows behind them, of the end
            mark and of padding, are left out. All, if not given.
        first: the number of the batch's first sentence in the corpus.

    Returns:
        Triples (sentence, source index, target index), as `alignment_error` takes them; the sets
        of several batches are joined by |.

    Raises:
        ValueError: weights without these three axes, or lengths that do not fit them.

    >>> weights = torch.tensor([[[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.2, 0.4, 0.4]]])
    >>> sorted(aligned(weights, target_lengths=[2]))
    [(0, 0, 0), (0, 2, 1)]

    Source: Garg et al. 2019, "Jointly Learning to Align and Translate with Transformer Models",
    section 3.2: each target word is aligned to the source word of the highest attention.
    """
    check_scores("weights", weights)
    if weights.ndim != 3 or 0 in weights.shape[1:]:
        raise ValueError(
            f"weights has shape {tuple(weights.shape)}, and needs (batch, target, source): choose "
            "one head, weights[:, head], or take weights.mean(1)"
        )
    first = whole("first", first, 0, "the number of the batch's first sentence")
    batch, target, source = weights.shape
    sources = _lengths("source_lengths", source_lengths, batch, 1, source)
    targets = _lengths("target_lengths", target_lengths, batch, 0, target)
    behind = torch.arange(source) >= torch.tensor(sources)[:, None]
    chosen = weights.detach().cpu().masked_fill(behind[:, None], -torch.inf).argmax(-1).tolist()
    return {(first + b, chosen[b][t], t) for b in range(batch) for t in range(targets[b])}


def _lengths(
    name: str, lengths: Tensor | Sequence[int] | None, batch: int, least: int, most: int
) -> list[int]:
    if lengths is None:
        return [most] * batch
    if not isinstance(lengths, Iterable) or isinstance(lengths, str):
        raise TypeError(f"{name} is {lengths!r}, and must be a list of {batch} whole numbers")
    numbers: list[Any] = lengths.tolist() if isinstance(lengths, Tensor) else list(lengths)
    numbers = [n.item() if getattr(n, "shape", None) == () else n for n in numbers]
    if len(numbers) != batch:
        raise ValueError(
            f"{name} has {len(numbers)} numbers, and weights {batch} sentences: give one for each"
        )
    for length in numbers:
        whole(name, length, 0, "how many words a sentence has")
    if wrong := [n for n in numbers if not least <= n <= most]:
        raise ValueError(
            f"{name} holds {wrong[0]}, and must be from {least} to {most}, the size of that axis "
            "of weights"
        )
    return numbers


def _rows(name: str, sequences: Tensor | Sequence[Sequence]) -> list[list]:
    shape = getattr(sequences, "shape", (0, 0))  # of a tensor or an array
    if len(shape) != 2:
        raise ValueError(
            f"{name} has shape {tuple(shape)}, and needs (batch, position): a single "
            f"sequence is {name}[None]"
        )
    if isinstance(sequences, str):
        raise TypeError(f"{name} is a single text, and must be a list of them: [{name}]")
    try:
        rows = sequences.tolist() if isinstance(sequences, Tensor) else [list(s) for s in sequences]
    except TypeError:
        raise TypeError(
            f"{name} is a {type(sequences).__name__} that holds no sequences: a single sequence is "
            f"[{name}]"
        ) from None
    if not rows:
        raise ValueError(f"{name} has no rows: exact_match needs at least one sequence")
    return rows


def _real(row: list, end: int | None) -> list:
    """The row up to its end mark, that included, or without the zeros at its end."""
    if end is not None and end in row:
        return row[: row.index(end) + 1]
    last = max((i for i, token in enumerate(row, 1) if token != 0), default=0)
    return row[:last]
