"""From a picture to a grid of vectors: what a captioner reads."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from attnlab.core.arrays import Float
from attnlab.nn.config_checks import check_sizes
from attnlab.nn.position_encoding import PositionEncoding


class RegionEncoder(nn.Module):
    """Three convolutions that make a vector of each region of 4 by 4 pixels, and where it lies.

        regions = relu(convolution(relu(convolution(relu(convolution(picture))))))
        output = regions, row by row, with their positions put in

    The first two convolutions go in steps of two pixels. A region's vector comes from 15 by 15
    pixels, its own 4 by 4 in their middle; so it knows something of its neighbours too.

    Args:
        d_model: the dimension of the vectors; the first convolution has half as many channels.
        size: how many pixels the pictures are wide and high.
        positions: where positions enter, such as LearnedPositions(d_model, length=64).

    Raises:
        TypeError, ValueError: a size that is no whole number of at least 1; ValueError for an odd
            d_model, or a size that 4 does not divide.

    >>> encoder = RegionEncoder(8, 32, PositionEncoding())
    >>> encoder(torch.ones(1, 3, 32, 32)).shape
    torch.Size([1, 64, 8])

    Source: Xu et al. 2015, "Show, Attend and Tell", section 3.1.1: the vectors of a convolutional
    layer before the last, one for each part of the picture; He et al. 2015, "Delving Deep into
    Rectifiers", eq. 10, for how they start.
    """

    def __init__(self, d_model: int, size: int, positions: PositionEncoding):
        super().__init__()
        check_sizes(d_model=d_model, size=size)
        if d_model % 2:
            raise ValueError(f"d_model is {d_model}, and must be even: half of it comes first")
        if size % 4:
            raise ValueError(f"size is {size}, and must be a multiple of 4, the side of a region")
        self.size, self.positions = size, positions
        self.convolutions = nn.ModuleList(
            [
                nn.Conv2d(3, d_model // 2, 3, stride=2, padding=1),
                nn.Conv2d(d_model // 2, d_model, 3, stride=2, padding=1),
                nn.Conv2d(d_model, d_model, 3, padding=1),
            ]
        )
        for convolution in self.convolutions:  # so that what is seen is as large as positions are
            nn.init.kaiming_normal_(convolution.get_parameter("weight"), nonlinearity="relu")
            nn.init.zeros_(convolution.get_parameter("bias"))

    def forward(
        self, pictures: Float[Tensor, "batch 3 height width"]
    ) -> Float[Tensor, "batch region d_model"]:
        """A vector for each region, row by row: region = row * (size / 4) + column.

        Args:
            pictures: their channels first, from 0 to 1, (batch, 3, size, size).

        Raises:
            TypeError: no tensor, or one of another type than the parameters.
            ValueError: another shape, saying how to turn pictures with their channels last.
        """
        self.check(pictures)
        x = pictures
        for convolution in self.convolutions:
            x = convolution(x).relu()
        return self.positions(x.flatten(2).transpose(1, 2))

    def check(self, pictures: Any) -> None:
        """Refuse what are no pictures of this size.

        Raises:
            TypeError, ValueError: as `forward`.
        """
        if not isinstance(pictures, Tensor):
            raise TypeError(
                f"pictures is a {type(pictures).__name__}, and must be a torch tensor: write "
                "torch.from_numpy(picture).float()[None]"
            )
        shape, size = tuple(pictures.shape), self.size
        if shape[1:] != (3, size, size) or not len(pictures):
            raise ValueError(
                f"pictures has shape {shape}, and this model reads (batch, 3, {size}, {size})"
                + _cure(shape, size)
            )
        dtype = self.convolutions[0].get_parameter("weight").dtype
        if pictures.dtype != dtype and not torch.is_autocast_enabled(pictures.device.type):
            raise TypeError(
                f"pictures holds {pictures.dtype}, and the parameters of this model {dtype}: write "
                f"pictures.to({dtype})"
            )


def _cure(shape: tuple[int, ...], size: int) -> str:
    if shape == (3, size, size):
        return ": a single picture is picture[None]"
    if len(shape) in (3, 4) and shape[-1] == 3:
        return ": its channels come last, and pictures.movedim(-1, -3) puts them first"
    if len(shape) == 4 and shape[1] == 3:
        return ": make them anew in that size, or train a model for yours"
    return ": red, green and blue, one picture behind the other"
