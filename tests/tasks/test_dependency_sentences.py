"""Sentences whose grammar is known: the pairs are what the words say."""

import doctest

import pytest
import torch

from attnlab.tasks import dependency_sentences
from attnlab.tasks.dependency_sentences import DEPENDENCIES

SENTENCES = dependency_sentences(torch.Generator().manual_seed(0), 200)
DETERMINERS = {"the", "a", "this", "every", "some", "these", "many"}


def test_every_word_that_depends_stands_in_one_pair():
    for words, pairs in SENTENCES:
        assert tuple(pairs) == DEPENDENCIES
        dependents = [place for each in pairs.values() for place, _ in each]
        assert len(dependents) == len(set(dependents))
        determiners = {place for place, word in enumerate(words) if word in DETERMINERS}
        assert determiners == {place for place, _ in pairs["determiner"]}
        nouns = {noun for _, noun in pairs["determiner"]}
        assert {
            noun for name in ("subject", "object", "preposition") for noun, _ in pairs[name]
        } == nouns


def test_a_verb_agrees_with_its_subject():
    for words, pairs in SENTENCES:
        ((subject, verb),) = pairs["subject"]
        assert words[subject].endswith("s") != words[verb].endswith("s")


def test_often_another_noun_stands_nearer_to_the_verb():
    nearer = [bool(pairs["preposition"]) for _, pairs in SENTENCES]
    assert 0.4 < sum(nearer) / len(nearer) < 0.6
    distances = {noun - place for _, pairs in SENTENCES for place, noun in pairs["determiner"]}
    assert distances == {1, 2, 3, 4}


def test_the_same_seed_gives_the_same_sentences():
    assert dependency_sentences(torch.Generator().manual_seed(0), 3) == SENTENCES[:3]
    assert dependency_sentences(torch.Generator().manual_seed(1), 3) != SENTENCES[:3]


def test_what_is_no_count_is_named():
    with pytest.raises(ValueError, match="count"):
        dependency_sentences(torch.Generator(), 0)


def test_examples_in_docstrings():
    from attnlab.tasks import dependency_sentences as function

    assert (
        doctest.run_docstring_examples(function, {"torch": torch, function.__name__: function})
        is None
    )
