"""The drawing of a machine, by node: its places, its sums, where a row comes from, a long walk."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from machines import MODELS, travelling

import needs
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


@each
def test_the_numbers_are_those_of_the_module(figures, found, name):
    for mine, theirs in zip(found[name]["result"], figures[name].result, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-4)
