"""Decoding: from a model that scores the next token to a whole sequence, token by token."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from attnlab.training.evaluation import without_dropout
from attnlab.training.sampling import check_sampling, sampling_weights
from attnlab.training.writing import Writing, check_request


def greedy(
    model: nn.Module,
    source: Tensor,
    source_mask: Tensor | None = None,
    *,
    begin: int,
    end: int,
    most: int,
) -> Tensor:
    """Write the most probable token, read it, write the next one, until the end mark.

        token_n = argmax over v of p(v | token_1 ... token_n-1, source)

    Each token is computed once: the caches hold the keys and values of the earlier ones. The
    model works without dropout, and is left in the mode that it was in.

    Args:
        model: what to decode, see `attnlab.training.writing`.
        source: token numbers, (batch, source); for a decoder alone its prompt, which it reads
            after the begin mark.
        source_mask: True = a real token, as for the model itself.
        begin: the token that the model reads first; it is not part of the answer.
        end: the token that ends a sequence.
        most: how many tokens to write at most, the end mark included.

    Returns:
        Token numbers, (batch, n): each row up to its end mark, then zeros.

    Raises:
        TypeError: a source that is no tensor of whole numbers, such as a text.
        ValueError: an empty source, most below 1, a mark outside the vocabulary, logits of NaN,
            prompts of several lengths.

    >>> greedy(model, torch.tensor([[7]]), begin=1, end=5, most=9)  # of a model that counts
    tensor([[2, 3, 4, 5]])

    Source: Sutskever et al. 2014, "Sequence to Sequence Learning with Neural Networks", section
    3.2, with a beam of 1.
    """

    def highest(logits: Tensor) -> Tensor:
        return logits.argmax(-1)

    return _write(model, source, source_mask, begin, end, most, highest)


def sample(
    model: nn.Module,
    source: Tensor,
    source_mask: Tensor | None = None,
    *,
    begin: int,
    end: int,
    most: int,
    temperature: int | float = 1.0,
    top_k: int | None = None,
    top_p: int | float | None = None,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Draw each token at random, as probable as the model holds it, until the end mark.

        token_n ~ sampling_weights(logits_n, temperature, top_k, top_p)

    Args: as `greedy`, and
        temperature, top_k, top_p: as `sampling_weights` takes them.
        generator: where the random numbers come from, torch's own if not given; the same seed
            writes the same tokens.

    Returns:
        Token numbers, (batch, n): each row up to its end mark, then zeros.

    Raises:
        ValueError: as `greedy` and `sampling_weights`.

    >>> random = torch.Generator().manual_seed(0)
    >>> sample(model, torch.tensor([[7]]), begin=1, end=5, most=9, top_k=1, generator=random)
    tensor([[2, 3, 4, 5]])

    Source: Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration", section 3.
    """
    check_sampling(temperature, top_k, top_p)

    def drawn(logits: Tensor) -> Tensor:
        weights = sampling_weights(logits, temperature, top_k, top_p)
        return torch.multinomial(weights, 1, generator=generator)[:, 0]

    return _write(model, source, source_mask, begin, end, most, drawn)


def _write(
    model: nn.Module,
    source: Tensor,
    mask: Tensor | None,
    begin: int,
    end: int,
    most: int,
    choose: Callable[[Tensor], Tensor],
) -> Tensor:
    check_request(model, source, most, begin=begin, end=end)
    token = torch.full((len(source),), int(begin), device=source.device)
    ended = torch.zeros_like(token, dtype=torch.bool)
    written = []
    with without_dropout(model):
        writing = Writing(model, source, mask, {"begin": begin, "end": end})
        while len(written) < most and not ended.all():
            token = choose(writing.read(token))
            written.append(token.masked_fill(ended, 0))
            ended = ended | (token == end)
    return torch.stack(written, dim=1)
