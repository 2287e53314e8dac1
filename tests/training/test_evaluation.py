"""Evaluation mode for a while, and afterwards all as it was."""

import doctest

import pytest
import torch
from torch import nn

from attnlab.training import evaluation
from attnlab.training.evaluation import without_dropout


def halves():
    model = nn.Sequential(nn.Dropout(0.5), nn.Sequential(nn.Linear(2, 3), nn.Dropout(0.5)))
    model[1].eval()
    return model.requires_grad_()


def modes(model):
    return [part.training for part in model.modules()]


@pytest.mark.parametrize("fails", [False, True])
def test_each_part_is_left_as_it_was(fails):
    model, x = halves(), torch.ones(9, 2)
    before = modes(model)
    assert sorted(set(before)) == [False, True]
    try:
        with without_dropout(model):
            assert not any(modes(model))
            assert torch.equal(model(x), model(x))
            assert not model(x).requires_grad
            if fails:
                raise KeyError
    except KeyError:
        pass
    assert modes(model) == before
    assert torch.is_grad_enabled()


def test_what_has_no_mode_is_left_alone():
    with without_dropout(torch.relu):
        assert not torch.is_grad_enabled()
    assert torch.is_grad_enabled()


def test_the_example_of_the_docstring():
    result = doctest.testmod(evaluation)
    assert (result.failed, result.attempted > 0) == (0, True)
