import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnlab.tasks import pretokens

STORED = json.loads(
    (Path(__file__).parent / "data" / "tokenizers_merges.json").read_text(encoding="utf-8")
)


def test_words_by_hand():
    assert pretokens("") == []
    assert pretokens("a") == ["a"]
    assert pretokens("The cat's 3rd mat!") == ["The", " cat", "'s", " 3", "rd", " mat", "!"]
    assert pretokens("one\n\n  two ") == ["one", "\n\n ", " two", " "]
    assert pretokens("x_1 += __init__") == ["x", "_", "1", " +=", " __", "init", "__"]


def test_numbers_are_those_of_unicode():
    assert pretokens("42²") == ["42²"]
    assert pretokens("aⅧ b½]^") == ["a", "Ⅷ", " b", "½", "]^"]


def test_words_are_those_of_the_library():
    for words in STORED["words"]:
        assert pretokens("".join(words)) == words


@given(st.text())
def test_the_words_are_the_text(text):
    words = pretokens(text)
    assert "".join(words) == text
    assert "" not in words


def test_what_is_no_text_is_named():
    with pytest.raises(TypeError, match="text is a list, and must be a string"):
        pretokens(["the cat"])
