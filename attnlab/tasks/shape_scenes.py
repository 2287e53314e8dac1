"""Scenes of a few coloured shapes, drawn by a formula, so that all that is in a picture is known.

A scene has one to three objects, each with a shape, a colour, a size and a place. Where two
overlap, the later one covers the earlier one in part. What is said of a scene stands in
`attnlab.tasks.scene_captions`.

Source: Johnson et al. 2017, "CLEVR: A Diagnostic Dataset for Compositional Language and Elementary
Visual Reasoning", for pictures made to be questioned.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from numbers import Integral, Real
from typing import Any, Literal, get_args

import numpy as np
import torch
from torch import Tensor

from attnlab.tasks.draws import check_draw

SHAPES: tuple[str, ...] = ("circle", "square", "triangle", "cross")
"""The shapes of a scene."""

COLOURS = {
    "red": (0.86, 0.20, 0.18),
    "green": (0.16, 0.60, 0.28),
    "blue": (0.16, 0.36, 0.82),
    "yellow": (0.95, 0.76, 0.10),
    "purple": (0.56, 0.26, 0.70),
}
"""The colours of a scene: how much red, green and blue."""

SIZES = {"small": 0.12, "large": 0.19}
"""The radius of an object by its size, where a picture is 1 wide and 1 high."""

BACKGROUND = (0.94, 0.94, 0.92)
"""What is seen where there is no object."""

MOST_OBJECTS = 3
"""How many objects a scene may have."""

HELD_OUT = (("purple", "circle"), ("yellow", "square"), ("green", "triangle"), ("red", "cross"))
"""Colour and shape that never come together but in the split "unseen"."""

Split = Literal["train", "validation", "test", "unseen"]

_KINDS = [(size, colour, shape) for size in SIZES for colour in COLOURS for shape in SHAPES]
_NONE = len(_KINDS)  # stands where a scene has no further object
_UNSEEN = [n for n, (_, colour, shape) in enumerate(_KINDS) if (colour, shape) in HELD_OUT]
_RADII = torch.tensor([*(SIZES[size] for size, _, _ in _KINDS), 0.0], dtype=torch.float64)

_OBJECTS = (0.05, 0.25, 0.7)  # chances of 1, 2 and 3; of many, fewer are clear
_AT_ONCE = 512  # scenes drawn at a time, of which those that are clear and of the split are kept
_CLEAR = 0.06  # by so much two objects lie further apart one way than the other
_APART = 0.05  # by so much one of two equally large objects is further left
_NEAR = 0.7  # of the sum of their radii: so near may two objects come


@dataclass(frozen=True, kw_only=True)
class SceneObject:
    """One object: what it is, and where its middle lies.

    Args:
        shape: one of `SHAPES`.
        colour: one of `COLOURS`.
        size: one of `SIZES`.
        x: how far right, from 0 to 1.
        y: how far down, from 0 to 1.

    Raises:
        TypeError: a place that is no number.
        ValueError: a word that no scene has, naming those there are, or an object that reaches
            outside the picture.

    >>> SceneObject(shape="circle", colour="red", size="small", x=0.3, y=0.5).radius
    0.12
    """

    shape: str
    colour: str
    size: str
    x: float
    y: float

    def __post_init__(self):
        for name, known in (("shape", SHAPES), ("colour", COLOURS), ("size", SIZES)):
            if getattr(self, name) not in known:
                given = repr(getattr(self, name))
                raise ValueError(f"{name} is {given}, and must be one of {', '.join(known)}")
        for name in ("x", "y"):
            _check_place(name, getattr(self, name), self.size)

    @property
    def radius(self) -> float:
        """How far it reaches from its middle."""
        return SIZES[self.size]

    @property
    def kind(self) -> int:
        """The number of its size, colour and shape, from 0 to 39; its place does not enter."""
        return _KINDS.index((self.size, self.colour, self.shape))

    def __str__(self) -> str:
        return f"a {self.size} {self.colour} {self.shape}"


@dataclass(frozen=True, init=False)
class Scene:
    """One to three objects, the later ones in front of the earlier ones.

    Args:
        objects: a list of `SceneObject`.

    Raises:
        TypeError: something else in their place.
        ValueError: no object, or more than three.

    >>> circle = SceneObject(shape="circle", colour="red", size="small", x=0.3, y=0.5)
    >>> print(Scene([circle]).objects[0])
    a small red circle
    """

    objects: tuple[SceneObject, ...]

    def __init__(self, objects: Iterable[SceneObject]):
        listed = isinstance(objects, Iterable) and not isinstance(objects, str | dict)
        found = tuple(objects) if listed else (objects,)
        if not listed or not all(isinstance(each, SceneObject) for each in found):
            raise TypeError(f"objects is {objects!r}, and must be a list of SceneObject(...)")
        if not 1 <= len(found) <= MOST_OBJECTS:
            raise ValueError(
                f"objects has {len(found)} of them, and a scene has from 1 to {MOST_OBJECTS}: "
                "leave some out, or put one in"
            )
        object.__setattr__(self, "objects", found)

    @property
    def split(self) -> Split:
        """To which split it belongs, by its objects alone; where they lie does not enter.

        The same objects are never in two splits. "unseen" is each scene with a colour and shape
        of `HELD_OUT`.
        """
        kinds = [each.kind for each in self.objects]
        return _splits(torch.tensor([kinds + [_NONE] * (MOST_OBJECTS - len(kinds))]))[0]


def draw_scene(scene: Scene, size: int = 32) -> np.ndarray:
    """The picture of a scene, its channels first.

        picture = sum over objects of shown_k colour_k + (1 - sum of shown_k) background

    Args:
        scene: what is to be seen.
        size: how many pixels it is wide and high.

    Returns:
        picture: red, green and blue from 0 to 1, (3, size, size), float64

    Raises:
        TypeError: something that is no scene, or a size that is not whole.
        ValueError: a size below 16, at which small shapes can no longer be told apart.

    >>> circle = SceneObject(shape="circle", colour="red", size="large", x=0.5, y=0.5)
    >>> draw_scene(Scene([circle]))[:, 16, 16]
    array([0.86, 0.2 , 0.18])
    """
    shown = shown_objects(scene, size)
    colours = np.array([COLOURS[each.colour] for each in scene.objects])
    background = np.array(BACKGROUND)[:, None, None] * (1 - shown.sum(0))
    return np.einsum("oc,oyx->cyx", colours, shown) + background


def shown_objects(scene: Scene, size: int = 32) -> np.ndarray:
    """How much of each pixel shows each object, what covers it taken off.

        cover_k = clip(1/2 - distance_k, 0, 1), the distance to its edge in pixels, inside below 0
        shown_k = cover_k * product over later objects j of (1 - cover_j)

    Args: as `draw_scene`.

    Returns:
        shown: from 0 to 1, (object, size, size), in sum at most 1 a pixel

    Raises:
        TypeError, ValueError: as `draw_scene`.

    >>> circle = SceneObject(shape="circle", colour="red", size="small", x=0.5, y=0.5)
    >>> round(shown_objects(Scene([circle])).sum())  # pixels: pi (0.12 * 32)^2
    46
    """
    _check_drawing(scene, size)
    shown, free = [], np.ones((size, size))
    for each in reversed(scene.objects):
        cover = np.clip(0.5 - _distance(each, size), 0, 1)
        shown.append(cover * free)
        free = free * (1 - cover)
    return np.stack(shown[::-1])


def _distance(each: SceneObject, size: int) -> np.ndarray:
    """How far the middle of each pixel lies from the object's edge, (size, size); inside below 0.

    Of a corner it is that of the sides, which is all that edges of one pixel need.
    """
    middles, r = np.arange(size) + 0.5, each.radius * size
    right, down = middles - each.x * size, (middles - each.y * size)[:, None]
    x, y = np.abs(right), np.abs(down)
    if each.shape == "circle":
        return np.sqrt(x * x + y * y) - r
    if each.shape == "square":
        return np.maximum(x, y) - 0.88 * r
    if each.shape == "cross":
        return np.minimum(np.maximum(x - r, y - r / 3), np.maximum(x - r / 3, y - r))
    high = math.sqrt(3) / 2 * r
    return np.maximum(down - high, (math.sqrt(3) * x - down - high) / 2)


def cover(picture: np.ndarray, x: float, y: float, radius: float) -> np.ndarray:
    """A copy of the picture with a square of background laid over a place.

    Args:
        picture: (3, size, size), as `draw_scene` makes it.
        x, y: the middle of the square, from 0 to 1.
        radius: half its side; each pixel that it touches becomes background.

    Raises:
        ValueError: a picture of another shape, saying how to turn one with its channels last.

    >>> circle = SceneObject(shape="circle", colour="red", size="large", x=0.5, y=0.5)
    >>> cover(draw_scene(Scene([circle])), 0.5, 0.5, circle.radius)[:, 16, 16]
    array([0.94, 0.94, 0.92])
    """
    size = _check_picture(picture)
    rows, columns = (
        slice(max(0, math.floor((at - radius) * size)), math.ceil((at + radius) * size))
        for at in (y, x)
    )
    covered = picture.copy()
    covered[:, rows, columns] = np.array(BACKGROUND)[:, None, None]
    return covered


def shape_scenes(
    random: torch.Generator, count: int = 64, *, split: Split = "train"
) -> list[Scene]:
    """Scenes of one, two or three different objects, of which a third, a half and the rest are.

    They are clear: of two objects it can be told how they lie to each other, and at least half of
    each can be seen.

    Args:
        random: the source of randomness; the same state gives the same scenes.
        count: how many.
        split: "train", "validation", "test", or "unseen", see `Scene.split`.

    Raises:
        TypeError, ValueError: as `check_draw`; ValueError for an unknown split.

    >>> len(shape_scenes(torch.Generator().manual_seed(0), 5, split="unseen"))
    5
    """
    check_draw(random, count=count)
    if split not in get_args(Split):
        raise ValueError(f"split is {split!r}, and must be one of {', '.join(get_args(Split))}")
    found: list[Scene] = []
    while len(found) < count:
        kinds, places = _drawn(random)
        fits = torch.tensor([each == split for each in _splits(kinds)]) & _clear(kinds, places)
        kept = zip(kinds[fits].tolist(), places[fits].tolist(), strict=True)
        found += [_scene(*rows) for rows in kept]
    return found[:count]


def _drawn(random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Kinds (scene, 3) and places x, y (scene, 3, 2), fit or not."""
    kinds = torch.rand(_AT_ONCE, _NONE, generator=random).argsort(-1)[:, :MOST_OBJECTS]
    chance = torch.tensor(_OBJECTS)
    count = 1 + torch.multinomial(chance, _AT_ONCE, replacement=True, generator=random)
    kinds = kinds.masked_fill(torch.arange(MOST_OBJECTS) >= count[:, None], _NONE)
    radii = _RADII[kinds][..., None]
    share = torch.rand(_AT_ONCE, MOST_OBJECTS, 2, generator=random, dtype=torch.float64)
    return kinds, (radii + share * (1 - 2 * radii)).round(decimals=3)


