"""Captions: what a model says, where it looks, and what it says when an object is covered."""

import doctest
import importlib

import numpy as np
import pytest
import torch
from torch import nn

from attnlab.nn import Captioner, CaptionerConfig
from attnlab.recipes import caption_gaze, captioning, covering
from attnlab.recipes.caption_gaze import (
    Gaze,
    by_head,
    by_role,
    by_word,
    gaze_of,
    nearest_is_named,
    on_named,
)
from attnlab.recipes.captioning import (
    caption_quality,
    described,
    pictures_of,
    targets_of,
    unseen_scenes,
)
from attnlab.recipes.covering import cover_each, covered, forbid_each, regions_of
from attnlab.tasks import (
    BACKGROUND,
    COLOURS,
    SCENE_WORDS,
    Scene,
    SceneObject,
    captions_of,
    draw_scene,
    gold_regions,
    shape_scenes,
)

WORDS = len(SCENE_WORDS)


def thing(shape="circle", colour="red", size="small", x=0.3, y=0.6):
    return SceneObject(shape=shape, colour=colour, size=size, x=x, y=y)


SCENE = Scene([thing(), thing("square", "blue", "large", 0.7, 0.3), thing("cross", "green", y=0.2)])


class Colours(nn.Module):
    """Says "a small x circle" of the strongest colour that it finds among the pixels it may see.

    It has the methods of a captioner, and its memory is the pictures' colours by region.
    """

    class Decoder:
        def empty_caches(self):
            return []

    decoder = Decoder()

    def check_source(self, pictures):
        assert pictures.shape[1:] == (3, 32, 32)

    def encode(self, pictures, mask=None):
        del mask
        return nn.functional.avg_pool2d(pictures, 4).flatten(2).transpose(1, 2)

    def decode(self, target, memory, mask=None, caches=None):
        del mask, caches
        names, rgb = [*COLOURS], torch.tensor([*COLOURS.values()])
        far = (memory - torch.tensor(BACKGROUND)).norm(dim=-1).argmax(-1)
        seen = memory[torch.arange(len(memory)), far]
        nearest = (seen[:, None] - rgb).norm(dim=-1).argmin(-1)
        logits = torch.zeros(len(memory), 1, WORDS)
        for row, colour in enumerate(nearest.tolist()):
            said = SCENE_WORDS.encode(f"a small {names[colour]} circle", marks=True)
            logits[row, 0, said[said.index(int(target[row, -1])) + 1]] = 1.0
        return logits


def test_pictures_and_targets():
    scenes = [SCENE, Scene([thing()])]
    found = pictures_of(scenes)
    assert found.shape == (2, 3, 32, 32)
    assert found.dtype == torch.float32
    np.testing.assert_allclose(found[0].numpy(), draw_scene(SCENE), atol=1e-7)
    target = targets_of(scenes)
    assert SCENE_WORDS.decode(target[0]) == captions_of(SCENE)[0].split()
    assert target[1].tolist()[:6] == SCENE_WORDS.encode("a small red circle", marks=True)
    assert target[1, 6:].sum() == 0
    with pytest.raises(ValueError, match="scenes is empty"):
        pictures_of([])


def test_what_is_described_and_how_much_of_it_is_right():
    scenes = [Scene([thing(colour=colour)]) for colour in ("red", "blue", "green")]
    assert described(Colours(), scenes) == [
        "a small red circle",
        "a small blue circle",
        "a small green circle",
    ]
    assert described(Colours(), pictures_of(scenes)) == described(Colours(), scenes)
    other = Scene([thing("square", "red")])
    found = caption_quality(Colours(), [*scenes, other])
    assert (found["scenes"], found["exact"], found["first"]) == (4, 0.75, 0.75)
    assert 70 < found["bleu"] < 100


def test_any_right_caption_is_exact_and_one_is_the_first(monkeypatch):
    said = captions_of(SCENE)
    monkeypatch.setattr(captioning, "described", lambda *_: [said[3], said[0]])
    found = caption_quality(Colours(), [SCENE, SCENE])
    assert (found["exact"], found["first"]) == (1.0, 0.5)


def test_scenes_to_judge_by_are_of_their_split_and_always_the_same():
    for split in ("validation", "test", "unseen"):
        found = unseen_scenes(split, 20)
        assert found is unseen_scenes(split, 20)
        assert {scene.split for scene in found} == {split}
    with pytest.raises(ValueError, match="split is 'train', and must be one of validation"):
        unseen_scenes("train", 20)


