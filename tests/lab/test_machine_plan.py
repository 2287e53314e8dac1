"""The plans of machines: what they say of a model is what the model does, box by box."""

import doctest
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import attnlab
from attnlab.core import softmax
from attnlab.lab import code_lines, machine_boxes, machine_plan
from attnlab.lab.code_lines import Anchor, code_line
from attnlab.lab.machine_boxes import items_of, switches_of
from attnlab.lab.machine_plan import plan_of
from attnlab.lab.machine_run import running, switches
from attnlab.nn import (
    EncoderLayer,
    LanguageConfig,
    LanguageModel,
    MultiHeadAttention,
    Seq2Seq,
    Seq2SeqConfig,
    TokenClassifier,
    Transformer,
    TransformerConfig,
    pre_norm,
)

SIZES = {"source_vocabulary": 13, "target_vocabulary": 11}
STACK = {"d_model": 6, "heads": 3, "layers": 2, "d_ff": 7, "dropout": 0.0}
POST = TransformerConfig(**SIZES, **STACK)
MODELS = {
    "one attention": lambda: tuple(torch.randn(6, size) for size in (4, 4, 3)),
    "multi-head": lambda: MultiHeadAttention(6, 2),
    "without bias": lambda: MultiHeadAttention(6, 3, bias=False),
    "post-norm block": lambda: EncoderLayer(6, 2, 7),
    "pre-norm block": lambda: EncoderLayer(6, 3, 7, around=pre_norm),
    "post-norm": lambda: Transformer(POST),
    "pre-norm": lambda: Transformer(replace(POST, norm="pre", layers=1)),
    "learned positions": lambda: Transformer(replace(POST, positions="learned", layers=1)),
    "decoder-only": lambda: LanguageModel(LanguageConfig(vocabulary=9, **STACK)),
    "GRU with attention": lambda: Seq2Seq(Seq2SeqConfig(**SIZES, d_model=6, hidden=5)),
    "GRU": lambda: Seq2Seq(Seq2SeqConfig(**SIZES, d_model=6, hidden=5, attention=False)),
}
WORDS = {"source": 5, "target": 3, "one": 1}


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Models this small are quickest with one, above all where other programs run too."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module", params=MODELS)
def made(request):
    """A model, its plan, and the arrays of a run."""
    torch.manual_seed(0)
    model = MODELS[request.param]()
    if isinstance(model, Transformer | Seq2Seq):
        run = running(model, source=[4, 5, 6, 7, 8], target=[1, 5, 4])
    elif isinstance(model, LanguageModel):
        run = running(model, source=[4, 5], target=[1, 4, 5])
    else:
        run = running(model, x=torch.randn(5, 6))
    return model, plan_of(model), run


def boxes_of(plan):
    return {item["id"]: item for item in items_of(plan) if item["kind"] != "group"}


def test_every_array_of_a_run_has_its_box(made):
    _, plan, run = made
    drawn = [box["array"] for box in boxes_of(plan).values() if box["array"]]
    assert len(drawn) == len(set(drawn))
    # A GRU's states are read with attention alone, and its summary without.
    unread = {"encoder.summary" if "decoder.context.weights" in run else "encoder.states"}
    assert set(drawn) == set(run) - unread


def test_rows_keys_and_heads_are_those_of_the_arrays(made):
    _, plan, run = made
    for box in boxes_of(plan).values():
        if not box["array"]:
            continue
        shape, rows = run[box["array"]].shape, WORDS[box["rows"]]
        if box["keys"]:
            assert shape == (box["heads"], rows, WORDS[box["keys"]]), box["id"]
        else:
            assert shape[0] == rows, box["id"]
            assert shape[1] % box["heads"] == 0, box["id"]


def test_each_box_is_made_of_boxes_before_it(made):
    _, plan, _ = made
    ids = [item["id"] for item in items_of(plan)]
    assert len(ids) == len(set(ids))
    boxes, seen = boxes_of(plan), set()
    for box in boxes.values():
        assert set(box["of"]) <= seen, box["id"]
        assert box["before"] is None or box["before"] in boxes
        assert box["of"] or box["kind"] in ("words", "positions"), box["id"]
        seen.add(box["id"])
    used = {each for box in boxes.values() for each in box["of"]}
    assert set(boxes) - used == {list(boxes)[-1]}, "all but what comes out is read by others"


def ids_of(column):
    return list(boxes_of({"columns": [column]}))


