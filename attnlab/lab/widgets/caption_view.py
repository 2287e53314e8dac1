"""A picture that the reader draws, the caption of a model, and the gaze from word to word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import traitlets as t
from matplotlib.figure import Figure as Still

from attnlab.lab.captioned_picture import REQUEST, Captioned, captioned
from attnlab.lab.palette import PALETTE
from attnlab.lab.stills import png
from attnlab.lab.widgets.assets import bundle, style
from attnlab.lab.widgets.bounds import OneOf, Whole
from attnlab.lab.widgets.declared import Menu, Switch
from attnlab.lab.widgets.figure import Figure, LiveFigure
from attnlab.lab.widgets.model_figure import ModelFigure
from attnlab.lab.widgets.model_weights import packed, received_model, sent_model, weights_of
from attnlab.nn import Captioner
from attnlab.tasks import (
    BACKGROUND,
    COLOURS,
    END,
    MARKS,
    MOST_OBJECTS,
    SCENE_WORDS,
    SHAPES,
    SIZES,
    Scene,
    SceneObject,
    cover,
    draw_scene,
)

SIDE = 32  # pixels of a picture
OWN = "your own"  # as in scene_edits.js: the scene that the reader draws
MEAN = "mean of all heads"
_KINDS = {
    "shapes": list(SHAPES),
    "colours": [[name, list(rgb)] for name, rgb in COLOURS.items()],
    "sizes": [[name, radius] for name, radius in SIZES.items()],
    "background": list(BACKGROUND),
    "most": MOST_OBJECTS,
    "side": SIDE,
    "grid": SIDE // 4,
}
_WORDS = SHAPES, tuple(COLOURS), tuple(SIZES)


def _object(size: str, colour: str, shape: str, x: float, y: float) -> SceneObject:
    return SceneObject(size=size, colour=colour, shape=shape, x=x, y=y)


EXAMPLES = {
    "side by side": Scene(
        [
            _object("large", "blue", "square", 0.7, 0.6),
            _object("small", "red", "circle", 0.25, 0.35),
        ]
    ),
    "one alone": Scene([_object("large", "green", "cross", 0.35, 0.62)]),
    "one above the other": Scene(
        [
            _object("small", "yellow", "triangle", 0.55, 0.22),
            _object("large", "purple", "square", 0.4, 0.72),
        ]
    ),
    "three of them": Scene(
        [
            _object("large", "yellow", "circle", 0.25, 0.28),
            _object("small", "blue", "triangle", 0.75, 0.3),
            _object("small", "green", "square", 0.6, 0.78),
        ]
    ),
    "partly hidden": Scene(
        [
            _object("large", "red", "square", 0.42, 0.5),
            _object("small", "green", "circle", 0.64, 0.42),
        ]
    ),
    "never met": Scene(
        [
            _object("large", "purple", "circle", 0.3, 0.35),
            _object("small", "blue", "cross", 0.72, 0.7),
        ]
    ),
}
"""Scenes to begin with; in the last, one object has a colour and shape that no training showed."""


class CaptionerView(ModelFigure):
    """A picture, the caption that a model writes of it, and where each word looked.

    The weights of the word in focus lie over the picture, and a path leads through the centres of
    mass of those up to it. The reader moves objects, adds some of their own and takes them away,
    and the model describes what is seen then, in the page, without a kernel. `cover` lays a square
    of background over the object that is chosen, and shows the caption before and after.

    Args:
        model: a `Captioner` of scenes, or several by their names, to choose from.
        scenes: a `Scene`, or several, in a list or by their names; a few that are prepared if not
            given.

    Traits: scene (the name of one of them, or "your own"), own (that of the reader: five whole
    numbers an object, which are its shape, colour and size by their places in SHAPES, COLOURS and
    SIZES, and x and y in thousandths), decoder (the name of the model), look (whose weights are
    shown: "mean of all heads", or "layer 0, head 1"), cover, object (which is chosen, from 0),
    focus ([0, word]).

    Raises:
        TypeError: a model that is no `Captioner`, or scenes that are none.
        ValueError: a model with another vocabulary or of pictures of another size, no scenes, one
            named "your own", or an own scene that cannot be drawn.

    Source: Xu et al. 2015, "Show, Attend and Tell: Neural Image Caption Generation with Visual
    Attention", figures 2 and 3.
    """

    _esm = bundle("caption_view.js")
    _css = Figure._css + style("caption_view.css")

    kinds = t.Dict(_KINDS).tag(sync=True)
    vocabulary = t.List(t.Unicode(), [*MARKS, *SCENE_WORDS.words]).tag(sync=True)
    request = t.Dict(REQUEST).tag(sync=True)
    others = t.List(t.Dict()).tag(sync=True)  # the models behind the first one
    decoders = t.List(t.Unicode()).tag(sync=True)
    looks = t.List(t.Unicode()).tag(sync=True)
    names = t.List(t.Unicode()).tag(sync=True)
    scenes = t.List(t.List(t.Int())).tag(sync=True)
    scene = OneOf(lambda figure: [*figure.names, OWN])
    own = t.List(t.Int()).tag(sync=True)
    decoder = OneOf("decoders")
    look = OneOf("looks", MEAN)
    cover = t.Bool(False).tag(sync=True)
    object = Whole(0, MOST_OBJECTS - 1)

    controls = (
        Menu("scene"),
        Menu("decoder"),
        Menu("look", "weights"),
        Switch("cover", "cover the chosen object"),
    )

    def __init__(
        self,
        model: Captioner | Mapping[str, Captioner],
        scenes: Scene | Sequence[Scene] | Mapping[str, Scene] | None = None,
        **traits,
    ):
        models = _models(model)
        prepared = _scenes(scenes)
        first, *others = models.values()
        self.modules = models
        super().__init__(
            first,
            others=[sent_model(each)["model"] for each in others],
            decoders=list(models),
            looks=_looks(models.values()),
            names=list(prepared),
            scenes=[_numbers(each.objects) for each in prepared.values()],
            **{"scene": next(iter(prepared)), "decoder": next(iter(models)), **traits},
        )
        packs = [packed(each) for each in others]  # they may be trained on
        self._others = dict(zip((each["weights"] for each in self.others), packs, strict=True))

    @t.validate("own")
    def _drawable(self, proposal):
        return _numbers(_objects(proposal.value))

    @property
    def objects(self) -> tuple[SceneObject, ...]:
        """What is in the picture, the later ones in front."""
        own = self.scene == OWN
        return _objects(self.own if own else self.scenes[self.names.index(self.scene)])

    @property
    def chosen(self) -> int:
        """Which object is chosen; -1 where there is none."""
        return min(self.object, len(self.objects) - 1)

    @property
    def picture(self) -> np.ndarray:
        """What the model sees, (3, 32, 32), from 0 to 1; the chosen object covered, if it is."""
        picture, covers = self._drawn(), self.cover and self.chosen >= 0
        if not covers:
            return picture
        each = self.objects[self.chosen]
        return cover(picture, each.x, each.y, each.radius)

    @property
    def caption(self) -> str:
        """What the model writes."""
        return " ".join(self.words[:-1] if self._captioned.tokens[-1] == END else self.words)

    @property
    def words(self) -> list[str]:
        """The same token by token, "<end>" included."""
        return [self.vocabulary[token] for token in self._captioned.tokens]

    @property
    def weights(self) -> np.ndarray:
        """What each word looked at, (word, region), of the heads that are shown."""
        every, head = self._captioned.weights, self.looks.index(self.look) - 1
        return every[:, head] if 0 <= head < every.shape[1] else every.mean(axis=1)

    @property
    def gaze(self) -> np.ndarray:
        """The centre of mass of each word's weights, (word, 2): its row and column."""
        side = int(np.sqrt(self.weights.shape[-1]))
        return self.weights @ np.indices((side, side)).reshape(2, -1).T

    @property
    def result(self) -> list:
        """The tokens of the caption, those of the caption before something was covered, the
        weights and the gaze of each word, and its probability."""
        found = self._captioned
        before = self._caption_of(self._drawn()).tokens if self.cover and self.objects else []
        sure = found.probabilities[np.arange(len(found.tokens)), found.tokens]
        gaze = self.gaze.tolist()
        return [found.tokens, before, self.weights.tolist(), gaze, sure.tolist()]

    @property
    def cells(self) -> tuple[int, int]:
        return 1, len(self._captioned.tokens)

    @property
    def _captioned(self) -> Captioned:
        return self._caption_of(self.picture)

    def _caption_of(self, picture: np.ndarray) -> Captioned:
        """The last few are kept: a result asks for the same one several times."""
        name = self.decoder, picture.tobytes()
        if name not in self._known:
            while len(self._known) > 3:
                self._known.pop(next(iter(self._known)))
            self._known[name] = captioned(self.modules[self.decoder], picture)
        return self._known[name]

    def _drawn(self) -> np.ndarray:
        if self.objects:
            return draw_scene(Scene(self.objects), SIDE)
        return np.full((3, SIDE, SIDE), np.array(BACKGROUND)[:, None, None])

    @cached_property
    def _known(self) -> dict[tuple[str, bytes], Captioned]:
        return {}

    @cached_property
    def modules(self) -> dict[str, Any]:
        """The models by their names."""
        every = [self.module, *map(received_model, self.others)]
        return dict(zip(self.decoders, every, strict=True))

    def _hear(self, _, content, _buffers) -> None:
        """The page asks for weights: it gets those of all models that it may wait for."""
        super()._hear(_, content, _buffers)
        if content == {"ask": "weights"}:
            for each in self.others:
                name = each["weights"]
                self.send({"weights": name}, [weights_of(name) or self._others[name]])

    def __repr__(self) -> str:
        which = f", by {len(self.decoders)} models" if len(self.decoders) > 1 else ""
        return f"Live captioner of {len(self.names)} scenes and your own{which}"

    def png(self) -> bytes:
        step = self.focus[1] if self.focus else max(len(self.words) - 2, 0)
        still = Still(figsize=(3.6, 3.9), dpi=110)
        axes = still.add_axes((0, 0, 1, 0.92))
        axes.imshow(np.moveaxis(self.picture, 0, -1), extent=(-0.5, 7.5, 7.5, -0.5))
        _draw_looks(axes, self.weights[step].reshape(8, 8))
        _draw_gaze(axes, self.gaze[: step + 1])
        axes.axis("off")
        axes.set_title(self.caption, fontsize=9, parse_math=False)
        return png(still)


