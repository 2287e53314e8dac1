"""A reader's own words: what the vocabulary lacks is told, and every kind of list is taken."""

import re

import numpy as np
import pytest
import torch

from attnlab.tasks import END, UNKNOWN, Vocabulary, pad

colours = Vocabulary(["red", "blue"])
letters = Vocabulary([*"0123456789 abMy"])


@pytest.mark.parametrize("marks", [True, False])
def test_unknown_words_are_refused_with_their_places(marks):
    with pytest.raises(
        ValueError,
        match=r"2 of 4 words.*'green' at place 1, 'pink' at place 3.*unknown=\"<unknown>\"",
    ):
        colours.encode("red green blue pink", marks=marks)
    with pytest.raises(ValueError, match=r"12 of 12 words.* and 7 more\."):
        colours.encode(["x"] * 12)
    with pytest.raises(ValueError, match=r"'<end>' at place 1"):
        colours.encode("red <end>")
    assert colours.encode("red green", unknown="<unknown>") == [4, UNKNOWN]
    with pytest.raises(ValueError, match="unknown is '<unk>', and must be '<unknown>'"):
        colours.encode("red", unknown="<unk>")


def test_characters_are_words():
    text = "3 May 21"
    numbers = letters.encode(list(text))
    assert "".join(letters.decode(numbers)) == text
    with pytest.raises(ValueError, match=re.escape("single characters, so hand in list(text)")):
        letters.encode(text)
    for character in " \n\t":
        assert character in Vocabulary([character, "a"])
    for word in ("", "  ", "a b", " a", "a\n"):
        with pytest.raises(ValueError, match="no blanks"):
            Vocabulary([word])


@pytest.mark.parametrize("sentence", [None, 5, [5], [None], [["red"]], np.array([1]), b"red"])
def test_sentences_that_are_none(sentence):
    for method in (colours.encode, colours.unknown):
        with pytest.raises(TypeError, match="sentence is a"):
            method(sentence)


@pytest.mark.parametrize("kind", [list, tuple, iter, np.array, lambda words: map(str, words)])
def test_sentences_of_every_kind(kind):
    assert colours.encode(kind(["blue", "red"])) == [5, 4]


def test_carried_words():
    with pytest.raises(TypeError, match=r"carried is a single text, 'green': .*\['green'\]"):
        colours.decode([3, 3], carried="green")
    for kind in (list, tuple, iter):
        assert colours.decode([3, 5, 3], carried=kind(["a", "b"])) == ["a", "blue", "b"]


@pytest.mark.parametrize(
    "kind",
    [
        list,
        tuple,
        iter,
        np.array,
        torch.tensor,
        lambda n: torch.tensor(n, dtype=torch.uint8),
        lambda n: [torch.tensor(x) for x in n],
        lambda n: [np.int8(x) for x in n],
    ],
)
def test_numbers_of_every_kind(kind):
    assert colours.decode(kind([5, 4, END, 4])) == ["blue", "red"]
    tokens, lengths = pad(iter([kind([5, 4]), kind([4])]))
    assert tokens.tolist() == [[5, 4], [4, 0]]
    assert lengths.tolist() == [2, 1]
    assert tokens.dtype == lengths.dtype == torch.int64


def test_lines_of_a_file():
    lines = ["red blue", "red"]
    expected = pad([colours.encode(line) for line in lines])
    for made in (
        pad(map(colours.encode, lines)),
        pad(colours.encode(line) for line in lines),
        pad(map(tuple, map(colours.encode, lines))),
        pad({line: colours.encode(line) for line in lines}.values()),
        pad([iter(colours.encode(line)) for line in lines]),
    ):
        assert all(torch.equal(a, b) for a, b in zip(made, expected, strict=True))
    with pytest.raises(ValueError, match="sequences is empty"):
        pad(iter([]))
    with pytest.raises(ValueError, match="sequence 1 of 2 has 0 tokens"):
        pad(iter([[4], []]))


WRONG = [[4.0], [0.5], ["red"], "red", [None], [True], torch.tensor([4.0]), np.array([True])]


@pytest.mark.parametrize("numbers", [*WRONG, 5, None])
def test_numbers_that_are_not_whole(numbers):
    with pytest.raises((TypeError, ValueError), match=r"numbers (is|holds|has)"):
        colours.decode(numbers)
    with pytest.raises(TypeError, match=r"sequence 1 (is|holds)"):
        pad([[4], numbers])


@pytest.mark.parametrize("sequences", ["red", 5, None, [1, 2], ["red"]])
def test_what_is_no_batch(sequences):
    with pytest.raises(TypeError, match=r"^sequences? "):
        pad(sequences)


@pytest.mark.parametrize("carried", [None, 5, [3], [None], b"ab", {"a"}, {"a": 1}, "green"])
def test_what_is_no_list_of_carried_words(carried):
    with pytest.raises(TypeError, match="carried is"):
        Vocabulary(["red"]).decode([3, 3], carried=carried)


def test_words_come_back_as_python_has_them():
    vocabulary = Vocabulary(np.array(["red", "blue"]))
    assert [type(word) for word in vocabulary.decode([4, 3], carried=np.array(["x"]))] == [str, str]


@pytest.mark.parametrize("words", [None, 3])
def test_a_vocabulary_of_no_words(words):
    with pytest.raises(TypeError, match="words is"):
        Vocabulary(words)


@pytest.mark.parametrize("sentence", [{"red"}, {"red": 1}, frozenset(["red"])])
def test_a_sentence_has_an_order(sentence):
    with pytest.raises(TypeError, match="sentence is a"):
        Vocabulary(["red"]).encode(sentence)


@pytest.mark.parametrize("marks", ["<unknown>", 1, None])
def test_marks_are_asked_for_by_true(marks):
    with pytest.raises(TypeError, match="marks is"):
        Vocabulary(["red"]).encode("red", marks=marks)


@pytest.mark.parametrize("sequence", [{4, 5}, {4: 5}, b"ab"])
def test_what_has_no_order_is_not_padded(sequence):
    with pytest.raises(TypeError, match="sequence 0 is"):
        pad([sequence])
    with pytest.raises(TypeError, match="numbers is"):
        Vocabulary(["red", "blue"]).decode(sequence)


@pytest.mark.parametrize("number", [-1, 2**63, 2**70])
def test_what_is_no_token_number_is_not_padded(number):
    with pytest.raises(ValueError, match=f"sequences holds {number}"):
        pad([[4, number]])
