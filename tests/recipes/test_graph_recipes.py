"""What the stored runs on graphs say, and that what is measured is what is said."""

import doctest
from statistics import mean

import pytest
import torch

from attnlab.recipes import attention_ranks, edges_help, grid, smoothing

RECIPES = {
    attention_ranks: attention_ranks.attention_ranks,
    edges_help: edges_help.edges_help,
    smoothing: smoothing.smoothing,
}
each_recipe = pytest.mark.parametrize("recipe", RECIPES, ids=lambda r: r.__name__.split(".")[-1])


@each_recipe
def test_the_stored_rows_are_those_of_the_settings(recipe):
    names, rows = list(recipe.SETTINGS[0]), RECIPES[recipe]()
    assert [{name: row[name] for name in names} for row in rows] == recipe.SETTINGS
    for row in rows:
        club = row.get("graph") == "karate"
        assert row["seeds"] == list(edges_help.CLUB_SEEDS if club else recipe.SEEDS)
        for name in ("right", "trained", "chosen_by"):
            assert len(row[name]) == len(row["seeds"])
            assert all(0 <= each <= 1 for each in row[name])


@each_recipe
def test_the_examples(recipe):
    result = doctest.testmod(recipe)
    assert result.attempted > 0
    assert result.failed == 0


def test_gat_cannot_look_up_and_gatv2_and_the_dot_product_can():
    for keys in attention_ranks.KEYS:
        row = {name: attention_ranks.at_best_lr(name, keys) for name in attention_ranks.SCORES}
        for name in ("GATv2", "dot product"):
            assert min(row[name]["right"]) == 1
        for part in ("right", "trained"):
            assert max(row["GAT"][part]) < mean(row["equal"][part]) + 0.12
    many = attention_ranks.at_best_lr("GAT, 4 heads, perceptron", 16)
    assert max(many["trained"]) < 0.35
    assert min(attention_ranks.at_best_lr("GAT, 4 heads, perceptron", 4)["right"]) > 0.99


def test_the_scores_have_equally_many_parameters():
    counts = {
        name: sum(p.numel() for p in attention_ranks.Lookup(name, 16).parameters())
        for name in attention_ranks.SCORES
    }
    more = counts.pop("GAT, 4 heads, perceptron")
    assert max(counts.values()) < 1.015 * min(counts.values())
    assert more > max(counts.values())


@pytest.mark.parametrize("lr", edges_help.LEARNING_RATES)
def test_edges_help_in_the_club_at_every_rate_and_with_every_seed(lr):
    row = {
        name: grid.pick(edges_help.edges_help(), graph="karate", reader=name, lr=lr)[0]
        for name in edges_help.READERS
    }
    without = max(row["alone"]["right"] + row["all"]["right"])
    for name in ("mean", "mean, residual", "attention", "attention, residual"):
        assert min(row[name]["right"]) > without
        assert row[name]["trained"] == [1] * 10


def test_edges_help_in_communities_until_they_lie():
    alone = edges_help.at_best_lr("communities", "alone", 0.15)["right"]
    for name in ("mean", "mean, residual", "attention", "attention, residual"):
        row = {s: edges_help.at_best_lr("communities", name, s)["right"] for s in edges_help.LIES}
        assert min(row[0.15]) > max(alone) + 0.3
        assert min(row[0.45]) > max(alone)
        if "residual" in name:
            assert mean(row[0.75]) > mean(alone) - 0.03
        else:
            assert max(row[0.6]) < min(alone)
            assert max(row[0.75]) < min(alone) - 0.1
    trusting = edges_help.at_best_lr("communities", "attention, residual", 0.15)
    assert max(trusting["at_0.75"]) < min(alone) - 0.1


def test_readers_differ_in_whom_they_read():
    adjacency, half = edges_help.karate()
    assert half[[0, 33]].tolist() == [0, 1]
    reads = {name: int(edges_help.mask_of(name, adjacency).sum()) for name in edges_help.READERS}
    assert set(reads.values()) == {34, 34 * 34, 34 + 2 * 78}
    counts = [
        sum(p.numel() for p in edges_help.node_reader(name, 8, 4).parameters())
        for name in edges_help.READERS
    ]
    assert max(counts) < 1.025 * min(counts)


def test_depth_needs_residual_connections():
    deep = {name: smoothing.at_best_lr(name, 16) for name in smoothing.READERS}
    assert max(deep["attention"]["right"] + deep["attention"]["trained"]) < 0.6
    assert min(deep["attention, residual"]["right"]) > 0.9


def test_at_first_directions_become_equal_in_both_kinds_and_differences_vanish_in_one():
    cosines, spreads = zip(*map(smoothing.alike_at_start, smoothing.READERS), strict=True)
    assert min(of[-1] for of in cosines) > 0.99
    without, residual = spreads
    assert without[-1] < 0.001
    assert min(residual) > 1
    assert smoothing.spread(torch.tensor([[1.0, 0.0], [1.0, 4.0]])) == 2


def test_cosines_by_hand():
    states = torch.tensor([[[1.0, 0.0], [0.0, 3.0]], [[2.0, 0.0], [5.0, 0.0]]])
    assert smoothing.mean_cosine(states) == pytest.approx(0.5)


def test_what_is_measured_was_trained():
    torch.set_num_threads(1)
    found = edges_help.measure(seed=0, graph="karate", reader="mean", lies=0.0, lr=0.01)
    stored = grid.pick(edges_help.edges_help(), graph="karate", reader="mean", lr=0.01)[0]
    assert found["trained"] == 1
    assert found["right"] == pytest.approx(stored["right"][0], abs=0.1)


def test_what_is_not_stored_is_named():
    with pytest.raises(
        ValueError, match=r"nothing is stored of .*'keys': 5.*keys one of \[2, 4, 8, 16\]"
    ):
        attention_ranks.at_best_lr("GAT", 5)
    with pytest.raises(
        ValueError, match=r"nothing is stored of .*'reader': 'nobody'.*reader one of"
    ):
        edges_help.at_best_lr("karate", "nobody", 0.0)
    with pytest.raises(
        ValueError, match=r"nothing is stored of .*'layers': 3.*layers one of \[1, 2"
    ):
        smoothing.at_best_lr("attention", 3)
