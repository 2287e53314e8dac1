"""What stands in the boxes of a machine's still picture: words, rows, heads and bars, in strips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from attnlab.lab.machine_places import Item
from attnlab.lab.tables import columns_of

LABEL, LINE, BARS = 112, 17, 5
"""The room for a label at the side, the height of a line of text, how many bars are drawn."""

_HIGH, _APART, _LONGEST = 96, 6, 14


@dataclass(frozen=True)
class Strip:
    """A part of a box: what it shows, and what is written beside it.

    Args:
        kind: "words", "rows", "heads" or "bars".
        array: (row, column), or (head, query, key).
        label: beside it.
        words: of its rows, or those that bars belong to.
        hidden: which pairs are masked, (query, key).
        shares: whether the pairs are weights, and not scores.
        off: which heads are switched off.
    """

    kind: str
    array: np.ndarray
    label: str = ""
    words: Sequence[str] = ()
    hidden: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), bool))
    shares: bool = False
    off: frozenset[int] = frozenset()

    def height(self, width: float) -> float:
        """How high it is where it is so wide."""
        if self.kind == "words":
            return LINE * len(lines(self.words, width))
        if self.kind == "bars":
            return LINE * len(self.words)
        if self.kind == "rows":
            return len(self.array) * max(2.5, min(9, _HIGH / len(self.array)))
        cell = self.cell(width)
        across = self.across
        down = -(-len(self.array) // across)
        return down * (self.array.shape[1] * cell + _APART) - _APART

    @property
    def across(self) -> int:
        """How many heads stand beside each other."""
        return min(len(self.array), 4)

    def cell(self, width: float) -> float:
        """The side of a pair of words."""
        room = (width - _APART * (self.across - 1)) / self.across
        return min(12, room / self.array.shape[2], _HIGH / self.array.shape[1])

    def corners(self, width: float) -> Iterator[tuple[float, float]]:
        """The top left corner of each head, from that of the strip."""
        cell, (count, queries, keys) = self.cell(width), self.array.shape
        for head in range(count):
            row, column = divmod(head, self.across)
            yield column * (keys * cell + _APART), row * (queries * cell + _APART)


@dataclass(frozen=True)
class Run:
    """What is drawn of a run.

    Args:
        arrays: by their paths, of all steps.
        source, target: the words of the rows that are shown.
        vocabulary: what the columns of the probabilities are; none if not known.
        off: names of what is switched off.
    """

    arrays: dict[str, np.ndarray]
    source: Sequence[str]
    target: Sequence[str]
    vocabulary: Sequence[str] = ()
    off: frozenset[str] = field(default=frozenset())

    def shown(self, box: Item) -> np.ndarray | None:
        """The rows of a box's array that are there by now; for pairs, the keys as well."""
        array = self.arrays.get(box["array"] or "")
        if array is None or box["rows"] == "one":
            return array
        rows = len(self.words(box["rows"]))
        if box["keys"]:
            return array[:, :rows, : len(self.words(box["keys"]))]
        return array[:rows]

    def words(self, side: str) -> Sequence[str]:
        """The words of the rows of a side, none too long for its place."""
        words = {"source": [*self.source], "target": [*self.target], "one": [""]}[side]
        return [word if len(word) <= _LONGEST else word[: _LONGEST - 1] + "…" for word in words]


def strips(item: Item, run: Run) -> list[Strip]:
    """What stands in a box, or in a group that is folded, from top to bottom."""
    if item["kind"] != "group":
        return [_strip(item, run)]
    attentions = [each for each in _groups(item) if _weights(each)]
    labels = ["weights" if each is item else each["label"] for each in attentions]
    pairs = zip(attentions, labels, strict=True)
    found = [_strip(_weights(each), run, label) for each, label in pairs]
    label = "output" if found else ""
    return [*found, _strip(last_box(item), run, label)]


def last_box(item: Item) -> Item:
    """The box that comes out of a group; of a box itself."""
    return last_box(item["items"][-1]) if item["kind"] == "group" else item


def lines(words: Sequence[str], width: float) -> list[list[str]]:
    """Words in lines that are no wider than so many pixels."""
    found: list[list[str]] = [[]]
    for word in words:
        if found[-1] and width_of([*found[-1], word]) > width:
            found.append([])
        found[-1].append(word)
    return found


def width_of(words: Sequence[str]) -> float:
    """About how many pixels these words take beside each other."""
    letters = "".join(words)
    narrow, wide = (sum(letters.count(each) for each in some) for some in ("fijlrtI'.,", "mwMW"))
    return 7.9 * columns_of(letters) - 3.4 * narrow + 3.4 * wide + 9 * len(words)


def _groups(item: Item) -> list[Item]:
    """The groups in a group, or itself if it is an attention."""
    if _weights(item):
        return [item]
    return [each for each in item["items"] if each["kind"] == "group"]


def _weights(group: Item) -> Any:
    """The box of weights right within a group, if there is one."""
    return next((each for each in group["items"] if each["kind"] == "weights"), None)


def _strip(box: Item, run: Run, label: str = "") -> Strip:
    array = run.shown(box)
    if array is None:
        return Strip("words", np.zeros((0, 0)), label, run.words(box["rows"]))
    if box["keys"]:
        return _of_pairs(box, array, run, label)
    if box["kind"] == "probabilities" and run.vocabulary:
        best = np.argsort(-array[-1], kind="stable")[:BARS]
        return Strip(
            "bars", array[-1:, best], label, [run.vocabulary[int(place)] for place in best]
        )
    return Strip("rows", array, label, run.words(box["rows"]))


def _of_pairs(box: Item, array: np.ndarray, run: Run, label: str) -> Strip:
    path = box["array"].rpartition(".")[0]
    scores = run.shown(box | {"array": f"{path}.scores" if path else "scores"})
    hidden = np.zeros(array.shape[1:], bool) if scores is None else np.isneginf(scores[0])
    heads = f"{path}.heads" if path else "heads"
    off = frozenset(h for h in range(len(array)) if f"{heads}.{h}" in run.off)
    shares = box["kind"] == "weights"
    return Strip("heads", array, label, run.words(box["rows"]), hidden, shares, off)