def perfect(scenes):
    """Equal weights on the regions of the object, on all where there is none."""
    inside = torch.zeros(len(scenes), 10, 64, dtype=torch.bool)
    for row, scene in zip(inside, scenes, strict=True):
        gold = gold_regions(scene, captions_of(scene)[0])
        row[: len(gold)] = torch.from_numpy(gold)
    weights = torch.where(inside.any(-1, keepdim=True), inside, True).float()
    weights = weights / weights.sum(-1, keepdim=True)
    return Gaze(weights[:, None, None].expand(-1, 2, 3, -1, -1), inside)


def test_weights_on_the_object_and_everywhere_alike_by_hand():
    scenes = [SCENE, Scene([thing(x=0.25, y=0.25)])]
    gaze = perfect(scenes)
    found = on_named(gaze)
    assert found["mass"] == pytest.approx(1)
    assert found["heaviest"] == 1
    sizes = [gold_regions(s, captions_of(s)[0]).sum(1) for s in scenes]
    share = np.concatenate(sizes)[np.concatenate(sizes) > 0].mean() / 64
    assert found["chance"] == pytest.approx(share)
    alike = on_named(Gaze(torch.full((2, 2, 3, 10, 64), 1 / 64), gaze.inside))
    assert alike["mass"] == pytest.approx(alike["chance"])
    assert list(by_word(gaze)) == ["size 1", "colour 1", "shape 1", "size 2", "colour 2", "shape 2"]
    assert all(value == pytest.approx(1) for value in by_word(gaze).values())


def test_each_head_and_each_word_counts_for_itself():
    gaze = perfect([SCENE, Scene([thing()])])
    weights = gaze.weights.clone()
    weights[:, 1, 2] = 1 / 64
    weights[0, :, :, 8] = gaze.weights[0, :, :, 1]  # the second colour looks at the first object
    found = by_head(Gaze(weights, gaze.inside))
    assert found.shape == (2, 3)
    assert found[0, 0] == found.max()
    assert found[1, 2] < 0.2
    words = by_word(Gaze(weights, gaze.inside))
    assert words["colour 2"] < 0.1
    assert words["shape 2"] > 0.8


def test_the_weight_on_both_objects_word_by_word():
    above = Scene([thing(x=0.3, y=0.2), thing("square", "blue", "large", 0.4, 0.7)])
    scenes = [SCENE, Scene([thing()]), above]
    found = by_role(perfect(scenes))
    names = ["a 1", "size 1", "colour 1", "shape 1", "relation", "of"]
    assert list(found) == [*names, "a 2", "size 2", "colour 2", "shape 2"]
    for role in ("size", "colour", "shape"):
        assert found[f"{role} 1"] == pytest.approx((1, 0))
        assert found[f"{role} 2"] == pytest.approx((0, 1))
    shares = [
        [gold_regions(s, captions_of(s)[0])[row].mean() for row in (1, -1)] for s in (SCENE, above)
    ]
    assert found["relation"] == pytest.approx(tuple(np.mean(shares, axis=0)))
    assert found["of"] == pytest.approx(tuple(shares[0])), "above has none"


def test_the_gaze_is_nearest_to_the_object_that_is_named():
    scenes = [SCENE, Scene([thing()])]
    gaze = perfect(scenes)
    assert nearest_is_named(gaze, scenes) == 1
    weights = gaze.weights.clone()
    weights[0, :, :, 8] = gaze.weights[0, :, :, 1]
    assert nearest_is_named(Gaze(weights, gaze.inside), scenes) == pytest.approx(5 / 6)


def test_the_gaze_of_a_model_is_that_of_its_rows():
    torch.manual_seed(0)
    model = Captioner(CaptionerConfig(vocabulary=WORDS, decoder="transformer", d_model=8)).eval()
    single, other = Scene([thing()]), shape_scenes(torch.Generator().manual_seed(0), 2)
    gaze = gaze_of(model, [SCENE, single])
    assert gaze.weights.shape == (2, 2, 4, 10, 64)
    assert gaze.inside.shape == (2, 10, 64)
    assert gaze.content.sum(1).tolist() == [6, 3]
    row = torch.tensor([SCENE_WORDS.encode("a small red circle", marks=True)[:-2]])
    alone = model.look(row, model.encode(pictures_of([single])))
    torch.testing.assert_close(gaze.weights[1, :, :, :4], alone[0])
    shown = gaze_of(model, [SCENE, single], others=other)
    assert torch.equal(shown.inside, gaze.inside)
    assert not torch.allclose(shown.weights, gaze.weights)
    with pytest.raises(ValueError, match="others has 1 scenes, and scenes 2"):
        gaze_of(model, [SCENE, single], others=other[:1])
    with pytest.raises(TypeError, match="model is a Linear, and must be a Captioner"):
        gaze_of(nn.Linear(2, 2), [single])


