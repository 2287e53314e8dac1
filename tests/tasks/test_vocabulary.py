import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab.tasks import BEGIN, END, MARKS, PAD, UNKNOWN, Vocabulary, pad

colours = Vocabulary(["red", "blue", "green"])
texts = st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=7)


def test_the_marks_have_the_first_numbers():
    assert (PAD, BEGIN, END, UNKNOWN) == (0, 1, 2, 3)
    assert len(MARKS) == 4
    assert len(colours) == 7
    assert colours.encode("red blue green") == [4, 5, 6]


def test_a_sentence_there_and_back_by_hand():
    assert colours.encode(["green", "red"], marks=True) == [1, 6, 4, 2]
    assert colours.decode([1, 6, 4, 2, 0, 0]) == ["green", "red"]
    assert colours.decode(torch.tensor([6, 4, 2, 5])) == ["green", "red"], "nothing after END"
    assert colours.encode("") == []
    assert colours.decode([]) == []


def test_unknown_words_are_marked_and_carried_through():
    typed = "red <b>pink</b> blue mauve"
    numbers = colours.encode(typed, unknown="<unknown>")
    assert numbers == [4, UNKNOWN, 5, UNKNOWN]
    assert colours.unknown(typed) == ["<b>pink</b>", "mauve"]
    assert colours.decode(numbers, carried=colours.unknown(typed)) == typed.split()
    assert colours.decode(numbers, carried=["pink"]) == ["red", "pink", "blue", "<unknown>"]
    assert colours.decode(numbers) == ["red", "<unknown>", "blue", "<unknown>"]


def test_a_typed_mark_is_a_word_like_any_other():
    assert colours.encode("red <end> <pad> blue", unknown="<unknown>") == [4, UNKNOWN, UNKNOWN, 5]


@given(st.lists(texts.filter(lambda word: word not in MARKS), unique=True), st.data())
def test_any_sentence_comes_back(words, data):
    vocabulary = Vocabulary(words)
    known = st.sampled_from(words) if words else st.nothing()
    sentence = data.draw(st.lists(known | texts, max_size=11))
    numbers = vocabulary.encode(sentence, marks=True, unknown="<unknown>")
    assert len(numbers) == len(sentence) + 2
    assert all(0 <= number < len(vocabulary) for number in numbers)
    assert vocabulary.decode(numbers, carried=vocabulary.unknown(sentence)) == sentence


def test_vocabularies_of_the_same_words_are_equal():
    assert colours == Vocabulary(["red", "blue", "green"])
    assert hash(colours) == hash(Vocabulary(["red", "blue", "green"]))
    assert colours != Vocabulary(["blue", "red", "green"])
    assert "red" in colours
    assert "pink" not in colours
    assert "<end>" not in colours


def test_a_batch_is_padded_to_its_longest():
    tokens, lengths = pad([[4, 5], [6], [5, 5, 4]])
    assert tokens.tolist() == [[4, 5, 0], [6, 0, 0], [5, 5, 4]]
    assert tokens.dtype == torch.long
    assert lengths.tolist() == [2, 1, 3]


@given(st.lists(st.lists(st.integers(1, 11), min_size=1, max_size=7), min_size=1, max_size=5))
def test_padding_loses_nothing(sequences):
    tokens, lengths = pad(sequences)
    assert tokens.shape == (len(sequences), max(map(len, sequences)))
    for row, length, sequence in zip(tokens, lengths, sequences, strict=True):
        assert row[:length].tolist() == sequence
        assert not row[length:].any()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Vocabulary(["red", "red"]), r"words holds 'red' twice: take sorted\(set"),
        (lambda: Vocabulary(["light red"]), "words holds 'light red': .* no blanks"),
        (lambda: Vocabulary([""]), "words holds '': "),
        (lambda: Vocabulary(["<end>"]), "words holds '<end>', which is a mark"),
        (lambda: colours.decode([4, 7]), "numbers holds 7, and .* numbers 0 to 6: decode with"),
        (lambda: colours.decode([-1]), "numbers holds -1"),
        (lambda: colours.decode(torch.ones(2, 3)), r"shape \(2, 3\), .* each row by itself"),
        (lambda: pad([]), "sequences is empty"),
        (lambda: pad([[4], []]), "sequence 1 of 2 has 0 tokens: leave it out"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@pytest.mark.usefixtures("as_a_reader_runs_it")
def test_a_word_that_is_no_string_is_named():
    with pytest.raises(TypeError, match="words holds 7, and needs strings"):
        Vocabulary(["red", 7])