def captioner(
    model: Captioner | Mapping[str, Captioner],
    scenes: Scene | Sequence[Scene] | Mapping[str, Scene] | None = None,
    *,
    controls: Sequence[str] | None = None,
    **arguments,
) -> LiveFigure:
    """A `CaptionerView` with its controls, ready to show; the widget itself is `.figure`.

    Args:
        model, scenes and further arguments: as `CaptionerView`.
        controls: which of scene, decoder, look and cover to show, in this order; all if not given.

    >>> live = captioner(trained("captions", "gru"), scene="one alone")
    >>> live.figure.caption
    'a large green cross'
    """
    return LiveFigure(CaptionerView(model, scenes, **arguments), controls)


def _models(model: Any) -> dict[str, Captioner]:
    models = dict(model) if isinstance(model, Mapping) else {"captioner": model}
    if not models:
        raise ValueError("model is empty: give a Captioner, or several by their names")
    for name, each in models.items():
        if not isinstance(each, Captioner):
            raise TypeError(
                f"model holds a {type(each).__name__} for {name!r}, and needs a Captioner: take "
                'trained("captions")'
            )
        config = each.config
        if not config.attention:
            raise ValueError(
                f"model {name!r} has attention=False, and so looks nowhere: give one with attention"
            )
        if (config.vocabulary, config.size) != (len(SCENE_WORDS), SIDE):
            raise ValueError(
                f"model {name!r} has {config.vocabulary} tokens and pictures of {config.size} "
                f"pixels, and this figure {len(SCENE_WORDS)} and {SIDE}: train one with "
                f"CaptionerConfig(vocabulary=len(SCENE_WORDS), size={SIDE})"
            )
    return models


