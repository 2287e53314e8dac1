"""Animals and things: what the sentences tell, and what they keep."""

import doctest

import pytest
import torch

from attnlab.tasks import (
    ANIMALS,
    KIND_WORDS,
    NOUNS_OF_KINDS,
    THINGS,
    animals_and_things,
    labelled_kinds,
    text_of_kinds,
)


def drawn(seed=0):
    return torch.Generator().manual_seed(seed)


def noun_of(sentence):
    (noun,) = [word for word in sentence.split() if word in NOUNS_OF_KINDS]
    return noun


def test_there_are_forty_of_each_kind():
    assert len(ANIMALS) == len(THINGS) == len({*ANIMALS, *THINGS}) // 2 == 40


def test_a_labelled_sentence_tells_its_kind_by_its_noun_alone():
    sentences, labels = labelled_kinds(drawn(), 3000)
    assert labels == [0, 1] * 1500
    assert [noun_of(each) in ANIMALS for each in sentences] == [bool(each) for each in labels]
    frames = [
        {each.replace(noun_of(each), "...") for each in sentences[label::2]} for label in (0, 1)
    ]
    assert frames[0] == frames[1]


def test_arbitrary_halves_have_twenty_of_each_kind():
    sentences, labels = labelled_kinds(drawn(), 3000, "arbitrary")
    halves = {noun_of(each): label for each, label in zip(sentences, labels, strict=True)}
    for kind in (ANIMALS, THINGS):
        assert sum(halves[noun] for noun in kind) == 20


def test_only_the_nouns_asked_for_are_labelled():
    sentences, labels = labelled_kinds(drawn(), 50, nouns=["owl", "cup"])
    assert {noun_of(each) for each in sentences[::2]} == {"cup"}
    assert {noun_of(each) for each in sentences[1::2]} == {"owl"}
    assert labels[:2] == [0, 1]


def test_the_text_says_of_a_kind_what_is_said_of_no_other_and_all_its_words_are_known():
    text = text_of_kinds(drawn(), 4000)
    first = [next(word for word in each.split() if word in NOUNS_OF_KINDS) for each in text]
    for verb, kind in [
        ("sleeps", ANIMALS),
        ("feeds", ANIMALS),
        ("breaks", THINGS),
        ("buys", THINGS),
    ]:
        said = [noun for noun, each in zip(first, text, strict=True) if verb in each.split()]
        assert len(said) > 50
        assert set(said) <= set(kind)
    assert set(first) == set(NOUNS_OF_KINDS)
    for each in text:
        KIND_WORDS.encode(each)


def test_the_same_state_says_the_same():
    assert text_of_kinds(drawn(3), 20) == text_of_kinds(drawn(3), 20) != text_of_kinds(drawn(4), 20)
    assert labelled_kinds(drawn(3), 20) == labelled_kinds(drawn(3), 20)


def test_what_does_not_fit_is_named():
    with pytest.raises(ValueError, match="question is 'sort', and must be 'kind' or 'arbitrary'"):
        labelled_kinds(drawn(), 2, "sort")
    with pytest.raises(ValueError, match=r"nouns holds \['unicorn'\]"):
        labelled_kinds(drawn(), 2, nouns=["owl", "unicorn"])
    with pytest.raises(ValueError, match=r"nouns holds no word of label 0"):
        labelled_kinds(drawn(), 2, nouns=["owl"])
    with pytest.raises(TypeError, match="random is 0, and must be a generator"):
        text_of_kinds(0, 2)


def test_the_examples():
    result = doctest.testmod(animals_and_things)
    assert result.attempted > 0
    assert result.failed == 0