def test_arrows_are_what_boxes_are_made_of(made):
    _, plan, run = made
    boxes = boxes_of(plan)
    ends = [(arrow["from"], arrow["to"]) for arrow in plan["arrows"]]
    assert sorted(ends) == sorted((of, box["id"]) for box in boxes.values() for of in box["of"])
    column = {name: each["id"] for each in plan["columns"] for name in ids_of(each)}
    for arrow in plan["arrows"]:
        crosses = column[arrow["from"]] != column[arrow["to"]]
        assert (arrow["way"] == "across") == crosses
        if arrow["way"] == "short":  # what is added is what the sublayer has read, or its norm
            assert boxes[arrow["to"]]["kind"] == "add"
    short = [arrow["to"] for arrow in plan["arrows"] if arrow["way"] == "short"]
    assert sorted(short) == sorted(name for name in run if ".sums." in f".{name}")


def test_what_is_added_is_the_sum_of_what_the_arrows_bring(made):
    _, plan, run = made
    boxes = boxes_of(plan)
    for box in boxes.values():
        brought = [run[boxes[name]["array"]] for name in box["of"] if boxes[name]["array"]]
        if box["kind"] == "add":
            np.testing.assert_allclose(run[box["array"]], sum(brought), atol=1e-5)
        if box["kind"] == "weights":
            np.testing.assert_allclose(run[box["array"]], softmax(brought[0]), atol=1e-5)
        if box["kind"] == "probabilities":
            np.testing.assert_allclose(run[box["array"]], softmax(brought[0]), atol=1e-5)
        if box["kind"] == "context" and len(brought) == 2:
            np.testing.assert_allclose(run[box["array"]], brought[0][0] @ brought[1], atol=1e-5)
        if box["kind"] == "joined" and len(brought) == 2 and brought[0].ndim == 3:
            values = np.split(brought[1], len(brought[0]), axis=1)
            heads = [w @ v for w, v in zip(brought[0], values, strict=True)]
            np.testing.assert_allclose(run[box["array"]], np.concatenate(heads, 1), atol=1e-5)


def test_scores_and_norms_are_made_of_what_the_arrows_bring(made):
    _, plan, run = made
    boxes = boxes_of(plan)
    for box in boxes.values():
        if box["kind"] == "norm":
            (x,) = (run[boxes[name]["array"]] for name in box["of"])
            spread = np.sqrt(x.var(1, keepdims=True) + 1e-5)
            expected = (x - x.mean(1, keepdims=True)) / spread  # gain 1 and bias 0 in a new model
            np.testing.assert_allclose(run[box["array"]], expected, atol=1e-5)
        if box["kind"] == "scores" and not box["id"].startswith("decoder.context"):
            query, key = (
                np.split(run[boxes[name]["array"]], box["heads"], axis=1) for name in box["of"]
            )
            found = np.stack([q @ k.T / q.shape[1] ** 0.5 for q, k in zip(query, key, strict=True)])
            allowed = np.isfinite(run[box["array"]])
            np.testing.assert_allclose(run[box["array"]][allowed], found[allowed], atol=1e-5)
            masked = "masked" in box["label"]
            assert allowed.all() != masked


def test_what_can_be_switched_off_is_what_the_run_can_switch_off(made):
    model, plan, _ = made
    names = [name for name, _ in switches_of(plan)]
    known = [] if isinstance(model, tuple) else switches(model)
    assert sorted(names) == sorted(known)
    for box in boxes_of(plan).values():
        assert box["off"] == (box["switches"][0]["off"] if len(box["switches"]) == 1 else None)


def test_every_line_of_code_stands_in_the_package_once(made):
    _, plan, _ = made
    package = Path(attnlab.__file__).parents[1]
    for box in boxes_of(plan).values():
        line, where = box["code"]["line"], box["code"]["where"]
        assert bool(line) == (box["kind"] != "words" and box["label"] != "X"), box["id"]
        if line:
            file, _, name = where.partition(", ")
            source = [each.strip() for each in (package / file).read_text("utf-8").splitlines()]
            assert line in source
            assert name.rpartition(".")[2] in " ".join(source)
            assert len(line) <= 88, "a line of a box has to fit"


def test_each_box_says_in_a_plain_sentence_what_it_does(made):
    _, plan, _ = made
    for box in boxes_of(plan).values():
        assert box["say"][0].isupper(), box["id"]
        assert box["say"].endswith("."), box["id"]
        assert len(box["say"].split()) <= 22, box["say"]


