"""The stored heads of MiniLM as the wall of heads takes them, or those of one's own sentence."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from attnlab.nn import minilm
from attnlab.recipes.measured_heads import STORED, Reader, shown


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


def wall_of_heads(text: str | Sequence[str] | None = None) -> dict[str, Any]:
    """What `attnlab.lab.head_wall` is handed: ``head_wall(**wall_of_heads())``.

    Args:
        text: one's own sentence, or several, of at most 40 words together with punctuation; for
            them the extra attnlab[minilm] is needed. None for those that are stored.

    Returns:
        weights: of each sentence (layer, head, query, key)
        tokens: of each sentence its word pieces, marks included
        names: the sentences
        kinds: as `kinds` gives them
        changes: 1 - cosine of the sentence's embedding without each head, (sentence, layer, head)

    Raises:
        ModuleNotFoundError: a text of one's own, and MiniLM is not installed.
        TypeError, ValueError: text is no string, empty, or too long to be looked at.
    """
    if text is None:
        sentences = measured()["wall"]
    else:
        texts = [text] if isinstance(text, str) else list(text)
        reader = Reader(minilm())
        for each in texts:
            _check_length(len(reader.words.pieces(each)))
        sentences = [shown(reader, each) for each in texts]
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
            f"text has {pieces} word pieces, and the wall shows 2 to 40: take another sentence"
        )
