"""Attention switched off: each step reads the plain mean of all source words or regions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor, nn

from attnlab.lab.recorded_weights import replaced
from attnlab.nn import AdditiveAttention, DecoderLayer, fused_attention


@contextmanager
def attention_off(model: nn.Module) -> Iterator[None]:
    """Take from a translator or captioner, for the length of the block, the choice of what to read.

    In each cross-attention the queries become zeros. So all scores are 0, all weights are equal,
    and each step of the decoder reads the mean of the source words, or of a picture's regions.
    The model's parameters stay as they are, and so does self-attention: among the source words,
    and among the written ones. That is harder on a model than to be trained so from the start: it
    learnt to rely on a choice.

    Args:
        model: a Transformer with an encoder and a decoder, a Seq2Seq with attention, or a
            Captioner.

    Raises:
        TypeError: a model without cross-attention.

    >>> with attention_off(model), recording(model) as weights:
    ...     logits = model(torch.tensor([[4, 5, 6, 7]]), torch.tensor([[1]]))
    >>> weights["decoder.layers.0.cross_attention"][0, 0]
    tensor([[0.2500, 0.2500, 0.2500, 0.2500]])
    """
    parts = model.modules() if isinstance(model, nn.Module) else ()
    found = [
        part.cross_attention if isinstance(part, DecoderLayer) else part
        for part in parts
        if isinstance(part, DecoderLayer | AdditiveAttention)
    ]
    if not found:
        raise TypeError(
            f"model is a {type(model).__name__}, and has no cross-attention to switch off: give a "
            "Transformer with an encoder and a decoder"
        )
    with ExitStack() as until_the_end:
        for cross_attention in found:
            until_the_end.enter_context(replaced(cross_attention, "attend", mean_of_values))
        yield


def mean_of_values(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
    """Attention whose queries ask nothing: all keys that a mask allows get the same weight."""
    return fused_attention(torch.zeros_like(query), key, value, mask)
