"""Byte-pair encoding as a picture that does not move."""

from __future__ import annotations

from dataclasses import dataclass, field

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Still
from matplotlib.patches import FancyBboxPatch

from attnlab.lab.palette import PALETTE
from attnlab.lab.stills import WEIGHTS, ink_on, png

WIDE, LINE, LETTER = 100.0, 4.4, 1.22  # of the picture, of a line of chips, of a letter
_SIGNS = {" ": "·", "\n": "↵", "\t": "⇥"}
_MOST_LINES, _MOST_ROWS = 6, 10


def merges_png(figure) -> bytes:
    """A `Merges` as PNG bytes: the text in pieces, the commonest pairs, the merges, and the word.

    Args:
        figure: as its traits stand now.
    """
    merges, pairs = figure.learnt.merges, figure.pairs
    newest = b"".join(merges[-1]) if merges else b""
    text = _Chips(WIDE, _MOST_LINES, newest).of(figure.pieces_of_words)
    made = _Chips(52.0, _MOST_ROWS - 2, newest).of([[b"".join(pair)] for pair in merges], True)
    word = _Chips(WIDE, 2, b"").of([figure.word_pieces])
    rows = max(min(len(pairs), _MOST_ROWS), made.lines, 1)
    height = LINE * (text.lines + rows + word.lines + 5)
    still = Still(figsize=(8.4, 8.4 * height / WIDE), dpi=110)
    axes = still.add_axes((0, 0, 1, 1))
    axes.set(xlim=(-1, WIDE + 1), ylim=(height, -1))
    axes.set_axis_off()
    made_now, pieces, characters = figure.result[0]
    _title(axes, 0, 1, f"{characters} characters in {pieces} pieces, after {made_now} merges")
    text.draw(axes, 0, LINE)
    top = LINE * (text.lines + 2)
    _title(axes, 0, top, f"{len(pairs)} pairs, the commonest first")
    _draw_pairs(axes, pairs[:_MOST_ROWS], top + LINE * 0.7)
    _title(axes, 47, top, f"256 bytes and {made_now} merges")
    made.draw(axes, 47, top + LINE * 0.8)
    low = top + LINE * (rows + 1.6)
    _title(axes, 0, low, f"never met: “{figure.word[:40]}”, {len(figure.word_pieces)} pieces")
    word.draw(axes, 0, low + LINE * 0.8)
    return png(still)


def shown(piece: bytes) -> str:
    """A piece as it is read: a blank as a dot, and what is no character as its bytes."""
    text = piece.decode("utf-8", "surrogateescape")
    return "".join(
        f"⟨{ord(letter) - 0xDC00:02X}⟩"
        if "\udc80" <= letter <= "\udcff"
        else _SIGNS.get(letter, letter)
        for letter in text
    )


@dataclass
class _Chips:
    """Pieces in lines of so much room: those of a word touch each other."""

    room: float
    most: int
    newest: bytes
    placed: list = field(default_factory=list)
    lines: int = 1

    def of(self, words: list[list[bytes]], numbered: bool = False) -> _Chips:
        x, line = 0.0, 0
        for place, pieces in enumerate(words):
            number = f"{place + 1} " if numbered else ""
            before = LETTER * len(number)
            wide = [max(1.8, LETTER * len(shown(piece)) + 0.9) for piece in pieces]
            if x and x + before + sum(wide) > self.room:
                x, line = 0.0, line + 1
            for piece, width in zip(pieces, wide, strict=True):
                if x and x + before + width > self.room:
                    x, line = 0.0, line + 1
                if line >= self.most:
                    return self
                self.placed.append((number, piece, x + before, line, width))
                self.lines = line + 1
                x, before, number = x + before + width, 0.0, ""
            x += 1.1
        return self

    def draw(self, axes: Axes, left: float, top: float) -> None:
        for number, piece, x, line, width in self.placed:
            y, part = top + line * LINE, min(1.0, (len(piece) - 1) / 7) ** 0.7 * 0.62
            ring = piece == self.newest
            axes.add_patch(
                FancyBboxPatch(
                    (left + x, y),
                    width - 0.3,
                    LINE - 1.3,
                    boxstyle="round,pad=0,rounding_size=0.4",
                    fc=WEIGHTS(part),
                    ec=PALETTE["ring" if ring else "hatch"],
                    lw=1.8 if ring else 0.5,
                )
            )
            ink = {"va": "center", "fontsize": 8, "parse_math": False}
            middle = y + (LINE - 1.3) / 2
            label = shown(piece)
            colour = ink_on(WEIGHTS(part))
            axes.text(left + x + width / 2 - 0.15, middle, label, ha="center", color=colour, **ink)
            axes.text(left + x - 0.5, middle, number, ha="right", color=PALETTE["quiet"], **ink)


def _title(axes: Axes, x: float, y: float, text: str) -> None:
    axes.text(x, y, text, fontsize=10, weight="bold", va="center", parse_math=False)


def _draw_pairs(axes: Axes, pairs: list, top: float) -> None:
    """A bar for each pair; the first is merged next, if it stands there twice."""
    most = max((count for _, count in pairs), default=1)
    for row, ((left, right), count) in enumerate(pairs):
        y = top + row * LINE
        name = " + ".join(
            part if len(part) < 9 else part[:8] + "…" for part in map(shown, (left, right))
        )
        colour = PALETTE["much" if row == 0 and count > 1 else "bar"]
        axes.text(15, y + LINE / 2, name, ha="right", va="center", fontsize=8, parse_math=False)
        axes.barh(y + LINE / 2, 21 * count / most, LINE - 1.6, left=16, color=colour)
        place = 17 + 21 * count / most
        axes.text(place, y + LINE / 2, str(count), va="center", fontsize=8)
    if pairs and pairs[0][1] > 1:
        ring = {
            "boxstyle": "round,pad=0,rounding_size=0.5",
            "fill": False,
            "ec": PALETTE["ring"],
            "lw": 1.8,
        }
        axes.add_patch(FancyBboxPatch((0, top + 0.2), 43, LINE - 0.4, **ring))
