"""Pictures that do not move: for what a slider would not explain better."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Still
from matplotlib.ticker import LogLocator

from attnlab.lab.palette import PALETTE
from attnlab.lab.shown_arrays import as_array, listed_words, real_array
from attnlab.lab.stills import png
from attnlab.lab.tables import isolated

_COLOURS = [PALETTE[n] for n in ("much", "key", "value", "query", "output", "quiet", "middle")]
_MARKERS = "osD^v*PX<>"


class Picture:
    """A picture in a notebook; where no pictures are shown, the words that stand for it."""

    def __init__(self, words: str, draw: Callable[[Still], None], size: tuple[float, float]):
        self.words, self.draw, self.size = words, draw, size

    def __repr__(self) -> str:
        return self.words

    def _repr_png_(self) -> bytes:
        figure = Still(figsize=self.size, dpi=110)
        self.draw(figure)
        return png(figure)


def pictures(images, captions, *, largest: float | None = None) -> Picture:
    """Show small pictures in a row: in grey, dark where the numbers are large, or in colour.

    Each grey picture goes from white for its smallest number to black for its largest. Where all
    are equal it is black, or white if they are 0. With `largest` all have one scale, from 0 to it.

    Args:
        images: (count, height, width), real numbers; or red, green and blue from 0 to 1,
            (count, 3, height, width), of which what is below or above is cut off.
        captions: a word for each.
        largest: the number that is black in all of them, above 0.

    Raises:
        TypeError: no real numbers, or a single text as captions.
        ValueError: a largest of 0 or below; another number of axes, of channels, or of captions,
            naming both.
    """
    images, captions = real_array("images", images), listed_words("captions", captions)
    if largest is not None and not largest > 0:
        raise ValueError(
            f"largest is {largest}, and must be above 0: it is the number that is black"
        )
    if images.ndim not in (3, 4) or len(images) != len(captions):
        raise ValueError(
            f"images has shape {images.shape} and captions {len(captions)} words: "
            "give (count, height, width) and one caption for each"
        )
    if images.ndim == 4:
        if images.shape[1] != 3:
            raise ValueError(
                f"images has {images.shape[1]} channels, in shape {images.shape}, and pictures in "
                "colour have 3: give (count, 3, height, width)"
            )
        images = np.moveaxis(images.astype(float), 1, -1).clip(0, 1)

    def draw(figure: Still) -> None:
        for index, (image, caption) in enumerate(zip(images, captions, strict=True)):
            axes = figure.add_subplot(1, len(images), index + 1)
            low, high = (image.min(), image.max()) if largest is None else (0, largest)
            axes.imshow(image, cmap="gray_r", vmin=min(low, 0) if low == high else low, vmax=high)
            axes.set_title(caption, fontsize=9, parse_math=False)
            axes.set_axis_off()

    words = f"{len(captions)} pictures: {', '.join(map(isolated, captions))}"
    return Picture(words, draw, (0.95 * len(images), 1.25))


def lines(
    x: Sequence,
    series: Mapping[str, object],
    *,
    across: str,
    up: str,
    log: bool = False,
    log_up: bool = False,
) -> Picture:
    """Show how numbers change along x, one line a series; runs with other seeds make a band.

    Args:
        x: the places along the horizontal axis.
        series: name -> values, (x,) or (run, x). Of several runs the line is their mean, and the
            band reaches from the lowest run to the highest.
        across, up: what the two axes mean.
        log: whether x grows by factors, not by steps.
        log_up: whether the numbers do, too: a power of x is a straight line then.

    Raises:
        TypeError: no real numbers, no list of places, or no series by name.
        ValueError: a series of another length than x, naming both, or without a run.
    """
    if isinstance(x, str) or not (isinstance(x, Iterable) or hasattr(x, "ndim")):
        raise TypeError(f"x is {x!r}, and must be a list of places")
    if not isinstance(series, Mapping) or not series:
        raise TypeError(f"series is {series!r}, and must be a dict of names and their values")
    across, up = str(across), str(up)
    x = as_array("x", x if hasattr(x, "ndim") else list(x)).tolist()
    values = {
        str(name): np.atleast_2d(real_array(str(name), runs).astype(float))
        for name, runs in series.items()
    }
    for name, runs in values.items():
        if runs.ndim != 2 or runs.shape[1] != len(x) or len(runs) == 0:
            raise ValueError(f"{name} has shape {runs.shape}, and x {len(x)} places")

    def draw(figure: Still) -> None:
        axes = figure.add_subplot()
        for (name, runs), colour, marker in zip(
            values.items(),
            _repeat(_COLOURS, len(values)),
            _repeat(_MARKERS, len(values)),
            strict=True,
        ):
            axes.plot(x, runs.mean(axis=0), color=colour, marker=marker, ms=4, label=name)
            axes.fill_between(x, runs.min(axis=0), runs.max(axis=0), color=colour, alpha=0.15, lw=0)
        if log:
            axes.set_xscale("log", base=2)
        if log_up:
            _grow_by_factors(axes)
        axes.set_xticks(x, [str(place) for place in x])
        axes.minorticks_off()
        axes.set_xlabel(across)
        axes.set_ylabel(up)
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, fontsize=9, loc="center left", bbox_to_anchor=(1, 0.5))

    words = f"{isolated(up)} over {isolated(across)}: {', '.join(map(isolated, values))}"
    return Picture(words, draw, (5.2, 3.0))


def _grow_by_factors(axes: Axes) -> None:
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    axes.yaxis.set_major_locator(LogLocator(subs=[1, 2, 5] if high < 100 * low else [1]))
    axes.yaxis.set_major_formatter("{x:g}")


def points(
    up: str, heights: Mapping[str, object], across: Mapping[str, Sequence], *, log: bool = True
) -> Picture:
    """Show what each of several things reaches against what it costs, one panel for each cost.

    Args:
        up: what the heights mean.
        heights: name -> a number, or those of several runs: the point is their mean, and the line
            through it reaches from the lowest run to the highest.
        across: what a cost means -> a number for each name, in the same order.
        log: whether costs grow by factors, not by steps.

    Raises:
        TypeError: no real numbers, or no names with their numbers.
        ValueError: a cost with another count of numbers than there are names, naming both.
    """
    for name, mapping in {"heights": heights, "across": across}.items():
        if not isinstance(mapping, Mapping) or not mapping:
            raise TypeError(f"{name} is {mapping!r}, and must be a dict of names and their values")
    runs = {str(name): np.ravel(real_array(str(name), each)) for name, each in heights.items()}
    costs = {str(cost): np.ravel(real_array(str(cost), each)) for cost, each in across.items()}
    for cost, each in costs.items():
        if len(each) != len(runs):
            raise ValueError(f"{cost} has {len(each)} numbers, and heights {len(runs)} names")

    def draw(figure: Still) -> None:
        panels = figure.subplots(1, len(costs), sharey=True, squeeze=False)[0]
        for axes, (cost, each) in zip(panels, costs.items(), strict=True):
            _draw_points(axes, runs, each)
            axes.set_xlabel(cost)
            if log:
                axes.set_xscale("log")
                axes.xaxis.set_major_locator(LogLocator(subs=[1, 3]))
                axes.xaxis.set_major_formatter("{x:g}")
                axes.minorticks_off()
        panels[0].set_ylabel(up)
        panels[-1].legend(frameon=False, fontsize=9, loc="center left", bbox_to_anchor=(1, 0.5))

    costly, named = (", ".join(map(isolated, each)) for each in (costs, runs))
    words = f"{isolated(str(up))} over {costly}: {named}"
    return Picture(words, draw, (1.2 + 3.4 * len(costs), 3.4))


def _draw_points(axes: Axes, runs: Mapping[str, np.ndarray], costs: np.ndarray) -> None:
    colours, markers = _repeat(_COLOURS, len(runs)), _repeat(_MARKERS, len(runs))
    for (name, each), x, colour, marker in zip(runs.items(), costs, colours, markers, strict=True):
        axes.plot([x, x], [each.min(), each.max()], color=colour, lw=1)
        axes.plot(x, each.mean(), color=colour, marker=marker, ms=7, ls="", label=name)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)


def _repeat(kinds: Sequence[str], count: int) -> list[str]:
    return [kinds[i % len(kinds)] for i in range(count)]
