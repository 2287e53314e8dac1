"""Scenes of shapes: what is drawn, what is said of it, and where it lies."""

import doctest
import math

import numpy as np
import pytest
import torch

from attnlab.tasks import (
    BACKGROUND,
    COLOURS,
    HELD_OUT,
    SHAPES,
    SIZES,
    Scene,
    SceneObject,
    cover,
    draw_scene,
    shape_scenes,
    shown_objects,
)


def thing(shape="circle", colour="red", size="small", x=0.3, y=0.6):
    return SceneObject(shape=shape, colour=colour, size=size, x=x, y=y)


def some(split="train", count=60, seed=0):
    return shape_scenes(torch.Generator().manual_seed(seed), count, split=split)


AREAS = {
    "circle": math.pi,
    "square": (2 * 0.88) ** 2,
    "triangle": math.sqrt(3),
    "cross": 2 * (2 * 2 / 3) - (2 / 3) ** 2,
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", SIZES)
def test_each_shape_covers_as_many_pixels_as_geometry_says(shape, size):
    each = thing(shape, size=size, x=0.47, y=0.52)
    for pixels, exactly in [(32, 0.08), (400, 0.005)]:
        area = AREAS[shape] * (each.radius * pixels) ** 2
        assert shown_objects(Scene([each]), pixels).sum() == pytest.approx(area, rel=exactly)


@pytest.mark.parametrize("shape", SHAPES)
def test_each_lies_where_it_says_and_within_its_radius(shape):
    each = thing(shape, size="large", x=0.3, y=0.6)
    rows, columns = np.nonzero(shown_objects(Scene([each]), 100)[0] > 0.5)
    assert rows.mean() == pytest.approx(59.5, abs=0 if shape != "triangle" else 6)
    assert columns.mean() == pytest.approx(29.5)
    assert max(abs(rows - 59.5).max(), abs(columns - 29.5).max()) <= 100 * each.radius
    if shape == "triangle":  # the tip is up
        assert np.ptp(columns[rows == rows.min()]) < 5 < np.ptp(columns[rows == rows.max()])


def test_pixels_by_hand():
    # A circle of radius 3.84 about the corner of four pixels. Pixel (16, 19) lies 0.5 below and
    # 3.5 right of it, pixel (17, 19) 1.5 and 3.5.
    picture = draw_scene(Scene([thing(x=0.5, y=0.5)]))
    assert picture.shape == (3, 32, 32)
    assert picture.dtype == np.float64
    red, paper = np.array(COLOURS["red"]), np.array(BACKGROUND)
    for row, far in [(16, math.hypot(0.5, 3.5)), (17, math.hypot(1.5, 3.5))]:
        part = 0.5 - (far - 3.84)
        assert 0 < part < 1
        np.testing.assert_allclose(picture[:, row, 19], part * red + (1 - part) * paper)
    np.testing.assert_allclose(picture[:, 16, 16], red)
    np.testing.assert_allclose(picture[:, 0, 0], paper)


def test_a_later_object_covers_an_earlier_one():
    behind, front = thing("square", "blue", "large"), thing("circle", "yellow", "small")
    shown = shown_objects(Scene([behind, front]))
    assert np.all(shown.sum(0) <= 1 + 1e-12)
    alone = shown_objects(Scene([behind]))[0]
    np.testing.assert_allclose(shown[0], alone * (1 - shown[1]))
    turned = shown_objects(Scene([front, behind]))
    assert turned[0].sum() < 1e-9, "the whole of it lies behind the square"
    np.testing.assert_allclose(draw_scene(Scene([behind, front]))[:, 19, 9], COLOURS["yellow"])


@pytest.mark.parametrize("split", ["train", "validation", "test", "unseen"])
def test_scenes_are_clear_and_of_their_split(split):
    found = some(split)
    assert {scene.split for scene in found} == {split}
    assert {len(scene.objects) for scene in found} == {1, 2, 3}
    for scene in found:
        shown = shown_objects(scene).sum((1, 2))
        alone = [shown_objects(Scene([each])).sum() for each in scene.objects]
        assert min(shown / alone) > 0.5
        assert len({each.kind for each in scene.objects}) == len(scene.objects)
        odd = {(each.colour, each.shape) for each in scene.objects} & {*HELD_OUT}
        assert bool(odd) == (split == "unseen")
    assert some(split) == found != some(split, seed=1)


def test_the_same_objects_are_in_one_split_wherever_they_lie():
    sets = {
        split: {frozenset(each.kind for each in scene.objects) for scene in some(split, 1500)}
        for split in ("train", "validation", "test")
    }
    assert len(sets["train"]) > 600
    assert not sets["train"] & sets["test"]
    assert not sets["train"] & sets["validation"]
    assert not sets["test"] & sets["validation"]
    scene = some("test")[-1]
    turned = [thing(o.shape, o.colour, o.size, 0.5, 0.4) for o in reversed(scene.objects)]
    assert Scene(turned).split == "test"


def test_each_word_is_met_in_training_and_each_pair_that_is_not_held_out():
    objects = [each for scene in some(count=500) for each in scene.objects]
    pairs = {(each.colour, each.shape) for each in objects}
    assert len(pairs) == len(COLOURS) * len(SHAPES) - len(HELD_OUT)
    assert len({each.kind for each in objects}) == 2 * len(pairs)


def test_a_covered_place_is_background_and_nothing_else_changes():
    picture = draw_scene(Scene([thing(x=0.25, y=0.75)]))
    found = cover(picture, 0.25, 0.75, 0.125)
    assert np.all(found == np.array(BACKGROUND)[:, None, None])
    assert not np.all(picture == found)
    changed = np.argwhere((cover(np.zeros((3, 32, 32)), 0.9, 0.1, 0.125) != 0).any(0))
    assert changed.min(0).tolist() == [0, 24]
    assert changed.max(0).tolist() == [7, 31]


CASES = [
    (lambda: thing("star"), ValueError, "shape is 'star', and must be one of circle, square"),
    (lambda: thing(colour="pink"), ValueError, "colour is 'pink', and must be one of red"),
    (lambda: thing(size="tiny"), ValueError, "size is 'tiny', and must be one of small, large"),
    (lambda: thing(x=0.05), ValueError, "x is 0.05, so a small object reaches outside the picture"),
    (lambda: thing(y=float("nan")), ValueError, "y is nan, so a small object reaches outside"),
    (lambda: thing(y="low"), TypeError, "y is 'low', and must be a number"),
    (lambda: Scene([]), ValueError, "objects has 0 of them, and a scene has from 1 to 3"),
    (lambda: Scene([thing()] * 4), ValueError, "objects has 4 of them"),
    (lambda: Scene(thing()), TypeError, "must be a list of SceneObject"),
    (lambda: Scene([{"shape": "circle"}]), TypeError, "must be a list of SceneObject"),
    (
        lambda: draw_scene([thing()]),
        TypeError,
        r"scene is a list, and must be a Scene: write Scene",
    ),
    (lambda: draw_scene(Scene([thing()]), 12), ValueError, "size is 12, and must be at least 16"),
    (lambda: draw_scene(Scene([thing()]), 32.0), TypeError, "size is 32.0, and must be a whole"),
    (lambda: some("trian"), ValueError, "split is 'trian', and must be one of train, validation"),
    (lambda: shape_scenes(0), TypeError, "random is 0, and must be a generator"),
    (lambda: some(count=-1), ValueError, "count is -1, and must be at least 0"),
    (lambda: cover(np.ones((32, 32, 3)), 0.5, 0.5, 0.1), ValueError, r"last: np.moveaxis\(picture"),
    (lambda: cover(np.ones((3, 32)), 0.5, 0.5, 0.1), ValueError, r"shape \(3, 32\), and needs"),
]


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(("call", "kind", "words"), CASES)
def test_bad_input_is_named(call, kind, words):
    with pytest.raises(kind, match=words):
        call()


@pytest.mark.parametrize("name", ["shape_scenes", "scene_captions"])
def test_the_examples(name):
    import importlib

    module = importlib.import_module(f"attnlab.tasks.{name}")
    result = doctest.testmod(module, extraglobs={"torch": torch, "Scene": Scene, "np": np})
    assert result.attempted > 0
    assert result.failed == 0
