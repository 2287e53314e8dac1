import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnlab.tasks.byte_letters import BYTE_ORDER, from_letters, to_letters


def test_letters_by_hand():
    assert to_letters(b"cat") == "cat"
    assert to_letters(b" a\n\x00") == "ĠaĊĀ"
    assert to_letters("é".encode()) == "Ã©"


def test_the_order_is_that_of_gpt2():
    assert sorted(BYTE_ORDER) == list(range(256))
    # "!" has number 0 in GPT-2's vocabulary, "A" 32, and the blank 220.
    assert [BYTE_ORDER.index(ord(character)) for character in "!A "] == [0, 32, 220]
    letters = [to_letters(bytes([byte])) for byte in BYTE_ORDER]
    assert letters == sorted(letters)
    assert all(letter.isprintable() for letter in letters)


@given(st.binary())
def test_bytes_come_back(data):
    assert from_letters(to_letters(data)) == data


def test_what_stands_for_no_byte_is_named():
    with pytest.raises(ValueError, match="letters holds ' ', which stands for no byte"):
        from_letters("a b")
