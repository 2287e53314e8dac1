"""Byte-pair encoding: sub-words learnt from a text, for any text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from attnlab.tasks.byte_letters import from_letters, to_letters
from attnlab.tasks.pair_merging import Pair, PairMerging, Piece, as_bytes, merged
from attnlab.tasks.pretokens import pretokens

_BYTES = [bytes([byte]) for byte in range(256)]


class BytePairs:
    """Sub-words: the 256 bytes, and pieces that were merged of two smaller ones.

    A text is cut into words (`pretokens`), each word into its bytes in UTF-8, and then the merges
    are made in the order in which they were learnt, as far as their pairs stand there. Every text
    has pieces, since every byte is one, and gets back from them unchanged.

    Args:
        merges: pairs of pieces in the order in which they were learnt; each is a byte or was made
            by an earlier merge.
        marks: names such as "<mask>" that are no text; they are numbered after all pieces, and no
            text that is encoded, not even "<mask>", becomes one.
        numbers: the number of each piece; else the bytes have their values, 0 to 255, and what is
            merged follows in its order.

    Raises:
        ValueError: a merge of pieces that no earlier one has made; a mark that comes twice; numbers
            that lack a piece or have one number twice.

    Source: Sennrich, Haddow and Birch, 2016, section 3.2; Radford et al., 2019, section 2.2.

    >>> subwords = BytePairs.learn("low lower lowest", size=259)
    >>> subwords.merges
    [(b'l', b'o'), (b'lo', b'w'), (b' ', b'low')]
    >>> subwords.pieces("a lowland")
    ['a', ' low', 'l', 'a', 'n', 'd']
    >>> subwords.encode("a lowland")
    [97, 258, 108, 97, 110, 100]
    >>> subwords.decode([97, 258, 108, 97, 110, 100])
    'a lowland'
    """

    def __init__(
        self,
        merges: Iterable[Pair],
        *,
        marks: Sequence[str] = (),
        numbers: Mapping[Piece, int] | None = None,
    ):
        self.merges = [(bytes(left), bytes(right)) for left, right in merges]
        """The pairs of pieces, in the order in which they are merged."""
        made = _made(self.merges)
        self.numbers = dict(
            zip(made, range(len(made)), strict=True) if numbers is None else numbers
        )
        """The number of each piece."""
        _check_numbers(self.numbers, made)
        first = max(self.numbers.values()) + 1
        _check_marks(marks)
        self.marks = {mark: number for number, mark in enumerate(marks, first)}
        """The number of each mark."""
        self._ranks = {pair: rank for rank, pair in reversed([*enumerate(self.merges)])}
        self._shown = {number: piece for piece, number in self.numbers.items()}
        self._shown |= {number: as_bytes(mark) for mark, number in self.marks.items()}
        self._cut: dict[bytes, list[Piece]] = {}  # words that were met already

    @classmethod
    def learn(
        cls, text: str | Iterable[str], size: int = 512, *, marks: Sequence[str] = ()
    ) -> BytePairs:
        """Learn sub-words: merge the commonest pair of neighbours again and again.

        Args:
            text: one text, or several, across whose ends nothing is merged.
            size: how many pieces, the 256 bytes among them; fewer are learnt if no pair is left
                that stands in the text twice.
            marks: names that are no text, numbered after the pieces.

        Raises:
            TypeError: text is no text and no list of texts; size is not whole.
            ValueError: size is below 256; text is empty, or holds half of a surrogate pair.

        >>> len(BytePairs.learn("the cat and the hat", size=258, marks=["<end>"]))
        259
        """
        if not isinstance(size, int) or isinstance(size, bool):
            raise TypeError(f"size is {size!r}, and must be a whole number")
        if size < 256:
            raise ValueError(f"size is {size}, and there are 256 bytes already: take at least 256")
        merging, merges = PairMerging(text), []
        while len(merging.pieces) < size and (pair := merging.commonest()):
            merging.merge(pair)
            merges.append(pair)
        return cls(merges, marks=marks)

    @classmethod
    def from_gpt2(cls, merges: Iterable[str], numbers: Mapping[str, int]) -> BytePairs:
        """Sub-words as GPT-2's files hold them.

        Args:
            merges: the lines of merges.txt; a line that begins with "#version" is left out.
            numbers: vocab.json, from each piece in letters to its number. What is no piece, such
                as "<|endoftext|>", becomes a mark; the marks have the highest numbers.

        Raises:
            ValueError: a line is no pair; a piece has no number; a mark stands among the pieces.

        >>> letters = {to_letters(bytes([byte])): byte for byte in range(256)}
        >>> two = BytePairs.from_gpt2(["Ġ c"], letters | {"Ġc": 256, "<|endoftext|>": 257})
        >>> two.encode("a cat"), two.marks
        ([97, 256, 97, 116], {'<|endoftext|>': 257})
        """
        pairs = [_pair_of(line) for line in merges if line.strip() and line[:8] != "#version"]
        known = {to_letters(piece) for piece in _made(pairs)}
        marks = sorted((name for name in numbers if name not in known), key=numbers.__getitem__)
        pieces = {from_letters(name): numbers[name] for name in numbers if name in known}
        found = cls(pairs, marks=marks, numbers=pieces)
        if wrong := [mark for mark in marks if found.marks[mark] != numbers[mark]]:
            raise ValueError(
                f"numbers gives {wrong[0]!r}, which no merge makes, the number "
                f"{numbers[wrong[0]]}, and marks follow on the last piece: {found.marks[wrong[0]]}"
            )
        return found

    def __len__(self) -> int:
        """How many numbers a model needs: one more than the highest."""
        return max(self._shown) + 1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BytePairs) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash((tuple(self.merges), *self.marks))

    def __repr__(self) -> str:
        marks = f" and {len(self.marks)} marks" if self.marks else ""
        return f"BytePairs of {len(self.numbers)} pieces{marks}"

    def encode(self, text: str | bytes) -> list[int]:
        """The numbers of the pieces of a text, or of any bytes.

        Raises:
            TypeError: text is neither.
            ValueError: text holds half of a surrogate pair, which is no character.
        """
        return [self.numbers[piece] for piece in self._pieces(text)]

    def decode(self, numbers: Iterable[int]) -> str:
        """The text of pieces, and the names of marks among them.

        Where the bytes are no UTF-8, as where a character was cut in two, stands "�".

        Raises:
            TypeError: numbers that are not whole.
            ValueError: a number that has no piece, naming it and its place.
        """
        return self.decode_bytes(numbers).decode("utf-8", "replace")

    def decode_bytes(self, numbers: Iterable[int]) -> bytes:
        """The bytes of pieces, whatever they are; raises as `decode` does."""
        return b"".join(self._piece(place, number) for place, number in enumerate(_whole(numbers)))

    def pieces(self, text: str | bytes) -> list[str]:
        r"""The pieces of a text, to be looked at; a byte that is only part of a character is shown
        as a number.

        >>> BytePairs([(b"a", b"b")]).pieces("abé")
        ['ab', '\\xc3', '\\xa9']
        """
        return [piece.decode("utf-8", "backslashreplace") for piece in self._pieces(text)]

    def _pieces(self, text: str | bytes) -> list[Piece]:
        if isinstance(text, str):
            words = [as_bytes(word) for word in pretokens(text)]
        elif isinstance(text, bytes):
            known = text.decode("utf-8", "surrogateescape")
            words = [word.encode("utf-8", "surrogateescape") for word in pretokens(known)]
        else:
            raise TypeError(f"text is a {type(text).__name__}, and must be a string, or bytes")
        return [piece for word in words for piece in self._word(word)]

    def _word(self, word: bytes) -> list[Piece]:
        """The pieces of one word: again and again the earliest merge that fits."""
        if word not in self._cut:
            pieces = [word[i : i + 1] for i in range(len(word))]
            while pairs := self._ranks.keys() & set(pairwise(pieces)):
                pieces = merged(pieces, min(pairs, key=self._ranks.__getitem__))
            self._cut[word] = pieces
        return self._cut[word]

    def _piece(self, place: int, number: int) -> Piece:
        if number not in self._shown:
            raise ValueError(
                f"numbers holds {number} at place {place}, and there are pieces and marks from 0 "
                f"to {len(self) - 1}: decode with the sub-words that the text was encoded with"
            )
        return self._shown[number]

    def _key(self) -> tuple[object, ...]:
        return self.merges, self.numbers, self.marks


def _made(merges: list[Pair]) -> list[Piece]:
    """The bytes, and each different piece that merges make, in order."""
    found = dict.fromkeys(_BYTES)
    for place, pair in enumerate(merges):
        if missing := [piece for piece in pair if piece not in found]:
            raise ValueError(
                f"merges[{place}] is {pair}, and {missing[0]!r} is no byte and was not made by a "
                "merge before: hand in all merges in the order in which they were learnt"
            )
        found[b"".join(pair)] = None
    return list(found)


def _pair_of(line: str) -> Pair:
    parts = line.split()
    if len(parts) != 2:
        raise ValueError(f"merges has the line {line!r}, and a line is two pieces with a blank")
    return from_letters(parts[0]), from_letters(parts[1])


def _check_numbers(numbers: Mapping[Piece, int], made: list[Piece]) -> None:
    if missing := [piece for piece in made if piece not in numbers]:
        raise ValueError(
            f"numbers lacks {len(missing)} of {len(made)} pieces, {missing[0]!r} among them: it "
            "needs the 256 bytes and all that the merges make"
        )
    if len(set(numbers.values())) < len(numbers):
        raise ValueError(
            f"numbers gives {len(numbers)} pieces {len(set(numbers.values()))} different numbers: "
            "each needs its own"
        )


def _check_marks(marks: Sequence[str]) -> None:
    if isinstance(marks, str) or not all(isinstance(mark, str) for mark in marks):
        raise TypeError(f"marks is {marks!r}, and must be a list of strings")
    if len(set(marks)) < len(marks):
        raise ValueError(f"marks is {list(marks)}, and one of them comes twice: take it out")


def _whole(numbers: Iterable[int]) -> list[int]:
    numbers = getattr(numbers, "tolist", lambda: numbers)()  # of a tensor or an array
    found = list(numbers) if isinstance(numbers, Iterable) else [numbers]
    if wrong := [x for x in found if not hasattr(x, "__index__") or isinstance(x, bool)]:
        raise TypeError(f"numbers is or holds {wrong[0]!r}, and must be a list of whole numbers")
    return [x.__index__() for x in found]
