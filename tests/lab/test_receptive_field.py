"""How far a pixel sees: by depth through convolutions, at once through attention."""

import doctest
import importlib

import numpy as np
import pytest
import torch
from torch import nn

from attnlab import as_pixels, convolution, from_pixels
from attnlab.lab import class_attention, receptive_field
from attnlab.nn import (
    EncoderLayer,
    GridPositions,
    MultiHeadAttention,
    NonLocalBlock,
    Patches,
    VisionTransformer,
)


def stack(depth, seed=0):
    torch.manual_seed(seed)
    layers = [nn.Conv2d(3 if i == 0 else 4, 4, 3, padding=1) for i in range(depth)]
    return nn.Sequential(*(part for layer in layers for part in (layer, nn.Tanh()))).double()


@pytest.mark.parametrize("depth", [1, 2, 4])
@pytest.mark.parametrize("seed", [0, 1])
def test_each_convolution_sees_one_pixel_more_on_each_side(depth, seed):
    image = torch.randn(3, 13, 11, generator=torch.Generator().manual_seed(seed))
    field = receptive_field(stack(depth, seed), image, 6, 5)
    assert field.shape == (13, 11)
    place = np.abs(np.indices((13, 11)) - np.array([6, 5])[:, None, None]).max(0)
    np.testing.assert_array_equal(field > 0, place <= depth)
    assert (field > 0).sum() == (2 * depth + 1) ** 2


@pytest.mark.parametrize("layer", [MultiHeadAttention(4, 2), EncoderLayer(4, 1, 8)])
def test_attention_sees_all_pixels_at_once(layer):
    layer = layer.double().eval()
    image = torch.randn(4, 5, 7)
    field = receptive_field(
        lambda x: from_pixels(layer(as_pixels(x, channels=4)), 5, 7), image, 2, 3
    )
    assert (field > 0).all()


def test_by_hand():
    kernel = torch.tensor([[[[0.0, 0, 0], [3, 0, 4], [0, 0, 0]]]], dtype=torch.float64)
    field = receptive_field(lambda x: convolution(x, kernel), torch.zeros(1, 2, 4), 1, 1)
    assert field.tolist() == [[0, 0, 0, 0], [3, 0, 4, 0]]
    # Of two channels in and two out: the root of the sum of squares by the channels that come in.
    mixed = torch.tensor([[3.0, 4.0], [0.0, 5.0]], dtype=torch.float64)[:, :, None, None]
    field = receptive_field(lambda x: convolution(x, mixed), torch.zeros(2, 1, 1), 0, 0)
    np.testing.assert_allclose(field, [[5.0]])


def test_a_block_sees_no_further_until_its_gate_opens():
    block = NonLocalBlock(3).double()
    image = torch.randn(3, 4, 5)
    assert (receptive_field(block, image, 1, 1) > 0).sum() == 1
    nn.init.constant_(block.gate, 0.5)
    assert (receptive_field(block, image, 1, 1) > 0).all()


ONE = torch.zeros(1, 3, 4)
BAD = {
    "grey": (lambda: receptive_field(stack(1), np.zeros((3, 4)), 0, 0), "image has shape"),
    "vectors": (lambda: receptive_field(as_pixels, ONE, 0, 0), "with from_pixels"),
    "outside": (lambda: receptive_field(torch.tanh, ONE, 3, 0), "3 rows and 4 columns"),
    "negative": (lambda: receptive_field(torch.tanh, ONE, 0, -1), "column -1"),
}


@pytest.mark.parametrize(("call", "words"), BAD.values(), ids=BAD)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_what_the_class_token_looks_at_lies_over_the_picture():
    torch.manual_seed(0)
    positions = GridPositions(8, height=3, width=2, front=1)
    model = VisionTransformer(Patches(3, 2, 8), 5, positions, heads=2, layers=2)
    image = torch.randn(4, 3, 6, 4)
    found = class_attention(model, image, 3, 2)
    assert found.shape == (4, 2, 2, 3, 2)
    x = positions(torch.cat([model.class_token.expand(4, 1, 8), model.words(image)], 1))
    first = next(each for each in model.modules() if isinstance(each, EncoderLayer))
    x, layer = first.norms[0](x), first.attention
    query, key = (part(x).unflatten(-1, (2, 4)).movedim(2, 1) for part in (layer.query, layer.key))
    weights = (query @ key.mT / 2).softmax(-1)[:, :, 0, 1:]
    np.testing.assert_allclose(found[:, 0].reshape(4, 2, 6), weights.detach(), atol=1e-6)
    with pytest.raises(ValueError, match="looks at 6 words, and rows is 2 and columns 2"):
        class_attention(model, image, 2, 2)


@pytest.mark.parametrize("name", ["receptive_fields", "class_token"])
def test_the_examples(name):
    module = importlib.import_module(f"attnlab.lab.{name}")
    result = doctest.testmod(module, extraglobs={"np": np})
    assert result.attempted > 0
    assert result.failed == 0
