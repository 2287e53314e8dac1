"""Interventions on captions: cover an object, or forbid its regions, and let it be written anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
import torch
from torch import Tensor, nn

from attnlab.nn import Captioner
from attnlab.recipes.captioning import described, pictures_of
from attnlab.tasks import Scene, captions_of, cover, draw_scene, named_objects, shown_objects

_MARGIN = 1 / 32  # a pixel more on each side, so that no edge is left


def covered(scene: Scene, place: int, size: int = 32) -> np.ndarray:
    """The picture of a scene with a square of background over one of its objects.

    Args:
        scene: what is to be seen.
        place: of the object in scene.objects.
        size: how many pixels the picture is wide and high.

    Raises:
        IndexError: there is no such object.
    """
    each = scene.objects[place]
    return cover(draw_scene(scene, size), each.x, each.y, each.radius + _MARGIN)


def regions_of(scene: Scene, place: int, *, around: int = 0, grid: int = 8) -> np.ndarray:
    """The regions in which any of an object can be seen, boolean, (region,).

    Args:
        scene: what is to be seen.
        place: of the object in scene.objects.
        around: how many regions further on all sides are taken too.
        grid: how many regions the picture is wide and high.
    """
    pixels = shown_objects(scene)[place] > 0
    side = len(pixels) // grid
    found = np.pad(pixels.reshape(grid, side, grid, side).any((1, 3)), around)
    shifts = range(2 * around + 1)
    moved = [found[i : i + grid, j : j + grid] for i in shifts for j in shifts]
    return np.any(moved, axis=0).flatten()


def right_scenes(model: Captioner, scenes: Sequence[Scene]) -> list[tuple[Scene, list[int]]]:
    """Scenes of three objects that a model describes rightly, with the places of its objects: that
    named first, that named second, and that not named.

    Raises:
        ValueError: it describes none rightly.
    """
    found = []
    three = [scene for scene in scenes if len(scene.objects) == 3]
    for scene, said in zip(three, described(model, three), strict=True):
        if said in captions_of(scene):
            named = [places[0] for places in named_objects(scene, said)]
            found.append((scene, [*named, *({0, 1, 2} - {*named})]))
    if not found:
        raise ValueError(
            f"of {len(three)} scenes with three objects the model describes none rightly: what is "
            "covered can change nothing, so train it longer, or give more scenes"
        )
    return found


def cover_each(model: Captioner, scenes: Sequence[Scene]) -> dict[str, float]:
    """Cover one object, let the caption be written anew, and look whether it still begins with
    the object that it began with.

    Args:
        model: a captioner of scenes.
        scenes: those of three objects that the model describes rightly are taken, if no object is
            so near to another that its cover would touch it.

    Returns:
        scenes: how many were taken
        untouched: the share that begins as before, 1, where nothing is covered
        first, second, third: the same where the object named first, that named second, or that
            not named is covered
    """
    right = right_scenes(model, [scene for scene in scenes if _far_apart(scene)])
    found: dict[str, float] = {"scenes": len(right)}
    for number, name in [(None, "untouched"), (0, "first"), (1, "second"), (2, "third")]:
        pictures = [
            draw_scene(scene) if number is None else covered(scene, order[number])
            for scene, order in right
        ]
        found[name] = _still(model, right, torch.from_numpy(np.stack(pictures)).float())
    return found


def forbid_each(model: Captioner, scenes: Sequence[Scene], *, around: int = 0) -> dict[str, float]:
    """The same picture, but the decoder may not look at the regions of an object, at any step.

    A recurrent decoder's first state still comes from the mean of all regions.

    Args:
        model: a captioner of scenes, with attention.
        scenes: those of three objects that the model describes rightly are taken.
        around: how many regions around those of the object are forbidden too.

    Returns: as `cover_each`; `untouched` forbids none.
    """
    right = right_scenes(model, scenes)
    pictures = pictures_of([scene for scene, _ in right])
    found: dict[str, float] = {"scenes": len(right)}
    for number, name in [(None, "untouched"), (0, "first"), (1, "second"), (2, "third")]:
        hidden = [
            regions_of(scene, order[number or 0], around=around) & (number is not None)
            for scene, order in right
        ]
        allowed = torch.from_numpy(~np.stack(hidden))[:, None]
        blind = model.looking(lambda attend: _Blind(attend, allowed))  # noqa: B023
        found[name] = _still(blind, right, pictures)
    return found


def _far_apart(scene: Scene) -> bool:
    """Whether the squares that would cover its objects touch no other object."""
    return all(
        max(abs(a.x - b.x), abs(a.y - b.y)) > a.radius + b.radius + 2 * _MARGIN
        for a, b in combinations(scene.objects, 2)
    )


class _Blind(nn.Module):
    """Attends as another does, but not to what is not allowed, (batch, 1, region)."""

    def __init__(self, attend: Callable[..., Tensor], allowed: Tensor):
        super().__init__()
        self.attend, self.allowed = attend, allowed

    def forward(self, query: Tensor, key: Tensor, value: Tensor, _: None = None) -> Tensor:
        allowed = self.allowed if query.ndim == 3 else self.allowed[:, None]
        return self.attend(query, key, value, allowed)


def _still(
    model: Captioner,
    right: Sequence[tuple[Scene, list[int]]],
    pictures: Tensor,
) -> float:
    """The share of captions that begin with the object that was named first."""
    said = described(model, pictures)
    first = [str(scene.objects[order[0]]) for scene, order in right]
    return sum(new.startswith(name) for new, name in zip(said, first, strict=True)) / len(right)
