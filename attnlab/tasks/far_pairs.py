"""Pictures whose answer lies far away: in the same row, or under the same colour.

On the left stand four marks that ask, on the right four that answer, and a third of the picture
lies between them. Every picture holds the same colours, so what is in it tells nothing.

Source: Linsley et al. 2018, "Learning Long-Range Spatial Dependencies with Horizontal Gated
Recurrent Units", for pictures whose answer lies in what is far apart.
"""

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
"""The answers of `far_rows` and `far_pairs`, and what they look like."""


def far_rows(
    random: torch.Generator, batch: int = 64, *, side: int = 9, noise: float = 0.1
) -> tuple[Tensor, Tensor]:
    """Which colour stands in my row? The rule is one of place.

    In the last third of the columns stand four marks of one pixel, one of each colour, in four
    different rows, and in the first third a white mark in each of these rows, which asks.

    Args:
        random: the source of randomness; the same state gives the same pictures.
        batch: how many pictures.
        side: height and width, at least 6.
        noise: the standard deviation of what is added to every number.

    Returns:
        image: red, green and blue from 0 to 1, and the noise, (batch, 3, side, side)
        answer: at the marks that ask, the place of the colour in `FAR_COLOURS`; elsewhere -1,
            (batch, side, side)

    Raises:
        TypeError: counts that are not whole.
        ValueError: a side below 6, or a noise below 0.

    >>> image, answer = far_rows(torch.Generator().manual_seed(0), 5)
    >>> image.shape, answer.shape
    (torch.Size([5, 3, 9, 9]), torch.Size([5, 9, 9]))
    >>> answer[0][answer[0] >= 0].sort().values
    tensor([0, 1, 2, 3])
    """
    third = _third(random, batch, side, noise)
    row = _four(random, batch, side)
    asking = torch.randint(third, (batch, 4), generator=random)
    answering = torch.randint(side - third, side, (batch, 4), generator=random)
    marks = [(row, asking, torch.ones(3)), (row, answering, _colours())]
    colour = torch.arange(4).expand(batch, 4)
    return _picture(random, marks, side, noise), _answers(row, asking, colour, side)


def far_pairs(
    random: torch.Generator, batch: int = 64, *, side: int = 9, noise: float = 0.1
) -> tuple[Tensor, Tensor]:
    """Which colour stands beside my own? The rule is one of content: associative recall.

    In the last third of the columns stand four pairs, each a pixel of one colour and to its right
    one of another or the same: no two pairs begin with the same colour, nor end with it. In the
    first third stands a mark of each colour, in any row, and asks for the colour to the right of
    its own in the pairs.

    Args, returns and raises as `far_rows`.

    >>> image, answer = far_pairs(torch.Generator().manual_seed(0), 5)
    >>> answer[0][answer[0] >= 0].sort().values
    tensor([0, 1, 2, 3])

    Source: Graves et al. 2014, "Neural Turing Machines", section 4.3, for associative recall.
    """
    third = _third(random, batch, side, noise)
    asking_row, row = _four(random, batch, side), _four(random, batch, side)
    asking = torch.randint(third, (batch, 4), generator=random)
    column = torch.randint(side - third, side - 1, (batch, 4), generator=random)
    answer = _four(random, batch, 4)
    colours = _colours()
    marks = [
        (asking_row, asking, colours),
        (row, column, colours),
        (row, column + 1, colours[answer]),
    ]
    return _picture(random, marks, side, noise), _answers(asking_row, asking, answer, side)


def _third(random: torch.Generator, batch: int, side: int, noise: float) -> int:
    """How many columns a third of the picture has, if all else is in order."""
    check_draw(random, batch=batch, side=side)
    if side < 6:
        raise ValueError(
            f"side is {side}, and must be at least 6: each colour has its own row, and a pair of "
            "pixels its place in the last third"
        )
    if not noise >= 0:
        raise ValueError(f"noise is {noise}, and must be a standard deviation, at least 0")
    return side // 3


def _four(random: torch.Generator, batch: int, below: int) -> Tensor:
    """Four different numbers in each picture, (batch, 4)."""
    return torch.rand(batch, below, generator=random).argsort(-1)[:, :4]


def _colours() -> Tensor:
    return torch.tensor(list(FAR_COLOURS.values()))


def _picture(
    random: torch.Generator, marks: list[tuple[Tensor, Tensor, Tensor]], side: int, noise: float
) -> Tensor:
    """Pixels of rows, columns and colours on noise, (batch, 3, side, side)."""
    batch = len(marks[0][0])
    image = noise * torch.randn(batch, side, side, 3, generator=random)
    for row, column, colour in marks:
        image[torch.arange(batch)[:, None], row, column] += colour
    return image.permute(0, 3, 1, 2).contiguous()


def _answers(row: Tensor, column: Tensor, colour: Tensor, side: int) -> Tensor:
    """The colour at each mark that asks, -1 elsewhere, (batch, side, side)."""
    answer = torch.full((len(row), side, side), -1)
    answer[torch.arange(len(row))[:, None], row, column] = colour
    return answer