def _splits(kinds: Tensor) -> list[Split]:
    """The split of each row of kinds: one in ten is for the test, one in ten to choose by."""
    ordered = kinds.sort(-1).values
    number = (ordered * (_NONE + 1) ** torch.arange(MOST_OBJECTS)).sum(-1)
    tenth = (number * 2_654_435_761 % 2**32 * 10) >> 32  # Knuth's multiplicative hash
    unseen = torch.isin(kinds, torch.tensor(_UNSEEN)).any(-1)
    return [
        "unseen" if odd else "test" if part == 0 else "validation" if part == 1 else "train"
        for part, odd in zip(tenth.tolist(), unseen.tolist(), strict=True)
    ]


def _clear(kinds: Tensor, places: Tensor) -> Tensor:
    """Whether all can be seen and told, (scene,)."""
    radii, fine = _RADII[kinds], torch.ones(len(kinds), dtype=torch.bool)
    for a, b in combinations(range(MOST_OBJECTS), 2):
        across, down = (places[:, a] - places[:, b]).abs().unbind(-1)
        told = (across - down).abs() >= _CLEAR
        apart = (radii[:, a] != radii[:, b]) | (across >= _APART)
        near = torch.hypot(across, down) < _NEAR * (radii[:, a] + radii[:, b])
        fine &= (told & apart & ~near) | (kinds[:, b] == _NONE)
    return fine


