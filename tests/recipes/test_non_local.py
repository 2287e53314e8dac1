"""A block of attention against more convolution: what is stored, what it costs, what it learns."""

import doctest
from statistics import mean

import pytest
import torch

from attnlab.lab import multiplications
from attnlab.nn import NonLocalBlock
from attnlab.recipes import grid, non_local

BLOCK = "a block of attention"


def cost(arm):
    net = non_local.net(arm, seed=0).eval().to("meta")
    return sum(each.numel() for each in net.parameters()), multiplications(net, (1, 3, 9, 9))


def test_the_stored_rows_are_those_of_the_settings():
    names = list(non_local.SETTINGS[0])
    stored = non_local.non_local()
    assert [{name: row[name] for name in names} for row in stored] == non_local.SETTINGS
    for row in stored:
        assert row["seeds"] == list(non_local.SEEDS)
        for name in ("right", "trained", "chosen_by"):
            assert len(row[name]) == 5
            assert all(0 <= each <= 1 for each in row[name])
        assert all(gate != 0 for gate in row["gate"]) == (row["arm"] == BLOCK)


def test_at_equal_cost_only_attention_learns_it():
    found = non_local.at_best_lr(BLOCK)
    assert min(found["right"]) > 0.45
    assert mean(found["right"]) > 0.8
    for arm in ("nothing", "two convolutions", "two dilated convolutions"):
        for row in grid.pick(non_local.non_local(), arm=arm):
            assert max(row["right"]) < 0.3, arm
            assert max(row["trained"]) < 0.3, arm


def test_many_times_the_cost_begins_to_learn_it_too():
    found = non_local.at_best_lr("six dilated convolutions")
    assert 0.38 < min(found["right"]) <= max(found["right"]) < 0.5
    assert mean(found["right"]) < mean(non_local.at_best_lr(BLOCK)["right"]) - 0.3
    (parameters, products), (many, most) = cost(BLOCK), cost("six dilated convolutions")
    assert many > 7 * parameters
    assert most > 3 * products


def test_the_convolutions_cost_more_than_the_block():
    parameters, products = cost(BLOCK)
    for arm in ("two convolutions", "two dilated convolutions"):
        assert cost(arm)[0] > parameters
        assert cost(arm)[1] > products
    assert cost("nothing")[0] < parameters


def test_a_net_with_the_block_starts_as_the_one_without():
    with_block = non_local.net(BLOCK, seed=0).eval()
    image = torch.randn(2, 3, 9, 9)
    without = torch.nn.Sequential(*(p for p in with_block if not isinstance(p, NonLocalBlock)))
    assert len(with_block) == len(without) + 1
    assert torch.equal(with_block(image), without(image))


def test_six_dilated_convolutions_span_the_picture():
    image = torch.randn(1, 3, 9, 9)
    other = image.clone()
    other[..., 8, 8] += 1.0
    for arm, seen in [("two convolutions", False), ("two dilated convolutions", True)]:
        net = non_local.net(arm, seed=0).eval()
        moved = (net(image) != net(other))[0, :, 0, 0].any()
        assert bool(moved) == seen


def test_a_training_is_measured():
    torch.set_num_threads(1)
    found = non_local.measure(seed=0, arm="nothing", lr=0.01, steps=5)
    assert found["gate"] == 0
    assert 0.15 < found["right"] < 0.4


def test_what_is_not_stored_is_named():
    with pytest.raises(
        ValueError, match=r"nothing is stored of \{'arm': 'magic'\}: take arm one of \["
    ):
        non_local.at_best_lr("magic")


def test_the_examples():
    result = doctest.testmod(non_local, extraglobs={"torch": torch})
    assert result.attempted > 0
    assert result.failed == 0
