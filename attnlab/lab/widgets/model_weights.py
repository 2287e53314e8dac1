"""A model on its way to the browser and back: its kind, its numbers, and where its weights are."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load, save
from torch import Tensor, nn

from attnlab.nn import (
    Captioner,
    CaptionerConfig,
    EncoderLayer,
    GeluFeedForward,
    LanguageConfig,
    LanguageModel,
    MultiHeadAttention,
    Seq2Seq,
    Seq2SeqConfig,
    Transformer,
    TransformerConfig,
    post_norm,
    pre_norm,
)
from attnlab.recipes.shipped import FOLDER
from attnlab.tasks import ENGLISH, FRENCH

SMALL = 64_000
"""So many bytes of weights travel within the state of a figure; more are fetched."""

_MATRICES = ("query", "key", "value")
_AROUND = {"post": post_norm, "pre": pre_norm}
_WHOLE: dict[str, tuple[type, type]] = {
    "transformer": (Transformer, TransformerConfig),
    "language": (LanguageModel, LanguageConfig),
    "gru": (Seq2Seq, Seq2SeqConfig),
    "captioner": (Captioner, CaptionerConfig),
}

Model = nn.Module | Sequence


def sent_model(model: Model) -> dict[str, Any]:
    """The traits `model` and `tensors` of a figure, from which JavaScript makes the same model.

    Args:
        model: a Transformer, LanguageModel, Seq2Seq, Captioner, EncoderLayer or
            MultiHeadAttention, or the three matrices of one attention, for queries, keys and
            values.

    Returns:
        model: {"kind", "config", "weights": a hash of their bytes, "file": its name if it comes
            with attnlab, else ""}, and where it translates English to French, "source_words" and
            "target_words"
        tensors: the bytes of a safetensors file if they are few, else None: the browser fetches
            those of a model that comes with attnlab from a file, and others from the kernel.

    Raises:
        TypeError: a model of another kind.
        ValueError: one with layers that the page does not compute, such as GELU.
    """
    kind = kind_of(model)
    _check_parts(model)
    data = packed(model)
    name = hash_of(data)
    file = _shipped()[name].name if name in _shipped() else ""
    said = {"kind": kind, "config": _config(model), "weights": name, "file": file}
    said |= _words(model)
    few = len(data) <= SMALL
    return {"model": said, "tensors": np.frombuffer(data, np.uint8) if few else None}


def received_model(model: dict[str, Any], tensors: np.ndarray | None = None) -> Model:
    """The model of a figure, made anew from its traits: see `sent_model`.

    Raises:
        ValueError: its weights are neither in the figure nor in attnlab.
    """
    data = weights_of(model["weights"]) if tensors is None else bytes(tensors)
    if data is None:
        raise ValueError(
            f"the weights {model['weights']} neither stand in the figure nor come with attnlab: "
            "run the cell that trains the model"
        )
    weights = {name: tensor.float() for name, tensor in load(data).items()}
    if model["kind"] == "attention":
        return tuple(weights[name] for name in _MATRICES)
    with torch.random.fork_rng(devices=[]):  # the first weights of a new model are not wanted
        made = _made(model["kind"], model["config"])
    made.load_state_dict(weights)
    return made.eval()


def packed(model: Model) -> bytes:
    """The weights as the bytes of a safetensors file: half precision if that changes none."""
    state = {name: tensor.detach().float().cpu() for name, tensor in _tensors(model).items()}
    exact = all(torch.equal(tensor.half().float(), tensor) for tensor in state.values())
    kept = torch.float16 if exact else torch.float32
    # A copy of each, since tied ones share their memory, which a file refuses.
    return save({name: tensor.to(kept).clone().contiguous() for name, tensor in state.items()})


def hash_of(data: bytes) -> str:
    """The name of these bytes in files and on the page."""
    return hashlib.sha256(data).hexdigest()[:16]


def weights_of(name: str) -> bytes | None:
    """The bytes with this hash of a model that comes with attnlab; None if it is none of these."""
    path = _shipped().get(name)
    return path.read_bytes() if path else None


def kind_of(model: Model) -> str:
    """Which of the kinds that the page computes.

    Raises:
        TypeError: none of them.
    """
    kinds = {MultiHeadAttention: "multi-head", EncoderLayer: "block"}
    kinds |= {module: kind for kind, (module, _) in _WHOLE.items()}
    if isinstance(model, nn.Module) and type(model) in kinds:
        return kinds[type(model)]
    if isinstance(model, tuple | list) and len(model) == 3:
        return "attention"
    raise TypeError(
        f"model is a {type(model).__name__}, and must be a Transformer, LanguageModel, Seq2Seq, "
        "Captioner, EncoderLayer or MultiHeadAttention, or a tuple of three matrices: for queries, "
        "keys and values"
    )


def _check_parts(model: Model) -> None:
    """Refuse a published model in our classes: in the page it would be another one."""
    parts = model.modules() if isinstance(model, nn.Module) else ()
    published = any(isinstance(part, GeluFeedForward) for part in parts)
    if isinstance(model, LanguageModel) and model.config.d_model > 1:
        published = published or model.decoder.embedding.scale == 1.0
    if published:
        raise ValueError(
            f"model is a {type(model).__name__} as pretrained(folder) gives it, and the page "
            "computes layers with ReLU and scaled embeddings: show its weights, with recording("
            "model), in attention_heatmap or head_wall"
        )


@cache
def _shipped() -> dict[str, Path]:
    return {hash_of(path.read_bytes()): path for path in sorted(FOLDER.glob("*.safetensors"))}


def _tensors(model: Model) -> dict[str, Tensor]:
    if isinstance(model, nn.Module):
        return model.state_dict()
    named = zip(_MATRICES, model, strict=True)
    return {name: torch.as_tensor(matrix) for name, matrix in named}


def _config(model: Model) -> dict[str, Any]:
    """All numbers that make the model."""
    if isinstance(model, EncoderLayer):
        norms = {around: name for name, around in _AROUND.items()}
        sizes = {"d_model": model.attention.d_model, "heads": model.attention.heads}
        d_ff = model.feed_forward.hidden.out_features
        return {**sizes, "d_ff": d_ff, "norm": norms[model.around]}
    if isinstance(model, MultiHeadAttention):
        bias = model.query.bias is not None
        return {"d_model": model.d_model, "heads": model.heads, "bias": bias}
    config: Any = getattr(model, "config", None)
    return asdict(config) if config else {}


def _made(kind: str, config: dict[str, Any]) -> nn.Module:
    if kind == "multi-head":
        return MultiHeadAttention(**config)
    if kind == "block":
        return EncoderLayer(
            **{k: v for k, v in config.items() if k != "norm"},
            dropout=0.0,
            around=_AROUND[config["norm"]],
        )
    module, numbers = _WHOLE[kind]
    return module(numbers(**config))


def _words(model: Model) -> dict[str, list[str]]:
    """The words of the two languages, without the marks, of a model that knows so many."""
    config = getattr(model, "config", None)
    sizes = [getattr(config, f"{side}_vocabulary", 0) for side in ("source", "target")]
    if sizes != [len(ENGLISH), len(FRENCH)]:
        return {}
    return {"source_words": list(ENGLISH.words), "target_words": list(FRENCH.words)}