def _looks(models) -> list[str]:
    """The mean, and all heads of that model that has most."""
    counts = [(each.config.layers, each.config.heads) for each in models if _has_heads(each)]
    layers, heads = max(counts, default=(0, 0), key=np.prod)
    names = [f"layer {layer}, head {head}" for layer in range(layers) for head in range(heads)]
    return [MEAN, *names]


def _has_heads(model: Captioner) -> bool:
    return model.config.decoder == "transformer"


def _scenes(scenes: Any) -> dict[str, Scene]:
    if scenes is None:
        return EXAMPLES
    if isinstance(scenes, Scene):
        scenes = [scenes]
    if not isinstance(scenes, Mapping):
        scenes = {f"scene {place}": each for place, each in enumerate(scenes, start=1)}
    for name, each in scenes.items():
        if not isinstance(each, Scene):
            raise TypeError(
                f"scenes holds a {type(each).__name__} for {name!r}, and must hold Scene([...])"
            )
    if not scenes or OWN in scenes:
        raise ValueError(f"scenes is empty or names one {OWN!r}, which is that of the reader")
    return {str(name): each for name, each in scenes.items()}


def _numbers(objects: Sequence[SceneObject]) -> list[int]:
    """Five whole numbers for each object, as they travel, and as a link may name them."""
    return [
        number
        for each in objects
        for number in (
            *(known.index(word) for known, word in zip(_WORDS, _words(each), strict=True)),
            round(1000 * each.x),
            round(1000 * each.y),
        )
    ]