def _scene(kinds: list[int], places: list[list[float]]) -> Scene:
    return Scene(
        SceneObject(size=size, colour=colour, shape=shape, x=x, y=y)
        for kind, (x, y) in zip(kinds, places, strict=True)
        if kind != _NONE
        for size, colour, shape in [_KINDS[kind]]
    )


def _check_place(name: str, place: Any, size: str) -> None:
    if not isinstance(place, Real) or isinstance(place, bool):
        raise TypeError(f"{name} is {place!r}, and must be a number: where the middle lies")
    radius = SIZES[size]
    if not radius - 1e-9 <= float(place) <= 1 - radius + 1e-9:
        raise ValueError(
            f"{name} is {place}, so a {size} object reaches outside the picture: its middle lies "
            f"between {radius} and {1 - radius:.2f}"
        )


def _check_drawing(scene: Any, size: Any) -> None:
    if not isinstance(scene, Scene):
        raise TypeError(
            f"scene is a {type(scene).__name__}, and must be a Scene: write "
            "Scene([SceneObject(...), ...])"
        )
    if not isinstance(size, Integral) or isinstance(size, bool):
        raise TypeError(f"size is {size!r}, and must be a whole number of pixels")
    if size < 16:
        raise ValueError(f"size is {size}, and must be at least 16, to tell small shapes apart")


def _check_picture(picture: Any) -> int:
    shape = np.shape(picture)
    if len(shape) != 3 or shape[0] != 3 or shape[1] != shape[2]:
        turned = len(shape) == 3 and shape[-1] == 3
        cure = "its channels come last: np.moveaxis(picture, -1, 0) puts them first"
        raise ValueError(
            f"picture has shape {shape}, and needs (3, size, size): "
            + (cure if turned else "draw_scene makes one")
        )
    return shape[1]
