"""Sentences with their translations, and what a model attended to while it wrote these."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Looking(NamedTuple):
    """A sentence, the translation that a model wrote, and where each of its heads looked.

    Args:
        source, target: the words.
        weights: of cross-attention, (layer, head, target, source); row i belongs to the step that
            wrote word i.
        gold: the places (source, target) of words that belong together; none if not known.
        unknown: the places of the source words that the model does not know.
    """

    source: tuple[str, ...]
    target: tuple[str, ...]
    weights: np.ndarray
    gold: tuple[tuple[int, int], ...] = ()
    unknown: tuple[int, ...] = ()


class Reading(NamedTuple):
    """A sentence, its translation, and what each step of the decoder saw.

    Args:
        source, target: the words.
        scores: e before softmax, (target, source); row i belongs to the step that writes word i.
        states: the vectors that the encoder made of the source words, (source, width).
        gold: the places (source, target) of words that belong together; none if not known.
    """

    source: tuple[str, ...]
    target: tuple[str, ...]
    scores: np.ndarray
    states: np.ndarray
    gold: tuple[tuple[int, int], ...] = ()
