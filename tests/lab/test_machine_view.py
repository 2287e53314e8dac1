"""The drawing of a machine, by node: its places, its sums, where a row comes from, a long walk."""

import base64
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch

import needs
from attnlab.lab.widgets.assets import bundle
from attnlab.lab.widgets.machine import Machine
from attnlab.lab.widgets.model_weights import packed
from attnlab.nn import (
    EncoderLayer,
    LanguageModel,
    MultiHeadAttention,
    Seq2Seq,
    Transformer,
    post_norm,
    pre_norm,
)
from attnlab.nn.config import LanguageConfig, TransformerConfig
from attnlab.nn.seq2seq import Seq2SeqConfig
from attnlab.tasks import ENGLISH, FRENCH

WORDS = {"source_vocabulary": len(ENGLISH), "target_vocabulary": len(FRENCH), "dropout": 0.0}
SMALL = {"d_model": 8, "heads": 2, "d_ff": 12}
pytestmark = pytest.mark.slow  # one fixture runs all
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


@pytest.fixture(scope="module")
def figures():
    return {
        name: Machine(model.eval() if hasattr(model, "eval") else model, **given)
        for name, (model, given) in MODELS.items()
    }


@pytest.fixture(scope="module")
def found(figures, tmp_path_factory):
    folder = tmp_path_factory.mktemp("machine")
    (folder / "figure.mjs").write_text(bundle("machine.js"), encoding="utf-8")
    shutil.copy(Path(__file__).with_name("machine_view.mjs"), folder / "program.mjs")
    machines = {name: travelling(each, MODELS[name][0]) for name, each in figures.items()}
    (folder / "machines.json").write_text(json.dumps(machines), encoding="utf-8")
    ran = subprocess.run(
        [needs.node(), "program.mjs"], capture_output=True, encoding="utf-8", cwd=folder
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


each = pytest.mark.parametrize("name", MODELS)


@each
def test_no_boxes_overlap_and_arrows_end_at_boxes(found, name):
    geometry = found[name]["geometry"]
    assert geometry["faults"][:3] == []
    assert geometry["drawn"] == 81


@each
def test_the_sums_are_the_numbers_of_the_arrays(found, name):
    for sums in (found[name]["sums"], found[name]["cut"]):
        assert sums["worst"] < 1e-4, sums["where"]
        assert sums["where"] == "" or "no lines" not in sums["where"]
        assert sums["count"] > 20


def test_sums_of_every_kind_are_tried(found):
    kinds = {kind for each in found.values() for kind in each["sums"]["kinds"]}
    assert kinds >= {"embedding", "positions", "add", "norm", "linear", "scores", "weights"}
    assert kinds >= {"joined", "feed-forward", "gru", "context", "logits", "probabilities"}


@each
def test_a_row_comes_from_words_whose_shares_sum_to_1(found, name):
    shares = found[name]["shares"]
    np.testing.assert_allclose(shares["totals"], 1, atol=1e-6)
    np.testing.assert_allclose(shares["encoder"], 1, atol=1e-6)
    np.testing.assert_allclose(shares["both"], 0, atol=1e-6)
    assert len(shares["both"]) > 1


@each
def test_a_long_walk_throws_nothing_and_speaks_in_whole_sentences(found, name):
    walk = found[name]["walk"]
    assert walk["bad"] == []
    assert walk["sentences"] > (100 if name == "pre" else 10)


@each
def test_the_numbers_are_those_of_the_module(figures, found, name):
    for mine, theirs in zip(found[name]["result"], figures[name].result, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-4)
