"""Beam search: several beginnings are followed at once, and the best whole sequence is given."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from attnlab.training.decoding import Writing, check_request, without_dropout


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

    At each step every beginning is continued by every token, and the `width` most probable of
    these stay. Those with an end mark, or with `most` tokens, are whole: they leave the beam,
    and the best of them is remembered. The search ends as soon as no beginning can do better.
    A width of 1 is `greedy`.

    Args: as `attnlab.training.greedy`, and
        width: how many beginnings are followed, from 1 to the size of the vocabulary.
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
    check_request(source, most)
    _check_beam(width, length_penalty)
    with without_dropout(model):
        writing = Writing(model, source, source_mask, {"begin": begin, "end": end})
        return _search(writing, source, begin, end, most, width, length_penalty)


def _search(
    writing: Writing,
    source: Tensor,
    begin: int,
    end: int,
    most: int,
    width: int,
    length_penalty: int | float,
) -> tuple[Tensor, Tensor]:
    batch = torch.arange(len(source), device=source.device)
    writing.choose(batch.repeat_interleave(width))
    tokens = torch.full((len(source) * width, 1), begin, device=source.device)
    best_tokens = tokens.new_zeros(len(source), most)
    length = tokens.new_zeros(len(source))
    for n in range(1, most + 1):
        steps = torch.log_softmax(writing.read(tokens[:, -1]), -1)
        if n == 1:
            _check_width(width, steps.shape[-1])
            best = steps.new_full((len(source),), -torch.inf)
            alive = steps.new_full((len(source), width), -torch.inf)
            alive[:, 0] = 0.0  # all beginnings are still the same: one counts
        logs, beam, token = _continue(alive, steps)
        rows = (batch[:, None] * width + beam).flatten()
        writing.choose(rows)
        tokens = torch.cat([tokens[rows], token.reshape(-1, 1)], dim=1)
        whole = (token == end) | (n == most)
        scores = (logs / _penalty(n, length_penalty)).masked_fill(~whole, -torch.inf)
        score, which = scores.max(1)
        better = score > best
        best = torch.where(better, score, best)
        length = torch.where(better, n, length)
        best_tokens[better, :n] = tokens[batch * width + which, 1:][better]
        alive = logs.masked_fill(whole, -torch.inf)
        if (alive.amax(1) / _penalty(most, length_penalty) <= best).all():
            break
    return best_tokens[:, : length.amax()], best


def _continue(alive: Tensor, steps: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The most probable continuations, (batch, width): log-probabilities, beams, tokens."""
    sequences, width = alive.shape
    vocabulary = steps.shape[-1]
    logs = alive[..., None] + steps.view(sequences, width, vocabulary)
    logs, places = logs.flatten(1).topk(width)
    return logs, places // vocabulary, places % vocabulary


def _penalty(n: int, length_penalty: int | float) -> float:
    return ((5 + n) / 6) ** length_penalty


def _check_beam(width: int, length_penalty: int | float) -> None:
    if width < 1:
        raise ValueError(f"width is {width}, and must be at least 1: 1 is greedy")
    if not 0.0 <= length_penalty < math.inf:
        raise ValueError(
            f"length_penalty is {length_penalty}, and must be at least 0 and finite: "
            "0 compares plain log-probabilities"
        )


def _check_width(width: int, vocabulary: int) -> None:
    if width > vocabulary:
        raise ValueError(
            f"width is {width}, and the model's vocabulary has {vocabulary}: "
            "follow at most as many beginnings as there are tokens"
        )
