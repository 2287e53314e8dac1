"""What is said of captioners holds for every seed that is stored, and for those that ship."""

import doctest

import pytest
import torch

from attnlab.nn import Captioner
from attnlab.recipes import caption_scores, trained
from attnlab.recipes.caption_gaze import gaze_of, on_named
from attnlab.recipes.caption_scores import (
    DECODERS,
    LEARNING_RATES,
    LONG,
    SEEDS,
    STEPS,
    at_best_lr,
)
from attnlab.recipes.captioning import caption_quality, unseen_scenes
from attnlab.recipes.covering import cover_each, forbid_each

ATTENDING = ["gru", "transformer"]


def test_all_have_as_many_parameters_within_one_percent():
    counts = [
        sum(each.numel() for each in Captioner(config).parameters()) for config in DECODERS.values()
    ]
    assert max(counts) / min(counts) < 1.01


def test_the_stored_runs_are_those_of_each_rate_and_the_best_from_each_seed():
    rows = [row for row in caption_scores.caption_scores() if row["steps"] == STEPS]
    for decoder in DECODERS:
        runs = [(row["lr"], row["seed"]) for row in rows if row["decoder"] == decoder]
        best = at_best_lr(decoder)[0]["lr"]
        wanted = {(lr, SEEDS[0]) for lr in LEARNING_RATES} | {(best, seed) for seed in SEEDS}
        assert set(runs) == wanted
        assert len(runs) == len(wanted)
        assert (
            best
            == max(
                (row for row in rows if row["decoder"] == decoder and row["seed"] == SEEDS[0]),
                key=lambda row: row["chosen_by"],
            )["lr"]
        )
    with pytest.raises(ValueError, match="decoder is 'lstm', and must be one of gru, one vector"):
        at_best_lr("lstm")


def test_each_seed_looks_at_the_object_and_its_controls_do_not():
    for decoder in ATTENDING:
        for row in at_best_lr(decoder):
            chance = row["gaze"]["chance"]
            assert row["gaze"]["mass"] > 2 * chance
            assert row["gaze"]["heaviest"] > 4 * chance
            assert row["gaze untrained"]["mass"] < 1.2 * chance
            assert row["gaze of another picture"]["mass"] < 0.6 * row["gaze"]["mass"]


def test_each_seed_names_no_longer_what_is_covered_or_forbidden():
    for decoder in ATTENDING:
        for row in at_best_lr(decoder):
            for done in ("cover", "forbid"):
                assert row[done]["scenes"] > 30
                assert row[done]["first"] < 0.1
                assert min(row[done][name] for name in ("second", "third")) > 0.9


def test_one_vector_lags_behind_in_each_seed_and_after_three_times_the_steps():
    least = min(row["test"]["exact"] for name in ATTENDING for row in at_best_lr(name))
    for row in at_best_lr("one vector"):
        assert row["test"]["exact"] < least - 0.3
        assert row["train"]["exact"] < least - 0.3, "nor on scenes as those it was trained on"
    (long,) = at_best_lr("one vector", LONG)
    with_attention = [row["test"]["exact"] for row in at_best_lr("gru", LONG)]
    assert long["test"]["exact"] < min(with_attention)


def test_each_seed_says_the_colour_that_is_new_to_a_shape_and_not_the_shape():
    for decoder in ATTENDING:
        for row in at_best_lr(decoder):
            assert row["unseen"]["exact"] < 0.5 < row["test"]["exact"]
            assert row["held out"]["colour"] > 0.9
            assert row["held out"]["shape"] < 0.6


@pytest.mark.parametrize("decoder", ATTENDING)
def test_the_models_that_ship_do_as_the_course_says(decoder):
    torch.set_num_threads(1)
    model, scenes = trained("captions", decoder), unseen_scenes("test")[:300]
    gaze = on_named(gaze_of(model, scenes))
    assert gaze["mass"] > 3 * gaze["chance"]
    assert gaze["heaviest"] > 0.8
    assert cover_each(model, scenes)["first"] < 0.1
    assert forbid_each(model, scenes)["first"] < 0.1
    assert caption_quality(model.hard(), scenes)["exact"] < 0.6


def test_the_examples():
    result = doctest.testmod(caption_scores)
    assert result.attempted > 0
    assert result.failed == 0
