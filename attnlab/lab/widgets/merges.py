"""Byte-pair encoding as a live figure: pairs are counted, and the commonest is merged."""

from __future__ import annotations

from collections.abc import Sequence

import traitlets as t

from attnlab.lab.merges_still import merges_png
from attnlab.lab.shown_arrays import listed_words
from attnlab.lab.widgets.assets import bundle, style
from attnlab.lab.widgets.bounds import Whole
from attnlab.lab.widgets.declared import Number, TextField
from attnlab.lab.widgets.figure import Figure, LiveFigure
from attnlab.tasks.byte_pairs import BytePairs
from attnlab.tasks.pair_merging import PairMerging, as_bytes
from attnlab.tasks.pretokens import pretokens

MOST_READ, MOST_STEPS, MOST_PAIRS = 20_000, 200, 10
TEXTS = (
    "low " * 5 + "lower " * 2 + "newest " * 6 + "widest widest widest",  # Sennrich et al., 2016
    "the cat sat on the mat and the rat sat on the hat that the cat had sat on",
    "attention is what attends: a word attends to words, and they attend to it with attention",
    "un café, deux cafés, du thé et une crème brûlée 😀 trois cafés et deux crèmes brûlées 😀😀",
)
WORDS = ("lowest", "attentionable", "the catnip", "décafé", "日本 🙂")


class Merges(Figure):
    """A text in pieces, the pairs of neighbours in it, and the merges that made the pieces.

    At first each byte is a piece. Each merge makes the commonest pair of neighbours one piece,
    wherever it stands; the figure shows the pairs that are commonest now, the merges so far, and
    how a word that was never met is cut by them. Every byte is a piece, so every text has pieces.
    The browser computes what `attnlab.tasks.BytePairs` computes.

    Args:
        text: from which the merges are learnt, of which the first 20,000 characters are read;
            blanks and ends of lines are made one blank. The first of `texts` if not given.
        texts: texts that are prepared, to choose from.
        words: words never met that are prepared.
        steps: up to how many merges are made, at most 200.

    Traits: text, merges (how many are made, fewer where no pair stands in the text twice any
    more), word (which was never met), focus ([place of a pair among the commonest, 0] or []).

    Raises:
        TypeError, ValueError: naming the argument, both sizes and the cure.

    Source: Sennrich, Haddow and Birch 2016, "Neural Machine Translation of Rare Words with Subword
    Units", algorithm 1; Radford et al. 2019, "Language Models are Unsupervised Multitask Learners",
    section 2.2 (bytes).
    """

    _esm = bundle("merges.js")
    _css = Figure._css + style("merges.css")

    texts = t.List(t.Unicode()).tag(sync=True)
    text = t.Unicode().tag(sync=True)
    words = t.List(t.Unicode()).tag(sync=True)
    word = t.Unicode().tag(sync=True)
    steps = Whole(1, MOST_STEPS, default=40)
    merges = Whole(0, "steps")

    controls = (
        TextField("text", options="texts"),
        Number("merges"),
        TextField("word", "a word never met", options="words"),
    )

    def __init__(self, text=None, *, texts=TEXTS, words=WORDS, word=None, merges=6, **traits):
        texts = _prepared("texts", texts, text)
        words = _prepared("words", words, word)
        merges = min(merges, traits.get("steps", merges))
        first = {"texts": texts, "text": texts[0], "words": words, "word": words[0]}
        super().__init__(**first, merges=merges, **traits)

    @t.validate("text", "word")
    def _has_bytes(self, proposal):
        as_bytes(proposal.value)
        return proposal.value

    @property
    def learnt(self) -> BytePairs:
        """The sub-words of the merges that are made now."""
        return BytePairs(self._merging[1])

    @property
    def pieces(self) -> list[bytes]:
        """The pieces of the text."""
        return [piece for word in self.pieces_of_words for piece in word]

    @property
    def pieces_of_words(self) -> list[list[bytes]]:
        """The pieces of each word of the text, with the blank before it."""
        text, (merging, _) = self.text[:MOST_READ], self._merging
        if merging is None:
            return []
        cut = merging.step().words
        return [list(cut[as_bytes(word)]) for word in pretokens(text)]

    @property
    def pairs(self) -> list[tuple[tuple[bytes, bytes], int]]:
        """All pairs with how often they stand in the text, the commonest first."""
        merging, _ = self._merging
        if merging is None:
            return []
        made = merging.pieces
        ranked = [
            (-count, made[left], made[right], left, right)
            for (left, right), count in merging.counts.items()
        ]
        return [((left, right), -count) for count, _, _, left, right in sorted(ranked)]

    @property
    def word_pieces(self) -> list[bytes]:
        """The pieces of the word that was never met."""
        learnt = self.learnt
        return [learnt.decode_bytes([number]) for number in learnt.encode(self.word[:MOST_READ])]

    @property
    def result(self) -> list:
        """[merges made, pieces, characters], how often the commonest pairs stand there, and the
        numbers of the pieces of the text and of the word."""
        learnt, pieces = self.learnt, self.pieces
        return [
            [len(learnt.merges), len(pieces), len(self.text[:MOST_READ])],
            [count for _, count in self.pairs[:MOST_PAIRS]],
            [learnt.numbers[piece] for piece in pieces],
            learnt.encode(self.word[:MOST_READ]),
        ]

    @property
    def cells(self) -> tuple[int, int]:
        return max(1, min(len(self.pairs), MOST_PAIRS)), 1

    @property
    def _merging(self) -> tuple[PairMerging | None, list[tuple[bytes, bytes]]]:
        """The text in its pieces, and the merges that made them; no text has none."""
        text = self.text[:MOST_READ]
        if not text:
            return None, []
        merging, merges = PairMerging(text), []
        while len(merges) < self.merges and (pair := merging.commonest()):
            merging.merge(pair)
            merges.append(pair)
        return merging, merges

    def __repr__(self) -> str:
        made, pieces, characters = self.result[0]
        return f"Live byte-pair encoding, {characters} characters in {pieces} pieces, {made} merges"

    def png(self) -> bytes:
        return merges_png(self)


def merges(text=None, *, controls: Sequence[str] | None = None, **arguments) -> LiveFigure:
    """A `Merges` with its controls, ready to show; the widget itself is `.figure`.

    Args:
        text and further arguments: as `Merges`.
        controls: which of text, merges and word to show, in this order; all of them if not given.

    >>> merges("low low lower lowest", merges=2)
    Live byte-pair encoding, 20 characters in 12 pieces, 2 merges
    """
    return LiveFigure(Merges(text, **arguments), controls)


def _prepared(name: str, prepared, first) -> list[str]:
    """The texts to choose from, that which is shown first among them, each with single blanks."""
    texts = [_single_blanks(each) for each in listed_words(name, prepared)]
    if first is not None:
        if not isinstance(first, str):
            raise TypeError(f"{name[:-1]} is a {type(first).__name__}, and must be a string")
        texts = [_single_blanks(first), *texts]
    texts = list(dict.fromkeys(text for text in texts if text))
    if not texts:
        raise ValueError(f"{name} is empty: give at least one that has a letter")
    return texts


def _single_blanks(text: str) -> str:
    return " ".join(text.split())
