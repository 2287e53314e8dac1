"""A picture as a sentence: its words, the token that answers, and the hybrid."""

import doctest
import importlib

import pytest
import torch
from torch import nn

from attnlab import patches
from attnlab.lab import recording
from attnlab.nn import (
    Features,
    GridPositions,
    Patches,
    PositionEncoding,
    RelativeGridPositions,
    VisionTransformer,
)


def model_of(size=2, encoding=None, **options):
    rows, columns = 6 // size, 4 // size
    encoding = encoding or GridPositions(8, rows, columns, front=1)
    return VisionTransformer(Patches(3, size, 8), 5, encoding, **options)


@pytest.mark.parametrize("size", [1, 2])
def test_it_is_an_encoder_over_patches_and_a_token(size):
    torch.manual_seed(0)
    positions = GridPositions(8, 6 // size, 4 // size, front=1)
    model, image = model_of(size, positions), torch.randn(7, 3, 6, 4)
    assert isinstance(model.words, Patches)
    words = patches(image, size) @ model.words.into.weight.T + model.words.into.bias
    token = model.class_token.expand(7, 1, 8)
    x = torch.cat([token, words], 1) + positions.table
    for layer in model.layers:
        x = layer(x)
    wanted = model.norm(x[:, 0]) @ model.output.weight.T + model.output.bias
    torch.testing.assert_close(model(image), wanted)
    assert wanted.shape == (7, 5)


def test_without_positions_the_order_of_the_patches_is_not_seen():
    model, image = model_of(1, PositionEncoding()), torch.randn(2, 3, 6, 4)
    mixed = image.flatten(2)[..., torch.randperm(24)].reshape(image.shape)
    torch.testing.assert_close(model(mixed), model(image))
    seen = model_of(1)
    assert not torch.allclose(seen(mixed), seen(image))


def test_gradients_reach_every_parameter():
    for encoding in (GridPositions(8, 3, 2, front=1), RelativeGridPositions(2, 3, 2, front=1)):
        model = model_of(2, encoding)
        model(torch.randn(7, 3, 6, 4)).square().sum().backward()
        for name, each in model.named_parameters():
            assert each.grad is not None, name
            assert (each.grad != 0).any(), name


def test_a_hybrid_reads_what_a_convolutional_stem_has_made():
    stem = nn.Conv2d(3, 8, 3, stride=2, padding=1)
    model = VisionTransformer(Features(stem, 8), 5, GridPositions(8, 3, 2, front=1))
    image = torch.randn(7, 3, 6, 4)
    assert model(image).shape == (7, 5)
    torch.testing.assert_close(model.words(image)[:, 3], stem(image)[:, :, 1, 1])


def test_what_its_heads_look_at_can_be_recorded():
    model = model_of(heads=4, layers=1)
    with recording(model) as weights:
        model(torch.randn(2, 3, 6, 4))
    assert weights["layers.0.attention"].shape == (2, 4, 7, 7)


picture = torch.zeros(2, 3, 6, 4)
BAD = {
    "channels last": (
        lambda: model_of()(picture.movedim(1, -1)),
        ValueError,
        r"image has shape \(2, 6, 4, 3\), its 3 channels in the last axis",
    ),
    "channels": (lambda: model_of()(picture[:, :2]), ValueError, "image has 2 channels"),
    "one picture": (lambda: model_of()(picture[0]), ValueError, r"single picture is image\[None\]"),
    "another size": (
        lambda: model_of()(torch.zeros(2, 3, 8, 8)),
        ValueError,
        "x has 17 vectors, and there are 1 and 3 times 2 positions, 7",
    ),
    "does not divide": (
        lambda: model_of()(torch.zeros(2, 3, 5, 4)),
        ValueError,
        "size is 2, and the picture 5 by 4",
    ),
    "type": (lambda: model_of()(picture.double()), TypeError, "image holds torch.float64"),
    "whole": (lambda: model_of()(picture.long()), TypeError, "image holds torch.int64"),
    "stem": (
        lambda: Features(nn.Conv2d(3, 6, 3), 8)(picture),
        ValueError,
        r"stem\(image\) has 6 channels, .* and 8 are expected",
    ),
    "size": (lambda: Patches(3, 0, 8), ValueError, "size is 0"),
    "layers": (lambda: model_of(layers=0), ValueError, "layers is 0"),
    "heads": (lambda: model_of(heads=3), ValueError, "heads is 3 and d_model 8"),
}


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(("call", "error", "words"), BAD.values(), ids=BAD)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_the_examples():
    module = importlib.import_module("attnlab.nn.vision_transformer")
    names = {"torch": torch, "nn": nn, "GridPositions": GridPositions}
    result = doctest.testmod(module, extraglobs=names)
    assert result.attempted > 0
    assert result.failed == 0
