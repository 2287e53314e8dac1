"""Word pieces: the sub-words of BERT, the longest known piece first."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

LONGEST = 100
"""A word of more characters than these is unknown as a whole."""

_NAMES = {"pad": "[PAD]", "unknown": "[UNK]", "begin": "[CLS]", "end": "[SEP]", "mask": "[MASK]"}
_IDEOGRAPHS = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


class WordPieces:
    """The word pieces of a BERT with their numbers.

    A text is cleaned (control characters out, blanks alike, each Chinese character a word; without
    case: small letters, no accents) and split at blanks and around punctuation. Each word is then
    cut: the longest piece of the vocabulary that it begins with, then the longest that goes on,
    written with ## in front, and so on. A word that cannot be cut to its end is [UNK] as a whole.

    Only words have numbers here: a mark that somebody types, such as "[SEP]", is read as a word
    between brackets, and cannot end a sentence.

    Args:
        vocabulary: the pieces in the order of their numbers; or the folder of a published model,
            with vocab.txt and, if there is one, tokenizer_config.json.
        lowercase: whether small and capital letters, and accents, are the same. If not given, as
            the folder says; else True.

    Raises:
        TypeError: vocabulary is no list of strings, and no path.
        ValueError: a piece comes twice, a mark is missing, or the folder has no vocab.txt.

    >>> known = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "atten", "##tion", "s", "##s", "!"]
    >>> words = WordPieces(known)
    >>> words.pieces("Attentions!")
    ['atten', '##tion', '##s', '!']
    >>> words.encode("Attention")
    [2, 5, 6, 3]
    >>> words.decode([2, 5, 6, 3])
    'attention'

    Source: Wu et al. 2016, "Google's Neural Machine Translation System", section 4.1; Devlin et
    al. 2019, "BERT", section 3, and its code, https://github.com/google-research/bert.
    """

    def __init__(
        self,
        vocabulary: Sequence[str] | str | os.PathLike[str],
        *,
        lowercase: bool | None = None,
    ):
        if isinstance(vocabulary, str | os.PathLike):
            folder = Path(vocabulary)
            vocabulary, lowercase = _lines(folder), _lowercase(folder, lowercase)
        self.words = _checked(vocabulary)
        """All pieces in the order of their numbers, marks included."""
        self.lowercase = True if lowercase is None else lowercase
        self._numbers = {word: number for number, word in enumerate(self.words)}
        self.pad, self.unknown, self.begin, self.end, self.mask = (
            self._numbers[mark] for mark in _NAMES.values()
        )

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, piece: object) -> bool:
        return piece in self._numbers

    def __repr__(self) -> str:
        return f"WordPieces with {len(self)} pieces"

    def encode(self, text: str, second: str | None = None, *, marks: bool = True) -> list[int]:
        """The numbers of the pieces of a text.

        Args:
            text: a sentence.
            second: one more, behind the first and its [SEP].
            marks: put [CLS] before and [SEP] behind, as a BERT is trained on.

        Raises:
            TypeError: text is no string, or marks no True or False.
            ValueError: a second text without marks, which alone keep the two apart.
        """
        if not isinstance(marks, bool):
            raise TypeError(f"marks is {marks!r}, and must be True or False")
        if second is not None and not marks:
            raise ValueError("second is given, and marks is False: only [SEP] keeps the two apart")
        texts = [text] if second is None else [text, second]
        rows = [[self._numbers[piece] for piece in self.pieces(each)] for each in texts]
        if not marks:
            return rows[0]
        return [self.begin, *(number for row in rows for number in (*row, self.end))]

    def pieces(self, text: str) -> list[str]:
        """The pieces of a text, without marks.

        Raises:
            TypeError: text is no string.
        """
        if not isinstance(text, str):
            raise TypeError(f"text is a {type(text).__name__}, and must be a string")
        return [piece for word in _split(_clean(text, self.lowercase)) for piece in self._cut(word)]

    def decode(self, numbers: Iterable[int]) -> str:
        """The text of the pieces, words apart by a blank; the marks are left out but for [UNK].

        Case, accents and where blanks stood around punctuation were lost when it was read.

        Raises:
            TypeError, ValueError: a number that is not whole, or that no piece has, naming it.
        """
        left = {self.pad, self.begin, self.end}
        found = [self.words[self._known(number)] for number in numbers if int(number) not in left]
        return " ".join(found).replace(" ##", "")

    def _known(self, number: int) -> int:
        whole = int(number)
        if whole != number:
            raise TypeError(f"numbers holds {number!r}, and token numbers are whole")
        if not 0 <= whole < len(self):
            raise ValueError(
                f"numbers holds {whole}, and there are {len(self)} pieces, 0 to {len(self) - 1}: "
                "it is of another vocabulary"
            )
        return whole

    def _cut(self, word: str) -> list[str]:
        """The pieces of a word, or [UNK]."""
        pieces, start = [], 0
        if len(word) > LONGEST:
            return [_NAMES["unknown"]]
        while start < len(word):
            before = "##" if start else ""
            ends = range(len(word), start, -1)
            end = next((end for end in ends if before + word[start:end] in self._numbers), None)
            if end is None:
                return [_NAMES["unknown"]]
            pieces.append(before + word[start:end])
            start = end
        return pieces


def _clean(text: str, lowercase: bool) -> str:
    """The text without control characters, and with a blank on both sides of an ideograph."""
    kept = "".join(_kept(character) for character in text)
    if not lowercase:
        return kept
    plain = unicodedata.normalize("NFD", kept)
    plain = (character for character in plain if unicodedata.category(character) != "Mn")
    return "".join(character.lower() for character in plain)  # one by one: no final sigma


def _kept(character: str) -> str:
    control = unicodedata.category(character) in ("Cc", "Cf", "Co")
    if character in "\t\n\r" or (character.isspace() and not control):
        return " "
    if control or character == "\ufffd":
        return ""
    point = ord(character)
    return f" {character} " if any(a <= point <= b for a, b in _IDEOGRAPHS) else character


def _split(text: str) -> list[str]:
    """The words of a clean text; each sign of punctuation is one."""
    apart = (f" {character} " if _is_punctuation(character) else character for character in text)
    return "".join(apart).split()


def _is_punctuation(character: str) -> bool:
    sign = character.isascii() and character.isprintable() and not character.isalnum()
    return (sign and character != " ") or unicodedata.category(character).startswith("P")


def _lines(folder: Path) -> list[str]:
    path = folder / "vocab.txt"
    if not path.is_file():
        raise ValueError(
            f"vocabulary is {str(folder)!r}, and {path} is not there: hand in the folder of a BERT "
            "with its vocab.txt, or the list of its pieces"
        )
    return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")


def _lowercase(folder: Path, wanted: bool | None) -> bool | None:
    path = folder / "tokenizer_config.json"
    if wanted is not None or not path.is_file():
        return wanted
    try:
        return bool(json.loads(path.read_text(encoding="utf-8")).get("do_lower_case", True))
    except (ValueError, AttributeError):
        raise ValueError(
            f"{path} is no object of JSON: download it again, or leave it out"
        ) from None


def _checked(vocabulary: Sequence[str]) -> tuple[str, ...]:
    if not isinstance(vocabulary, Iterable):
        raise TypeError(f"vocabulary is {vocabulary!r}, and must be a list of strings, or a path")
    words = tuple(vocabulary)
    if wrong := [word for word in words if not isinstance(word, str)]:
        raise TypeError(f"vocabulary holds {wrong[0]!r}, and must be a list of strings, or a path")
    seen: set[str] = set()
    if twice := [word for word in words if word in seen or seen.add(word)]:
        raise ValueError(f"vocabulary holds {twice[0]!r} twice: each piece has one number")
    if missing := [mark for mark in _NAMES.values() if mark not in seen]:
        raise ValueError(
            f"vocabulary lacks {missing[0]} among its {len(words)} pieces: it is not that of a BERT"
        )
    return words
