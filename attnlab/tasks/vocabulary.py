"""Vocabularies: words become numbers, and numbers words again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

PAD, BEGIN, END, UNKNOWN = 0, 1, 2, 3
"""The numbers of the marks: nothing more here, begin and end of a sentence, a word never met."""

MARKS = ("<pad>", "<begin>", "<end>", "<unknown>")
"""The marks as they are shown, each at the place of its number."""


class Vocabulary:
    """The words of a language with their numbers; the first four numbers are marks.

    A word that the vocabulary lacks becomes UNKNOWN, and so does a typed "<end>": only words have
    numbers here, and no sentence can smuggle in a mark.

    Args:
        words: different words, without blanks; the first has number 4.

    Raises:
        TypeError: a word is no string.
        ValueError: a word comes twice, is empty, has a blank in it or is a mark, naming it.

    >>> colours = Vocabulary(["red", "blue"])
    >>> len(colours)
    6
    >>> colours.encode("blue green red")
    [5, 3, 4]
    >>> colours.decode([5, 3, 4, END, PAD], carried=["green"])
    ['blue', 'green', 'red']
    """

    def __init__(self, words: Iterable[str]):
        self.words = tuple(words)
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

    def encode(self, sentence: str | Sequence[str], *, marks: bool = False) -> list[int]:
        """The number of each word; UNKNOWN for a word that is not in the vocabulary.

        Args:
            sentence: words, or a text that is split at blanks.
            marks: put BEGIN before and END behind, as a decoder is trained on.

        >>> Vocabulary(["red", "blue"]).encode("blue", marks=True)
        [1, 5, 2]
        """
        numbers = [self._numbers.get(word, UNKNOWN) for word in _split(sentence)]
        return [BEGIN, *numbers, END] if marks else numbers

    def decode(self, numbers: Tensor | Sequence[int], *, carried: Sequence[str] = ()) -> list[str]:
        """The words of the numbers up to the first END; BEGIN and PAD are left out.

        Args:
            numbers: a list, or a tensor (position,).
            carried: what to write for each UNKNOWN, in this order, such as the words that the
                vocabulary of the source did not know; "<unknown>" where there are no more.

        Raises:
            ValueError: numbers has more than one axis, or a number has no word.
        """
        if isinstance(numbers, Tensor):
            if numbers.ndim != 1:
                raise ValueError(
                    f"numbers has shape {tuple(numbers.shape)}, and one sentence has one axis: "
                    "decode each row by itself"
                )
            numbers = numbers.tolist()
        found, left = [], iter(carried)
        for number in numbers:
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

    def _word(self, number: int) -> str:
        if not 0 <= number < len(self):
            raise ValueError(
                f"numbers holds {number}, and this vocabulary has the numbers 0 to "
                f"{len(self) - 1}: decode with the vocabulary of the model's target"
            )
        return self.words[number - len(MARKS)]


def pad(sequences: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Sentences of uneven length in one batch: PAD fills up the shorter ones.

    Returns:
        tokens: (batch, longest), whole numbers
        lengths: how many of each row are real, (batch,), as `attnlab.padding` takes them

    Raises:
        ValueError: no sequences, or an empty one, naming its place.

    >>> tokens, lengths = pad([[5, 4], [4, 4, 6]])
    >>> tokens
    tensor([[5, 4, 0],
            [4, 4, 6]])
    >>> lengths
    tensor([2, 3])
    """
    lengths = [len(sequence) for sequence in sequences]
    if not lengths:
        raise ValueError("sequences is empty: a batch needs at least one sequence")
    if 0 in lengths:
        raise ValueError(
            f"sequence {lengths.index(0)} of {len(lengths)} has 0 tokens: leave it out, or encode "
            "it with marks=True"
        )
    longest = max(lengths)
    rows = [[*sequence, *[PAD] * (longest - len(sequence))] for sequence in sequences]
    return torch.tensor(rows, dtype=torch.long), torch.tensor(lengths)


def _split(sentence: str | Sequence[str]) -> Sequence[str]:
    return sentence.split() if isinstance(sentence, str) else sentence


def _check_word(word: object, known: dict[str, int]) -> None:
    if not isinstance(word, str):
        raise TypeError(f"words holds {word!r}, and needs strings: take str(...) of each")
    if word in known:
        raise ValueError(f"words holds {word!r} twice: take sorted(set(words))")
    if word.split() != [word]:
        raise ValueError(f"words holds {word!r}: a word has letters and no blanks; split it first")
    if word in MARKS:
        raise ValueError(f"words holds {word!r}, which is a mark and there already: leave it out")
