"""The live norm block: which cells of a batch each norm averages together, and what comes out."""

from __future__ import annotations

import numpy as np
import traitlets as t

from attnlab.core import normalise, statistics
from attnlab.lab.stills import norm_block_png
from attnlab.lab.widgets.assets import bundle
from attnlab.lab.widgets.bounds import OneOf, Positive, Whole
from attnlab.lab.widgets.declared import Menu, Number
from attnlab.lab.widgets.figure import Figure, LiveFigure
from attnlab.lab.widgets.sending import numbers, sent, words_of

KINDS = {  # what a norm is called, and its kind in `attnlab.statistics`
    "BatchNorm": "batch",
    "LayerNorm of tokens": "layer of tokens",
    "LayerNorm of images": "layer of images",
    "InstanceNorm": "instance",
    "GroupNorm": "group",
    "RMSNorm": "rms",
}


class NormBlock(Figure):
    """A batch as a block of cells, each sample a grid: positions are rows, features are columns.

    The cells whose mean and variance are taken together with the cell in focus light up, and the
    arithmetic of that cell is written out. `result` is what the norm makes of the block.

    Args:
        x: tokens (batch, position, feature), or a list of samples (position, feature) of any
            lengths, which are padded with zeros to the longest; or images (batch, channel, height,
            width), whose places become rows.
        words: for each sample a word for each of its positions.
        features: a word for each feature.
        samples: a word for each sample.
        groups: into how many groups "GroupNorm" cuts the features; 2, or 1 if they are odd.
        epsilon: added to the variance.
        most: how many empty positions `padding` can add.
        kinds: which norms there are to choose from.

    Traits: kind (a name of `KINDS`), padding (how many empty positions every sample gets; they
    are hatched, and counted as a naive norm does), show ("input" or "output"), focus
    ([position, sample * features + feature] or []).

    Raises:
        TypeError, ValueError: naming the argument, both sizes and the cure.
    """

    _esm = bundle("norm_block.js")

    x = t.Any().tag(sync=True, to_json=sent)
    lengths = t.List(t.Int()).tag(sync=True)
    words = t.List(t.List(t.Unicode())).tag(sync=True)
    features = t.List(t.Unicode()).tag(sync=True)
    samples = t.List(t.Unicode()).tag(sync=True)
    places = t.Unicode("position").tag(sync=True)
    channels = t.Unicode("feature").tag(sync=True)
    image = t.List(t.Int()).tag(sync=True)  # height and width
    largest = t.Float(1.0).tag(sync=True)
    groups = t.Int(1).tag(sync=True)
    epsilon = Positive(1e-5, cure=", such as 1e-5")
    most = Whole(0)
    kind = OneOf(tuple(KINDS), "BatchNorm")
    padding = Whole(0, "most", cure=": most says how far it can go")
    show = OneOf(["input", "output"], "input")
    kinds = t.List(t.Unicode(), list(KINDS))  # which are offered to choose from

    controls = (Menu("kind", options="kinds"), Number("padding"), Menu("show"))

    def __init__(self, x, words=None, *, features=None, samples=None, groups=None, **traits):
        given, names, image = _samples(x)
        places = [f"{i}, {j}" for i, j in np.ndindex(*image)] if image else None
        block = np.zeros((1, len(given), max(map(len, given)), given[0].shape[1]))
        for sample, rows in enumerate(given):
            block[0, sample, : len(rows)] = rows
        if words is not None and len(words) != len(given):
            raise ValueError(f"words has {len(words)} lists, and x {len(given)} samples")
        words = [places] * len(given) if words is None else words
        words = [words_of(f"words[{i}]", w, len(given[i])) for i, w in enumerate(words)]
        count = given[0].shape[1]
        samples = samples or [f"sample {i + 1}" for i in range(len(given))]
        super().__init__(
            x=block,
            lengths=[len(rows) for rows in given],
            words=words,
            features=words_of("features", features, count),
            samples=words_of("samples", samples, len(given)),
            places=names[0],
            channels=names[1],
            image=image,
            largest=float(np.abs(block).max()) or 1.0,
            groups=(1 if count % 2 else 2) if groups is None else groups,
            **traits,
        )

    @property
    def block(self) -> np.ndarray:
        """The batch with its padding, (sample, position, feature)."""
        return np.pad(self.x[0], [(0, 0), (0, self.padding), (0, 0)])

    @property
    def result(self) -> np.ndarray:
        """What the norm makes of the block, (sample, position, feature)."""
        kind = KINDS[self.kind]
        groups = self.groups if kind == "group" else None
        return normalise(self.block, *statistics(self.block, kind, groups=groups), self.epsilon)

    @property
    def cells(self) -> tuple[int, int]:
        _, samples, positions, features = self.x.shape
        return positions + self.padding, samples * features

    @t.validate("groups")
    def _dividing(self, proposal):
        statistics(self.x[0], "group", groups=proposal.value)  # refuses what does not divide
        return proposal.value

    def __repr__(self) -> str:
        sizes = zip(self.block.shape, ("sample", self.places, self.channels), strict=True)
        counted = [f"{size} {word}{'s' * (size != 1)}" for size, word in sizes]
        return "Live norm block, {} of {} by {}".format(*counted)

    def png(self) -> bytes:
        values = self.block if self.show == "input" else self.result
        high = self.largest if self.show == "input" else 3.0
        rows = [w + ["–"] * (self.cells[0] - len(w)) for w in self.words]
        titles = [(sample, words) for sample, words in zip(self.samples, rows, strict=True)]
        real = np.arange(self.cells[0]) < np.array(self.lengths)[:, None]
        named = (self.places, self.channels)
        return norm_block_png(values, real, titles, self.features, high, named)


