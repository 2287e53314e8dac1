import doctest

import pytest
import torch

from attnlab.tasks import (
    BEGIN,
    END,
    PAD,
    PARAPHRASE_WORDS,
    paraphrases_of,
    scene_paraphrases,
    scenes,
)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_the_paraphrases_of_one_scene_by_hand():
    assert paraphrases_of("cat sat mat") == {
        "on the mat sat the cat": 0.4,
        "the cat sat on the mat": 0.24,
        "the old cat sat on the mat": 0.12,
        "the small cat sat on the mat": 0.12,
        "the black cat sat on the mat": 0.12,
    }


def test_no_scene_to_be_tested_on_is_learnt_from():
    train, test = scenes("train"), scenes("test")
    assert (len(train), len(test)) == (64, 16)
    assert len({*train, *test}) == 80
    for verb in ("sat", "slept", "lay", "stood"):
        assert sum(f" {verb} " in scene for scene in test) == 4
    for split in (train, test):  # each word is met in both splits
        assert len({word for scene in split for word in scene.split()}) == 13


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_chances_of_every_scene_sum_to_one(split):
    for scene in scenes(split):
        told = paraphrases_of(scene)
        assert sum(told.values()) == pytest.approx(1)
        assert list(told.values()) == sorted(told.values(), reverse=True)
        who, did, where = scene.split()
        assert all({who, did, where, "the", "on"} <= set(text.split()) for text in told)


def test_sizes_marks_and_fillers():
    source, target = scene_paraphrases(seeded(), 11)
    assert source.shape == (11, 3)
    assert target.shape == (11, 9)
    assert (target[:, 0] == BEGIN).all()
    assert ((target == END).sum(1) == 1).all()
    behind = (target == END).cumsum(1) - (target == END).int()
    assert torch.equal(behind == 1, target == PAD)


@pytest.mark.parametrize("split", ["train", "test"])
def test_every_paraphrase_belongs_to_its_scene_and_comes_as_often_as_its_chance(split):
    source, target = scene_paraphrases(seeded(1), 5000, split=split)
    allowed = set(scenes(split))
    counts = {}
    for words, text in zip(source, target, strict=True):
        scene = " ".join(PARAPHRASE_WORDS.decode(words))
        pair = scene, " ".join(PARAPHRASE_WORDS.decode(text))
        counts[pair] = counts.get(pair, 0) + 1
    assert {scene for scene, _ in counts} == allowed
    chances = {(s, text): chance for s in allowed for text, chance in paraphrases_of(s).items()}
    assert set(counts) <= set(chances)
    for pair, chance in chances.items():
        expected = 5000 * chance / len(allowed)
        assert abs(counts.get(pair, 0) - expected) < 6 * expected**0.5, pair


def test_the_same_seed_gives_the_same_paraphrases():
    first, again, other = (
        scene_paraphrases(seeded(3)),
        scene_paraphrases(seeded(3)),
        scene_paraphrases(seeded(4)),
    )
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[1], other[1])


def test_the_best_first_word_need_not_lead_to_the_best_paraphrase():
    for verb, right in {"sat": False, "slept": False, "lay": True}.items():
        told = paraphrases_of(f"dog {verb} roof")
        openings = {}
        for text, chance in told.items():
            openings[text.split()[0]] = openings.get(text.split()[0], 0) + chance
        best = next(iter(told))
        assert best.startswith(max(openings, key=openings.get)) is right


@pytest.mark.parametrize(
    ("scene", "said"),
    [
        ("cat sat", "scene has 2 words"),
        ("cow sat mat", "scene has 'cow', where it needs one of cat"),
        ("cat ran mat", "scene has 'ran'"),
        ("cat sat sun", "scene has 'sun'"),
    ],
)
def test_what_is_no_scene_is_named(scene, said):
    with pytest.raises(ValueError, match=said):
        paraphrases_of(scene)


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(
    "function", [scenes, lambda split: scene_paraphrases(seeded(), split=split)]
)
def test_an_unknown_split_is_named(function):
    with pytest.raises(ValueError, match="split is 'validation'"):
        function("validation")


def test_the_examples_in_the_docstrings():
    import importlib

    module = importlib.import_module("attnlab.tasks.paraphrases")
    result = doctest.testmod(module, extraglobs={"torch": torch})
    assert result.attempted > 0
    assert result.failed == 0
