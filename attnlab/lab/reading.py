"""Reading: what a recurrent translator looks at while it writes a sentence."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

# torch is imported where it is needed: who only wants to see figures need not wait for it.
if TYPE_CHECKING or "jaxtyping" in sys.modules:
    from attnlab.nn import Seq2Seq
    from attnlab.tasks import Pair


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


def reading(model: Seq2Seq, pair: Pair) -> Reading:
    """How a model with attention reads a sentence of the translation task while it writes it.

    At each step the decoder is given the right words before it (teacher forcing), so that the
    rows belong to the words of `pair.target`. The model works without dropout.

    Raises:
        ValueError: a model without attention.

    >>> import torch
    >>> from attnlab.nn import Seq2Seq, Seq2SeqConfig
    >>> from attnlab.tasks import AGREEMENT, ENGLISH, FRENCH
    >>> words = {"source_vocabulary": len(ENGLISH), "target_vocabulary": len(FRENCH)}
    >>> reading(Seq2Seq(Seq2SeqConfig(**words, d_model=4, hidden=3)), AGREEMENT).scores.shape
    (13, 12)
    """
    import torch

    from attnlab.tasks import ENGLISH, FRENCH
    from attnlab.training.decoding import without_dropout

    source = torch.tensor([ENGLISH.encode(pair.source)])
    target = torch.tensor([FRENCH.encode(pair.target, marks=True)])
    with without_dropout(model):
        memory = model.encode(source)
        look = model.look(target[:, :-2], memory)  # from the begin mark to the last word but one
    scores, states = (tensor[0].double().numpy() for tensor in (look.scores, memory))
    return Reading(pair.source, pair.target, scores, states, pair.alignment)
