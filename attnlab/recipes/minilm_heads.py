"""The stored heads of MiniLM as the wall of heads takes them, or those of one's own sentence."""

from __future__ import annotations

import base64
import json
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from attnlab.nn import minilm
from attnlab.recipes.measured_heads import STORED, Reader, shown

_EXPECTED = STORED.with_name("minilm_expected.json")


@cache
def measured() -> dict[str, Any]:
    """All that was measured; the names are explained in `attnlab.recipes.measured_heads.measure`.

    >>> len(measured()["off"]), len(measured()["off"][0])
    (6, 12)
    """
    return json.loads(STORED.read_text(encoding="utf-8"))


def kinds() -> dict[str, list[list[float]]]:
    """What each head does, by the name of a kind: numbers from 0 to 1, (layer, head).

    They are means over 150 sentences of the course: of weight on the previous word, the next, the
    word itself, other places of the same word, and the two marks; for "syntax", over sentences
    whose grammar is known, the weight on the word that belongs to it and is no neighbour; for
    "many words" the share of the sentence that the head looks at.
    """
    found = measured()["kinds"]
    named = {kind: found[kind] for kind in found if kind != "broad"}
    return named | {"syntax": measured()["syntax"], "many words": found["broad"]}


def wall() -> dict[str, Any]:
    """What `attnlab.lab.head_wall` is handed, of four stored sentences: ``head_wall(**wall())``.

    Returns:
        weights: of each sentence (layer, head, query, key)
        tokens: of each sentence its word pieces, marks included
        names: the sentences
        kinds: as `kinds` gives them
        changes: 1 - cosine of the sentence's embedding without each head, (sentence, layer, head)
    """
    return _arguments(measured()["wall"])


def measure(*sentences: str) -> dict[str, Any]:
    """The same of one's own sentences, measured now: ``head_wall(**measure("I read."))``.

    Args:
        sentences: each of at most 40 word pieces, punctuation included.

    Raises:
        ModuleNotFoundError: the extra attnlab[minilm] is not installed, saying how it is.
        TypeError, ValueError: no sentence, or one that is no string, empty or too long.
    """
    if not sentences:
        raise ValueError("sentences is empty: hand in at least one string")
    reader = Reader(minilm())
    for sentence in sentences:
        _check_length(len(reader.words.pieces(sentence)))
    return _arguments([shown(reader, sentence) for sentence in sentences])


def expected() -> tuple[str, Tensor]:
    """A sentence, and what the library transformers makes of it with MiniLM.

    Returns:
        the sentence; and the first 12 numbers of each token's last hidden state, (token, 12), to
        which ``pretrained(minilm())(tokens)[0, :, :12]`` is held, in float32.
    """
    stored = json.loads(_EXPECTED.read_text(encoding="utf-8"))
    return stored["sentence"], torch.tensor(stored["hidden"])


def _arguments(sentences: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "weights": [_weights(sentence) for sentence in sentences],
        "tokens": [sentence["tokens"] for sentence in sentences],
        "names": [sentence["text"] for sentence in sentences],
        "kinds": kinds(),
        "changes": [sentence["changes"] for sentence in sentences],
    }


def _weights(sentence: dict[str, Any]) -> np.ndarray:
    """The weights, which are stored in steps of 1/255."""
    count = len(sentence["tokens"])
    data = np.frombuffer(base64.b64decode(sentence["weights"]), np.uint8)
    return (data / 255).reshape(len(sentence["changes"]), -1, count, count)


def _check_length(pieces: int) -> None:
    if not 2 <= pieces <= 40:
        raise ValueError(
            f"a sentence has {pieces} word pieces, and the wall shows 2 to 40: take another one"
        )
