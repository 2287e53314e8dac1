"""Vocabularies: words become numbers, and numbers words again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Integral

import torch
from torch import Tensor

PAD, BEGIN, END, UNKNOWN = 0, 1, 2, 3
"""The numbers of the marks: nothing more here, begin and end of a sentence, a word never met."""

_UNORDERED = set | frozenset | dict

MARKS = ("<pad>", "<begin>", "<end>", "<unknown>")
"""The marks as they are shown, each at the place of its number."""


class Vocabulary:
    """The words of a language with their numbers; the first four numbers are marks.

    A word that the vocabulary lacks is refused, or becomes UNKNOWN where that is asked for, and so
    does a typed "<end>": only words have numbers here, and no sentence can smuggle in a mark.

    Args:
        words: different words, without blanks; the first has number 4. Characters are words too,
            a blank among them: then hand in texts as list(text).

    Raises:
        TypeError: a word is no string.
        ValueError: a word comes twice, is empty, has a blank in it or is a mark, naming it.

    >>> colours = Vocabulary(["red", "blue"])
    >>> len(colours)
    6
    >>> colours.encode("blue green red", unknown="<unknown>")
    [5, 3, 4]
    >>> colours.decode([5, 3, 4, END, PAD], carried=["green"])
    ['blue', 'green', 'red']
    """

    def __init__(self, words: Iterable[str]):
        if not isinstance(words, Iterable):
            raise TypeError(f"words is {words!r}, and must be a list of strings")
        self.words = tuple(str(word) if isinstance(word, str) else word for word in words)
        """All words without the marks, in the order of their numbers."""
        self._numbers: dict[str, int] = {}
        for number, word in enumerate(self.words, len(MARKS)):
            _check_word(word, self._numbers)
            self._numbers[word] = number

    def __len__(self) -> int:
        return len(MARKS) + len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self._numbers

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self.words == other.words

    def __hash__(self) -> int:
        return hash(self.words)

    def __repr__(self) -> str:
        first = " ".join(self.words[:3])
        return f"Vocabulary of {len(self.words)} words and {len(MARKS)} marks: {first} ..."

    def encode(
        self, sentence: str | Sequence[str], *, marks: bool = False, unknown: str | None = None
    ) -> list[int]:
        """The number of each word.

        Args:
            sentence: words, or a text that is split at blanks.
            marks: put BEGIN before and END behind, as a decoder is trained on.
            unknown: "<unknown>" gives words that the vocabulary lacks the number UNKNOWN; else
                they are refused, since a model that never met UNKNOWN makes nothing of it.

        Raises:
            TypeError: something that is no text and no list of strings, or marks no True or False.
            ValueError: words that the vocabulary lacks, naming them and their places.

        >>> Vocabulary(["red", "blue"]).encode("blue", marks=True)
        [1, 5, 2]
        """
        if not isinstance(marks, bool):
            raise TypeError(f"marks is {marks!r}, and must be True or False")
        words = _split(sentence)
        numbers = [self._numbers.get(word, UNKNOWN) for word in words]
        if unknown is None and UNKNOWN in numbers:
            self._refuse(words)
        if unknown not in (None, MARKS[UNKNOWN]):
            raise ValueError(f"unknown is {unknown!r}, and must be {MARKS[UNKNOWN]!r} or None")
        return [BEGIN, *numbers, END] if marks else numbers

    def decode(self, numbers: Tensor | Sequence[int], *, carried: Sequence[str] = ()) -> list[str]:
        """The words of the numbers up to the first END; BEGIN and PAD are left out.

        Args:
            numbers: a list, or a tensor (position,).
            carried: what to write for each UNKNOWN, in this order, such as the words that the
                vocabulary of the source did not know; "<unknown>" where there are no more.

        Raises:
            TypeError: numbers that are not whole, or a single text as carried.
            ValueError: numbers has more than one axis, or a number has no word.
        """
        carried = _words("carried", carried)
        shape = getattr(numbers, "shape", (0,))  # of a tensor or an array
        if len(shape) != 1:
            raise ValueError(
                f"numbers has shape {tuple(shape)}, and one sentence has one axis: decode each "
                "row by itself"
            )
        found, left = [], iter(carried)
        for number in _whole("numbers", numbers):
            if number == END:
                break
            if number == UNKNOWN:
                found.append(next(left, MARKS[UNKNOWN]))
            elif number not in (PAD, BEGIN):
                found.append(self._word(number))
        return found

    def unknown(self, sentence: str | Sequence[str]) -> list[str]:
        """The words of a sentence that the vocabulary lacks, in their order.

        >>> Vocabulary(["red", "blue"]).unknown("blue green red")
        ['green']
        """
        return [word for word in _split(sentence) if word not in self._numbers]

    def _refuse(self, words: Sequence[str]) -> None:
        missing = [(place, word) for place, word in enumerate(words) if word not in self._numbers]
        shown = ", ".join(f"{word!r} at place {place}" for place, word in missing[:5])
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        letters = all(len(word) == 1 for word in self.words)
        cure = "; its words are single characters, so hand in list(text)" if letters else ""
        raise ValueError(
            f"sentence has {len(missing)} of {len(words)} words that the vocabulary lacks: {shown}"
            f'{more}. Leave them out, or write unknown="<unknown>" to give all of them the number '
            f"{UNKNOWN}, on which the model must have been trained{cure}"
        )

    def _word(self, number: int) -> str:
        if not 0 <= number < len(self):
            raise ValueError(
                f"numbers holds {number}, and this vocabulary has the numbers 0 to "
                f"{len(self) - 1}: decode with the vocabulary of the model's target"
            )
        return self.words[number - len(MARKS)]


def pad(sequences: Iterable[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Sentences of uneven length in one batch: PAD fills up the shorter ones.

    Args:
        sequences: lists of token numbers, or tensors (position,), in a list or an iterator.

    Returns:
        tokens: (batch, longest), whole numbers
        lengths: how many of each row are real, (batch,), as `attnlab.padding` takes them

    Raises:
        TypeError: something that is no sequence of whole numbers.
        ValueError: no sequences, or an empty one, naming its place; a number below 0.

    >>> tokens, lengths = pad([[5, 4], [4, 4, 6]])
    >>> tokens
    tensor([[5, 4, 0],
            [4, 4, 6]])
    >>> lengths
    tensor([2, 3])
    """
    if isinstance(sequences, str) or not isinstance(sequences, Iterable):
        raise TypeError(f"sequences is {sequences!r}, and must be a list of lists of numbers")
    sequences = [_whole(f"sequence {place}", each) for place, each in enumerate(sequences)]
    lengths = [len(sequence) for sequence in sequences]
    if not lengths:
        raise ValueError("sequences is empty: a batch needs at least one sequence")
    if 0 in lengths:
        raise ValueError(
            f"sequence {lengths.index(0)} of {len(lengths)} has 0 tokens: leave it out, or encode "
            "it with marks=True"
        )
    if wrong := [x for sequence in sequences for x in sequence if not 0 <= x < 2**63]:
        raise ValueError(f"sequences holds {wrong[0]}, and token numbers are from 0 to 2^63 - 1")
    longest = max(lengths)
    rows = [[*sequence, *[PAD] * (longest - len(sequence))] for sequence in sequences]
    return torch.tensor(rows, dtype=torch.long), torch.tensor(lengths)


