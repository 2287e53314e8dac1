"""Pictures as sets of vectors: pixels and patches, and back again."""

import doctest
import importlib

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab import as_pixels, from_patches, from_pixels, patches, pixel_positions
from core.libraries import everywhere, make, numbers, same_kind


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@everywhere
def test_pixels_by_hand(library, dtype):
    image = make(library, np.arange(12.0).reshape(2, 2, 3), dtype)
    pixels = as_pixels(image)
    assert same_kind(pixels, image)
    assert numbers(pixels).tolist() == [[0, 6], [1, 7], [2, 8], [3, 9], [4, 10], [5, 11]]
    assert same_kind(from_pixels(pixels, 2, 3), image)
    assert numbers(from_pixels(pixels, 2, 3)).tolist() == numbers(image).tolist()


@everywhere
def test_patches_by_hand(library, dtype):
    image = make(library, np.arange(16.0).reshape(2, 2, 4), dtype)
    cut = patches(image, 2)
    assert same_kind(cut, image)
    assert numbers(cut).tolist() == [[0, 1, 4, 5, 8, 9, 12, 13], [2, 3, 6, 7, 10, 11, 14, 15]]
    assert same_kind(from_patches(cut, 2, 2, 4), image)


def test_all_sizes_different_and_batch_axes():
    image = draw(2, 3, 5, 7, 11)
    pixels = as_pixels(image)
    assert pixels.shape == (2, 3, 77, 5)
    for row, column in [(0, 0), (0, 10), (6, 0), (3, 4)]:
        np.testing.assert_array_equal(pixels[..., row * 11 + column, :], image[..., row, column])
    image = draw(2, 3, 5, 6, 9)
    cut = patches(image, 3)
    assert cut.shape == (2, 3, 6, 45)
    square = image[..., 3:6, 6:9]
    np.testing.assert_array_equal(cut[..., 5, :], square.reshape(2, 3, 45))


def test_a_picture_of_5_by_10_with_3_channels_is_50_vectors():
    assert as_pixels(np.zeros((3, 5, 10))).shape == (50, 3)


def test_whole_numbers_stay_as_they_are():
    image = np.arange(12, dtype=np.uint8).reshape(1, 3, 4)
    assert as_pixels(image).dtype == np.uint8
    assert patches(torch.from_numpy(image), 1).dtype == torch.uint8


def test_patches_are_what_a_convolution_of_their_size_sees():
    image = torch.randn(2, 3, 6, 9, dtype=torch.float64, requires_grad=True)
    layer = torch.nn.Conv2d(3, 5, kernel_size=3, stride=3, bias=False).double()
    wanted = as_pixels(layer(image), channels=5)
    found = patches(image, 3) @ layer.weight.flatten(1).T
    torch.testing.assert_close(found, wanted)
    weight = torch.randn_like(wanted)
    one, other = (torch.autograd.grad((x * weight).sum(), image)[0] for x in (found, wanted))
    torch.testing.assert_close(one, other)


sizes = st.integers(1, 5)


@given(sizes, sizes, sizes, st.integers(1, 4), st.sampled_from([(), (2,), (3, 1)]))
def test_both_ways_give_the_picture_back(channels, rows, columns, size, front):
    height, width = rows * size, columns * size
    image = draw(*front, channels, height, width)
    pixels = as_pixels(image, channels=channels)
    np.testing.assert_array_equal(from_pixels(pixels, height, width), image)
    cut = patches(image, size, channels=channels)
    assert cut.shape == (*front, rows * columns, channels * size * size)
    np.testing.assert_array_equal(from_patches(cut, size, height, width), image)
    np.testing.assert_array_equal(patches(image, 1, channels=channels), pixels)


def test_torch_can_map_a_batch():
    image = torch.randn(4, 2, 6, 9)
    assert torch.equal(torch.vmap(as_pixels)(image), as_pixels(image))
    assert torch.equal(torch.vmap(lambda x: patches(x, 3))(image), patches(image, 3))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.int64, torch.bfloat16])
def test_positions_are_where_the_pixels_stand(dtype):
    places = pixel_positions(3, 5)
    assert places.dtype == np.float64
    assert places.shape == (15, 2)
    where = np.stack(np.meshgrid(np.arange(3), np.arange(5), indexing="ij"))
    np.testing.assert_array_equal(places, as_pixels(where))
    like = torch.zeros(1, dtype=dtype)
    found = pixel_positions(3, 5, like=like)
    assert found.dtype == (torch.float32 if dtype == torch.int64 else dtype)
    np.testing.assert_array_equal(found.double().numpy(), places)


rgb = np.zeros((5, 10, 3))
BAD = {
    "channels last": (
        lambda: as_pixels(rgb),
        ValueError,
        r"image has shape \(5, 10, 3\), its 3 channels in the last.*np.moveaxis\(image, -1, -3\)",
    ),
    "in torch": (lambda: patches(torch.zeros(2, 8, 6, 4), 2), ValueError, "image.movedim"),
    "as asked for": (
        lambda: as_pixels(np.zeros((3, 3, 2)), channels=2),
        ValueError,
        "its 2 channels in the last axis",
    ),
    "other channels": (
        lambda: as_pixels(np.zeros((3, 4, 5)), channels=1),
        ValueError,
        "image has 3 channels, .* and 1 are expected",
    ),
    "grey": (lambda: as_pixels(np.zeros((8, 8))), ValueError, r"of a picture in grey, image\[None"),
    "a list": (lambda: as_pixels([[[1.0]]]), TypeError, "image is a list"),
    "booleans": (lambda: as_pixels(np.ones((1, 2, 2), bool)), TypeError, "image holds bool"),
    "count": (
        lambda: from_pixels(np.zeros((6, 1)), 2, 4),
        ValueError,
        "pixels has 6 rows, and a picture of 2 by 4 has 8 pixels",
    ),
    "one vector": (lambda: from_pixels(np.zeros(6), 2, 3), ValueError, r"pixels has shape \(6,\)"),
    "height": (lambda: from_pixels(np.zeros((6, 1)), 0, 4), ValueError, "height is 0"),
    "width": (lambda: pixel_positions(*[2, 1.5]), TypeError, "width is 1.5"),
    "does not divide": (
        lambda: patches(np.zeros((1, 8, 12)), 3),
        ValueError,
        "size is 3, and the picture 8 by 12: .* must be one of 1, 2, 4; or cut .* multiples of 3",
    ),
    "size": (lambda: patches(np.zeros((1, 8, 8)), 0), ValueError, "size is 0"),
    "patches": (
        lambda: from_patches(np.zeros((5, 4)), 2, 4, 4),
        ValueError,
        "patches has 5 rows, and a picture of 4 by 4 has 2 times 2 patches of side 2",
    ),
    "a vector of patches": (
        lambda: from_patches(np.zeros((4, 6)), 2, 4, 4),
        ValueError,
        "vectors of length 6, and a patch of side 2 has 4 numbers for each channel",
    ),
}


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(("call", "error", "words"), BAD.values(), ids=BAD)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_maps_of_many_channels_are_taken_when_they_are_square_or_one_says_so():
    assert as_pixels(np.zeros((16, 4, 4))).shape == (16, 16)
    assert as_pixels(np.zeros((16, 5, 4)), channels=16).shape == (20, 16)


def test_the_examples():
    module = importlib.import_module("attnlab.core.images")
    result = doctest.testmod(module, extraglobs={"np": np})
    assert result.attempted > 0
    assert result.failed == 0
