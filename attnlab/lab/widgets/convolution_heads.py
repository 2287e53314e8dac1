"""Nine heads that look at nine neighbours, and become a convolution: as a live figure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import traitlets as t

from attnlab.core import as_pixels, convolution, convolution_as_attention, from_pixels
from attnlab.lab.image_stills import convolution_png
from attnlab.lab.shown_arrays import as_array
from attnlab.lab.widgets.assets import bundle, style
from attnlab.lab.widgets.bounds import OneOf, Real, Whole
from attnlab.lab.widgets.declared import Menu, Number
from attnlab.lab.widgets.figure import Figure, LiveFigure
from attnlab.lab.widgets.sending import numbers, sent

MOST = 12  # pixels of a side
KERNELS = {
    "blur": [[1 / 9] * 3] * 3,
    "edges from left to right": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "edges from top to bottom": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "shift to the right": [[0, 0, 0], [1, 0, 0], [0, 0, 0]],
}


class ConvolutionHeads(Figure):
    """A convolution of 3 by 3 as attention: one head for each cell of its kernel.

    Each head looks, by position alone, at the pixel that its cell lies on; with growing sharpness
    its weights become one pixel, and the output of all nine that of the convolution. The browser
    computes what `attnlab.convolution_as_attention` computes.

    Args:
        image: a picture in grey, (height, width), or (1, height, width), at most 12 by 12.
        kernel: the name of a prepared kernel, or numbers of one's own, (3, 3); "blur" if not given.

    Traits: sharpness (0 to 100), kernel (its name), query (the number of the pixel that asks, row
    by row from 0), edited ({kernel: (3, 3)}: its numbers as they were changed), focus ([row,
    column] of the pixel that asks, or []).

    Raises:
        TypeError, ValueError: naming the argument, both sizes and the cure.

    Source: Cordonnier et al. 2020, "On the Relationship between Self-Attention and Convolutional
    Layers", theorem 1.
    """

    _esm = bundle("convolution_heads.js")
    _css = Figure._css + style("convolution_heads.css")

    image = t.Any().tag(sync=True, to_json=sent)
    names = t.List(t.Unicode()).tag(sync=True)
    kernels = t.List(t.List()).tag(sync=True)
    sharpness = Real(0.0, 100.0, default=1.0)
    kernel = OneOf("names")
    query = Whole(0, lambda figure: figure.image[0, 0].size - 1)
    edited = t.Dict().tag(sync=True)

    controls = (
        Number("sharpness", scale="log1p", step=0.125),
        Menu("kernel"),
        Number("query", "pixel that asks"),
    )

    def __init__(self, image, kernel="blur", **traits):
        image = _grey(image)
        kernels = KERNELS if isinstance(kernel, str) else {"own": _kernel("kernel", kernel)}
        kernels = {**kernels, **KERNELS}
        height, width = image.shape[2:]
        given = {
            "kernel": kernel if isinstance(kernel, str) else "own",
            "query": height // 2 * width + width // 2,
            **traits,
        }
        super().__init__(
            image=image,
            names=list(kernels),
            kernels=[[list(map(float, row)) for row in each] for each in kernels.values()],
            **given,
        )
        if "focus" not in traits:
            self.focus = list(divmod(self.query, width))

    @property
    def cells(self) -> tuple[int, int]:
        return self.image.shape[2:]

    @property
    def numbers(self) -> np.ndarray:
        """The kernel as it is now, (3, 3)."""
        prepared = self.kernels[self.names.index(self.kernel)]
        return np.array(self.edited.get(self.kernel, prepared), float)

    @property
    def weights(self) -> np.ndarray:
        """How each pixel looks at each in each head, (head, query, key)."""
        kernel = self.numbers[None, None]
        return convolution_as_attention(kernel, *self.cells, sharpness=self.sharpness)[0]

    @property
    def output(self) -> np.ndarray:
        """What the nine heads read, times their numbers of the kernel, (height, width)."""
        pixels = as_pixels(self.image[0], channels=1)
        maps = self.numbers.reshape(9, 1, 1)
        return from_pixels((self.weights @ pixels @ maps).sum(0), *self.cells)[0]

    @property
    def convolved(self) -> np.ndarray:
        """The output of the convolution itself, (height, width)."""
        return convolution(self.image[0], self.numbers[None, None])[0]

    @property
    def difference(self) -> float:
        """How far both outputs lie apart, at most."""
        return float(abs(self.output - self.convolved).max())

    @property
    def result(self) -> list:
        """[sharpness, largest difference], the maps of the pixel that asks, a row of weights for
        each head, and what the heads and the convolution give there."""
        at = divmod(self.query, self.cells[1])
        outputs = [float(each[at]) for each in (self.output, self.convolved)]
        maps = self.weights[:, self.query].tolist()
        return [[self.sharpness, self.difference], maps, outputs]

    @t.validate("edited")
    def _kernels_with_names(self, proposal):
        for name, each in proposal.value.items():
            if name not in self.names:
                raise ValueError(f"edited has the kernel {name!r}, and there are {self.names}")
            _kernel("edited", each)
        return proposal.value

    def __repr__(self) -> str:
        height, width = self.cells
        return f"Live convolution by nine heads, {height} by {width} pixels"

    def png(self) -> bytes:
        return convolution_png(
            self.image[0, 0],
            self.weights[:, self.query].reshape(3, 3, *self.cells),
            (self.output, self.convolved),
            kernel=self.numbers,
            query=divmod(self.query, self.cells[1]),
            said=f"{self.kernel}, sharpness {self.sharpness:g}",
        )


def convolution_heads(
    image, kernel="blur", *, controls: Sequence[str] | None = None, **arguments
) -> LiveFigure:
    """A `ConvolutionHeads` with its controls, ready to show; the widget itself is `.figure`.

    Args:
        image, kernel and further arguments: as `ConvolutionHeads`.
        controls: which of sharpness, kernel and query to show, in this order; all if not given.

    >>> convolution_heads(np.eye(8), sharpness=2.0)
    Live convolution by nine heads, 8 by 8 pixels
    """
    return LiveFigure(ConvolutionHeads(image, kernel, **arguments), controls)


def _grey(image) -> np.ndarray:
    array = as_array("image", image)
    if array.ndim == 3 and array.shape[0] == 1:
        array = array[0]
    if array.ndim != 2:
        raise ValueError(
            f"image has shape {array.shape}, and needs (height, width) or (1, height, width): the "
            "figure shows one channel"
        )
    if not 2 <= min(array.shape) <= max(array.shape) <= MOST:
        raise ValueError(
            f"image has {array.shape[0]} by {array.shape[1]} pixels, and the figure room for 2 by "
            f"2 to {MOST} by {MOST}: show a part"
        )
    return numbers("image", array)


def _kernel(name: str, kernel) -> list[list[float]]:
    array = as_array(name, kernel)
    if array.shape != (3, 3):
        raise ValueError(
            f"{name} has shape {array.shape}, and needs (3, 3): a number for each of nine heads"
        )
    return numbers(name, array)[0, 0].tolist()
