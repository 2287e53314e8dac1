"""Convolution and attention by the number of pictures: what is stored, and what is measured."""

import doctest
from statistics import mean

import pytest
import torch

from attnlab.recipes import flexible

TASK_ARMS = [(task, arm) for task in flexible.TASKS for arm in flexible.ARMS]


def right(task, arm, pictures):
    return flexible.at_best_lr(task, arm, pictures)["right"]


def test_the_stored_rows_are_those_of_the_settings():
    names = list(flexible.SETTINGS[0])
    stored = flexible.flexible()
    assert [{name: row[name] for name in names} for row in stored] == flexible.SETTINGS
    for row in stored:
        assert row["seeds"] == list(flexible.SEEDS)
        for name in ("right", "trained", "chosen_by"):
            assert len(row[name]) == 5
            assert all(0 <= each <= 1 for each in row[name])


@pytest.mark.parametrize(("task", "arm"), TASK_ARMS)
def test_all_nets_have_the_same_number_of_parameters(task, arm):
    net = flexible.net(task, arm, seed=0)
    count = sum(each.numel() for each in net.parameters())
    assert abs(count - flexible.PARAMETERS) <= 17
    channels, side, answers = flexible.SHAPES[task]
    image = torch.zeros(2, channels, side, side)
    logits, _ = flexible.scores(net, image, torch.zeros(2, dtype=torch.long))
    assert logits.shape == (2, answers)


def test_dilated_convolutions_span_the_picture_and_plain_ones_do_not():
    image = torch.randn(1, 3, 9, 9)
    for arm, seen in [("convolution", 3), ("dilated convolution", 8)]:
        net = flexible.net("far rows", arm, seed=0)
        other = image.clone()
        other[..., 8] += 1.0
        features, moved = net[0](image)[0], net[0](other)[0]
        reached = ((features != moved).any(-1)).reshape(9, 9).any(0).nonzero()[0]
        assert int(reached) == 8 - seen


def test_on_digits_convolution_needs_fewer_pictures_than_attention():
    for pictures in flexible.TASKS["digits"][:2]:
        convolution = right("digits", "convolution", pictures)
        for arm in ("attention", "attention, positions", "attention, relative"):
            assert min(convolution) > max(right("digits", arm, pictures)) - 0.02
            assert mean(convolution) > mean(right("digits", arm, pictures)) + 0.05


def test_far_rows_need_a_reach_and_positions():
    for arm in ("convolution", "attention"):
        for pictures in flexible.TASKS["far rows"]:
            assert max(right("far rows", arm, pictures)) < 0.4
    for arm in ("attention, relative", "dilated convolution", "convolution, then attention"):
        assert min(right("far rows", arm, 300)) > 0.85
    relative, dilated = (
        right("far rows", arm, 300) for arm in ("attention, relative", "dilated convolution")
    )
    assert min(relative) > max(dilated)


def test_a_training_is_measured_again():
    torch.set_num_threads(1)
    row = flexible.at_best_lr("digits", "convolution", 30)
    setting = {name: row[name] for name in flexible.SETTINGS[0]}
    found = flexible.measure(seed=0, **setting)
    assert found["right"] == pytest.approx(row["right"][0], abs=0.1)
    assert found["trained"] > 0.95 > found["right"] + 0.1


def test_digits_of_training_and_test_are_different_ones():
    image, digit = flexible.digits(0)
    assert image.shape == (1797, 1, 8, 8)
    assert image.min() == 0.0
    assert image.max() == 1.0
    assert sorted(digit.tolist()) == sorted(flexible.digits(1)[1].tolist())
    assert not torch.equal(digit, flexible.digits(1)[1])


def test_what_is_not_stored_is_named():
    with pytest.raises(ValueError, match=r"nothing is stored of .*'pictures': 7"):
        flexible.at_best_lr("digits", "attention", 7)


def test_the_examples():
    result = doctest.testmod(flexible)
    assert result.attempted > 0
    assert result.failed == 0
