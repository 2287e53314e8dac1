"""Convolution, and the heads that do the same."""

import doctest
import importlib
import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import conv2d

from attnlab import (
    as_pixels,
    convolution,
    convolution_as_attention,
    from_pixels,
    offset_scores,
    pixel_positions,
    softmax,
)
from core.libraries import TOLERANCE, everywhere, make, numbers, same_kind

KERNELS = [(1, 1), (3, 3), (5, 5), (3, 5), (1, 3)]
kernels = pytest.mark.parametrize("sides", KERNELS)
strides = pytest.mark.parametrize("stride", [1, 2, 3])
EXACT = {torch.float32: 1e-6, torch.float64: 1e-12}


def draw(*shape, seed=0, dtype=torch.float64):
    random = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=random, dtype=torch.float64).to(dtype)


def kernel_of(sides, dtype=torch.float64, inside=3, out=5):
    """Outputs of a size around 1."""
    return draw(out, inside, *sides, seed=1, dtype=dtype) / math.sqrt(inside * math.prod(sides))


def by_torch(image, kernel, stride=1):
    return conv2d(image, kernel, stride=stride, padding=tuple(s // 2 for s in kernel.shape[2:]))


def by_heads(image, kernel, stride=1, **sharp):
    height, width = image.shape[-2:]
    weights, maps = convolution_as_attention(kernel, height, width, stride=stride, **sharp)
    pixels = as_pixels(image, channels=kernel.shape[1])[..., None, :, :]
    return from_pixels((weights @ pixels @ maps).sum(-3), -(-height // stride), -(-width // stride))


@everywhere
def test_by_hand(library, dtype):
    image = make(library, [[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]], dtype)
    left = np.zeros((1, 1, 3, 3))
    left[0, 0, 1, 0], left[0, 0, 1, 1] = -1.0, 1.0  # each pixel less the one to its left
    result = convolution(image, make(library, left, dtype))
    assert same_kind(result, image)
    assert numbers(result).tolist() == [[[1, 1, 1], [4, 1, 1]]]
    weights, maps = convolution_as_attention(make(library, left, dtype), 2, 3)
    assert same_kind(weights, image)
    assert same_kind(maps, image)
    # Head 3 looks one to the left; in the first column there is nothing.
    wanted = np.zeros((6, 6))
    wanted[[1, 2, 4, 5], [0, 1, 3, 4]] = 1.0
    np.testing.assert_allclose(numbers(weights[3]), wanted, atol=1e-20)
    assert numbers(maps)[:, 0, 0].tolist() == [0, 0, 0, -1, 1, 0, 0, 0, 0]


@kernels
@strides
@pytest.mark.parametrize("dtype", EXACT, ids=str)
def test_convolution_and_heads_are_those_of_torch(sides, stride, dtype):
    kernel = kernel_of(sides, dtype)
    for height, width in [(7, 6), (1, 4), (11, 2)]:
        image = draw(2, 3, height, width, dtype=dtype).clamp(-1, 1)
        wanted = by_torch(image, kernel, stride)
        for found in (convolution(image, kernel, stride=stride), by_heads(image, kernel, stride)):
            assert found.dtype == dtype
            torch.testing.assert_close(found, wanted, atol=EXACT[dtype], rtol=0)


@given(
    st.integers(1, 8), st.integers(1, 8), st.integers(1, 4), st.integers(1, 4),
    st.sampled_from(KERNELS), st.integers(1, 3), st.integers(0, 2**31),
)  # fmt: skip
def test_of_any_size(height, width, inside, out, sides, stride, seed):
    image, kernel = draw(inside, height, width, seed=seed), kernel_of(sides, inside=inside, out=out)
    wanted = by_torch(image[None], kernel, stride)[0]
    torch.testing.assert_close(convolution(image, kernel, stride=stride), wanted)
    torch.testing.assert_close(by_heads(image, kernel, stride), wanted, atol=1e-12, rtol=0)


def test_gradients_are_those_of_torch():
    image, kernel = draw(2, 3, 5, 7).requires_grad_(), kernel_of((3, 5)).requires_grad_()
    weight = draw(2, 5, 5, 7, seed=3)
    wanted = torch.autograd.grad((by_torch(image, kernel) * weight).sum(), (image, kernel))
    for form in (convolution, by_heads):
        found = torch.autograd.grad((form(image, kernel) * weight).sum(), (image, kernel))
        for one, other in zip(found, wanted, strict=True):
            torch.testing.assert_close(one, other, atol=1e-12, rtol=0)


def test_batch_axes_and_numpy():
    image, kernel = draw(2, 4, 3, 5, 7), kernel_of((3, 3))
    result = convolution(image.numpy(), kernel.numpy(), stride=2)
    assert result.shape == (2, 4, 5, 3, 4)
    wanted = by_torch(image.flatten(0, 1), kernel, 2).reshape(result.shape)
    np.testing.assert_allclose(result, wanted, atol=1e-12)
    found = torch.vmap(lambda x: convolution(x, kernel))(image.flatten(0, 1))
    torch.testing.assert_close(found, by_torch(image.flatten(0, 1), kernel))


@pytest.mark.parametrize("sharpness", [1.0, 2.0, 5.0, 10.0, 20.0, 40.0])
def test_the_weight_beside_the_wanted_pixel_is_below_its_bound(sharpness):
    place = pixel_positions(9, 9)
    for shift in [(0, 0), (-1, 1), (4, 4)]:
        weights = softmax(offset_scores(place, place, shift, sharpness))
        target = place + shift
        inside = ((target >= 0) & (target < 9)).all(1)
        hit = (target[:, None] == place).all(-1)
        beside = np.where(hit, 0, weights).sum(1)[inside]
        assert beside.max() < 8 * math.exp(-sharpness)
        assert beside.max() > 1.9 * math.exp(-sharpness) / (1 + 8 * math.exp(-sharpness))


def test_heads_that_are_not_sharp_blur_and_at_0_all_pixels_are_alike():
    image, kernel = draw(3, 6, 6), kernel_of((3, 3))
    wanted = convolution(image, kernel)
    apart = [(by_heads(image, kernel, sharpness=s) - wanted).abs().max() for s in (0, 2, 5, 10, 40)]
    assert apart == sorted(apart, reverse=True)
    assert apart[-1] < 1e-12
    weights, _ = convolution_as_attention(kernel, 6, 6, sharpness=0)
    torch.testing.assert_close(weights[4], torch.full((36, 36), 1 / 36, dtype=torch.float64))


def test_weights_depend_on_the_way_from_query_to_key_alone():
    place = torch.tensor([[0.0, 0.0], [1.0, 2.0], [3.0, 1.0]])
    scores = offset_scores(place, place, (1, -1), 2.0)
    torch.testing.assert_close(scores, offset_scores(place + 7, place + 7, (1, -1), 2.0))
    assert scores[0, 1] == -2.0 * (0**2 + 3**2)
    torch.testing.assert_close(scores, offset_scores(place, place, torch.tensor([1.0, -1.0]), 2.0))


def test_any_sharpness_gives_numbers():
    place = pixel_positions(3, 3, like=torch.zeros(1))
    for sharpness in (1e-40, 100, 1e38, 1e300):
        assert torch.isfinite(softmax(offset_scores(place, place, (5, 5), sharpness))).all()


@everywhere
def test_numbers_of_16_bits_are_reckoned_in_32(library, dtype):
    image, kernel = draw(3, 5, 7).numpy(), kernel_of((3, 3)).numpy()
    narrow = convolution(make(library, image, dtype), make(library, kernel, dtype))
    assert str(narrow.dtype).endswith(dtype)
    tolerance = 4 * TOLERANCE[dtype]
    np.testing.assert_allclose(numbers(narrow), convolution(image, kernel), atol=tolerance)


picture, square = np.ones((2, 5, 6)), np.ones((4, 2, 3, 3))
place = pixel_positions(2, 3)
HALF: Any = 1.5
NINE: Any = "9"
BAD = {
    "even rows": (
        lambda: convolution(picture, np.ones((4, 2, 2, 3))),
        ValueError,
        r"kernel has 2 rows, .* odd number of them, .* take 1 or 3",
    ),
    "even columns": (
        lambda: convolution_as_attention(np.ones((4, 2, 3, 4)), 5, 6),
        ValueError,
        "kernel has 4 columns.* take 3 or 5",
    ),
    "one square": (lambda: convolution(picture, np.ones((3, 3))), ValueError, r"kernel\[None, No"),
    "channels": (
        lambda: convolution(np.ones((3, 5, 6)), square),
        ValueError,
        "image has 3 channels, .* and 2 are expected",
    ),
    "channels last": (
        lambda: convolution(np.ones((5, 6, 2)), square),
        ValueError,
        r"image has shape \(5, 6, 2\), its 2 channels in the last axis",
    ),
    "stride": (lambda: convolution(picture, square, stride=0), ValueError, "stride is 0"),
    "not whole": (lambda: convolution(picture, square, stride=HALF), TypeError, "stride is 1.5"),
    "stride of heads": (
        lambda: convolution_as_attention(square, 5, 6, stride=-1),
        ValueError,
        "stride is -1",
    ),
    "height": (lambda: convolution_as_attention(square, 0, 6), ValueError, "height is 0"),
    "sharpness": (
        lambda: convolution_as_attention(square, 5, 6, sharpness=-1),
        ValueError,
        "sharpness is -1, and must be at least 0",
    ),
    "infinite": (lambda: offset_scores(place, place, (0, 1), 1e999), ValueError, "is inf, and"),
    "no number": (lambda: offset_scores(place, place, (0, 1), NINE), TypeError, "sharpness is"),
    "dimensions": (
        lambda: offset_scores(place, place, (1, 0, 0)),
        ValueError,
        "query has places of 2 numbers, key of 2 and shift of 3",
    ),
    "integers": (
        lambda: convolution(picture.astype(int), square),
        TypeError,
        "image holds int64",
    ),
    "libraries": (lambda: convolution(picture, torch.ones(4, 2, 3, 3)), TypeError, "one library"),
    "types": (
        lambda: convolution(torch.ones(2, 5, 6), torch.ones(4, 2, 3, 3).double()),
        TypeError,
        "image holds torch.float32 and kernel torch.float64",
    ),
}  # fmt: skip


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(("call", "error", "words"), BAD.values(), ids=BAD)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_the_examples():
    names = {"np": np, "softmax": softmax}
    module = importlib.import_module("attnlab.core.convolution")
    result = doctest.testmod(module, extraglobs=names)
    assert result.attempted > 0
    assert result.failed == 0
