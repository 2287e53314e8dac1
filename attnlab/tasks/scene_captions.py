"""What is said of a scene, and where in the picture that lies of which a word speaks."""

from __future__ import annotations

from itertools import permutations
from numbers import Integral

import numpy as np

from attnlab.tasks.shape_scenes import (
    COLOURS,
    SHAPES,
    SIZES,
    Scene,
    SceneObject,
    shown_objects,
)
from attnlab.tasks.vocabulary import Vocabulary

RELATIONS = ("left of", "right of", "above", "below")
"""How one object may lie to another."""

SCENE_WORDS = Vocabulary(["a", "of", "left", "right", "above", "below", *SIZES, *COLOURS, *SHAPES])
"""The tokens of captions."""

LONGEST_CAPTION = 11
"""So many tokens has the longest caption, its end mark included."""


def relation(first: SceneObject, second: SceneObject) -> str:
    """How the first object lies to the second: along the way on which they are further apart.

    >>> circle = SceneObject(shape="circle", colour="red", size="small", x=0.3, y=0.5)
    >>> square = SceneObject(shape="square", colour="blue", size="large", x=0.7, y=0.6)
    >>> relation(circle, square), relation(square, circle)
    ('left of', 'right of')
    """
    right, down = second.x - first.x, second.y - first.y
    if abs(right) >= abs(down):
        return "left of" if right > 0 else "right of"
    return "above" if down > 0 else "below"


def captions_of(scene: Scene) -> list[str]:
    """All captions that are right, the one that a captioner is trained on in front.

    Of one object a caption says size, colour and shape; of more it names any two, and how they
    lie. The one in front begins with the larger object, of equally large ones with that further
    left, and of three objects leaves out the one that would come last.

    Raises:
        TypeError: something that is no scene.

    >>> circle = SceneObject(shape="circle", colour="red", size="small", x=0.3, y=0.5)
    >>> square = SceneObject(shape="square", colour="blue", size="large", x=0.7, y=0.6)
    >>> for caption in captions_of(Scene([circle, square])):
    ...     print(caption)
    a large blue square right of a small red circle
    a small red circle left of a large blue square
    """
    ordered = _in_order(scene)
    if len(ordered) == 1:
        return [str(ordered[0])]
    pairs = permutations(ordered, 2)
    return [f"{first} {relation(first, second)} {second}" for first, second in pairs]


def named_objects(scene: Scene, caption: str) -> list[list[int]]:
    """The objects of the scene that each part of a caption may mean, by their place in the scene.

    Args:
        scene: what is spoken of.
        caption: such as `captions_of` gives, a text or a list of words; its relation may be wrong.

    Returns:
        For the first and, if there is one, the second object that it names a list of numbers:
        one, or more where several objects are alike.

    Raises:
        TypeError: something that is no scene.
        ValueError: words that no scene has, no caption of one or two objects, or one that names
            an object that this scene has not.

    >>> circle = SceneObject(shape="circle", colour="red", size="small", x=0.3, y=0.5)
    >>> named_objects(Scene([circle]), "a small red circle")
    [[0]]
    """
    listed = [str(each) for each in _objects(scene)]
    found = []
    for start, end in _noun_phrases(caption):
        name = " ".join(_words(caption)[start:end])
        places = [place for place, each in enumerate(listed) if each == name]
        if not places:
            raise ValueError(f"caption names {name}, and this scene has {', '.join(listed)}")
        found.append(places)
    return found


def gold_regions(scene: Scene, caption: str, grid: int = 8, size: int = 32) -> np.ndarray:
    """For each word of a caption the regions of the picture that show what it speaks of.

    The picture is cut into grid x grid regions, row by row. A word for a size, a colour or a shape
    has those in which at least one pixel shows more of its object than of all else. The others,
    "a", "of", "left" and so on, have none: they speak of no object alone.

    Args:
        scene: what is seen.
        caption: as `named_objects` takes it.
        grid: how many regions the picture is wide and high.
        size: how many pixels it is wide and high.

    Returns:
        inside: boolean, (word, region)

    Raises:
        TypeError: a grid that is not whole.
        ValueError: as `named_objects`, or a grid that does not divide the picture.

    >>> circle = SceneObject(shape="circle", colour="red", size="small", x=0.25, y=0.75)
    >>> gold_regions(Scene([circle]), "a small red circle", grid=2).astype(int)
    array([[0, 0, 0, 0],
           [0, 0, 1, 0],
           [0, 0, 1, 0],
           [0, 0, 1, 0]])
    """
    shown = shown_objects(scene, size) > 0.5
    by_region = _by_region(shown, grid)
    inside = np.zeros((len(_words(caption)), grid * grid), dtype=bool)
    named = named_objects(scene, caption)
    for (start, end), places in zip(_noun_phrases(caption), named, strict=True):
        inside[start + 1 : end] = by_region[places].any(0)  # all but the article
    return inside


def _in_order(scene: Scene) -> list[SceneObject]:
    return sorted(_objects(scene), key=lambda each: (-each.radius, each.x))


def _objects(scene: Scene) -> tuple[SceneObject, ...]:
    if not isinstance(scene, Scene):
        raise TypeError(f"scene is a {type(scene).__name__}, and must be a Scene")
    return scene.objects


def _words(caption: str | list[str]) -> list[str]:
    words = caption.split() if isinstance(caption, str) else [*caption]
    SCENE_WORDS.encode(words)  # refuses words that no scene has
    return words


def _noun_phrases(caption: str) -> list[tuple[int, int]]:
    """Where the names of objects begin and end: four words each, from an article on."""
    words = _words(caption)
    starts = [place for place, word in enumerate(words) if word == "a"]
    between = " ".join(words[4 : starts[-1]]) if starts else ""
    one = starts == [0] and len(words) == 4
    two = len(starts) == 2 and between in RELATIONS and len(words) == starts[-1] + 4
    if not (one or two):
        raise ValueError(
            f"caption is {' '.join(words)!r}, and must read as 'a small red circle' or 'a small "
            "red circle left of a large blue square'"
        )
    return [(start, start + 4) for start in starts]


def _by_region(shown: np.ndarray, grid: int) -> np.ndarray:
    """Whether any pixel of a region is set, (object, region)."""
    if not isinstance(grid, Integral) or isinstance(grid, bool):
        raise TypeError(f"grid is {grid!r}, and must be a whole number of regions")
    size = shown.shape[-1]
    if grid < 1 or size % grid:
        raise ValueError(
            f"grid is {grid}, and the picture is {size} pixels wide: take a divisor of {size}"
        )
    cells = shown.reshape(len(shown), grid, size // grid, grid, size // grid)
    return cells.any((2, 4)).reshape(len(shown), grid * grid)
