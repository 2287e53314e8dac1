"""Losses, held to hand-worked numbers and to PyTorch's."""

import doctest
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from attnlab.training import gradient_norm, label_smoothed_cross_entropy, losses


def scores(*shape, seed=0):
    random = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=random, dtype=torch.float64).requires_grad_()


def test_smoothed_cross_entropy_by_hand():
    logits = torch.tensor([[math.log(1.0), math.log(2.0), math.log(5.0)]])
    target = torch.tensor([2])  # its probability is 5/8, of the others 1/8 and 2/8
    plain = label_smoothed_cross_entropy(logits, target, smoothing=0.0)
    assert plain.item() == pytest.approx(math.log(8 / 5))
    smoothed = label_smoothed_cross_entropy(logits, target, smoothing=0.3)
    by_hand = 0.8 * math.log(8 / 5) + 0.1 * math.log(8 / 1) + 0.1 * math.log(8 / 2)
    assert smoothed.item() == pytest.approx(by_hand)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.7])
@pytest.mark.parametrize("ignore", [0, 4])
def test_pytorch_agrees_in_value_and_gradient(smoothing, ignore):
    ours, theirs = scores(3, 5, 7), scores(3, 5, 7)
    target = torch.randint(7, (3, 5), generator=torch.Generator().manual_seed(1))
    target[0, 2:] = ignore
    loss = label_smoothed_cross_entropy(ours, target, smoothing, ignore)
    expected = functional.cross_entropy(
        theirs.transpose(1, 2), target, ignore_index=ignore, label_smoothing=smoothing
    )
    torch.testing.assert_close(loss, expected, atol=1e-12, rtol=0)
    (slope,) = torch.autograd.grad(loss, ours)
    (expected_slope,) = torch.autograd.grad(expected, theirs)
    torch.testing.assert_close(slope, expected_slope, atol=1e-12, rtol=0)


def test_the_default_smooths_a_tenth_and_ignores_zero():
    logits, target = scores(2, 3, 5), torch.tensor([[1, 4, 2], [3, 0, 0]])
    loss = label_smoothed_cross_entropy(logits, target)
    expected = functional.cross_entropy(
        logits.flatten(0, 1), target.flatten(), ignore_index=0, label_smoothing=0.1
    )
    torch.testing.assert_close(loss, expected)


def test_what_stands_at_padding_changes_nothing_and_learns_nothing():
    logits, target = scores(2, 3, 5), torch.tensor([[1, 4, 2], [3, 0, 0]])
    spoilt = logits.detach().clone()
    spoilt[1, 1:] = math.nan
    spoilt.requires_grad_()
    loss = label_smoothed_cross_entropy(spoilt, target)
    assert loss == label_smoothed_cross_entropy(logits, target)
    loss.backward()
    assert torch.equal(spoilt.grad[1, 1:], torch.zeros(2, 5, dtype=torch.float64))


@given(st.floats(0.01, 0.9), st.integers(2, 11), st.integers(0, 99))
def test_a_smoothed_loss_is_lowest_at_the_smoothed_target(smoothing, vocabulary, seed):
    target = torch.tensor([1])
    belief = torch.full((1, vocabulary), smoothing / vocabulary, dtype=torch.float64)
    belief[0, 1] += 1 - smoothing
    lowest = label_smoothed_cross_entropy(belief.log(), target, smoothing)
    other = label_smoothed_cross_entropy(scores(1, vocabulary, seed=seed), target, smoothing)
    entropy = -(belief * belief.log()).sum()
    assert lowest.item() == pytest.approx(entropy.item())
    assert other > lowest


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"target": torch.zeros(2, 3).long()}, "target holds nothing but 0, which is ignored"),
        ({"target": torch.ones(2, 4).long()}, r"logits has shape \(2, 3, 5\), and target \(2, 4\)"),
        ({"target": torch.full((2, 3), 5)}, "from 5 to 5, and logits has a vocabulary of 5"),
        ({"target": torch.full((2, 3), -1)}, "from -1 to -1"),
        ({"smoothing": 1.0}, "smoothing is 1.0, .* 0 is plain"),
        ({"smoothing": -0.1}, "smoothing is -0.1"),
    ],
)
def test_bad_input_is_named(changes, words):
    with pytest.raises(ValueError, match=words):
        label_smoothed_cross_entropy(
            **{"logits": scores(2, 3, 5), "target": torch.ones(2, 3).long()} | changes
        )


def test_the_gradient_norm_is_that_which_torch_clips_by():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 5), nn.Linear(5, 2)).double()
    model(torch.ones(7, 3).double()).square().sum().backward()
    model[0].bias.grad = None
    one = gradient_norm(model.parameters())
    assert one == pytest.approx(nn.utils.clip_grad_norm_(model.parameters(), 1e9).item())
    long = torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])
    assert one == pytest.approx(math.sqrt((long**2).sum()))


def test_no_gradient_is_named():
    with pytest.raises(ValueError, match=r"no gradient at all: call loss.backward\(\)"):
        gradient_norm(nn.Linear(2, 3).parameters())


def test_the_examples_of_the_docstrings():
    result = doctest.testmod(losses, extraglobs={"torch": torch})
    assert result.attempted > 0
    assert result.failed == 0
