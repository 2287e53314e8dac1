"""Pictures as sets of vectors: a row of numbers for each pixel, or for each patch, and back.

A picture is (..., channels, height, width), as in PyTorch. Attention sees a set of vectors, so
pixels and patches are listed row by row, and where each of them stood is told separately.
"""

from __future__ import annotations

import numpy as np
from array_api_compat import device

from attnlab.core.arrays import Array, Float, Real, check_axes, kind_of, real_numbers
from attnlab.core.scalars import at_least


def as_pixels(
    image: Real[Array, "... channels height width"], *, channels: int | None = None
) -> Real[Array, "... pixel channels"]:
    """One vector for each pixel, row by row: pixel = row * width + column.

    Args:
        image: (..., channels, height, width).
        channels: how many there are; needed only where the shape leaves it in doubt.

    Returns:
        (..., height * width, channels)

    Raises:
        TypeError: image is no array of numbers.
        ValueError: fewer than three axes, channels in the last axis, or another number of them.

    >>> as_pixels(np.array([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]))
    array([[1, 5],
           [2, 6],
           [3, 7],
           [4, 8]])

    Source: Wang et al. 2018, "Non-local Neural Networks", figure 2, where T is 1.
    """
    xp = real_numbers(image=image)
    check_image(image, channels)
    *batch, depth, height, width = image.shape
    front = range(len(batch))
    last = xp.permute_dims(image, (*front, len(batch) + 1, len(batch) + 2, len(batch)))
    return xp.reshape(last, (*batch, height * width, depth))


def from_pixels(
    pixels: Real[Array, "... pixel channels"], height: int, width: int
) -> Real[Array, "... channels height width"]:
    """The picture that these pixels are of: `as_pixels` undone.

    Args:
        pixels: (..., height * width, channels), row by row.
        height, width: of the picture, at least 1.

    Raises:
        TypeError: pixels is no array of numbers, or a size no whole number.
        ValueError: another number of pixels than height times width.

    >>> from_pixels(np.array([[1, 5], [2, 6], [3, 7], [4, 8]]), 2, 2)[0]
    array([[1, 2],
           [3, 4]])

    Source: Wang et al. 2018, "Non-local Neural Networks", figure 2, where T is 1.
    """
    xp = real_numbers(pixels=pixels)
    check_axes("pixels", pixels, "pixel channels")
    height, width = check_sides(height, width)
    *batch, count, channels = pixels.shape
    if count != height * width:
        raise ValueError(
            f"pixels has {count} rows, and a picture of {height} by {width} has {height * width} "
            f"pixels: give the height and width of the picture that they come from, or "
            f"{height * width} rows"
        )
    grid = xp.reshape(pixels, (*batch, height, width, channels))
    front = range(len(batch))
    return xp.permute_dims(grid, (*front, len(batch) + 2, len(batch), len(batch) + 1))


