"""A small machine of each kind, with weights by chance."""

import base64

import numpy as np
import torch

from attnlab.lab.widgets.model_weights import packed
from attnlab.nn import (
    EncoderLayer,
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
from attnlab.tasks import ENGLISH, FRENCH

WORDS = {"source_vocabulary": len(ENGLISH), "target_vocabulary": len(FRENCH), "dropout": 0.0}
SMALL = {"d_model": 8, "heads": 2, "d_ff": 12}
TEXT = ["the black cat sleeps in the garden"]
VECTORS = np.random.default_rng(0).normal(size=(5, 6))


def models():
    """A model of each kind, with weights by chance, and what it reads."""
    torch.manual_seed(0)

    def transformer(**more):
        return Transformer(TransformerConfig(**WORDS, **SMALL, **more))

    def gru(attention):
        return Seq2Seq(Seq2SeqConfig(**WORDS, d_model=6, hidden=5, attention=attention))

    language = LanguageConfig(vocabulary=len(ENGLISH), **SMALL, layers=2, dropout=0.0)
    x, text = {"x": VECTORS}, {"sentences": TEXT, "step": 4}
    yield "pre", transformer(layers=2, norm="pre"), text
    yield "post", transformer(layers=1, norm="post"), text
    yield "learned", transformer(layers=1, positions="learned", length=64), text
    yield "encoder", transformer(layers=1), text | {"part": "encoder"}
    yield "decoder", transformer(layers=1), text | {"part": "decoder"}
    yield "language", LanguageModel(language), text | {"step": 2}
    yield "gru", gru(True), text
    yield "one context", gru(False), text
    yield "block pre", EncoderLayer(6, 2, 9, around=pre_norm, dropout=0.0).eval(), x
    yield "block post", EncoderLayer(6, 3, 9, around=post_norm, dropout=0.0).eval(), x
    yield "heads", MultiHeadAttention(6, 2), x
    yield "attention", tuple(torch.randn(6, 4) for _ in range(3)), x


MODELS = {name: (model, given) for name, model, given in models()}


def travelling(figure, model):
    """A figure's traits and the weights of its model, as node reads them."""
    names = ["plan", "model", "sentence", "sentences", "words", "step", "attention", "off"]
    traits = {name: getattr(figure, name) for name in [*names, "unfolded", "head", "focus"]}
    if figure.x is not None:
        text = base64.b64encode(np.ascontiguousarray(figure.x, "<f8").tobytes()).decode()
        traits["x"] = {"shape": figure.x.shape, "base64": text}
    return {"traits": traits, "weights": base64.b64encode(packed(model)).decode()}
