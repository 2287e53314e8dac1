"""One attention as data that flows: its arrays with their numbers, its arrows with what they do."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence

import numpy as np

from attnlab.core import attention, scaled_dot, self_attention, softmax
from attnlab.lab.flow_layout import Box, Cell, laid_out
from attnlab.lab.flow_png import flow_png
from attnlab.lab.flow_svg import flow_class, flow_style, flow_svg
from attnlab.lab.shown_arrays import listed_words, real_array
from attnlab.lab.widgets.assets import short_style, style_element

_WRITTEN, _MOST = 9, 32  # arrays of so many rows and columns have numbers, and are drawn at all


class DataFlow:
    """A drawing of arrays that are made of each other, from left to right or downwards.

    Args:
        name: of the whole, as it is read out.
        boxes: in the order of their stages.
    """

    _css = short_style("palette.css", "flow.css")

    def __init__(self, name: str, boxes: list[Box]):
        self.name, self.boxes = name, boxes

    @property
    def numbers(self) -> bool:
        """Whether there is room for the numbers of all arrays."""
        return max(max(box.values.shape) for box in self.boxes) <= _WRITTEN

    @property
    def cell(self) -> Cell:
        """The size of a number, the same in all arrays."""
        if not self.numbers:
            side = max(5, 192 // max(max(box.values.shape) for box in self.boxes))
            return side, side
        texts = [text for box in self.boxes for row in box.written for text in row]
        return 23 + 6 * max(0, max(map(len, texts)) - 3), 20

    def __repr__(self) -> str:
        stages = range(self.boxes[-1].stage + 1)
        there = [[box for box in self.boxes if box.stage == stage] for stage in stages]
        return " → ".join(", ".join(f"{b.name} {b.shape}" for b in each) for each in there)

    def _repr_html_(self) -> str:
        """The drawing; where a viewer takes its style away, the picture."""
        across, down = (laid_out(self.boxes, self.cell, down=down) for down in (False, True))
        words = f"{self.name}: {self}"
        drawing = flow_svg(self.boxes, self.cell, self.numbers, across, down, words)
        png = base64.b64encode(self._repr_png_()).decode("ascii")
        return (
            f'<div class="{flow_class(across)}">{style_element(DataFlow)}{flow_style(across)}\n'
            f'<div class="attn-flow-live" hidden="hidden">{drawing}</div>\n'
            f'<img class="attn-flow-still" alt="{html.escape(words)}" '
            f'src="data:image/png;base64,{png}"></div>'
        )

    def _repr_png_(self) -> bytes:
        return flow_png(self.boxes, self.cell, self.numbers, laid_out(self.boxes, self.cell))

    def _repr_mimebundle_(self, **_) -> dict[str, str]:
        png = base64.b64encode(self._repr_png_()).decode("ascii")
        return {"text/plain": repr(self), "text/html": self._repr_html_(), "image/png": png}


def attention_flow(words: Sequence[str], x, w_query=None, w_key=None, w_value=None) -> DataFlow:
    """Draw one attention with its actual numbers, from the words that go in to what comes out.

    Args:
        words: one for each row of x.
        x: (word, d_model); without matrices it is query, key and value at once.
        w_query, w_key, w_value: (d_model, d_k) twice and (d_model, d_v); all three, or none.

    Numbers are written while no array has more than 9 rows or columns.

    Raises:
        TypeError: no real numbers, a single text as words, or only some of the matrices.
        ValueError: sizes that do not fit, naming both; numbers that are not finite; more than 32
            rows or columns.

    >>> attention_flow(["cat", "sat"], [[3, 0], [1, 1]])
    X 2 × 2 → scores 2 × 2 → weights 2 × 2 → output 2 × 2

    Source: Vaswani et al. 2017, "Attention Is All You Need", eq. 1.
    """
    words, x = tuple(listed_words("words", words)), _matrix("x", x)
    if len(words) != len(x):
        raise ValueError(
            f"words has {len(words)} entries and x {len(x)} rows: give one word for each row"
        )
    given = {"w_query": w_query, "w_key": w_key, "w_value": w_value}
    lacking = [name for name, matrix in given.items() if matrix is None]
    if len(lacking) == 3:
        return DataFlow("Attention of words to each other", _of_words(words, x))
    if lacking:
        raise TypeError(f"{' and '.join(lacking)} is missing: give all three matrices, or none")
    maps = [_matrix(name, matrix) for name, matrix in given.items()]
    self_attention(x, *maps)  # which says what does not fit
    return DataFlow("Attention by queries, keys and values", _of_matrices(words, x, *maps))


def _matrix(name: str, values) -> np.ndarray:
    array = real_array(name, values).astype(float)
    if array.ndim != 2 or 0 in array.shape or max(array.shape) > _MOST:
        raise ValueError(
            f"{name} has shape {array.shape}, and must have two axes of 1 to {_MOST} places: "
            f"show a part of it, such as {name}[:{_MOST}, :{_MOST}]"
        )
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds {array[~np.isfinite(array)][0]}: all must be finite")
    return array


def _of_words(words: tuple[str, ...], x: np.ndarray) -> list[Box]:
    return [
        Box("X", x, 0, high=_high(x), words=words),
        *_shares(x, x, 1, 0, ("X",), f"X Xᵀ / {_root(x)}"),
        _output(attention(x, x, x), x, 3, 0, "X"),
    ]


def _of_matrices(words: tuple[str, ...], x, w_query, w_key, w_value) -> list[Box]:
    q, k, v = x @ w_query, x @ w_key, x @ w_value
    return [
        Box("X", x, 0, 1, high=_high(x), words=words),
        *(
            Box(name, values, 1, lane, ("X",), f"× W_{kind[0]}", kind, _high(values))
            for lane, (name, kind, values) in enumerate(
                [("Q", "query", q), ("K", "key", k), ("V", "value", v)]
            )
        ),
        *_shares(q, k, 2, 0.5, ("Q", "K"), f"Q Kᵀ / {_root(q)}"),
        _output(attention(q, k, v), v, 4, 1.25, "V"),
    ]


def _shares(query, key, stage: int, lane: float, of: tuple[str, ...], by: str) -> list[Box]:
    """The scores, and the weights behind them."""
    scores = scaled_dot(query, key)
    return [
        Box("scores", scores, stage, lane, of, by, high=_high(scores)),
        Box("weights", softmax(scores), stage + 1, lane, ("scores",), "softmax", weights=True),
    ]


def _output(values: np.ndarray, of: np.ndarray, stage: int, lane: float, name: str) -> Box:
    """What comes out, on the scale of colours of what is averaged in it."""
    return Box("output", values, stage, lane, ("weights", name), f"× {name}", "output", _high(of))


def _high(values: np.ndarray) -> float:
    return float(np.abs(values).max())


def _root(query: np.ndarray) -> str:
    """The divisor of the scores, as it is written."""
    return f"√{query.shape[1]}"