def pixel_positions(
    height: int, width: int, *, like: Array | None = None
) -> Float[Array, "pixel 2"]:
    """Where each pixel stands, its row and its column, in the order of `as_pixels`.

    Args:
        height, width: of the picture, at least 1; of patches, how many there are in each direction.
        like: an array, whose library, device and floating type the positions get. Without it they
            are NumPy's, of float64.

    Returns:
        (height * width, 2)

    Raises:
        TypeError: a size that is no whole number.
        ValueError: a size below 1.

    >>> pixel_positions(2, 3).astype(int).T
    array([[0, 0, 0, 1, 1, 1],
           [0, 1, 2, 0, 1, 2]])

    Source: Cordonnier et al. 2020, "On the Relationship between Self-Attention and Convolutional
    Layers", section 2.3, the indices p of pixels.
    """
    height, width = check_sides(height, width)
    model = np.zeros(0) if like is None else like
    xp = real_numbers(like=model)
    place = xp.arange(height * width, device=device(model))
    positions = xp.stack([place // width, place % width], axis=-1)
    known = kind_of(xp, model.dtype, "real floating")
    return xp.astype(positions, model.dtype if known else xp.asarray(0.0).dtype)


def patches(
    image: Real[Array, "... channels height width"], size: int, *, channels: int | None = None
) -> Real[Array, "... patch feature"]:
    """Cut a picture into squares, one vector for each, row by row: the words of a vision model.

    Within a vector the channels come one after the other, each row by row, as in a kernel of
    ``torch.nn.Conv2d``: a linear map of patches is a convolution whose stride is its side.

    Args:
        image: (..., channels, height, width).
        size: the side of a patch, a divisor of height and of width; at 1 patches are pixels.
        channels: as in `as_pixels`.

    Returns:
        (..., (height / size) * (width / size), channels * size * size)

    Raises:
        TypeError: as `as_pixels`, or a size that is no whole number.
        ValueError: as `as_pixels`; a size that does not divide both sides, naming those that do.

    >>> patches(np.arange(8).reshape(1, 2, 4), 2)
    array([[0, 1, 4, 5],
           [2, 3, 6, 7]])

    Source: Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", section 3.1.
    """
    xp = real_numbers(image=image)
    check_image(image, channels)
    *batch, depth, height, width = image.shape
    size = check_patch(size, height, width)
    rows, columns = height // size, width // size
    cut = xp.reshape(image, (*batch, depth, rows, size, columns, size))
    last = len(batch)
    order = (last + 1, last + 3, last, last + 2, last + 4)  # rows, columns, channels, size, size
    ordered = xp.permute_dims(cut, (*range(last), *order))
    return xp.reshape(ordered, (*batch, rows * columns, depth * size * size))


def from_patches(
    patches: Real[Array, "... patch feature"], size: int, height: int, width: int
) -> Real[Array, "... channels height width"]:
    """The picture that these patches are of: the function `patches` undone.

    Args:
        patches: (..., (height / size) * (width / size), channels * size * size).
        size: the side of a patch.
        height, width: of the picture.

    Raises:
        TypeError: patches is no array of numbers, or a size no whole number.
        ValueError: another number of patches, vectors that are no squares of this size, or a size
            that does not divide height and width.

    >>> from_patches(np.array([[0, 1, 4, 5], [2, 3, 6, 7]]), 2, 2, 4)
    array([[[0, 1, 2, 3],
            [4, 5, 6, 7]]])

    Source: Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", section 3.1, backwards.
    """
    xp = real_numbers(patches=patches)
    check_axes("patches", patches, "patch feature")
    height, width = check_sides(height, width)
    size = check_patch(size, height, width)
    *batch, count, features = patches.shape
    rows, columns = height // size, width // size
    _check_fit(count, features, rows, columns, size)
    channels = features // (size * size)
    cut = xp.reshape(patches, (*batch, rows, columns, channels, size, size))
    last = len(batch)
    order = (last + 2, last, last + 3, last + 1, last + 4)  # channels, rows, size, columns, size
    return xp.reshape(
        xp.permute_dims(cut, (*range(last), *order)), (*batch, channels, height, width)
    )


def check_image(image: Array, channels: int | None = None, name: str = "image") -> None:
    """Refuse what has no axes (..., channels, height, width), or has them in another order.

    Where the number of channels is not given, 1, 3 or 4 of them at the end, and none of these
    where channels should be, are taken for channels last, unless height and width are equal.

    Raises:
        ValueError: naming the shape and how to turn it.
    """
    shape = tuple(image.shape)
    if len(shape) < 3:
        raise ValueError(
            f"{name} has shape {shape}, and needs at least 3 axes (..., channels, height, width): "
            f"of a picture in grey, {name}[None]"
        )
    first, middle, last = shape[-3:]
    if channels is None:
        turned = first > 4 and last in (1, 3, 4) and middle != last
    else:
        turned = first != channels == last
    if turned:
        raise ValueError(
            f"{name} has shape {shape}, its {last} channels in the last axis, and pictures are "
            f"(..., channels, height, width): write np.moveaxis({name}, -1, -3) in NumPy or "
            f"{name}.movedim(-1, -3) in torch"
            + ("" if channels else f"; if there really are {first} channels, channels={first}")
        )
    if channels not in (None, first):
        raise ValueError(
            f"{name} has {first} channels, in shape {shape}, and {channels} are expected: pictures "
            "are (..., channels, height, width)"
        )


def check_sides(height: int, width: int) -> tuple[int, int]:
    """Both as Python's own numbers, if a picture can have them.

    Raises:
        TypeError, ValueError: naming the side.
    """
    because = "a picture has at least one pixel"
    return at_least("height", height, 1, because), at_least("width", width, 1, because)


def check_patch(size: int, height: int, width: int) -> int:
    """The side of a patch as Python's own number, if it divides height and width.

    Raises:
        TypeError, ValueError: naming the sizes that would.
    """
    size = at_least("size", size, 1, "at 1 each pixel is a patch")
    if height % size or width % size:
        sides = range(1, min(height, width) + 1)
        fitting = ", ".join(str(s) for s in sides if height % s == 0 and width % s == 0)
        raise ValueError(
            f"size is {size}, and the picture {height} by {width}: patches cover it without a "
            f"rest, so size must be one of {fitting}; or cut the picture to multiples of {size}"
        )
    return size


def _check_fit(count: int, features: int, rows: int, columns: int, size: int) -> None:
    if count != rows * columns:
        raise ValueError(
            f"patches has {count} rows, and a picture of {rows * size} by {columns * size} has "
            f"{rows} times {columns} patches of side {size}: give the height and width of the "
            f"picture that they come from, or {rows * columns} rows"
        )
    if features % (size * size) or not features:
        raise ValueError(
            f"patches has vectors of length {features}, and a patch of side {size} has "
            f"{size * size} numbers for each channel: give the size that they were cut with"
        )
