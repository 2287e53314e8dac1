"""Pictures with a rule from one side to the other: which colour stands across from a white mark?"""

from __future__ import annotations

import torch
from torch import Tensor

from attnlab.tasks.draws import check_draw

FAR_COLOURS = {
    "red": (1.0, 0.0, 0.0),
    "green": (0.0, 1.0, 0.0),
    "blue": (0.0, 0.0, 1.0),
    "yellow": (1.0, 1.0, 0.0),
}
"""The answers of `far_pairs`, and what they look like."""


def far_pairs(
    random: torch.Generator, batch: int = 64, *, side: int = 12, noise: float = 0.1
) -> tuple[Tensor, Tensor]:
    """White marks on the left, coloured ones on the right: which colour stands in whose row?

    In the last third of the columns stand four marks of one pixel, one of each colour, in four
    different rows, and in the first third a white mark in each of these rows. Each white mark is
    asked for the colour in its row. Every picture holds every colour once, so what is in it tells
    nothing: only where does, and nothing nearer than a third of the picture.

    Args:
        random: the source of randomness; the same state gives the same pictures.
        batch: how many pictures.
        side: height and width, at least 4.
        noise: the standard deviation of what is added to every number.

    Returns:
        image: red, green and blue from 0 to 1, and the noise, (batch, 3, side, side)
        answer: at white marks the place of the colour in `FAR_COLOURS`, elsewhere -1,
            (batch, side, side)

    Raises:
        TypeError: counts that are not whole.
        ValueError: a side below 4, or a noise below 0.

    >>> image, answer = far_pairs(torch.Generator().manual_seed(0), 5, noise=0.0)
    >>> image.shape, answer.shape
    (torch.Size([5, 3, 12, 12]), torch.Size([5, 12, 12]))
    >>> answer[0][answer[0] >= 0].sort().values
    tensor([0, 1, 2, 3])

    Source: Linsley et al. 2018, "Learning Long-Range Spatial Dependencies with Horizontal Gated
    Recurrent Units", for pictures whose answer lies in what is far apart.
    """
    check_draw(random, batch=batch, side=side)
    if side < 4:
        raise ValueError(f"side is {side}, and must be at least 4: each colour has its own row")
    if not noise >= 0:
        raise ValueError(f"noise is {noise}, and must be a standard deviation, at least 0")
    third, colours = side // 3, torch.tensor(list(FAR_COLOURS.values()))
    every = torch.arange(batch)[:, None]
    row = torch.rand(batch, side, generator=random).argsort(-1)[:, :4]
    white = torch.randint(third, (batch, 4), generator=random)
    coloured = torch.randint(side - third, side, (batch, 4), generator=random)
    image = noise * torch.randn(batch, side, side, 3, generator=random)
    image[every, row, white] += 1.0
    image[every, row, coloured] += colours
    answer = torch.full((batch, side, side), -1)
    answer[every, row, white] = torch.arange(4).expand(batch, 4)
    return image.permute(0, 3, 1, 2).contiguous(), answer