def _words(each: SceneObject) -> tuple[str, str, str]:
    return each.shape, each.colour, each.size


def _objects(numbers: Sequence[int]) -> tuple[SceneObject, ...]:
    """What `_numbers` has written.

    Raises:
        ValueError: what is no object, too many of them, or one that reaches outside the picture.
    """
    rows = [numbers[at : at + 5] for at in range(0, len(numbers), 5)]
    if any(len(row) < 5 for row in rows) or len(rows) > MOST_OBJECTS:
        raise ValueError(
            f"own has {len(numbers)} numbers, and needs five for each of at most {MOST_OBJECTS} "
            "objects: shape, colour, size, x and y"
        )
    return tuple(_object_of(row) for row in rows)


def _object_of(row: Sequence[int]) -> SceneObject:
    for name, known, place in zip(("shape", "colour", "size"), _WORDS, row, strict=False):
        if not 0 <= place < len(known):
            raise ValueError(
                f"own has {place} for a {name}, and it must be from 0 to {len(known) - 1}: "
                f"{', '.join(known)}"
            )
    shape, colour, size = (known[place] for known, place in zip(_WORDS, row, strict=False))
    return _object(size, colour, shape, row[3] / 1000, row[4] / 1000)


def _draw_looks(axes, weights: np.ndarray) -> None:
    """The weights as a veil, the more, the darker, as in caption_view.js."""
    veil = np.zeros((*weights.shape, 4))
    veil[..., :3] = [int(PALETTE["much"][at : at + 2], 16) / 255 for at in (1, 3, 5)]
    veil[..., 3] = 0.7 * np.sqrt(weights)
    axes.imshow(veil)


def _draw_gaze(axes, gaze: np.ndarray) -> None:
    """The path through the centres of mass, with a number at each, the last one filled."""
    rows, columns = gaze.T
    axes.plot(columns, rows, color="white", lw=3)
    axes.plot(columns, rows, color=PALETTE["ink"], lw=1.2)
    for place, (row, column) in enumerate(gaze, start=1):
        now = place == len(gaze)
        fill, ink = (PALETTE["ring"], "white") if now else ("white", PALETTE["ink"])
        axes.plot(column, row, "o", ms=13 if now else 10, mfc=fill, mec=PALETTE["ink"], mew=0.8)
        axes.text(column, row, str(place), color=ink, fontsize=7, ha="center", va="center")
