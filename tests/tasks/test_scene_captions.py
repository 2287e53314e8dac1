"""What is said of a scene, and where that of which a word speaks lies."""

import numpy as np
import pytest
import torch

from attnlab.tasks import (
    BEGIN,
    END,
    LONGEST_CAPTION,
    SCENE_WORDS,
    Scene,
    SceneObject,
    captions_of,
    gold_regions,
    named_objects,
    relation,
    shape_scenes,
    shown_objects,
)


def thing(shape="circle", colour="red", size="small", x=0.3, y=0.6):
    return SceneObject(shape=shape, colour=colour, size=size, x=x, y=y)


CIRCLE = thing()
SQUARE = thing("square", "blue", "large", x=0.7, y=0.3)
CROSS = thing("cross", "green", "small", x=0.8, y=0.8)
SCENE = Scene([CIRCLE, SQUARE, CROSS])


def test_captions_of_three_objects_by_hand():
    assert captions_of(SCENE) == [
        "a large blue square right of a small red circle",
        "a large blue square above a small green cross",
        "a small red circle left of a large blue square",
        "a small red circle left of a small green cross",
        "a small green cross below a large blue square",
        "a small green cross right of a small red circle",
    ]
    assert captions_of(Scene([CROSS])) == ["a small green cross"]
    assert captions_of(Scene([CROSS, CIRCLE]))[0].startswith("a small red circle")


@pytest.mark.parametrize(
    ("x", "y", "found"),
    [(0.5, 0.5, "left of"), (0.15, 0.5, "right of"), (0.4, 0.8, "above"), (0.4, 0.2, "below")],
)
def test_the_relation_is_that_of_the_longer_way(x, y, found):
    other = thing("square", x=x, y=y)
    assert relation(CIRCLE, other) == found
    opposite = {"left of": "right of", "above": "below"}
    opposite |= {b: a for a, b in opposite.items()}
    assert relation(other, CIRCLE) == opposite[found]


def test_the_order_in_which_objects_are_drawn_changes_no_caption():
    for turned in ([CROSS, SQUARE, CIRCLE], [SQUARE, CIRCLE, CROSS]):
        assert captions_of(Scene(turned)) == captions_of(SCENE)


def test_every_caption_has_its_words_and_fits():
    longest = 0
    for scene in shape_scenes(torch.Generator().manual_seed(3), 200):
        for caption in captions_of(scene):
            row = SCENE_WORDS.encode(caption, marks=True)
            assert (row[0], row[-1]) == (BEGIN, END)
            longest = max(longest, len(row) - 1)
    assert longest == LONGEST_CAPTION


def test_gold_regions_by_hand():
    inside = gold_regions(SCENE, "a large blue square right of a small red circle")
    assert inside.shape == (10, 64)
    assert inside.any(1).astype(int).tolist() == [0, 1, 1, 1, 0, 0, 0, 1, 1, 1]
    # The square: its middle at pixels 22.4, 9.6, its half side 0.88 * 0.17 * 32 = 4.79.
    rows, columns = np.nonzero(inside[1].reshape(8, 8))
    assert (rows.min(), rows.max()) == (1, 3), "pixels 5 to 13"
    assert (columns.min(), columns.max()) == (4, 6), "pixels 18 to 26"
    assert inside[1].sum() == 9
    assert np.array_equal(inside[1], inside[3])
    assert not (inside[1] & inside[8]).any()


def test_regions_are_those_of_pixels_that_can_be_seen():
    for scene in shape_scenes(torch.Generator().manual_seed(5), 40):
        for caption in captions_of(scene):
            inside = gold_regions(scene, caption)
            (place,) = named_objects(scene, caption)[0]
            pixels = shown_objects(scene)[place] > 0.5
            for region, found in enumerate(inside[1]):
                row, column = divmod(region, 8)
                cell = pixels[4 * row : 4 * row + 4, 4 * column : 4 * column + 4]
                assert found == cell.any()


def test_two_that_are_alike_are_both_meant():
    scene = Scene([thing(x=0.2), SQUARE, thing(x=0.8, y=0.8)])
    caption = "a large blue square right of a small red circle"
    assert named_objects(scene, caption) == [[1], [0, 2]]
    both = gold_regions(scene, caption)[-1]
    single = gold_regions(Scene([thing(x=0.2), SQUARE]), caption)[-1]
    assert both.sum() > single.sum()
    assert (both | single).sum() == both.sum()


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: gold_regions(SCENE, "a small pink circle"), ValueError, "'pink' at place 2"),
        (lambda: gold_regions(SCENE, "a small blue circle"), ValueError, "names a small blue circ"),
        (lambda: gold_regions(SCENE, "small red circle a"), ValueError, "must read as 'a small"),
        (lambda: gold_regions(SCENE, "a small red circle of"), ValueError, "must read as"),
        (lambda: gold_regions(SCENE, ""), ValueError, "must read as"),
        (lambda: gold_regions(SCENE, "a small red circle", grid=5), ValueError, "grid is 5, and"),
        (lambda: gold_regions(SCENE, "a small red circle", grid=0), ValueError, "grid is 0, and"),
        (lambda: gold_regions(SCENE, "a small red circle", grid=8.0), TypeError, "grid is 8.0"),
        (lambda: captions_of("a circle"), TypeError, "scene is a str, and must be a Scene"),
    ],
)
def test_bad_input_is_named(call, kind, words):
    with pytest.raises(kind, match=words):
        call()
