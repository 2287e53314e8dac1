"""Convolution, and the same as attention: a head for each cell of the kernel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import ModuleType

from array_api_compat import device

from attnlab.core.arrays import Array, Float, check_axes, fits, floating
from attnlab.core.images import as_pixels, check_image, check_sides, from_pixels, pixel_positions
from attnlab.core.precision import check_same_type, narrowed, widened
from attnlab.core.scalars import at_least, number
from attnlab.core.softmax import softmax


def convolution(
    image: Float[Array, "... in height width"],
    kernel: Float[Array, "out in rows columns"],
    *,
    stride: int = 1,
) -> Float[Array, "... out lower narrower"]:
    """Slide a kernel over a picture: each output pixel is a weighted sum of its neighbourhood.

        output[:, i, j] = sum over r, c of kernel[:, :, r, c] @ image[:, i + r - R, j + c - C]

    R and C are the halves of the kernel's sides, rounded down; outside of the picture is 0. As in
    every library of deep learning the kernel is not turned round.

    Args:
        image: (..., in, height, width).
        kernel: (out, in, rows, columns), with odd rows and columns.
        stride: how far apart the output pixels lie, at least 1.

    Returns:
        (..., out, height / stride, width / stride), both rounded up.

    Raises:
        TypeError: no real numbers, NumPy mixed with torch, or a stride that is no whole number.
        ValueError: a side of the kernel that is even, a kernel for other channels, or a stride
            below 1.

    >>> image = np.array([[[1.0, 2.0, 3.0]]])
    >>> convolution(image, np.array([[[[1.0, 0.0, -1.0]]]]))
    array([[[-2., -2.,  2.]]])

    Source: LeCun et al. 1998, "Gradient-Based Learning Applied to Document Recognition", II.A.
    """
    xp = floating(image=image, kernel=kernel)
    rows, columns = _check_kernel(kernel)
    check_image(image, kernel.shape[1])
    check_same_type(xp, image=image, kernel=kernel)
    stride = at_least("stride", stride, 1, "1 means every pixel")
    wide, wide_kernel = widened(xp, image, kernel)
    height, width = image.shape[-2:]
    bordered = _with_zeros_around(xp, wide, rows // 2, columns // 2)
    total = 0.0
    for row in range(rows):
        for column in range(columns):
            shifted = bordered[..., row : row + height, column : column + width]
            pixels = as_pixels(shifted[..., ::stride, ::stride], channels=kernel.shape[1])
            total = total + pixels @ wide_kernel[:, :, row, column].T
    output = from_pixels(total, -(-height // stride), -(-width // stride))
    return narrowed(xp, output, image, kernel)


def offset_scores(
    query: Float[Array, "... query place"],
    key: Float[Array, "... key place"],
    shift: Sequence[int | float] | Float[Array, "... place"],
    sharpness: int | float = 50.0,
) -> Float[Array, "... query key"]:
    """Score a key by how near it stands to where the query looks: its own place, and a shift.

        score = -sharpness |key - query - shift|^2

    It knows places only, not contents, and depends on the difference of two places alone: a
    relative position. On whole places the weights of all keys but the wanted one are together
    below 8 exp(-sharpness), for a sharpness of at least 1; at 0 all keys are alike.

    Args:
        query: where the queries stand, (..., query, 2), such as `pixel_positions` gives.
        key: where the keys stand, (..., key, 2).
        shift: how far from itself a query looks, rows and columns; (1, 0) is the pixel below.
        sharpness: at least 0.

    Raises:
        TypeError: no real numbers, or NumPy mixed with torch.
        ValueError: places of different dimensions, or a sharpness below 0.

    >>> place = np.array([[0.0, 0.0], [0.0, 1.0], [0.0, 2.0]])
    >>> softmax(offset_scores(place, place, (0, 1), sharpness=10)).round(3)
    array([[0., 1., 0.],
           [0., 0., 1.],
           [0., 0., 1.]])

    Source: Cordonnier et al. 2020, "On the Relationship between Self-Attention and Convolutional
    Layers", eq. 9 and lemma 2.
    """
    xp = floating(query=query, key=key)
    check_axes("query", query, "query place")
    check_axes("key", key, "key place")
    check_same_type(xp, query=query, key=key)
    sharpness = _check_sharpness(sharpness)
    wide_query, wide_key = widened(xp, query, key)
    shift = _as_shift(xp, shift, wide_query)
    _check_places(query, key, shift)
    steps = wide_key[..., None, :, :] - (wide_query + shift)[..., :, None, :]
    return narrowed(xp, -sharpness * xp.sum(steps * steps, axis=-1), query, key)


def convolution_as_attention(
    kernel: Float[Array, "out in rows columns"],
    height: int,
    width: int,
    *,
    stride: int = 1,
    sharpness: int | float = 50.0,
) -> tuple[Float[Array, "head query key"], Float[Array, "head channel out"]]:
    """The heads that do what `convolution` does: one for each cell of the kernel.

        weights_h = softmax(offset_scores(p, p, cell_h - middle)),  maps_h = kernel[:, :, cell_h]^T
        output    = sum over heads h of weights_h @ pixels @ maps_h

    Each head attends, by position alone, to the pixel that its cell lies on; the values of all
    are the pixels themselves, and each head has its own map to the output. Where the cell lies
    outside of the picture, a head may attend to nothing, and gives zeros: the border. What is left
    of the difference to the convolution shrinks as exp(-sharpness).

    Args:
        kernel: (out, in, rows, columns), with odd rows and columns.
        height, width: of the picture.
        stride: how far apart the queries lie.
        sharpness: of the heads; see `offset_scores`.

    Returns:
        weights (head, query, key) and maps (head, in, out), in the type of the kernel. Heads are
        the cells, row by row; keys are all pixels; queries are those at every stride-th row and
        column, row by row.

    Raises:
        TypeError, ValueError: as `convolution` and `offset_scores`.

    >>> image, kernel = np.arange(12.0).reshape(1, 3, 4), np.arange(9.0).reshape(1, 1, 3, 3)
    >>> weights, maps = convolution_as_attention(kernel, 3, 4)
    >>> output = (weights @ as_pixels(image) @ maps).sum(axis=0)
    >>> np.allclose(from_pixels(output, 3, 4), convolution(image, kernel))
    True

    Source: Cordonnier et al. 2020, theorem 1, with the positions of eq. 9.
    """
    xp = floating(kernel=kernel)
    rows, columns = _check_kernel(kernel)
    height, width = check_sides(height, width)
    stride = at_least("stride", stride, 1, "1 means every pixel")
    (wide,) = widened(xp, kernel)
    key = pixel_positions(height, width, like=wide)
    query = key[xp.all(key % stride == 0, axis=-1)]
    weights, maps = [], []
    for row in range(rows):
        for column in range(columns):
            shift = xp.asarray(
                [row - rows // 2, column - columns // 2], dtype=wide.dtype, device=device(wide)
            )
            inside = _is_inside(query + shift, height, width)
            scores = offset_scores(query, key, shift, sharpness)
            weights.append(softmax(scores, inside[:, None]))
            maps.append(wide[:, :, row, column].T)
    return narrowed(xp, xp.stack(weights), kernel), narrowed(xp, xp.stack(maps), kernel)


def _with_zeros_around(xp: ModuleType, image: Array, rows: int, columns: int) -> Array:
    *front, height, width = image.shape
    options = {"dtype": image.dtype, "device": device(image)}
    beside = xp.zeros((*front, height, columns), **options)
    image = xp.concat([beside, image, beside], axis=-1)
    above = xp.zeros((*front, rows, width + 2 * columns), **options)
    return xp.concat([above, image, above], axis=-2)


def _is_inside(places: Array, height: int, width: int) -> Array:
    row, column = places[..., 0], places[..., 1]
    return (row >= 0) & (row < height) & (column >= 0) & (column < width)


def _check_kernel(kernel: Array) -> tuple[int, int]:
    if kernel.ndim != 4:
        raise ValueError(
            f"kernel has shape {tuple(kernel.shape)}, and needs 4 axes (out, in, rows, columns): "
            "of a square of numbers for one channel, kernel[None, None]"
        )
    for name, side in zip(("rows", "columns"), kernel.shape[2:], strict=True):
        if side % 2 == 0:
            raise ValueError(
                f"kernel has {side} {name}, in shape {tuple(kernel.shape)}, and needs an odd "
                f"number of them, so that one lies in the middle: take {max(side - 1, 1)} or "
                f"{side + 1}; its axes are (out, in, rows, columns)"
            )
    return kernel.shape[2], kernel.shape[3]


def _check_sharpness(sharpness: int | float) -> int | float:
    """The sharpness, if it is one; at most 1e30, since float32 ends soon after."""
    sharpness = number("sharpness", sharpness)
    if not 0.0 <= sharpness < math.inf:
        raise ValueError(
            f"sharpness is {sharpness}, and must be at least 0 and finite: 0 attends to all places "
            "alike, 50 to one of them"
        )
    return min(sharpness, 1e30) if isinstance(sharpness, int | float) else sharpness


def _as_shift(xp: ModuleType, shift: Sequence[int | float] | Array, query: Array) -> Array:
    if hasattr(shift, "shape"):
        floating(query=query, shift=shift)
        return shift
    return xp.asarray(list(shift), dtype=query.dtype, device=device(query))


def _check_places(query: Array, key: Array, shift: Array) -> None:
    sizes = query.shape[-1], key.shape[-1], shift.shape[-1] if shift.ndim else 0
    if len(set(sizes)) > 1:
        raise ValueError(
            f"query has places of {sizes[0]} numbers, key of {sizes[1]} and shift of {sizes[2]}: "
            "in a picture each has two, a row and a column"
        )
    if not fits(shift.shape, query.shape):
        raise ValueError(
            f"shift has shape {tuple(shift.shape)}, and query {tuple(query.shape)}: it needs one "
            f"number for each direction, shape ({query.shape[-1]},)"
        )
