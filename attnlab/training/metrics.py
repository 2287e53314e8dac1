"""The measures of what was learnt: how many answers are right, how well words are aligned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from torch import Tensor


def exact_match(
    found: Tensor | Sequence[Sequence], wanted: Tensor | Sequence[Sequence], end: int | None = None
) -> float:
    """The share of rows that are right from the first token to the last.

    Args:
        found: what a model wrote, (batch, n), or a list of sequences.
        wanted: what it should have written, (batch, m), or a list of sequences.
        end: the mark after which a row no longer counts. Zeros at a row's end are padding.

    Raises:
        ValueError: no rows, or not as many in the one as in the other.

    >>> exact_match(torch.tensor([[5, 6, 2], [5, 2, 0]]), torch.tensor([[5, 6, 2], [6, 2, 0]]))
    0.5

    Source: Rajpurkar et al. 2016, "SQuAD", section 6.1, exact match.
    """
    found, wanted = _rows("found", found), _rows("wanted", wanted)
    if len(found) != len(wanted):
        raise ValueError(
            f"found has {len(found)} rows and wanted {len(wanted)}: each answer needs its own"
        )
    pairs = zip(found, wanted, strict=True)
    return sum(_real(a, end) == _real(b, end) for a, b in pairs) / len(found)


def alignment_error(
    found: Iterable[tuple], sure: Iterable[tuple], possible: Iterable[tuple] | None = None
) -> float:
    """The alignment error rate: 0 if all sure pairs are found, and only possible ones.

        1 - (|found and sure| + |found and possible|) / (|found| + |sure|)

    Args:
        found: pairs (source index, target index) that a model aligned. For many sentences put
            the sentence's number before each: (sentence, source index, target index).
        sure: pairs that must be found.
        possible: pairs that may be found, the sure ones among them; the sure ones if not given.

    Raises:
        ValueError: a sure pair is not possible, or there is no pair at all.

    >>> alignment_error({(0, 0), (1, 2), (2, 2)}, sure={(0, 0), (1, 2), (2, 1)})  # two of three
    0.33333333333333337

    Source: Och and Ney 2003, "A Systematic Comparison of Various Statistical Alignment Models",
    "Evaluation Methodology", AER(S, P; A).
    """
    found, sure = set(found), set(sure)
    possible = sure if possible is None else set(possible)
    if not sure <= possible:
        raise ValueError(
            f"possible lacks {len(sure - possible)} of the {len(sure)} sure pairs, such as "
            f"{min(sure - possible)}: write possible | sure"
        )
    if not found and not sure:
        raise ValueError("found and sure hold no pair: there is nothing to compare")
    right = len(found & sure) + len(found & possible)
    return 1.0 - right / (len(found) + len(sure))


def _rows(name: str, sequences: Tensor | Sequence[Sequence]) -> list[list]:
    if isinstance(sequences, Tensor) and sequences.ndim != 2:
        raise ValueError(
            f"{name} has shape {tuple(sequences.shape)}, and needs (batch, position): a single "
            f"sequence is {name}[None]"
        )
    rows = sequences.tolist() if isinstance(sequences, Tensor) else [list(s) for s in sequences]
    if not rows:
        raise ValueError(f"{name} has no rows: exact_match needs at least one sequence")
    return rows


def _real(row: list, end: int | None) -> list:
    """The row up to its end mark, that included, or without the zeros at its end."""
    if end is not None and end in row:
        return row[: row.index(end) + 1]
    last = max((i for i, token in enumerate(row, 1) if token != 0), default=0)
    return row[:last]
