"""The drawing of a machine, by node: its places, its sums, where a row comes from, a long walk."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from machines import MODELS, travelling

import needs
from attnlab.lab.machine_boxes import items_of
from attnlab.lab.widgets.assets import bundle
from attnlab.lab.widgets.machine import Machine

pytestmark = pytest.mark.slow  # one fixture runs all


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


STEP = "the step that has read “"


@each
def test_rows_of_a_decoder_are_steps_that_read_a_word_and_write_one(figures, found, name):
    told, writes = found[name]["told"]["plain"], figures[name].writes
    for item in items_of(figures[name].plan):
        if item["kind"] in ("group", "words", "logits", "probabilities"):
            continue
        for row, said in enumerate(told["boxes"][item["id"]]):
            steps = bool(writes) and item["rows"] == "target"
            assert (STEP in said.lower()) == steps, said
            given = len(told["words"]["source"]) if name == "language" else 0
            if steps and row >= given:
                after = told["translation"][row - given : row - given + 1]
                assert f"writes {f'“{after[0]}”' if after else 'the end mark'}" in said


@each
def test_a_row_comes_from_no_word_that_is_written_later(figures, found, name):
    told = found[name]["told"]["plain"]
    english = {*told["words"]["source"]}
    for item in items_of(figures[name].plan):
        for row, said in enumerate(told["boxes"].get(item["id"], ())):
            known = {*told["words"]["target"][: row + 1]} if item["rows"] == "target" else set()
            for word in re.findall("(?<=most from )“[^”]*”|(?<=most from )“.*” and “.*”", said):
                assert {*re.findall("“(.*?)”", word)} <= english | known, (item["id"], said)


def test_one_context_is_the_same_for_every_step(found):
    boxes = found["one context"]["told"]["plain"]["boxes"]
    for said in [*boxes["encoder.summary"], *boxes["decoder.context"]]:
        assert "10 numbers, the same for every step, " in said
    assert "before the first step" in boxes["decoder.start"][0]
    assert "every step" not in "".join(found["gru"]["told"]["plain"]["boxes"]["decoder.context"])


@pytest.mark.parametrize("name", ["pre", "post", "block pre", "block post"])
def test_a_norm_belongs_to_the_sublayer_of_its_number(found, name):
    without = found[name]["told"]["without"]
    prefix = "" if "block" in name else "encoder.layers.0."
    for part in ("norms", "sums"):
        assert "self-attention" in without[f"{prefix}{part}.0"]
        assert "feed-forward" in without[f"{prefix}{part}.1"]


@pytest.mark.parametrize("name", ["pre", "gru"])
def test_the_status_is_short_and_speaks_of_what_is_written_so_far(found, name):
    told = found[name]["told"]
    *long, refused = told["long"]
    for said in long:
        assert "a" * 30 not in said
        assert len(said.split()) <= 50
    assert told["equal"]["whole"].endswith(f" {told['equal']['translation'][0]} …")
    assert refused.startswith("Sentence has 41 words")


def test_equal_shares_are_called_equal(found):
    equal = found["pre"]["told"]["equal"]["boxes"]
    assert all(
        "looks equally at all 7 words" in said
        for said in equal["decoder.layers.0.cross_attention.weights"]
    )
    plain = found["pre"]["told"]["plain"]["boxes"]
    assert not any("equally" in said for said in plain["encoder.words"])
    assert all(", all 0." in said for said in equal["decoder.layers.0.cross_attention.query"])


def test_one_head_alone_has_no_number(found):
    for name in ("attention", "gru"):
        told = found[name]["told"]["plain"]["boxes"]
        assert "ead 0" not in json.dumps(told)


@each
def test_the_numbers_are_those_of_the_module(figures, found, name):
    for mine, theirs in zip(found[name]["result"], figures[name].result, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-4)
