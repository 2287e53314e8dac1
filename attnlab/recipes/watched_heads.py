"""All heads of an encoder: their weights, and the model without some of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from attnlab.core import attention_weights
from attnlab.nn import MultiHeadAttention

Head = tuple[int, int]
"""A layer and a head in it."""


def head_weights(
    model: nn.Module, tokens: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """What every head of an encoder looks at, and what the model makes of the tokens.

    Args:
        model: an encoder whose `layers` have an `attention` each, as `pretrained` gives it.
        tokens: (batch, position).
        mask: True = a real token, (batch, 1, position).

    Returns:
        weights: (batch, layer, head, query, key)
        hidden: (batch, position, d_model)
    """
    with watched(model) as seen, torch.no_grad():
        hidden = model(tokens, mask)
    return torch.stack(seen, dim=1), hidden


@contextmanager
def watched(
    model: nn.Module, *, off: Collection[Head] = (), even: Collection[Head] = ()
) -> Iterator[list[Tensor]]:
    """An encoder whose heads are watched, and some of them changed, for the length of the block.

    Args:
        model: as for `head_weights`.
        off: heads that are switched off: what they have read becomes 0.
        even: heads that look at all real tokens with the same weight.

    Yields:
        A list to which each layer adds its weights, (batch, head, query, key).

    Raises:
        TypeError: a model without layers of attention.
        ValueError: a head that it does not have.

    Source: Michel, Levy and Neubig 2019, "Are Sixteen Heads Really Better than One?", section 2.3.
    """
    attentions = _attentions(model)
    for layer, head in (*off, *even):
        if not (0 <= layer < len(attentions) and 0 <= head < attentions[layer].heads):
            raise ValueError(
                f"off or even names head {head} of layer {layer}, and there are "
                f"{len(attentions)} layers of {attentions[0].heads} heads, counted from 0"
            )
    seen: list[Tensor] = []
    before = [attention.attend for attention in attentions]
    try:
        for layer, attention in enumerate(attentions):
            attention.attend = _watching(
                seen,
                [head for where, head in off if where == layer],
                [head for where, head in even if where == layer],
            )
        yield seen
    finally:
        for attention, attend in zip(attentions, before, strict=True):
            attention.attend = attend


def _attentions(model: nn.Module) -> list[MultiHeadAttention]:
    layers: Any = getattr(model, "layers", ())
    found = [layer.attention for layer in layers if hasattr(layer, "attention")]
    if not found:
        raise TypeError(
            f"model is a {type(model).__name__}, and must be an encoder whose layers have an "
            "attention each, as pretrained(folder) gives it"
        )
    return found


def _watching(seen: list[Tensor], off: list[int], even: list[int]) -> Any:
    def attend(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        weights = attention_weights(query, key, mask)
        if even:
            equal = attention_weights(torch.zeros_like(query), key, mask)
            weights[:, even] = equal[:, even]
        seen.append(weights)
        output = weights @ value
        output[:, off] = 0.0
        return output

    return attend