def test_formulas_have_the_colours_of_what_they_name(made):
    _, plan, _ = made
    inks = {"query": "attn-query", "key": "attn-key", "value": "attn-value"}
    for box in boxes_of(plan).values():
        formula = box["formula"]
        assert all(kind in ("", "sub", "sup") or kind in _INKS for kind, _ in formula), formula
        name = box["id"].rpartition(".")[2]
        if name in inks and not box["id"].startswith("decoder.context"):
            assert formula[0] == [inks[name], name[0].upper()]
        coloured = dict(formula)
        if box["kind"] == "scores" and not box["id"].startswith("decoder.context"):
            assert coloured["attn-query"] == "Q"
            assert coloured["attn-key"] == "K"


_INKS = {"attn-query", "attn-key", "attn-value", "attn-output"}


def test_a_formula_in_parts_by_hand():
    assert machine_boxes.formula_parts("Q_h K_h^⊤ / √d_k") == [
        ["attn-query", "Q"],
        ["sub", "h"],
        ["", " "],
        ["attn-key", "K"],
        ["sub", "h"],
        ["sup", "⊤"],
        ["", " / √d"],
        ["sub", "k"],
    ]
    assert machine_boxes.formula_parts("W_Q + b_{model}")[1::2] == [["sub", "Q"], ["sub", "model"]]
    assert machine_boxes.formula_parts("LayerNorm(Query)") == [["", "LayerNorm(Query)"]]


def test_layers_heads_and_norm_come_from_the_module():
    deep = replace(POST, layers=3, heads=2)
    plan = plan_of(Transformer(deep))
    labels = [item["label"] for item in plan["columns"][1]["items"]]
    assert labels == [
        "French so far",
        "embedding",
        "layer 0",
        "layer 1",
        "layer 2",
        "logits",
        "next word",
    ]
    assert boxes_of(plan)["encoder.layers.2.attention.weights"]["heads"] == 2
    pre = plan_of(Transformer(replace(deep, norm="pre")))
    assert [item["label"] for item in pre["columns"][1]["items"]][5] == "norm"
    order = [item["label"] for item in pre["columns"][0]["items"][2]["items"]]
    assert order == ["norm", "self-attention", "add", "norm", "feed-forward", "add"]


def test_the_parts_of_a_translator_alone():
    model = Transformer(POST)
    assert [column["id"] for column in plan_of(model, "encoder")["columns"]] == ["encoder"]
    decoder = plan_of(model, "decoder")
    read = decoder["columns"][0]["items"]
    assert [item["label"] for item in read] == ["English", "encoder's output"]
    assert read[1]["array"] == "encoder.layers.1.norms.1"
    assert [arrow["to"] for arrow in decoder["arrows"] if arrow["way"] == "across"] == [
        f"decoder.layers.{layer}.cross_attention.{name}"
        for layer in (0, 1)
        for name in ("key", "value")
    ]


@pytest.mark.parametrize(
    ("model", "part", "kind", "match"),
    [
        (lambda: torch.nn.Linear(2, 2), None, TypeError, "model is a Linear, and a machine"),
        (lambda: (torch.eye(2),) * 2, None, TypeError, "model is a tuple"),
        (lambda: Transformer(POST), "head", ValueError, r"part is 'head'.*'encoder', 'decoder'"),
        (lambda: MultiHeadAttention(6, 2), "encoder", ValueError, "this model has no parts"),
        (
            lambda: Transformer(replace(POST, positions="alibi")),
            None,
            ValueError,
            "positions='alibi'.*sinusoidal or learned",
        ),
        (
            lambda: EncoderLayer(6, 2, 7, around=lambda x, sublayer, norm: norm(sublayer(x))),
            None,
            ValueError,
            "drawn with pre_norm or post_norm",
        ),
        (lambda: TokenClassifier, None, TypeError, "model is a type"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_the_cure(model, part, kind, match):
    with pytest.raises(kind, match=match):
        plan_of(model(), part)


@pytest.mark.parametrize(("start", "count"), [("nothing begins so", 0), ("x = self.around(", 2)])
def test_an_anchor_hits_exactly_one_line(start, count):
    with pytest.raises(ValueError, match=f"begins {count} lines.*give more of the line"):
        code_line(Anchor("attnlab.nn.blocks", "DecoderLayer.forward", start))


@pytest.mark.parametrize("module", [code_lines, machine_boxes, machine_plan])
def test_the_examples_of_its_docstrings(module):
    assert doctest.testmod(module).failed == 0
