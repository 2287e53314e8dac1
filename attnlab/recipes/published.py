"""Tiny models in the layout of published ones, with what the library transformers made of them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from safetensors.torch import load_file
from torch import Tensor

FOLDER = Path(__file__).parent / "published_data"
"""Where they lie; python tests/hugging_face.py makes them anew."""


class Example(NamedTuple):
    """A published model, and what another library computes with it.

    Args:
        folder: for `attnlab.nn.pretrained`, and its vocabulary for `WordPieces` or `gpt2_pieces`.
        tokens: (batch, position); behind the real ones stands what is masked.
        expected: the last hidden states of an encoder, the logits of a decoder,
            (batch, position, feature), as the library transformers computes them in float32.
        mask: True = a real token, (batch, 1, position); elsewhere nothing is expected.
    """

    folder: Path
    tokens: Tensor
    expected: Tensor
    mask: Tensor


def example(kind: str) -> Example:
    """A tiny encoder, "bert", or decoder, "gpt2", with random parameters.

    Raises:
        ValueError: another kind.

    >>> found = example("bert")
    >>> found.tokens.shape, found.expected.shape
    (torch.Size([3, 11]), torch.Size([3, 11, 32]))
    """
    known = {"bert": "hidden", "gpt2": "logits"}
    if kind not in known:
        raise ValueError(f"kind is {kind!r}, and must be one of {', '.join(known)}")
    told = load_file(FOLDER / kind / "expected.safetensors")
    return Example(FOLDER / kind, told["tokens"], told[known[kind]], told["real"][:, None])
