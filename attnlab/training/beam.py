"""Beam search: several beginnings are followed at once, and the best whole sequence is given."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn

from attnlab.training.arguments import real, whole
from attnlab.training.evaluation import without_dropout
from attnlab.training.writing import Writing, check_request


class Beams(NamedTuple):
    """The beginnings that a beam search holds after one of its steps, most probable first.

    Where logs is -inf, there is no beginning at this place.
    """

    tokens: Tensor
    """Token numbers, (batch, width, n), without the begin mark."""
    logs: Tensor
    """Log-probabilities of these n tokens, (batch, width)."""
    whole: Tensor
    """Boolean, (batch, width): True = nothing is written behind it, and it leaves the beam."""


def beams(
    model: nn.Module,
    source: Tensor,
    source_mask: Tensor | None = None,
    *,
    begin: int,
    end: int,
    most: int,
    width: int = 4,
) -> Iterator[Beams]:
    """A beam search step by step: what it holds after the first token, the second, and so on.

        log p(token_1 ... token_n | source) = sum over i of log p(token_i | earlier ones, source)

    At each step every beginning is continued by every token, and the `width` most probable of
    these stay. Those with an end mark, or with `most` tokens, are whole and leave the beam. The
    search goes on until all beginnings have left; who has seen enough may stop before. Nothing
    happens before the first turn.

    Args: as `attnlab.training.greedy`, and
        width: how many beginnings are followed, from 1 to the size of the vocabulary.

    Yields:
        Beams: tokens (batch, width, n), logs (batch, width), whole (batch, width).

    Raises:
        ValueError: a width out of range, and as `greedy`.

    >>> for step in beams(model, torch.tensor([[7]]), begin=1, end=5, most=2, width=2):
    ...     print(step.tokens[0, 0].tolist())  # the most probable one, of a model that counts
    [2]
    [2, 3]

    Source: Sutskever et al. 2014, "Sequence to Sequence Learning with Neural Networks", section
    3.2.
    """
    check_request(model, source, most, begin=begin, end=end)
    width, most = _width(width), int(most)
    batch = torch.arange(len(source), device=source.device)
    tokens = torch.full((len(source) * width, 1), int(begin), device=source.device)
    with without_dropout(model):
        writing = Writing(model, source, source_mask, {"begin": begin, "end": end})
        writing.choose(batch.repeat_interleave(width))
    exact = torch.float64 if source.device.type != "mps" else torch.float32
    alive = torch.full((len(source), width), -torch.inf, dtype=exact, device=source.device)
    alive[:, 0] = 0.0  # all beginnings are still the same: one counts
    for n in range(1, most + 1):
        with without_dropout(model):
            logits = writing.read(tokens[:, -1])
            steps = torch.log_softmax(logits, -1, dtype=exact)
        logs, beam, token = _continue(alive, steps)
        rows = (batch[:, None] * width + beam).flatten()
        writing.choose(rows)
        tokens = torch.cat([tokens[rows], token.reshape(-1, 1)], dim=1)
        ended = (token == end) | (n == most)
        written = tokens[:, 1:].view(len(source), width, n)
        yield Beams(written, logs.to(logits.dtype), ended)
        alive = logs.masked_fill(ended, -torch.inf)
        if (alive == -torch.inf).all():
            return


def beam_search(
    model: nn.Module,
    source: Tensor,
    source_mask: Tensor | None = None,
    *,
    begin: int,
    end: int,
    most: int,
    width: int = 4,
    length_penalty: int | float = 0.6,
) -> tuple[Tensor, Tensor]:
    """Follow the `width` most probable beginnings, and give the best sequence that ended.

        score = log p(token_1 ... token_n | source) / ((5 + n) / 6)^length_penalty

    The beginnings are those of `beams`; of all whole ones the best is remembered, and the search
    ends as soon as no beginning can do better. A width of 1 is `greedy`.

    Args: as `beams`, and
        length_penalty: at least 0; 0 compares plain log-probabilities, which favours short
            sequences, and larger values favour longer ones. The end mark counts in n.

    Returns:
        Token numbers, (batch, n): each row up to its end mark, then zeros; and their scores,
        (batch,).

    Raises:
        ValueError: a width or a length_penalty out of range, and as `greedy`.

    >>> tokens, scores = beam_search(model, torch.tensor([[7]]), begin=1, end=5, most=9)
    >>> tokens  # of a model that counts
    tensor([[2, 3, 4, 5]])

    Source: Wu et al. 2016, "Google's Neural Machine Translation System", eq. 14, without its
    coverage penalty.
    """
    if not 0.0 <= real("length_penalty", length_penalty, 0.0) < math.inf:
        raise ValueError(
            f"length_penalty is {length_penalty}, and must be at least 0 and finite: "
            "0 compares plain log-probabilities"
        )
    check_request(model, source, most, begin=begin, end=end)
    found = torch.zeros(len(source), most, dtype=torch.long, device=source.device)
    best = torch.full((len(source),), -torch.inf, device=source.device)
    length = torch.zeros_like(found[:, 0])
    marks = {"begin": begin, "end": end}
    for step in beams(model, source, source_mask, **marks, most=most, width=width):
        n = step.tokens.shape[-1]
        scores = step.logs / _penalty(n, length_penalty)
        score, which = scores.masked_fill(~step.whole, -torch.inf).max(1)
        better = score > best
        found[better, :n] = step.tokens[better, which[better]]
        length = torch.where(better, n, length)
        best = torch.where(better, score, best)
        alive = step.logs.masked_fill(step.whole, -torch.inf).amax(1)
        if (alive / _penalty(most, length_penalty) <= best).all():
            break
    return found[:, : length.amax()], best


def _width(width: int) -> int:
    if whole("width", width, 1, "1 is greedy") >= 2**31:
        raise ValueError(f"width is {width}: follow at most as many beginnings as there are tokens")
    return int(width)


def _continue(alive: Tensor, steps: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The most probable continuations, (batch, width): log-probabilities, beams, tokens."""
    sequences, width = alive.shape
    vocabulary = steps.shape[-1]
    if width > vocabulary:
        raise ValueError(
            f"width is {width}, and the model's vocabulary has {vocabulary}: "
            "follow at most as many beginnings as there are tokens"
        )
    logs = alive[..., None] + steps.view(sequences, width, vocabulary)
    logs, places = _highest(logs.flatten(1), width)
    return logs, places // vocabulary, places % vocabulary


def _highest(logs: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The highest of each row and their places; of equal ones the first, as `greedy` takes it."""
    values, places = logs.topk(count)
    last = values[:, -1:]
    if (((logs >= last).sum(1, keepdim=True) > count) & (last > -torch.inf)).any():
        values, places = logs.sort(descending=True, stable=True)
        return values[:, :count], places[:, :count]
    places, order = places.sort()
    values, order = values.gather(1, order).sort(descending=True, stable=True)
    return values, places.gather(1, order)


def _penalty(n: int, length_penalty: int | float) -> float:
    return ((5 + n) / 6) ** length_penalty
