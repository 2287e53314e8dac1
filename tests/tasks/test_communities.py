"""Graphs to learn from: communities whose edges lie so often, and look-ups."""

import doctest
import sys

import pytest
import torch

from attnlab.tasks import communities, lookup_edges, lookup_graphs
from attnlab.tasks import lookup_graphs as lookup


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("lies", [0.0, 0.15, 0.5, 0.9, 1.0])
def test_edges_lie_as_often_as_they_are_said_to(lies):
    features, adjacency, group = communities(seeded(), 400, groups=5, lies=lies, dimension=7)
    assert features.shape == (400, 7)
    assert torch.equal(adjacency, adjacency.T)
    assert not adjacency.diagonal().any()
    assert group.bincount().tolist() == [80] * 5
    apart = (group[:, None] != group)[adjacency].double().mean().item()
    assert apart == pytest.approx(lies, abs=0.04)
    assert adjacency.sum(1).double().mean().item() == pytest.approx(6, abs=0.1)


def test_features_hint_at_the_group_by_one_number_and_noise():
    features, _, group = communities(seeded(), 80, noise=0.0)
    assert torch.equal(features, torch.eye(8)[group])
    noisy, _, same = communities(seeded(), 80, noise=0.5)
    assert torch.equal(group, same)
    assert (noisy - features).std().item() == pytest.approx(0.5, rel=0.1)


def test_the_same_seed_gives_the_same_graph_and_nodes_stand_in_no_order():
    one, other, third = (communities(seeded(s), 40) for s in (3, 3, 4))
    assert all(torch.equal(*pair) for pair in zip(one, other, strict=True))
    assert not torch.equal(one[2], third[2])
    assert not torch.equal(one[2], one[2].sort().values)


@pytest.mark.parametrize("degree", [2, 4, 8])
def test_everybody_has_as_many_edges_as_it_chooses_at_least(degree):
    _, adjacency, _ = communities(seeded(), 60, degree=degree)
    assert adjacency.sum(1).min() >= degree // 2


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"groups": 1}, ValueError, "groups is 1"),
        ({"degree": 3}, ValueError, "degree is 3, and must be even"),
        ({"degree": 0}, ValueError, "degree is 0"),
        ({"nodes": 20}, ValueError, "nodes is 20, .*at least 32"),
        ({"dimension": 3}, ValueError, "dimension is 3 and groups 4"),
        ({"lies": 1.5}, ValueError, "lies is 1.5"),
        ({"lies": float("nan")}, ValueError, "lies is nan"),
        ({"noise": -1}, ValueError, "noise is -1"),
        ({"nodes": 60.0}, TypeError, "nodes is 60.0"),
    ],
)
def test_numbers_out_of_range(options, error, words):
    with pytest.raises(error, match=words):
        communities(seeded(), **options)


def test_a_look_up_is_answered_by_the_holder_of_the_same_key():
    nodes, values = lookup_graphs(seeded(), 11, keys=5)
    assert nodes.shape == (11, 10, 10)
    asking, holding = nodes[:, :5], nodes[:, 5:]
    match = asking[..., :5] @ holding[..., :5].mT
    assert torch.equal((match @ holding[..., 5:]).argmax(-1), values)
    assert not asking[..., 5:].any()
    assert len(values.unique()) == 5


def test_who_asks_may_read_all_who_hold_something_and_nobody_else():
    mask = lookup_edges(3)
    assert mask[:3, 3:].all()
    assert mask.sum() == 9


def test_bad_draws():
    for draw in (communities, lookup_graphs):
        with pytest.raises(TypeError, match="random is 0"):
            draw(0)
    with pytest.raises(ValueError, match="keys is 1"):
        lookup_graphs(seeded(), keys=1)


@pytest.mark.parametrize("function", [communities, lookup])
def test_the_examples(function):
    assert doctest.testmod(sys.modules[function.__module__]).failed == 0
