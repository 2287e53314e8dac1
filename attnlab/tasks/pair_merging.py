"""How byte-pair encoding is learnt: count the pairs of neighbours, merge the commonest, repeat."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from attnlab.tasks.byte_letters import BYTE_ORDER
from attnlab.tasks.pretokens import pretokens

Piece = bytes
Pair = tuple[Piece, Piece]


@dataclass(frozen=True)
class MergeStep:
    """The state of learning before one merge.

    Args:
        words: the pieces of each different word of the text, by the word, in the order in which
            the words are first met.
        counts: how often each pair of neighbours stands in the text.
        merge: the commonest pair, which is merged next; None if no pair stands there twice.
    """

    words: dict[bytes, tuple[Piece, ...]]
    counts: dict[Pair, int]
    merge: Pair | None


def merge_steps(text: str | Iterable[str], count: int) -> Iterator[MergeStep]:
    """The first `count` merges of a text, each with what it was chosen from, and the end.

    One step more than merges is given: the last shows what the last merge has made.

    Raises:
        TypeError: text is no text and no list of texts.
        ValueError: text is empty, or holds half of a surrogate pair; count is below 0.

    Source: Sennrich, Haddow and Birch, 2016, algorithm 1.

    >>> first, second, _ = merge_steps("low low lower", 2)
    >>> first.counts
    {(b'l', b'o'): 3, (b'o', b'w'): 3, (b' ', b'l'): 2, (b'w', b'e'): 1, (b'e', b'r'): 1}
    >>> first.merge, second.merge
    ((b'l', b'o'), (b'lo', b'w'))
    >>> second.words[b" lower"]
    (b' ', b'lo', b'w', b'e', b'r')
    """
    if count < 0:
        raise ValueError(f"count is {count}, and must be 0 or more")
    merging = PairMerging(text)
    for _ in range(count):
        step = merging.step()
        yield step
        if step.merge is None:
            return
        merging.merge(step.merge)
    yield merging.step()


class PairMerging:
    """The words of a text in pieces, with the pairs of neighbours counted.

    Each different word is held once, with how often it stands in the text, and a merge visits only
    words in which its pair stands.
    """

    def __init__(self, text: str | Iterable[str]):
        counted = Counter(word for each in texts(text) for word in pretokens(each))
        if not counted:
            raise ValueError("text is empty: hand in a text with at least one character")
        self._times = [(as_bytes(word), times) for word, times in counted.items()]
        self._pieces = [[word[i : i + 1] for i in range(len(word))] for word, _ in self._times]
        self.counts: Counter[Pair] = Counter()
        self._words_with: defaultdict[Pair, set[int]] = defaultdict(set)
        self.pieces = {bytes([byte]): place for place, byte in enumerate(BYTE_ORDER)}
        """All pieces so far, numbered in the order in which they were made."""
        for place in range(len(self._times)):
            self._count(place, 1)

    def commonest(self) -> Pair | None:
        """The pair that stands in the text most often, at least twice.

        Of pairs that stand there equally often it is the one whose left piece was made first, then
        the one whose right piece was; single bytes come in the order of `BYTE_ORDER`.
        """
        most = max(self.counts.values(), default=0)
        if most < 2:
            return None
        tied = [pair for pair, count in self.counts.items() if count == most]
        return min(tied, key=lambda pair: (self.pieces[pair[0]], self.pieces[pair[1]]))

    def merge(self, pair: Pair) -> None:
        """Make one piece of a pair, wherever it stands."""
        for place in sorted(self._words_with[pair]):
            self._count(place, -1)
            self._pieces[place] = merged(self._pieces[place], pair)
            self._count(place, 1)
        self.pieces.setdefault(b"".join(pair), len(self.pieces))

    def step(self) -> MergeStep:
        """A picture of the present state."""
        words = {word: tuple(p) for (word, _), p in zip(self._times, self._pieces, strict=True)}
        return MergeStep(words, dict(self.counts), self.commonest())

    def _count(self, place: int, sign: int) -> None:
        """Add the pairs of one word to the counts, or take them away."""
        pieces, times = self._pieces[place], self._times[place][1]
        for pair in pairwise(pieces):
            self.counts[pair] += sign * times
            if sign > 0:
                self._words_with[pair].add(place)
            else:
                self._words_with[pair].discard(place)
                if not self.counts[pair]:
                    del self.counts[pair]


def merged(pieces: list[Piece], pair: Pair) -> list[Piece]:
    """The pieces with the pair made one, from left to right.

    >>> merged([b"a", b"a", b"a", b"b"], (b"a", b"a"))
    [b'aa', b'a', b'b']
    """
    found, place = [], 0
    while place < len(pieces):
        if tuple(pieces[place : place + 2]) == pair:
            found.append(b"".join(pair))
            place += 2
        else:
            found.append(pieces[place])
            place += 1
    return found


def texts(text: str | Iterable[str]) -> list[str]:
    """One text as a list of one, and what else is a list of texts."""
    if isinstance(text, str):
        return [text]
    if not isinstance(text, Iterable) or isinstance(text, bytes):
        raise TypeError(f"text is a {type(text).__name__}, and must be a string or a list of them")
    found = list(text)
    if wrong := [each for each in found if not isinstance(each, str)]:
        raise TypeError(f"text holds {wrong[0]!r}, and must hold strings")
    return found


def as_bytes(word: str) -> bytes:
    """The bytes of a word in UTF-8."""
    try:
        return word.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(
            f"text holds {word[error.start]!r}, half of a surrogate pair and no character: "
            'take text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")'
        ) from error
