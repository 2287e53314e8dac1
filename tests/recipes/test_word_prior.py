"""Words before against the picture: counted on models whose answers are known."""

import pytest
import torch
from torch import nn

from attnlab.recipes import trained, word_prior
from attnlab.recipes.captioning import unseen_scenes
from attnlab.recipes.word_prior import shape_after_colour, words_of_held_out
from attnlab.tasks import SCENE_WORDS, Scene, SceneObject


def thing(shape="circle", colour="purple", size="large", x=0.3, y=0.6):
    return SceneObject(shape=shape, colour=colour, size=size, x=x, y=y)


PURPLE_CIRCLE = Scene([thing()])
BOTH = Scene([thing(), thing("cross", "red", "small", x=0.8)])
SECOND = Scene([thing("cross", "blue"), thing("cross", "red", "small", x=0.8)])
RED_SQUARE = Scene([thing("square", "red")])


def test_words_of_objects_whose_colour_and_shape_are_held_out(monkeypatch):
    said = [
        "a large purple square",
        "a large purple circle left of a small red square",
        "a small blue circle above a small red cross",
        "a large blue cross",
    ]
    monkeypatch.setattr(word_prior, "described", lambda *_: said)
    found = words_of_held_out(nn.Identity(), [PURPLE_CIRCLE, BOTH, SECOND, RED_SQUARE])
    # Of four such objects all sizes and colours are right, and two shapes.
    assert found == {"size": 1.0, "colour": 1.0, "shape": 0.5}


def test_a_caption_that_is_too_short_is_wrong_in_what_it_lacks(monkeypatch):
    monkeypatch.setattr(word_prior, "described", lambda *_: ["a large"])
    assert words_of_held_out(nn.Identity(), [PURPLE_CIRCLE]) == {
        "size": 1.0,
        "colour": 0.0,
        "shape": 0.0,
    }


class AsItWasSaid(nn.Module):
    """Says circle, but behind a colour that never came with it square."""

    def forward(self, pictures, rows):
        assert len(pictures) == len(rows)
        purple = SCENE_WORDS.encode("purple")[0]
        shapes = torch.tensor(SCENE_WORDS.encode("circle square"))
        said = shapes[(rows[:, -1] == purple).long()]
        return nn.functional.one_hot(said, len(SCENE_WORDS)).float()[:, None].expand(-1, 4, -1)


def test_the_shape_behind_its_own_colour_and_behind_others():
    assert shape_after_colour(AsItWasSaid(), [PURPLE_CIRCLE, RED_SQUARE, SECOND]) == {
        "own": 0.0,
        "other": 1.0,
    }


@pytest.mark.parametrize("decoder", ["gru", "transformer"])
def test_the_models_that_ship_see_the_shape_that_they_do_not_say(decoder):
    model, scenes = trained("captions", decoder), unseen_scenes("unseen")[:300]
    found = words_of_held_out(model, scenes)
    assert min(found["size"], found["colour"]) > 0.95
    assert found["shape"] < 0.5
    after = shape_after_colour(model, scenes)
    assert after["other"] > after["own"] + 0.1
