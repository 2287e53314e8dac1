"""Attention as a block of a convolutional net."""

import doctest
import importlib

import pytest
import torch
from torch import nn
from torch.nn.functional import conv2d

from attnlab import attention
from attnlab.lab import recording
from attnlab.nn import NonLocalBlock


def opened(block, gate=1.0):
    nn.init.constant_(block.gate, gate)
    return block


def test_while_the_gate_is_0_it_is_the_identity():
    x = torch.randn(2, 6, 5, 7)
    for block in (NonLocalBlock(6), NonLocalBlock(6, 11)):
        assert torch.equal(block(x), x)


def test_each_place_reads_all_by_1_by_1_convolutions():
    torch.manual_seed(0)
    block, x = opened(NonLocalBlock(6, 4), 0.5), torch.randn(2, 6, 5, 7)
    pixels = [conv2d(x, part.weight).flatten(2).mT for part in (block.query, block.key)]
    weights = (pixels[0] @ pixels[1].mT / 2).softmax(-1)
    read = (conv2d(x, block.value.weight).flatten(2) @ weights.mT).reshape(2, 4, 5, 7)
    torch.testing.assert_close(block(x), x + 0.5 * conv2d(read, block.output.weight))


def test_where_a_pixel_stands_does_not_matter_to_it():
    block, x = opened(NonLocalBlock(6)), torch.randn(2, 6, 5, 7)
    order = torch.randperm(35)
    mixed = x.flatten(2)[..., order].reshape(x.shape)
    wanted = block(x).flatten(2)[..., order].reshape(x.shape)
    torch.testing.assert_close(block(mixed), wanted)


def test_the_gate_learns_first_and_then_all_parameters_do():
    block, x = NonLocalBlock(6), torch.randn(2, 6, 5, 7)
    block(x).square().sum().backward()
    assert block.gate.grad != 0
    assert all((each.grad == 0).all() for name, each in block.named_parameters() if name != "gate")
    block = opened(NonLocalBlock(6))
    block(x).square().sum().backward()
    assert all((each.grad != 0).any() for each in block.parameters())


def test_another_attention_may_be_handed_in_and_weights_are_recorded():
    torch.manual_seed(0)
    block, x = opened(NonLocalBlock(6)), torch.randn(2, 6, 5, 7)
    fused = block(x)
    with recording(block) as weights:
        block(x)
    assert weights["NonLocalBlock"].shape == (2, 1, 35, 35)
    block.attend = attention
    torch.testing.assert_close(block(x), fused)


x = torch.zeros(2, 6, 5, 7)
BAD = {
    "channels": (lambda: NonLocalBlock(4)(x), ValueError, "x has 6 channels, .* 4 are expected"),
    "channels last": (
        lambda: NonLocalBlock(6)(x.movedim(1, -1)),
        ValueError,
        "its 6 channels in the last axis",
    ),
    "one map": (lambda: NonLocalBlock(6)(x[0]), ValueError, r"single picture is x\[None\]"),
    "type": (lambda: NonLocalBlock(6)(x.double()), TypeError, "x holds torch.float64"),
    "inner": (lambda: NonLocalBlock(6, 0), ValueError, "inner is 0"),
    "size": (lambda: NonLocalBlock(0), ValueError, "channels is 0"),
}


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(("call", "error", "words"), BAD.values(), ids=BAD)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_the_examples():
    module = importlib.import_module("attnlab.nn.non_local_block")
    result = doctest.testmod(module, extraglobs={"torch": torch})
    assert result.attempted > 0
    assert result.failed == 0
