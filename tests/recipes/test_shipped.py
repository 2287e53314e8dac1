"""Trained models that come with the package."""

import json

import pytest
import torch

from attnlab.recipes import RECIPES, record, shipped, trained, translate
from attnlab.recipes.captioning import caption_quality
from attnlab.recipes.shipped import FOLDER
from attnlab.recipes.shipping import ship
from attnlab.recipes.translating import translation_quality
from attnlab.tasks import AGREEMENT, sentence_pairs, shape_scenes, split_of

WITH_US = sorted(path.stem.split("_") for path in FOLDER.glob("*.json"))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    return tmp_path


def test_what_was_shipped_is_what_is_loaded(folder):
    made = ship("reverse", "small", seed=3)
    assert made == record("reverse", "small")
    assert made["results"]["exact"] >= 0.999
    assert made["command"] == "attnlab train reverse --config small --seed 3"
    assert (made["seed"], made["config"]["d_model"]) == (3, 32)
    random = torch.random.get_rng_state()
    model = trained("reverse")
    assert torch.equal(torch.random.get_rng_state(), random)
    assert not model.training
    assert sum(weight.numel() for weight in model.parameters()) == made["weights"]
    assert RECIPES["reverse"]["small"].judge(model) == made["results"]
    assert sorted(path.name for path in folder.iterdir()) == [
        "reverse_small.json",
        "reverse_small.safetensors",
    ]


def test_anew_trains_a_model_of_its_own(folder):
    model = trained("reverse", anew=True, seed=1)
    assert not model.training
    assert RECIPES["reverse"]["small"].judge(model)["exact"] >= 0.999
    assert not list(folder.iterdir())


def test_none_comes_with_the_package(folder):
    del folder
    with pytest.raises(ValueError, match=r'copy small: train it by trained\("copy", "small", anew'):
        trained("copy")
    with pytest.raises(ValueError, match="task is 'cpoy', and must be one of"):
        record("cpoy")


def test_weights_of_another_model_and_a_damaged_file(folder):
    ship("reverse", "small")
    weights, words = folder / "reverse_small.safetensors", folder / "reverse_small.json"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-100])
    with pytest.raises(ValueError, match=r"reverse_small.safetensors .* is damaged .*: install"):
        trained("reverse")
    weights.unlink()
    with pytest.raises(ValueError, match="is damaged"):
        trained("reverse")
    made = json.loads(words.read_text())
    made["config"]["heads"] = 7
    words.write_text(json.dumps(made))
    with pytest.raises(ValueError, match="trained with heads 7, and the recipe has 1: train it"):
        trained("reverse")


def exact_share(model, task):
    """The share of 80 unseen answers that are right, other ones than those of its record."""
    if task == "captions":
        scenes = shape_scenes(torch.Generator().manual_seed(7), 80, split="test")
        return caption_quality(model, scenes)["exact"]
    longest = 15 if task == "translation" else 50
    some = sentence_pairs(torch.Generator().manual_seed(7), 900, longest=longest)
    some = [pair for pair in some if split_of(pair.source) == "test"][:80]
    return translation_quality(model, some)["exact"]


@pytest.mark.parametrize(("task", "config"), WITH_US)
def test_each_is_small_and_holds_what_its_record_says(task, config):
    model, made = trained(task, config), record(task, config)
    assert (FOLDER / f"{task}_{config}.safetensors").stat().st_size <= 4_000_000
    assert made["about"] == RECIPES[task][config].about
    assert made["weights"] == sum(weight.numel() for weight in model.parameters())
    assert all(weight.isfinite().all() for weight in model.parameters())
    exact = exact_share(model, task)
    spread = 3 * (made["results"]["exact"] * (1 - made["results"]["exact"]) / 80) ** 0.5
    assert abs(exact - made["results"]["exact"]) <= spread + 0.02


def test_the_small_translators_reach_what_the_course_promises():
    for config in ("small", "gru"):
        reached = record("translation", config)["results"]
        assert reached["sentences"] >= 1000
        assert reached["bleu"] >= 95
        assert reached["exact"] >= 0.9


def test_the_agreement_on_the_european_economic_area():
    assert translate(trained("translation"), [AGREEMENT.source]) == [list(AGREEMENT.target)]


def test_a_name_that_was_never_seen_comes_through():
    (found,) = translate(trained("translation"), [["the", "cat", "sees", "<b>Zorro</b>"]])
    assert found == ["le", "chat", "voit", "<b>Zorro</b>"]
