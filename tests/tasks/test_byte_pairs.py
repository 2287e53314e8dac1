import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab.tasks import BytePairs, merge_steps
from attnlab.tasks.byte_letters import BYTE_ORDER, from_letters, to_letters

STORED = json.loads(
    (Path(__file__).parent / "data" / "tokenizers_merges.json").read_text(encoding="utf-8")
)
texts = st.text(st.characters(exclude_categories=["Cs"]))
learnt = BytePairs.learn(STORED["text"], size=400)
letters = [to_letters(bytes([byte])) for byte in BYTE_ORDER]


def test_merges_by_hand():
    subwords = BytePairs.learn(["sat"] * 4 + ["mat"] * 3 + ["map"] * 2 + ["at"], size=259)
    assert subwords.merges == [(b"a", b"t"), (b"s", b"at"), (b"m", b"at")]
    assert subwords.pieces("mats") == ["mat", "s"]
    assert subwords.pieces("spat") == ["s", "p", "at"]
    assert subwords.encode("mats") == [258, ord("s")]
    assert subwords.numbers[b"at"] == 256
    assert len(subwords) == 259


def test_merges_are_those_of_the_library():
    assert [" ".join(map(to_letters, pair)) for pair in learnt.merges] == STORED["merges"]


def test_pieces_are_those_of_the_library():
    for text, pieces in STORED["pieces"].items():
        found = [to_letters(learnt.decode_bytes([number])) for number in learnt.encode(text)]
        assert found == pieces, text


def test_merges_are_the_steps():
    steps = list(merge_steps(STORED["text"], len(learnt.merges)))
    assert [step.merge for step in steps[:-1]] == learnt.merges


@given(texts)
def test_any_text_comes_back(text):
    numbers = learnt.encode(text)
    assert learnt.decode(numbers) == text
    assert all(0 <= number < len(learnt) for number in numbers)
    assert numbers == learnt.encode(text.encode()), "as bytes"


@given(st.binary())
def test_any_bytes_come_back(data):
    assert learnt.decode_bytes(learnt.encode(data)) == data


@given(st.lists(st.sampled_from("ab "), min_size=1, max_size=40).map("".join))
def test_any_text_can_be_learnt_from(text):
    subwords = BytePairs.learn(text, size=300)
    assert subwords.decode(subwords.encode(text)) == text
    assert len(subwords) <= 300


@given(texts, texts)
def test_words_are_cut_alike_wherever_they_stand(one, other):
    both = learnt.encode(f"{one}\n{other}")
    assert learnt.decode(both) == f"{one}\n{other}"


def test_without_merges_pieces_are_bytes():
    plain = BytePairs.learn("any text", size=256)
    assert plain.merges == []
    assert plain.encode("é a") == [0xC3, 0xA9, 0x20, 0x61]
    assert plain.pieces("é a") == ["\\xc3", "\\xa9", " ", "a"]


def test_a_character_cut_in_two_is_shown_as_such():
    assert learnt.decode(learnt.encode("é".encode()[:1])) == "�"


def test_learning_ends_where_no_pair_stands_twice():
    assert BytePairs.learn("ab ab", size=1000).merges == [(b"a", b"b")]


def test_two_merges_may_make_the_same_piece():
    subwords = BytePairs([(b"a", b"b"), (b"b", b"c"), (b"ab", b"c"), (b"a", b"bc")])
    assert len(subwords) == 256 + 3
    assert subwords.encode("abc") == [258]


def test_marks_are_no_text():
    subwords = BytePairs.learn("the cat and the hat", size=258, marks=["<end>", "<mask>"])
    assert subwords.marks == {"<end>": 258, "<mask>": 259}
    assert len(subwords) == 260
    assert subwords.encode("<mask>") == list(b"<mask>")
    assert subwords.decode([*subwords.encode("the "), subwords.marks["<mask>"]]) == "the <mask>"


def test_sub_words_are_equal_if_all_of_them_is():
    same, other = BytePairs(learnt.merges), BytePairs(learnt.merges[:-1])
    assert (learnt == same, learnt == other) == (True, False)
    assert hash(learnt) == hash(same)
    assert learnt != BytePairs(learnt.merges, marks=["<end>"])
    assert repr(learnt) == "BytePairs of 400 pieces"


def test_numbers_may_be_a_tensor_or_an_array():
    numbers = learnt.encode("The mats")
    assert learnt.decode(torch.tensor(numbers)) == learnt.decode(np.array(numbers)) == "The mats"


def test_gpt2_files_give_the_same_sub_words_with_their_own_numbers():
    pieces = [*letters, *("".join(line.split()) for line in STORED["merges"])]
    numbers = {piece: number for number, piece in enumerate(pieces)} | {"<|endoftext|>": 400}
    subwords = BytePairs.from_gpt2(["#version: 0.2", *STORED["merges"], ""], numbers)
    assert subwords.merges == learnt.merges
    assert subwords.marks == {"<|endoftext|>": 400}
    for text, found in STORED["pieces"].items():
        assert subwords.encode(text) == [numbers[piece] for piece in found]
        assert subwords.decode(subwords.encode(text)) == text


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: BytePairs.learn("abc", size=255), "size is 255, and there are 256 bytes"),
        (lambda: BytePairs.learn("", size=300), "text is empty: hand in a text"),
        (lambda: BytePairs.learn("abc", marks=["<a>", "<a>"]), "one of them comes twice"),
        (lambda: BytePairs([(b"ab", b"c")]), r"merges\[0\] is .* b'ab' is no byte and was not"),
        (lambda: BytePairs([], numbers={b"a": 0}), r"numbers lacks 255 of 256 pieces, b'\\x00'"),
        (
            lambda: BytePairs([], numbers={bytes([byte]): 7 for byte in range(256)}),
            "numbers gives 256 pieces 1 different numbers",
        ),
        (lambda: learnt.encode("a\udc80b"), r"text holds '\\udc80', half of a surrogate pair"),
        (lambda: learnt.decode([97, 400]), "numbers holds 400 at place 1, and .* 0 to 399"),
        (lambda: learnt.decode([-1]), "numbers holds -1 at place 0"),
        (lambda: BytePairs.from_gpt2(["a b c"], {}), "merges has the line 'a b c', and a line is"),
        (lambda: BytePairs.from_gpt2(["a é"], {}), "is no byte and was not made|numbers lacks"),
        (
            lambda: BytePairs.from_gpt2([], dict.fromkeys(letters, 0)),
            "numbers gives 256 pieces 1 different",
        ),
        (
            lambda: BytePairs.from_gpt2(
                [], {"<pad>": 0} | {letter: n for n, letter in enumerate(letters, 1)}
            ),
            "numbers gives '<pad>', which no merge makes, the number 0, and marks follow .* 257",
        ),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: BytePairs.learn("abc", size=300.0), "size is 300.0, and must be a whole number"),
        (lambda: BytePairs.learn(7), "text is a int, and must be a string or a list"),
        (lambda: BytePairs([], marks="<a>"), "marks is '<a>', and must be a list of strings"),
        (lambda: learnt.encode(["the"]), "text is a list, and must be a string, or bytes"),
        (lambda: learnt.decode([1.5]), "numbers is or holds 1.5, and must be a list of whole"),
    ],
)
def test_what_is_of_the_wrong_kind_is_named(call, words):
    with pytest.raises(TypeError, match=words):
        call()


def test_letters_are_read_back():
    assert from_letters("Ġthe") == b" the"
