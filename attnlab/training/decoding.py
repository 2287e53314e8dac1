"""Decoding: from a model that scores the next token to a whole sequence, token by token.

A model, here, is an `nn.Module` with three methods, as `attnlab.nn.Transformer` has them:

    encode(source, source_mask) -> memory (batch, ...)
    decode(tokens, memory, source_mask, caches=caches) -> logits (batch, n, vocabulary)
    decoder.empty_caches() -> caches, each with choose(rows)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from numbers import Integral

import torch
from torch import Tensor, nn

from attnlab.training.arguments import check_tokens, whole, widened
from attnlab.training.sampling import check_sampling, sampling_weights


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
        model: what to decode, see the head of this module.
        source: token numbers, (batch, source).
        source_mask: True = a real token, as for the model itself.
        begin: the token that the model reads first; it is not part of the answer.
        end: the token that ends a sequence.
        most: how many tokens to write at most, the end mark included.

    Returns:
        Token numbers, (batch, n): each row up to its end mark, then zeros.

    Raises:
        TypeError: a source that is no tensor of whole numbers, such as a text.
        ValueError: an empty source, most below 1, a mark outside the vocabulary, logits of NaN.

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


class Writing:
    """What a model has read and written so far, a row for each sequence.

    Args: as `greedy`.
    """

    def __init__(self, model: nn.Module, source: Tensor, mask: Tensor | None, marks: dict):
        self.decode, self.mask, self.marks = model.decode, mask, marks
        self.memory = model.encode(source, mask)
        self.caches = model.decoder.empty_caches()

    def read(self, tokens: Tensor) -> Tensor:
        """Take in a token for each row; gives the logits (rows, vocabulary) of the next one.

        Logits of 16 bits are given in float32, in which they are compared and summed."""
        logits = self.decode(tokens[:, None], self.memory, self.mask, caches=self.caches)[:, -1]
        for name, mark in self.marks.items():
            if not 0 <= mark < logits.shape[-1]:
                raise ValueError(
                    f"{name} is {mark}, and the model's vocabulary has {logits.shape[-1]}: give "
                    f"the number of the {name} mark that it was trained with"
                )
        if not math.isfinite(logits.amax(-1).abs().amax()):
            raise ValueError(
                "the model's logits have no finite highest number: look for NaN in its weights, "
                "as a training that went wrong leaves them"
            )
        return widened(logits)

    def choose(self, rows: Tensor) -> None:
        """Go on with these rows, in this order."""
        batch = self.memory.shape[0]
        self.memory = self.memory.index_select(0, rows)
        if self.mask is not None and self.mask.ndim > 2 and self.mask.shape[0] == batch > 1:
            self.mask = self.mask.index_select(0, rows)
        for cache in self.caches:
            cache.choose(rows)


@contextmanager
def without_dropout(model: nn.Module) -> Iterator[None]:
    """The model in evaluation mode and without gradients; afterwards each part as it was."""
    training = [part for part in model.modules() if part.training]
    try:
        for part in training:
            part.training = False
        with torch.no_grad():
            yield
    finally:
        for part in training:
            part.training = True


def check_request(model: nn.Module, source: Tensor, most: int, **marks: int) -> None:
    """Refuse a source without tokens, an answer without any, and what is of the wrong kind."""
    whole("most", most, 1, "the end mark is a token too")
    for name, mark in marks.items():
        if not isinstance(mark, Integral) or isinstance(mark, bool):
            raise TypeError(f"{name} is {mark!r}, and must be the number of the {name} mark")
    for part in ("encode", "decode", "decoder"):
        if not hasattr(model, part):
            inside = hasattr(getattr(model, "module", None), part)
            raise TypeError(
                f"model is a {type(model).__name__} without {part}: it needs encode, decode and "
                "decoder.empty_caches, as attnlab.nn.Transformer has them"
                + (", so hand in model.module, the model in this wrapper" if inside else "")
            )
    check_tokens("source", source, "(batch, source)")
    if source.ndim != 2 or 0 in source.shape:
        raise ValueError(
            f"source has shape {tuple(source.shape)}, and needs (batch, source) with at least one "
            "token: a single sequence is source[None]"
        )


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
