"""Receptive fields: which pixels of a picture move one pixel of what a net makes of it, how far."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from attnlab.core.scalars import whole_number


def receptive_field(
    function: Callable[[Tensor], Tensor], image: Any, row: int, column: int
) -> np.ndarray:
    """How far one output pixel moves when each pixel of the picture is nudged by a step of 1.

        field[i, j] = sqrt(sum over a, b of slope[a, b, i, j]^2 / channels)

    slope[a, b, i, j] is how fast channel a of the output pixel grows with channel b of (i, j).
    Where the field is exactly 0, the output pixel does not see; one 3 by 3 convolution more is one
    pixel more on each side.

    Args:
        function: from (batch, channels, height, width) to maps of any channels and sides. A
            module is best in float64, ``net.double()``, and in evaluation mode.
        image: where the slopes are taken, (channels, height, width).
        row, column: of the output pixel.

    Returns:
        (height, width)

    Raises:
        TypeError: a row or column that is no whole number.
        ValueError: an image or an output of other axes, or a pixel outside of the output.

    >>> blur = lambda x: torch.nn.functional.avg_pool2d(x, 3, stride=1, padding=1)
    >>> receptive_field(blur, np.zeros((1, 3, 4)), 0, 0).round(2)
    array([[0.11, 0.11, 0.  , 0.  ],
           [0.11, 0.11, 0.  , 0.  ],
           [0.  , 0.  , 0.  , 0.  ]])

    Source: Luo et al. 2016, "Understanding the Effective Receptive Field in Deep Convolutional
    Neural Networks", section 2.
    """
    x = torch.as_tensor(image).detach().double()
    if x.ndim != 3:
        raise ValueError(
            f"image has shape {tuple(x.shape)}, and needs (channels, height, width): of a picture "
            "in grey, image[None]"
        )
    row, column = whole_number("row", row), whole_number("column", column)
    slopes = torch.autograd.functional.jacobian(lambda x: _pixel(function, x, row, column), x)
    return slopes.square().sum((0, 1)).div(x.shape[0]).sqrt().numpy()


def _pixel(function: Callable[[Tensor], Tensor], x: Tensor, row: int, column: int) -> Tensor:
    output = function(x[None])
    if output.ndim != 4:
        raise ValueError(
            f"function(image) has shape {tuple(output.shape)}, and needs (batch, channels, height, "
            "width): of pixels make a picture again with from_pixels"
        )
    height, width = output.shape[-2:]
    if not (0 <= row < height and 0 <= column < width):
        raise ValueError(
            f"row is {row} and column {column}, and the output has {height} rows and {width} "
            f"columns: take a pixel from 0, 0 to {height - 1}, {width - 1}"
        )
    return output[0, :, row, column]
