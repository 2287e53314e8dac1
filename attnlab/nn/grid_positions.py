"""Positions on a grid: a learnt vector for each place, or a learnt number for each way to go."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from attnlab.core.arrays import Float, Mask
from attnlab.core.images import pixel_positions
from attnlab.core.scalars import at_least
from attnlab.nn.config_checks import check_sizes
from attnlab.nn.fused import fused_attention
from attnlab.nn.position_encoding import AddedPositions, PositionEncoding


class GridPositions(AddedPositions):
    """Adds a learnt vector for each place of a grid, which at first knows nothing of the grid.

    The table starts with random numbers, so whatever order it shows after training was learnt:
    that two places are neighbours is nowhere told.

    Args:
        d_model: the dimension of the vectors.
        height, width: how many rows and columns of pixels or patches there are.
        front: how many vectors stand before those of the grid, such as a class token; each has
            a row of the table too.

    Raises:
        TypeError, ValueError: a size that is no whole number of at least 1.
        ValueError: another number of vectors than places.

    >>> GridPositions(8, height=4, width=4, front=1)(torch.zeros(2, 17, 8)).shape
    torch.Size([2, 17, 8])

    Source: Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", eq. 1, E_pos.
    """

    def __init__(self, d_model: int, height: int, width: int, *, front: int = 0):
        super().__init__(d_model)
        check_sizes(height=height, width=width)
        self.height, self.width = height, width
        self.front = at_least("front", front, 0, "0 means the grid alone")
        self.table = nn.Parameter(0.02 * torch.randn(front + height * width, d_model))

    def vectors(self, count: int) -> Float[Tensor, "count d_model"]:
        """The vectors of all places, row by row, those in front first."""
        _check_count("x", count, self)
        return self.table

    def extra_repr(self) -> str:
        return f"d_model={self.d_model}, {_described(self)}"


class RelativeGridPositions(PositionEncoding):
    """Adds to every score a number learnt for the way from query to key: rows down, columns right.

        score = query key^T / sqrt(d_k) + table[head, rows down, columns right]

    There are (2 height - 1) (2 width - 1) such ways. The numbers start at 0, where all are alike.

    Args:
        heads: how many heads; each has numbers of its own.
        height, width: how many rows and columns there are.
        front: how many vectors stand before those of the grid; to and from them nothing is added.

    Raises:
        TypeError, ValueError: a size that is no whole number of at least 1.
        ValueError: queries with another number of heads, or another number of places.

    >>> x = torch.zeros(1, 1, 4, 2)
    >>> RelativeGridPositions(heads=1, height=2, width=2).attend(x, x, x).shape
    torch.Size([1, 1, 4, 2])

    Source: Liu et al. 2021, "Swin Transformer", eq. 4; Bello et al. 2019, "Attention Augmented
    Convolutional Networks", section 3.2, for relative positions in two dimensions.
    """

    rows: Tensor
    columns: Tensor

    def __init__(self, heads: int, height: int, width: int, *, front: int = 0):
        super().__init__()
        check_sizes(heads=heads, height=height, width=width)
        self.heads, self.height, self.width = heads, height, width
        self.front = at_least("front", front, 0, "0 means the grid alone")
        self.table = nn.Parameter(torch.zeros(heads, 2 * height - 1, 2 * width - 1))
        place = torch.from_numpy(pixel_positions(height, width)).long()
        way = place - place[:, None]  # (query, key, 2)
        self.register_buffer("rows", way[..., 0] + height - 1, persistent=False)
        self.register_buffer("columns", way[..., 1] + width - 1, persistent=False)

    def bias(self) -> Float[Tensor, "heads query key"]:
        """What is added to the scores, (heads, query, key)."""
        bias = self.table[:, self.rows, self.columns]
        return nn.functional.pad(bias, (self.front, 0, self.front, 0))

    def attend(
        self,
        query: Float[Tensor, "batch heads query d_k"],
        key: Float[Tensor, "batch heads key d_k"],
        value: Float[Tensor, "batch heads key d_v"],
        mask: Mask[Tensor, "query key"] | None = None,
    ) -> Float[Tensor, "batch heads query d_v"]:
        """`fused_attention` with the number of each way added to its score."""
        for name, x in {"query": query, "key": key}.items():
            _check_count(name, x.shape[-2], self)
        if query.shape[-3] != self.heads:
            raise ValueError(
                f"query has {query.shape[-3]} heads, and the table is for {self.heads}: give both "
                "one number of heads"
            )
        return fused_attention(query, key, value, mask, bias=self.bias().to(query))

    def extra_repr(self) -> str:
        return f"heads={self.heads}, {_described(self)}"


def _check_count(name: str, count: int, grid: GridPositions | RelativeGridPositions) -> None:
    wanted = grid.front + grid.height * grid.width
    if count != wanted:
        before = f"{grid.front} and " if grid.front else ""
        raise ValueError(
            f"{name} has {count} vectors, and there are {before}{grid.height} times {grid.width} "
            f"positions, {wanted}: each vector needs one, so make them of the grid's height and "
            "width"
        )


def _described(grid: GridPositions | RelativeGridPositions) -> str:
    return f"height={grid.height}, width={grid.width}, front={grid.front}"
