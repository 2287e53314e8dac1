"""Every byte as a letter that prints, as GPT-2's files write their pieces."""

from __future__ import annotations

_SHOWN = [*range(33, 127), *range(161, 173), *range(174, 256)]
BYTE_ORDER = (*_SHOWN, *(byte for byte in range(256) if byte not in _SHOWN))
"""The 256 bytes in the order of GPT-2's vocabulary: first those that print as a character."""

_LETTERS = {byte: chr(byte) for byte in _SHOWN}
_LETTERS |= {byte: chr(256 + place) for place, byte in enumerate(BYTE_ORDER[len(_SHOWN) :])}
_BYTES = {letter: byte for byte, letter in _LETTERS.items()}


def to_letters(piece: bytes) -> str:
    """A piece of bytes in letters that print.

    Source: the function bytes_to_unicode of the code published with Radford et al., 2019.

    >>> to_letters(b" cat\\n")
    'ĠcatĊ'
    """
    return "".join(_LETTERS[byte] for byte in piece)


def from_letters(letters: str) -> bytes:
    """The bytes that `to_letters` has written.

    Raises:
        ValueError: a character stands for no byte, naming it.

    >>> from_letters("Ġcat")
    b' cat'
    """
    if wrong := [letter for letter in letters if letter not in _BYTES]:
        raise ValueError(
            f"letters holds {wrong[0]!r}, which stands for no byte: pieces are written as by "
            "to_letters, a blank as 'Ġ'"
        )
    return bytes(_BYTES[letter] for letter in letters)