def _split(sentence: str | Sequence[str]) -> Sequence[str]:
    if isinstance(sentence, str):
        return sentence.split()
    ordered = isinstance(sentence, Iterable) and not isinstance(sentence, _UNORDERED)
    words = list(sentence) if ordered else []
    if not ordered or not all(isinstance(word, str) for word in words):
        raise TypeError(
            f"sentence is a {type(sentence).__name__}, and must be a text or a list of strings"
        )
    return words


def _words(name: str, words: Iterable[str]) -> list[str]:
    if isinstance(words, str):
        raise TypeError(f"{name} is a single text, {words!r}: hand in words, [{words!r}]")
    found = list(words) if isinstance(words, Iterable) else [None]
    if isinstance(words, _UNORDERED) or not all(isinstance(word, str) for word in found):
        raise TypeError(f"{name} is {words!r}, and must be a list of strings")
    return [str(word) for word in found]


def _whole(name: str, numbers: Iterable) -> list[int]:
    """The numbers as Python's own."""
    numbers = getattr(numbers, "tolist", lambda: numbers)()  # of a tensor or an array
    if isinstance(numbers, str | bytes | _UNORDERED) or not isinstance(numbers, Iterable):
        raise TypeError(f"{name} is {numbers!r}, and must be a list of token numbers")
    found = [x.item() if getattr(x, "shape", None) == () else x for x in numbers]
    if wrong := [x for x in found if not isinstance(x, Integral) or isinstance(x, bool)]:
        raise TypeError(f"{name} holds {wrong[0]!r}, and token numbers are whole")
    return [int(x) for x in found]


def _check_word(word: object, known: dict[str, int]) -> None:
    if not isinstance(word, str):
        raise TypeError(f"words holds {word!r}, and needs strings: take str(...) of each")
    if word in known:
        raise ValueError(f"words holds {word!r} twice: take sorted(set(words))")
    if len(word) != 1 and word.split() != [word]:
        raise ValueError(f"words holds {word!r}: a word has letters and no blanks; split it first")
    if word in MARKS:
        raise ValueError(f"words holds {word!r}, which is a mark and there already: leave it out")
