"""Small pictures for the live figures of images, drawn with letters, one a pixel."""

from __future__ import annotations

import numpy as np

# The colours that a reader paints with, red, green and blue from 0 to 1. With channels from -1 to 1
# each of them has a larger dot product with itself than with any other.
COLOURS = {
    "white": (0.92, 0.92, 0.92),
    "yellow": (0.98, 0.82, 0.2),
    "red": (0.87, 0.2, 0.2),
    "pink": (0.9, 0.25, 0.75),
    "blue": (0.15, 0.3, 0.85),
    "sky blue": (0.3, 0.75, 0.95),
    "green": (0.1, 0.7, 0.2),
    "black": (0.13, 0.13, 0.15),
}
_LETTERS = dict(zip("wyrpbsgk", COLOURS.values(), strict=True))

_DRAWN = {
    "a boat": ["ssssrsssyy", "ssssrrssyy", "sswwrrrsss", "bbkkkkkkbb", "bbbbbbbbbb"],
    "two flowers": ["ssssssssss", "sspssssrss", "spypssryrs", "ssgssssrss", "gggggggggg"],
    "far apart": ["pwwwwwwwww", "wwwwwbwwww", "wwwwwwwwww", "wwwgwwwwww", "wwwwwwwwwp"],
    "stripes": ["ryrryrryrr", "yrryrryrry", "rryrryrryr", "ryrryrryrr", "yrryrryrry"],
    "blank": ["w" * 10] * 5,
}


def pixel_pictures() -> dict[str, np.ndarray]:
    """Five pictures of 5 by 10 pixels to look at and to paint over, by their names.

    Returns:
        Arrays (channels, height, width): red, green and blue, each from 0 to 1.

    >>> pixel_pictures()["a boat"].shape
    (3, 5, 10)
    """
    return {name: _picture(rows) for name, rows in _DRAWN.items()}


def _picture(rows: list[str]) -> np.ndarray:
    return np.array([[_LETTERS[letter] for letter in row] for row in rows]).transpose(2, 0, 1)
