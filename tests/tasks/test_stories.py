import pytest
import torch

from attnlab.tasks import PROPERTY, REFERENCE, STORY, STORY_WORDS, pet_stories

PLACES = {"Ming": 0, "cat": 3, "it": 4, "naughty": 6, "cute": 8, "he": 10, "it again": 12}
WORDS = len(STORY_WORDS)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def told(x):
    """The words of each story."""
    return [[STORY_WORDS[i] for i in story] for story in x[..., :WORDS].argmax(-1).tolist()]


def test_shapes_and_one_hot_words():
    x, answer = pet_stories(seeded(), 7, width=3)
    assert x.shape == (7, 13, WORDS + 3)
    assert answer.shape == (7, 13, 6)
    assert torch.equal(x[..., :WORDS].sum(-1), torch.ones(7, 13))


def test_every_story_follows_the_grammar():
    x, _ = pet_stories(seeded(), 500)
    stories = told(x)
    assert len({" ".join(story) for story in stories}) > 300
    for story in stories:
        again, _ = pet_stories(seeded(), 1, words=story)  # refuses what is no story
        assert told(again) == [story]
        assert story[6] != story[8], "two adjectives"
    assert {story[0] for story in stories} == set(STORY_WORDS[:8])
    assert {story[3] for story in stories} == set(STORY_WORDS[8:14])


def test_the_answers_for_the_story_of_ming_by_hand():
    x, answer = pet_stories(seeded(), 5, width=2, words=STORY)
    assert told(x) == [STORY] * 5
    content = {word: x[:, place, WORDS:] for word, place in PLACES.items()}
    asked = {word: answer[:, place] for word, place in PLACES.items()}
    likeness = (content["naughty"] + content["cute"]) / 2
    nothing = torch.zeros(5, 2)
    for word, by_reference, by_property in [
        ("it", content["cat"], likeness),
        ("it again", content["cat"], likeness),
        ("he", content["Ming"], nothing),
        ("naughty", nothing, content["cat"]),
        ("cute", nothing, content["cat"]),
        ("Ming", nothing, nothing),
        ("cat", nothing, nothing),
    ]:
        torch.testing.assert_close(asked[word], torch.cat([by_reference, by_property], -1))


def test_small_words_have_no_content_and_ask_nothing():
    x, answer = pet_stories(seeded(), 5)
    small = [i for i, word in enumerate(STORY) if word in STORY_WORDS[-8:]]
    large = [i for i in range(13) if i not in small]
    assert not x[:, small, WORDS:].any()
    assert x[:, large, WORDS:].all()
    assert not answer[:, [1, 2, 5, 7, 9, 11]].any()


def test_relations_by_hand():
    pairs = {
        (STORY[i], STORY[j]): int(REFERENCE[i, j]) - int(PROPERTY[i, j])
        for i, j in (REFERENCE | PROPERTY).nonzero().tolist()
    }
    assert pairs == {
        ("it", "cat"): 1,
        ("he", "Ming"): 1,
        ("it", "naughty"): -1,
        ("it", "cute"): -1,
        ("naughty", "cat"): -1,
        ("cute", "cat"): -1,
    }
    assert REFERENCE.sum().item() == 3
    assert PROPERTY.sum().item() == 6


def test_the_same_seed_gives_the_same_stories():
    first, again, other = (pet_stories(seeded(seed)) for seed in (3, 3, 4))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0], other[0])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda w: w[:5], "words has 5 words, and a story 13: Ming has a cat it"),
        (lambda w: ["Bob", *w[1:]], "words has 'Bob' at place 0, where .* Ming or Tom"),
        (lambda w: ["Ana", *w[1:]], "words has 'he' at place 10, where a story has she"),
        (lambda w: [*w[:12], "him"], "words has 'him' at place 12, where a story has it"),
    ],
)
def test_words_that_are_no_story_are_refused(change, said):
    with pytest.raises(ValueError, match=said):
        pet_stories(seeded(), words=change(STORY))