def norm_block(
    x, words=None, *, controls=("kind", "show"), kinds=tuple(KINDS), **arguments
) -> LiveFigure:
    """A `NormBlock` with its controls, ready to show; the widget itself is `.figure`.

    Args:
        x, words and further arguments: as `NormBlock`.
        controls: which of kind, padding and show to have, in this order.
        kinds: which norms there are to choose from.

    >>> norm_block(np.zeros((2, 3, 4)))
    Live norm block, 2 samples of 3 positions by 4 features
    """
    if "padding" in controls:
        arguments.setdefault("most", 6)
    if kinds:
        arguments.setdefault("kind", kinds[0])
    figure = NormBlock(x, words, kinds=list(kinds), **arguments)
    if figure.kind not in kinds or set(kinds) - set(KINDS):
        raise ValueError(
            f"kinds is {list(kinds)}, and must hold {figure.kind!r}, and only {', '.join(KINDS)}"
        )
    return LiveFigure(figure, controls)


def _samples(x) -> tuple[list[np.ndarray], tuple[str, str], list[int]]:
    """Each sample as (position, feature), the names of these two, an image's height and width."""
    if isinstance(x, list | tuple) and x and all(np.ndim(sample) == 2 for sample in x):
        given = [numbers(f"x[{i}]", sample)[0, 0] for i, sample in enumerate(x)]
        widths = {rows.shape[1] for rows in given}
        if len(widths) > 1:
            raise ValueError(f"x has samples of {sorted(widths)} features: all need equally many")
        return given, ("position", "feature"), []
    block = numbers("x", x)
    axes = np.ndim(x)
    if axes == 3:
        return list(block[0]), ("position", "feature"), []
    if axes == 4:
        batch, channels, height, width = block.shape
        tokens = block.transpose(0, 2, 3, 1).reshape(batch, height * width, channels)
        return list(tokens), ("place", "channel"), [height, width]
    raise ValueError(
        f"x has shape {block.shape[-axes:]}, and needs (batch, position, feature), or four axes "
        "for images (batch, channel, height, width): a single sample is a batch of one, x[None]"
    )
