"""BERT's word pieces and GPT-2's files, held to what their own tokenizers gave."""

import doctest
import json
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnlab.recipes.published import FOLDER
from attnlab.tasks import WordPieces, gpt2_pieces

MARKS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = WordPieces(FOLDER / "bert")


def read(kind):
    return json.loads((FOLDER / kind / "read.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("text", "numbers"), read("bert"))
def test_bert_reads_as_its_own_tokenizer_does(text, numbers):
    assert WORDS.encode(text) == numbers


@pytest.mark.parametrize(("text", "numbers"), read("gpt2"))
def test_gpt2_reads_as_its_own_tokenizer_does(text, numbers):
    pieces = gpt2_pieces(FOLDER / "gpt2")
    assert pieces.encode(text) == numbers
    assert pieces.decode(numbers) == text
    assert pieces.marks == {"<|endoftext|>": 320}


def test_the_longest_piece_comes_first():
    words = WordPieces([*MARKS, "a", "ab", "##c", "##cd", "##d", "b"])
    assert words.pieces("abcd abc abd a") == ["ab", "##cd", "ab", "##c", "ab", "##d", "a"]
    assert words.pieces("abx b") == ["[UNK]", "b"]


def test_case_and_accents_stay_where_they_count():
    known = [*MARKS, "\u00c9t\u00e9", "ete"]
    assert WordPieces(known).pieces("\u00c9t\u00e9") == ["ete"]
    assert WordPieces(known, lowercase=False).pieces("\u00c9t\u00e9") == ["\u00c9t\u00e9"]


def test_control_characters_are_no_blanks():
    words = WordPieces([*MARKS, "a", "ab", "b", "##b"])
    assert words.pieces("a\x1fb a\x85b a\u2028b a\tb") == ["ab", "ab", "a", "b", "a", "b"]


def test_two_sentences_have_a_mark_between_them():
    known = WordPieces([*MARKS, "a", "b"])
    assert known.encode("a", "b") == [2, 5, 3, 6, 3]
    assert known.encode("a b", marks=False) == [5, 6]
    assert known.decode([2, 5, 3, 1, 3, 0]) == "a [UNK]"
    assert [known.pad, known.unknown, known.begin, known.end, known.mask] == [0, 1, 2, 3, 4]


@given(st.text())
def test_no_text_becomes_a_mark_or_fails(text):
    numbers = WORDS.encode(text + "[SEP] [MASK]", marks=False)
    assert not {WORDS.pad, WORDS.begin, WORDS.end, WORDS.mask} & set(numbers)
    assert all(0 <= number < len(WORDS) for number in numbers)


def test_a_folder_says_whether_case_counts(tmp_path):
    (tmp_path / "vocab.txt").write_text("\n".join([*MARKS, "a", "A", ""]))
    assert WordPieces(tmp_path).pieces("A") == ["a"]
    (tmp_path / "tokenizer_config.json").write_text('{"do_lower_case": false}')
    assert WordPieces(tmp_path).pieces("A") == ["A"]
    assert WordPieces(tmp_path, lowercase=True).pieces("A") == ["a"]
    (tmp_path / "tokenizer_config.json").write_text("[1]")
    with pytest.raises(ValueError, match=r"tokenizer_config\.json is no object of JSON"):
        WordPieces(tmp_path)


@pytest.mark.parametrize(
    ("vocabulary", "kind", "message"),
    [
        ([*MARKS, "a", "a"], ValueError, "vocabulary holds 'a' twice: each piece has one number"),
        (MARKS[:4], ValueError, r"vocabulary lacks \[MASK\] among its 4 pieces"),
        ([*MARKS, 5], TypeError, "vocabulary holds 5, and must be a list of strings"),
        (5, TypeError, "vocabulary is 5, and must be a list of strings, or a path"),
        ("nowhere", ValueError, "vocabulary is 'nowhere', and nowhere.vocab.txt is not there"),
    ],
)
def test_what_is_no_vocabulary_is_named(vocabulary, kind, message):
    with pytest.raises(kind, match=message):
        WordPieces(vocabulary)


def test_what_is_no_text_is_named():
    with pytest.raises(TypeError, match="text is a list, and must be a string"):
        WORDS.encode(["a"])
    with pytest.raises(TypeError, match="marks is 'yes', and must be True or False"):
        WORDS.encode("a", marks="yes")
    with pytest.raises(ValueError, match="second is given, and marks is False"):
        WORDS.encode("a", "b", marks=False)
    with pytest.raises(ValueError, match="numbers holds 640, and there are 640 pieces, 0 to 639"):
        WORDS.decode([5, 640])
    with pytest.raises(TypeError, match=r"numbers holds 5\.5, and token numbers are whole"):
        WORDS.decode([5.5])


def test_files_of_gpt2_that_do_not_fit_are_named(tmp_path):
    with pytest.raises(ValueError, match=r"and lacks merges\.txt: download it too"):
        gpt2_pieces(tmp_path)
    (tmp_path / "merges.txt").write_text("a b\n")
    (tmp_path / "vocab.json").write_text("{")
    with pytest.raises(ValueError, match=r"vocab\.json is no JSON"):
        gpt2_pieces(tmp_path)
    (tmp_path / "vocab.json").write_text('{"a": "5"}')
    with pytest.raises(ValueError, match=r"vocab\.json gives its pieces no whole numbers"):
        gpt2_pieces(tmp_path)
    (tmp_path / "vocab.json").write_text('{"a": 5}')
    with pytest.raises(ValueError, match="numbers lacks 256 of 257 pieces"):
        gpt2_pieces(tmp_path)


@pytest.mark.parametrize("name", ["word_pieces", "gpt2_files"])
def test_examples_in_docstrings(name):
    assert doctest.testmod(import_module(f"attnlab.tasks.{name}")).failed == 0
