"""The picture of an attention bench: words, query and output in a plane, and the weights."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure as Still
from matplotlib.patches import Rectangle

from attnlab.lab.palette import PALETTE
from attnlab.lab.stills import draw_grid, png


def bench_png(bench) -> bytes:
    """An `AttentionBench` as it stands now as PNG bytes: planes and heatmap side by side."""
    planes = [] if "plane" not in bench.parts else [_asks, _reads] if mapped(bench) else [_one]
    drawn = [*planes, *([_weights] if "heatmap" in bench.parts or not planes else [])]
    still = Still(figsize=(4.4 * len(drawn), 4.2), dpi=110, layout="constrained")
    for draw, axes in zip(drawn, np.ravel(still.subplots(1, len(drawn))), strict=True):
        draw(axes, bench)
    return png(still)


def mapped(bench) -> bool:
    """Whether it has matrices."""
    return bench.w_query is not None


def _one(axes: Axes, bench) -> None:
    """Keys and values are the same points."""
    _hull(axes, bench.value)
    _points(axes, bench.words, bench.key, "key", bench.answer)
    _arrow(axes, bench)
    _output(axes, bench)
    _dress(axes, bench.features, "words in the plane of two features")


def _asks(axes: Axes, bench) -> None:
    _points(axes, bench.words, bench.key, "key", bench.asking)
    _arrow(axes, bench)
    _dress(axes, bench.asked, "asks and answers")


def _reads(axes: Axes, bench) -> None:
    _hull(axes, bench.value)
    _points(axes, bench.words, bench.value, "value", bench.answer)
    _output(axes, bench)
    _dress(axes, bench.handed, "hands over")


def _weights(axes: Axes, bench) -> None:
    draw_grid(axes, bench.weights, ("query", bench.words), ("key", bench.words))
    if not bench.question.size:
        frame = (-0.5, bench.row - 0.5), len(bench.words), 1
        axes.add_patch(Rectangle(*frame, fill=False, lw=1.8, ec=PALETTE["ring"]))


def _points(axes: Axes, words: list[str], vectors: np.ndarray, kind: str, beside) -> None:
    """Points with their words, away from a place beside them; words in one place share a label."""
    axes.plot(*vectors[:, :2].T, "o", ms=6, color=PALETTE[kind])
    places: dict[tuple, list[str]] = {}
    for word, place in zip(words, vectors[:, :2].tolist(), strict=True):
        places.setdefault(tuple(place), []).append(word)
    lowest = min(up for _, up in places)
    for (across, up), there in places.items():
        left, low = across <= beside[0], up == lowest
        _label(axes, (across, up), ", ".join(there), kind, (-7 if left else 7, -13 if low else 5))


def _label(axes: Axes, place, text: str, kind: str, offset: tuple[int, int]) -> None:
    side = {"textcoords": "offset points", "ha": "right" if offset[0] < 0 else "left"}
    style = {"color": PALETTE[kind], "fontsize": 9, "parse_math": False}
    axes.annotate(text, place, xytext=offset, **side, **style)


def _arrow(axes: Axes, bench) -> None:
    tip = bench.asking[:2]
    style = {"arrowstyle": "-|>", "lw": 2.2, "color": PALETTE["query"], "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", tip, (0, 0), arrowprops=style)
    axes.plot(*tip, "o", ms=9, mfc="none", mew=1.8, color=PALETTE["query"])


def _hull(axes: Axes, vectors: np.ndarray) -> None:
    corners = hull(vectors[:, :2])
    colour = PALETTE["value"]
    axes.fill(*corners.T, fc=to_rgba(colour, 0.12), ec=colour, lw=1.2)


def _output(axes: Axes, bench) -> None:
    for share, value in zip(bench.shares, bench.value[:, :2], strict=True):
        ends = np.stack([bench.answer[:2], value]).T
        axes.plot(*ends, lw=0.4 + 6 * share, color=PALETTE["output"], alpha=0.35)
    axes.plot(*bench.answer[:2], "o", ms=9, color=PALETTE["output"])
    _label(axes, bench.answer[:2], "output", "output", (9, 4))


def _dress(axes: Axes, names: list[str], title: str) -> None:
    axes.set_title(title, fontsize=10, loc="left")
    for label, name in zip((axes.set_xlabel, axes.set_ylabel), names, strict=False):
        label(name, parse_math=False)
    axes.axhline(0, lw=0.8, color=PALETTE["faint"], zorder=0)
    axes.axvline(0, lw=0.8, color=PALETTE["faint"], zorder=0)
    axes.set_aspect("equal")
    axes.margins(0.3, 0.2)
    axes.spines[["top", "right"]].set_visible(False)


def hull(points: np.ndarray) -> np.ndarray:
    """The corners of the smallest convex polygon round points of a plane, counter-clockwise.

    >>> hull(np.array([[0, 0], [2, 0], [1, 0.5], [0, 2.0]])).tolist()
    [[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]]

    Source: Andrew 1979, "Another Efficient Algorithm for Convex Hulls in Two Dimensions".
    """
    ordered = np.unique(points, axis=0)
    if len(ordered) < 3:
        return ordered
    halves = _half(ordered), _half(ordered[::-1])
    return np.array([*halves[0][:-1], *halves[1][:-1]])


def _half(ordered: np.ndarray) -> list[np.ndarray]:
    chain: list[np.ndarray] = []
    for point in ordered:
        while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain


def _turn(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> float:
    """Above 0 where a, b, c turn to the left."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
