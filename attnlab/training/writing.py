"""Writing: what a model that is decoded must have, and what it has read and written so far.

A model, here, is an `nn.Module`. One that reads a source has three methods, as
`attnlab.nn.Transformer` has them:

    encode(source, source_mask) -> memory (batch, ...)
    decode(tokens, memory, source_mask, caches=caches) -> logits (batch, n, vocabulary)
    decoder.empty_caches() -> caches, each with choose(rows)

One that reads no tokens, such as `attnlab.nn.Captioner`, says itself what it cannot read:

    check_source(source), which raises an error

A decoder alone goes on from a prompt, which is what `source` means for it. It has two, as
`attnlab.nn.LanguageModel` has them:

    next_logits(tokens, caches) -> logits (batch, vocabulary) of the token after these
    decoder.empty_caches() -> as above
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Integral
from typing import Any, Protocol, cast, runtime_checkable

import torch
from torch import Tensor, nn

from attnlab.training.arguments import check_tokens, whole, widened


@runtime_checkable
class Cached(Protocol):
    """What a decoder remembers of each sequence."""

    def choose(self, rows: Tensor) -> None: ...


@runtime_checkable
class Decoding(Protocol):
    """A decoder that remembers what it has read in a cache for each of its layers."""

    def empty_caches(self) -> Sequence[Cached]: ...


@runtime_checkable
class WritesFromSource(Protocol):
    """A model that reads a source and writes another sequence."""

    def encode(self, source: Tensor, source_mask: Tensor | None, /) -> Tensor: ...

    def decode(
        self, tokens: Tensor, memory: Tensor, source_mask: Tensor | None, /, *, caches: Any
    ) -> Tensor: ...


@runtime_checkable
class ReadsNoTokens(Protocol):
    """A model whose source is something else, such as a picture."""

    def check_source(self, source: Tensor, /) -> None: ...


@runtime_checkable
class WritesFromPrompt(Protocol):
    """A decoder alone, which goes on from a prompt."""

    def next_logits(self, tokens: Tensor, caches: Any, /) -> Tensor: ...


class Writing:
    """What a model has read and written so far, a row for each sequence.

    Args: as `greedy`.
    """

    def __init__(self, model: nn.Module, source: Tensor, mask: Tensor | None, marks: dict):
        # To torch every attribute of a module is a tensor or a module; `_check_methods` has looked.
        decoder = cast(Decoding, model.decoder)
        if hasattr(model, "next_logits"):
            self.reader = _FromPrompt(cast(WritesFromPrompt, model), decoder, source, mask)
        else:
            self.reader = _FromSource(cast(WritesFromSource, model), decoder, source, mask)
        self.marks = marks

    def read(self, tokens: Tensor) -> Tensor:
        """Take in a token for each row; gives the logits (rows, vocabulary) of the next one.

        Logits of 16 bits are given in float32, in which they are compared and summed."""
        logits = self.reader.read(tokens[:, None])
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
        self.reader.choose(rows)


class _FromSource:
    """Of a model with an encoder: its memory of the source, and the caches of its decoder."""

    def __init__(
        self, model: WritesFromSource, decoder: Decoding, source: Tensor, mask: Tensor | None
    ):
        self.decode, self.mask = model.decode, mask
        self.memory = model.encode(source, mask)
        self.caches = decoder.empty_caches()

    def read(self, tokens: Tensor) -> Tensor:
        return self.decode(tokens, self.memory, self.mask, caches=self.caches)[:, -1]

    def choose(self, rows: Tensor) -> None:
        batch = self.memory.shape[0]
        self.memory = self.memory.index_select(0, rows)
        if self.mask is not None and self.mask.ndim > 2 and self.mask.shape[0] == batch > 1:
            self.mask = self.mask.index_select(0, rows)
        for cache in self.caches:
            cache.choose(rows)


class _FromPrompt:
    """Of a decoder alone: the prompt, until it is read after the begin mark, and the caches."""

    def __init__(
        self, model: WritesFromPrompt, decoder: Decoding, prompt: Tensor, mask: Tensor | None
    ):
        self.next_logits, self.caches = model.next_logits, decoder.empty_caches()
        self.prompt = _without_padding(prompt, mask)

    def read(self, tokens: Tensor) -> Tensor:
        tokens = torch.cat([tokens, self.prompt], dim=1)
        self.prompt = self.prompt[:, :0]  # by now it is in the caches
        return self.next_logits(tokens, self.caches)

    def choose(self, rows: Tensor) -> None:
        self.prompt = self.prompt.index_select(0, rows)
        for cache in self.caches:
            cache.choose(rows)


def check_request(model: nn.Module, source: Tensor, most: int, **marks: int) -> None:
    """Refuse a source without tokens, an answer without any, and what is of the wrong kind."""
    whole("most", most, 1, "the end mark is a token too")
    for name, mark in marks.items():
        if not isinstance(mark, Integral) or isinstance(mark, bool):
            raise TypeError(f"{name} is {mark!r}, and must be the number of the {name} mark")
    _check_methods(model)
    if isinstance(model, ReadsNoTokens):
        model.check_source(source)
        return
    check_tokens("source", source, "(batch, source)")
    if source.ndim != 2 or 0 in source.shape:
        raise ValueError(
            f"source has shape {tuple(source.shape)}, and needs (batch, source) with at least one "
            "token: a single sequence is source[None]"
        )


def _check_methods(model: nn.Module) -> None:
    if hasattr(model, "next_logits") and hasattr(model, "decoder"):
        return
    for part in ("encode", "decode", "decoder"):
        if not hasattr(model, part):
            wrapped = getattr(model, "module", None)
            inside = hasattr(wrapped, part) or hasattr(wrapped, "next_logits")
            raise TypeError(
                f"model is a {type(model).__name__} without {part}: it needs encode, decode and "
                "decoder.empty_caches, as attnlab.nn.Transformer has them, or next_logits and "
                "decoder.empty_caches, as attnlab.nn.LanguageModel has them"
                + (", so hand in model.module, the model in this wrapper" if inside else "")
            )


def _without_padding(prompt: Tensor, mask: Tensor | None) -> Tensor:
    """The prompts without their padding, of which all must have equally much, and at the end."""
    if mask is None:
        return prompt
    batch, count = prompt.shape
    if not isinstance(mask, Tensor) or mask.dtype != torch.bool:
        kind = mask.dtype if isinstance(mask, Tensor) else type(mask).__name__
        raise TypeError(
            f"source_mask is of {kind}, and must be a boolean tensor, True = a real token: write "
            "source_mask == 1 if 1 means real"
        )
    if mask.ndim != 3 or mask.shape[1:] != (1, count) or mask.shape[0] not in (1, batch):
        raise ValueError(
            f"source_mask has shape {tuple(mask.shape)}, and there are {batch} prompts of {count} "
            f"tokens: it needs ({batch}, 1, {count}), as padding(lengths, positions) makes it; of "
            "a mask (batch, position) take source_mask[:, None]"
        )
    lengths = mask.sum(-1)
    shortest, longest = int(lengths.min()), int(lengths.max())
    if shortest != longest or not longest:
        raise ValueError(
            f"the prompts have from {shortest} to {longest} tokens: what is written follows its "
            "prompt without a gap, so decode prompts of one length together, and no empty ones"
        )
    if not mask[..., :longest].all():
        raise ValueError(
            "source_mask has padding in front of a real token: the prompt is read in order, so "
            "put all padding to the end"
        )
    return prompt[:, :longest]