def test_the_middle_of_weights_needs_a_grid():
    path = caption_gaze.gaze_path(torch.eye(6)[[5, 2]], 2, 3)
    assert path.tolist() == [[1, 2], [0, 2]]
    assert caption_gaze.gaze_path(np.full((1, 64), 1 / 64)).tolist() == [[3.5, 3.5]]
    with pytest.raises(ValueError, match=r"shape \(1, 6\), and needs \(word, 64\)"):
        caption_gaze.gaze_path(np.ones((1, 6)))


def test_a_covered_object_is_gone_and_the_others_stay():
    without = Scene([each for n, each in enumerate(SCENE.objects) if n != 1])
    np.testing.assert_allclose(covered(SCENE, 1), draw_scene(without), atol=1e-12)


def test_the_regions_of_an_object_and_those_around():
    own = regions_of(SCENE, 1)
    gold = gold_regions(Scene([SCENE.objects[1]]), "a large blue square")[1]
    assert own[gold].all(), "at least those that show more of it than of all else"
    around = regions_of(SCENE, 1, around=1).reshape(8, 8)
    rows, columns = np.nonzero(own.reshape(8, 8))
    assert around.sum() == (np.ptp(rows) + 3) * (np.ptp(columns) + 3), "a square and its rim"
    corner = regions_of(Scene([thing(x=0.12, y=0.12)]), 0, around=2)
    assert corner.sum() == 16


def test_what_becomes_of_a_caption_whose_object_is_covered(monkeypatch):
    def said(_, given):
        """As if a model were always right of what it sees: it finds the scene by its pictures."""
        pictures = given if torch.is_tensor(given) else pictures_of(given)
        known = {
            float(torch.from_numpy(draw_scene(Scene(some))).float().sum()): captions_of(Scene(some))
            for some in (SCENE.objects, SCENE.objects[1:], SCENE.objects[::2], SCENE.objects[:2])
        }
        return [
            min(known.items(), key=lambda pair: abs(pair[0] - float(picture.sum())))[1][0]
            for picture in pictures
        ]

    monkeypatch.setattr(covering, "described", said)
    assert cover_each(None, [SCENE, SCENE, Scene([thing()])]) == {
        "scenes": 2,
        "untouched": 1.0,
        "first": 0.0,
        "second": 1.0,
        "third": 1.0,
    }


def test_where_nothing_is_right_nothing_can_be_learnt_from_covering():
    words = "of 1 scenes with three objects the model describes none rightly"
    with pytest.raises(ValueError, match=words):
        cover_each(Colours(), [SCENE, Scene([thing()])])


@pytest.mark.parametrize("decoder", ["gru", "transformer"])
def test_forbidden_regions_cannot_be_read(decoder, monkeypatch):
    torch.manual_seed(0)
    model = Captioner(CaptionerConfig(vocabulary=WORDS, decoder=decoder, d_model=8)).eval()
    asked = []
    monkeypatch.setattr(covering, "right_scenes", lambda *_: [(SCENE, [1, 0, 2])])
    monkeypatch.setattr(covering, "described", lambda *given: asked.append(given) or [""])
    forbid_each(model, [SCENE], around=1)
    for place, (blind, pictures) in zip([None, 1, 0, 2], asked, strict=True):
        assert pictures.shape == (1, 3, 32, 32)
        weights = torch.eye(64).expand(1, 64, 64)
        for part in blind.modules():
            if isinstance(part, covering._Blind):
                query = torch.zeros(1, 1, part.attend.worth.numel() if decoder == "gru" else 2)
                if decoder == "transformer":
                    query = query.expand(1, 4, 1, 2)
                keys = torch.zeros(*query.shape[:-2], 64, query.shape[-1])
                with torch.no_grad():
                    found = part(query, keys, weights.expand(*query.shape[:-2], 64, 64))
                hidden = np.zeros(64, bool) if place is None else regions_of(SCENE, place, around=1)
                assert (found.flatten(0, -2)[0].numpy() == 0).tolist() == hidden.tolist()


@pytest.mark.parametrize("name", ["captioning", "caption_gaze", "covering"])
def test_the_examples(name):
    result = doctest.testmod(importlib.import_module(f"attnlab.recipes.{name}"))
    assert result.failed == 0
