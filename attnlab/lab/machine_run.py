"""A run of a model with all its arrays by their names, and with parts of it switched off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from attnlab.core import attention_weights, scaled_dot, self_attention, softmax
from attnlab.lab.cross_attention import ROOM
from attnlab.lab.watched_run import check_off, watched
from attnlab.nn import EncoderLayer, LanguageModel, MultiHeadAttention, Seq2Seq, Transformer
from attnlab.tasks import BEGIN, END, PAD
from attnlab.training import greedy

WRITING = Transformer, LanguageModel, Seq2Seq
MAPPING = MultiHeadAttention, EncoderLayer


def running(
    model: nn.Module | tuple,
    *,
    source: Sequence[int] | None = None,
    target: Sequence[int] | None = None,
    x: Any = None,
    off: Sequence[str] = (),
) -> dict[str, np.ndarray]:
    """Every array of a run by its name, of the modules of `attnlab.nn` themselves.

        encoder.layers.0.attention.query      (word, d_model), all heads side by side
        encoder.layers.0.attention.weights    (head, word, word); so scores, masked is -inf
        decoder.layers.1.cross_attention...   row t has read target token t, and writes word t
        output, probabilities                 (step, vocabulary)

    Args:
        model: a Transformer, LanguageModel or Seq2Seq; a MultiHeadAttention or EncoderLayer; or
            the three matrices of one attention, as `self_attention` takes them.
        source: of models that write, the numbers of the words that are read; PAD may stand behind
            them. A language model reads the begin mark before them.
        target: the tokens that the decoder reads, begin mark first; by greedy decoding, what it
            writes itself, if not given.
        x: of models on vectors, a row for each word.
        off: what is switched off, names of `switches`: heads ("...attention.heads.2": zeros stand
            for it), the choice of a cross-attention (all its weights are equal), the way round a
            sublayer ("...sums.1"), a norm ("...norms.0"), positions.

    Raises:
        TypeError: another model, or off is a text.
        ValueError: a name in off that this model has no switch for, no source or no x, sizes that
            do not fit.

    >>> layer = EncoderLayer(6, 2, 8)
    >>> running(layer, x=np.ones((3, 6)), off=["norms.1"])["attention.weights"].shape
    (2, 3, 3)
    """
    names = _names(off)
    if isinstance(model, tuple | list):
        check_off(names, switches(model))
        found = _by_matrices(model, x)
    elif isinstance(model, MAPPING):
        found = _mapped(model, x, names)
    elif isinstance(model, WRITING):
        found = _read(model, source, target, names)
    else:
        raise TypeError(
            f"model is a {type(model).__name__}, and must be a Transformer, LanguageModel, "
            "Seq2Seq, MultiHeadAttention, EncoderLayer, or three matrices"
        )
    return {name: array[0].numpy() for name, array in found.items()}


def written(
    model: nn.Module, source: Sequence[int] | None, off: Sequence[str] = (), most: int | None = None
) -> list[int]:
    """What a model writes by greedy decoding with parts of it switched off, end mark included.

    Args:
        model, source, off: as `running`.
        most: how many tokens at most; 14 more than source has if not given.

    Raises:
        TypeError, ValueError: as `running` and `greedy`.
    """
    if not isinstance(model, WRITING):
        raise TypeError(f"model is a {type(model).__name__}, and writes nothing: take running")
    tokens, mask = _source(source)
    most = tokens.shape[1] + ROOM if most is None else most
    mask = None if isinstance(model, LanguageModel) else mask
    with watched(model, _names(off)):
        return greedy(model, tokens, mask, begin=BEGIN, end=END, most=most)[0].tolist()


def switches(model: nn.Module | tuple) -> list[str]:
    """The names of all that can be switched off in a run of this model.

    Args:
        model: as `running`; of one attention by three matrices, nothing can be.

    >>> switches(MultiHeadAttention(6, heads=2))
    ['heads.0', 'heads.1']
    """
    if isinstance(model, tuple | list):
        return []
    with watched(model) as run:
        return run.switches


def _read(
    model: nn.Module, source: Sequence[int] | None, target: Sequence[int] | None, off: list[str]
) -> dict[str, Tensor]:
    """A model reads its source, and token by token a target, its own if none is given."""
    alone = isinstance(model, LanguageModel)
    if target is None:
        prompt = _source(source)[0][0].tolist() if alone else []
        target = [BEGIN, *prompt, *written(model, source, off)[:-1]]
    tokens = torch.tensor([list(target)])
    with watched(model, off) as run:
        logits = model(tokens) if alone else _translated(model, source, tokens)
        run.note("probabilities", softmax(run.note("output", logits)))
    return run.arrays()


def _translated(model: nn.Module, source: Sequence[int] | None, target: Tensor) -> Tensor:
    tokens, mask = _source(source)
    return model(tokens, target, mask)


def _mapped(model: nn.Module, x: Any, off: list[str]) -> dict[str, Tensor]:
    weight = next(model.parameters())
    rows = _rows(x, weight.shape[-1], weight.dtype)
    with watched(model, off) as run:
        model(run.note("input", rows[None]))
    return run.arrays()


def _by_matrices(matrices: Sequence, x: Any) -> dict[str, Tensor]:
    """One attention of three matrices, step by step."""
    if len(matrices) != 3:
        raise ValueError(
            f"model holds {len(matrices)} matrices, and one attention takes 3: query, key and value"
        )
    maps = [torch.as_tensor(matrix) for matrix in matrices]
    rows = _rows(x, len(maps[0]), maps[0].dtype)
    query, key, value = (rows @ matrix for matrix in maps)
    found = {"input": rows, "query": query, "key": key, "value": value}
    found |= {
        "scores": scaled_dot(query, key)[None],
        "weights": attention_weights(query, key)[None],
    }
    found["output"] = self_attention(rows, *maps)
    return {name: part[None].detach() for name, part in found.items()}


def _rows(x: Any, width: int, dtype: torch.dtype) -> Tensor:
    if x is None:
        raise ValueError("x is missing: this model takes vectors, a row for each word")
    rows = torch.tensor(np.asarray(x), dtype=dtype)
    if rows.ndim != 2 or rows.shape[1] != width or not len(rows):
        raise ValueError(
            f"x has shape {tuple(rows.shape)}, and the model takes vectors of length {width}: it "
            f"needs (word, {width}) with at least one word"
        )
    return rows


def _source(source: Sequence[int] | None) -> tuple[Tensor, Tensor]:
    """The tokens and which of them are words, both with a batch of one."""
    if source is None or not len(source):
        raise ValueError("source has no words: this model reads tokens, such as [4, 5, 6]")
    tokens = torch.tensor([list(source)])
    return tokens, (tokens != PAD)[:, None]


def _names(off: Sequence[str]) -> list[str]:
    if isinstance(off, str):
        raise TypeError(f"off is the text {off!r}, and must be a list of names: write [{off!r}]")
    return list(off)
