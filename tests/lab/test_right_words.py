"""Right words: those of a longest common subsequence, as trying out all of them finds it."""

import doctest
from itertools import compress, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnlab.lab.right_words import right_words

WORDS = st.lists(st.sampled_from("abc"), max_size=6)


def subsequences(words: list) -> set:
    return {tuple(compress(words, which)) for which in product([0, 1], repeat=len(words))}


@given(WORDS, WORDS)
def test_what_is_right_is_common_to_both_and_nothing_longer_is(found, wanted):
    right = right_words(found, wanted)
    common = subsequences(found) & subsequences(wanted)
    assert len(right) == len(found)
    assert tuple(compress(found, right)) in common
    assert sum(right) == max(map(len, common))


@pytest.mark.parametrize(
    ("found", "wanted", "right"),
    [
        ("c a b", "a c b", [1, 0, 1]),  # of two that are equally long, the first
        ("la reine la reine", "la reine", [1, 1, 0, 0]),
        ("a b", "b c a", [1, 0]),
        ("", "a", []),
        ("a", "", [0]),
    ],
)
def test_by_hand(found, wanted, right):
    assert right_words(found.split(), wanted.split()) == [bool(each) for each in right]


def test_the_example():
    failed, tried = doctest.testmod(__import__("attnlab.lab.right_words", fromlist=["_"]))
    assert tried == 1
    assert not failed
