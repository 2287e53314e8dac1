"""Where a captioner looks: how much weight lies on the object of which a word speaks.

Each step is given the right words before it (teacher forcing), so that row i of the weights belongs
to word i of the caption, and the place of its object is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from attnlab.nn import Captioner
from attnlab.recipes.captioning import pictures_of, targets_of
from attnlab.tasks import Scene, captions_of, gold_regions, named_objects
from attnlab.training.evaluation import without_dropout

ROLES = ("size", "colour", "shape")
"""The content words of an object, in their order."""


class Gaze(NamedTuple):
    """Where each word of the captions looked, and where it should have.

    Args:
        weights: (scene, layers, heads, word, region)
        inside: whether a region shows the object of which the word speaks, (scene, word, region);
            False for words that speak of none, and behind the caption.
    """

    weights: Tensor
    inside: Tensor

    @property
    def content(self) -> Tensor:
        """Whether a word speaks of an object, (scene, word)."""
        return self.inside.any(-1)

    @property
    def mass(self) -> Tensor:
        """The weight on the object, (scene, layers, heads, word)."""
        return (self.weights * self.inside[:, None, None]).sum(-1)


def gaze_of(
    model: Captioner, scenes: Sequence[Scene], *, others: Sequence[Scene] | None = None
) -> Gaze:
    """Where a model looks as it writes the first caption of each scene.

    Args:
        model: a captioner of scenes.
        scenes: of what the captions speak.
        others: scenes that are shown in place of these, as a control: a model that looks at the
            middle, or always alike, does as well with them.

    Raises:
        TypeError: no captioner.
        ValueError: no scenes, or not as many others.
    """
    if not isinstance(model, Captioner):
        raise TypeError(f"model is a {type(model).__name__}, and must be a Captioner")
    shown = scenes if others is None else others
    if len(shown) != len(scenes):
        raise ValueError(
            f"others has {len(shown)} scenes, and scenes {len(scenes)}: each needs another"
        )
    target = targets_of(scenes)[:, :-2]
    with without_dropout(model):
        weights = model.look(target, model.encode(pictures_of(shown)))
    grid = round(weights.shape[-1] ** 0.5)
    inside = torch.zeros(len(scenes), *weights.shape[-2:], dtype=torch.bool)
    for row, scene in zip(inside, scenes, strict=True):
        gold = gold_regions(scene, captions_of(scene)[0], grid)
        row[: len(gold)] = torch.from_numpy(gold)
    return Gaze(weights, inside)


def on_named(gaze: Gaze) -> dict[str, float]:
    """How much of the weights lies on the named objects, in the mean of all layers and heads.

    Returns:
        mass: the mean weight on the object of which a word speaks
        chance: the share of the picture's regions that show it, the weight of who looks everywhere
            alike
        heaviest: the share of words whose heaviest region is one of these
    """
    weights, content = gaze.weights.mean((1, 2)), gaze.content
    heaviest = gaze.inside.gather(-1, weights.argmax(-1)[..., None])[..., 0]
    return {
        "mass": gaze.mass.mean((1, 2))[content].mean().item(),
        "chance": gaze.inside[content].float().mean().item(),
        "heaviest": heaviest[content].float().mean().item(),
    }


def by_head(gaze: Gaze) -> Tensor:
    """The mean weight on the named objects, of each head of each layer, (layers, heads)."""
    content = gaze.content[:, None, None]
    return (gaze.mass * content).sum((0, 3)) / content.sum()


def by_word(gaze: Gaze) -> dict[str, float]:
    """The mean weight on the named object by the word that is written next: "size 1" is the size
    of the object that is named first, "shape 2" the shape of the second."""
    mass, found = gaze.mass.mean((1, 2)), {}
    ordinal = gaze.content.long().cumsum(-1) - 1  # 0, 1, 2 of the first object, 3, 4, 5
    for number in range(6):
        chosen = gaze.content & (ordinal == number)
        found[f"{ROLES[number % 3]} {1 + number // 3}"] = mass[chosen].mean().item()
    return found


def by_role(gaze: Gaze) -> dict[str, tuple[float, float]]:
    """The mean weight on the object that is named first and on that named second, word by word.

    Args:
        gaze: captions with one object are left out.

    Returns:
        (first, second) for "a 1", "size 1", "colour 1", "shape 1", "relation" (left, right, above
        or below), "of", "a 2", "size 2", "colour 2" and "shape 2"
    """
    found: dict[str, list[Tensor]] = {}
    for weights, inside in zip(gaze.weights.mean((1, 2)), gaze.inside, strict=True):
        content = inside.any(-1).nonzero()[:, 0].tolist()
        if len(content) == 2 * len(ROLES):
            on_both = weights @ inside[[content[0], content[-1]]].float().T
            between = ["relation", "of"][: content[3] - content[2] - 2]
            names = [*_named(1), *between, *_named(2)]
            for name, row in zip(names, on_both, strict=False):  # behind the caption is padding
                found.setdefault(name, []).append(row)
    ordered = [*_named(1), "relation", "of", *_named(2)]
    means = {name: torch.stack(found[name]).mean(0).tolist() for name in ordered if name in found}
    return {name: (first, second) for name, (first, second) in means.items()}


def nearest_is_named(gaze: Gaze, scenes: Sequence[Scene]) -> float:
    """How often the middle of the weights lies nearer to the object of which the word speaks than
    to any other: the share of content words of captions that name two.

    Args:
        gaze: of the first captions of these scenes, as `gaze_of` makes it.
        scenes: the same.
    """
    hits = []
    weights, side = gaze.weights.mean((1, 2)), round(gaze.weights.shape[-1] ** 0.5)
    for scene, rows, content in zip(scenes, weights, gaze.content, strict=True):
        caption = captions_of(scene)[0]
        named = [places[0] for places in named_objects(scene, caption)]
        middles = np.array([(each.y, each.x) for each in scene.objects]) * side - 0.5
        for number, gazed in enumerate(gaze_path(rows[content].numpy(), side, side)):
            nearest = np.linalg.norm(middles - gazed, axis=1).argmin()
            hits += [nearest == named[number // 3]] if len(named) > 1 else []
    return float(np.mean(hits))


def _named(number: int) -> list[str]:
    return [f"{role} {number}" for role in ("a", *ROLES)]


def gaze_path(weights: Any, height: int = 8, width: int = 8) -> np.ndarray:
    """The middle of the weights of each word, in rows and columns of the grid.

        row = sum over regions of weight * row of the region; column alike

    Args:
        weights: (word, region), region = row * width + column.
        height, width: of the grid.

    Returns:
        path: row and column for each word, (word, 2); 0, 0 is the middle of the first region

    Raises:
        ValueError: another number of regions than height * width.

    >>> gaze_path(np.eye(4)[[1, 2]], 2, 2).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    weights = np.asarray(weights, dtype=np.float64)
    if weights.ndim != 2 or weights.shape[1] != height * width:
        raise ValueError(
            f"weights has shape {weights.shape}, and needs (word, {height * width}), a weight for "
            f"each of {height} by {width} regions"
        )
    row, column = np.divmod(np.arange(height * width), width)
    return weights @ np.stack([row, column], axis=1)
