"""The attention of a pixel over its picture, as a live figure; the reader paints the picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import traitlets as t

from attnlab.core import as_pixels, offset_scores, pixel_positions, softmax
from attnlab.lab.image_stills import pixels_png
from attnlab.lab.shown_arrays import as_array
from attnlab.lab.small_pictures import COLOURS, pixel_pictures
from attnlab.lab.uniforms import uniforms
from attnlab.lab.widgets.assets import bundle, style
from attnlab.lab.widgets.bounds import OneOf, Whole
from attnlab.lab.widgets.declared import Menu, Number, Press, Switch
from attnlab.lab.widgets.figure import Figure, LiveFigure
from attnlab.lab.widgets.sending import numbers, sent

MOST = 12  # pixels of a side
HEADS = {
    "same colour": {"content": 20.0},
    "near": {"sharpness": 0.5},
    "one to the left": {"shift": (0, -1), "sharpness": 6.0},
    "same colour, near": {"content": 20.0, "sharpness": 0.25},
}
_PARTS = {"content": 0.0, "shift": (0, 0), "sharpness": 0.0}


class PixelAttention(Figure):
    """A picture as a set of pixels: what one of them looks at, in several heads, and what it reads.

    A pixel is a vector x of three channels from -1 to 1, twice its colour less 1, at a place p, its
    row and column. A head gives it the score x_i A x_j / sqrt(3) - sharpness |p_j - p_i - shift|²
    for pixel j; softmax makes weights of the scores, and the output is the weighted mean of the
    colours. Without positions only the first part counts.

    Args:
        image: a picture (3, height, width), each number from 0 to 1, at most 12 by 12; or several
            of one size by their names; five that come with the package if not given.
        heads: {name: {"content": A, (3, 3), or a number that multiplies the identity, "shift":
            (rows down, columns right), "sharpness": a number from 0 on}}; each may be left away.
            Four that come with the figure if not given.

    Traits: picture, head (names), query (the number of the pixel that asks, row by row from 0),
    positions, shuffle (0: each pixel in its place; or the seed of the order in which they stand),
    painted ({picture: {pixel: colour}}: what was painted over it, by the number of the colour),
    brush (the colour that a click paints, -1: a click asks), focus ([row, column] of the pixel
    that is looked at, as it stands unshuffled, or []).

    Raises:
        TypeError, ValueError: naming the argument, both sizes and the cure.

    Source: Cordonnier et al. 2020, "On the Relationship between Self-Attention and Convolutional
    Layers", section 3 (the scores of places); Vaswani et al. 2017, equation 1.
    """

    _esm = bundle("pixels.js")
    _css = Figure._css + style("pixels.css")

    images = t.Any().tag(sync=True, to_json=sent)
    names = t.List(t.Unicode()).tag(sync=True)
    heads = t.List(t.Dict()).tag(sync=True)
    # A list, since a notebook sorts the names of a dict.
    palette = t.List([[name, list(colour)] for name, colour in COLOURS.items()]).tag(sync=True)
    picture = OneOf("names")
    head = OneOf(lambda figure: [head["name"] for head in figure.heads])
    query = Whole(0, lambda figure: figure.count - 1)
    positions = t.Bool(True).tag(sync=True)
    shuffle = Whole(0, 2**31 - 1)
    brush = Whole(-1, lambda figure: len(figure.palette) - 1, default=-1)
    painted = t.Dict().tag(sync=True)

    controls = (
        Menu("picture"),
        Menu("head"),
        Number("query", "pixel that asks"),
        Switch("positions"),
        Press("shuffle", "order of the pixels", says="shuffle the pixels", add=1),
    )

    def __init__(self, image=None, heads=None, **traits):
        pictures = _pictures(image)
        heads = _heads(HEADS if heads is None else heads)
        first = {"picture": next(iter(pictures)), "head": heads[0]["name"]}
        images = np.stack(list(pictures.values()))
        middle = images.shape[2] // 2 * images.shape[3] + images.shape[3] // 2
        given = first | {"query": middle} | traits
        super().__init__(images=images, names=list(pictures), heads=heads, **given)
        if "focus" not in traits:
            self.focus = list(divmod(self.query, self.cells[1]))

    @property
    def cells(self) -> tuple[int, int]:
        return self.images.shape[2:]

    @property
    def count(self) -> int:
        """How many pixels there are."""
        return self.images.shape[2] * self.images.shape[3]

    @property
    def colours(self) -> np.ndarray:
        """The colour of each pixel, (pixel, 3), with what was painted, unshuffled."""
        image = self.images[self.names.index(self.picture)]
        colours = as_pixels(image, channels=3).copy()
        for pixel, colour in self.painted.get(self.picture, {}).items():
            colours[int(pixel)] = self.palette[colour][1]
        return colours

    @property
    def order(self) -> np.ndarray:
        """Which pixel stands at each place, row by row."""
        if self.shuffle == 0:
            return np.arange(self.count)
        return np.argsort(uniforms(self.shuffle, self.count), kind="stable")

    @property
    def weights(self) -> np.ndarray:
        """How each pixel looks at each, (pixel, pixel), by the head that is chosen."""
        return softmax(self._scores(self.order))

    @property
    def outputs(self) -> np.ndarray:
        """What each pixel reads, (pixel, 3): the colours of all, by its weights."""
        return self.weights @ self.colours

    @property
    def moved(self) -> float:
        """How far the shuffling has changed an output, at most."""
        still = softmax(self._scores(np.arange(self.count))) @ self.colours
        return float(abs(self.outputs - still).max())

    @property
    def result(self) -> list:
        """[row and column of the pixel that asks, as it stands unshuffled, number of the head],
        its weights row by row of the places, and the colour that it reads."""
        head = [each["name"] for each in self.heads].index(self.head)
        asks = [*divmod(self.query, self.cells[1]), head]
        weights = self.weights[self.query][self.order]
        return [asks, weights.tolist(), self.outputs[self.query].tolist()]

    def _scores(self, order: np.ndarray) -> np.ndarray:
        """Of pixels that stand in this order, (pixel, pixel)."""
        head = next(each for each in self.heads if each["name"] == self.head)
        vectors = 2 * self.colours - 1
        content = vectors @ np.array(head["content"]) @ vectors.T / np.sqrt(3)
        if not self.positions:
            return content
        places = pixel_positions(*self.cells)[np.argsort(order)]
        return content + offset_scores(places, places, head["shift"], head["sharpness"])

    @t.validate("painted")
    def _in_the_picture(self, proposal):
        for name, pixels in proposal.value.items():
            if name not in self.names:
                raise ValueError(f"painted has the picture {name!r}, and there are {self.names}")
            for pixel, colour in pixels.items():
                if not (0 <= int(pixel) < self.count and 0 <= colour < len(self.palette)):
                    raise ValueError(
                        f"painted has colour {colour} at pixel {pixel}, and there are "
                        f"{len(self.palette)} colours and {self.count} pixels"
                    )
        return proposal.value

    def __repr__(self) -> str:
        height, width = self.cells
        heads = f"{len(self.heads)} head{'s'[: len(self.heads) > 1]}"
        return f"Live attention of pixels, {height} by {width}, {heads}"

    def png(self) -> bytes:
        size, order = self.cells, self.order
        place = int(np.flatnonzero(order == self.query)[0])
        return pixels_png(
            self.colours[order].reshape(*size, 3),
            self.weights[self.query][order].reshape(size),
            self.outputs[order].reshape(*size, 3),
            query=divmod(place, size[1]),
            head=self.head,
        )


def pixel_attention(
    image=None, heads=None, *, controls: Sequence[str] | None = None, **arguments
) -> LiveFigure:
    """A `PixelAttention` with its controls, ready to show; the widget itself is `.figure`.

    Args:
        image, heads and further arguments: as `PixelAttention`.
        controls: which of picture, head, query, positions and shuffle to show, in this order; all
            of them if not given.

    >>> pixel_attention()
    Live attention of pixels, 5 by 10, 4 heads
    """
    return LiveFigure(PixelAttention(image, heads, **arguments), controls)


def _pictures(image) -> dict[str, np.ndarray]:
    """Checked pictures by their names, all of one size."""
    if image is None:
        return pixel_pictures()
    if isinstance(image, Mapping) and not image:
        raise ValueError("image has no picture: give {name: (3, height, width)}, or one alone")
    named = image if isinstance(image, Mapping) else {"picture": image}
    pictures = {str(name): _picture(each) for name, each in named.items()}
    first = next(iter(pictures.values()))
    for name, each in pictures.items():
        if each.shape != first.shape:
            raise ValueError(
                f"image has {name!r} of shape {each.shape} beside {first.shape}: give all of a size"
            )
    return pictures


def _picture(image) -> np.ndarray:
    array = as_array("image", image)
    if array.ndim == 3 and array.shape[0] != 3 and array.shape[2] == 3:
        raise ValueError(
            f"image has shape {array.shape}, channels last, and needs (3, height, width): "
            "image.transpose(2, 0, 1)"
        )
    if array.ndim != 3 or array.shape[0] != 3:
        raise ValueError(f"image has shape {array.shape}, and needs (3, height, width)")
    if max(array.shape[1:]) > MOST or array[0].size < 2:
        raise ValueError(
            f"image has {array.shape[1]} by {array.shape[2]} pixels, and the figure room for 2 "
            f"pixels to {MOST} by {MOST}: show a part"
        )
    real = numbers("image", array)[0]
    if real.min() < 0 or real.max() > 1:
        wrong = real.min() if real.min() < 0 else real.max()
        raise ValueError(
            f"image holds {wrong:g}, and a colour is from 0 to 1: divide by the largest value"
        )
    return real


def _heads(heads) -> list[dict]:
    """Checked heads, each with all that it needs."""
    if not isinstance(heads, Mapping) or not heads:
        raise TypeError(f"heads is {heads!r}, and must be {{name: {{'content': ...}}}}")
    return [_head(str(name), head) for name, head in heads.items()]


def _head(name: str, head) -> dict:
    if not isinstance(head, Mapping) or set(head) - set(_PARTS):
        raise TypeError(f"heads has {head!r} as {name!r}, and knows only {sorted(_PARTS)}")
    parts = _PARTS | dict(head)
    content, shift = (as_array(part, parts[part]) for part in ("content", "shift"))
    content = content * np.eye(3) if content.ndim == 0 else content
    if content.shape != (3, 3) or shift.shape != (2,):
        raise ValueError(
            f"heads has content of shape {content.shape} and shift of {shift.shape} as {name!r}, "
            "and needs (3, 3), or a number, and (2,): rows down, columns right"
        )
    if not 0 <= parts["sharpness"] < np.inf:
        raise ValueError(f"heads has sharpness {parts['sharpness']} as {name!r}: 0 or more")
    return {
        "name": name,
        "content": numbers("content", content)[0, 0].tolist(),
        "shift": numbers("shift", shift[None])[0, 0, 0].tolist(),
        "sharpness": float(parts["sharpness"]),
    }
