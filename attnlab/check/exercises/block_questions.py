"""Chapter 9, with a pencil: two hidden units, and what a stack of blocks learns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attnlab.check.exercise import Question, WrongAnswer
from attnlab.check.wording import few, said

TWO_UNITS = Question(
    number="9.1",
    name="two_units",
    title="Two units",
    difficulty="easy",
    minutes=3,
    asks="4 numbers: unit 0 and unit 1 of cat, then unit 0 and unit 1 of on",
    answer=[0, 2, 0, 0],
    wrongs=(
        WrongAnswer(
            "ReLU forgotten",
            [-2, 2, -1, 0],
            "−2 and −1 are what comes out of the first matrix. ReLU is still to come.",
        ),
        WrongAnswer(
            "bias forgotten",
            [0, 3, 0, 1],
            "Unit 1 is one too high, twice. It has a bias, the −1 at its end.",
        ),
        WrongAnswer(
            "bias and ReLU forgotten",
            [-2, 3, -1, 1],
            "That is x W₁ alone. The bias of unit 1, −1, and ReLU are still to come.",
        ),
        WrongAnswer(
            "bias after ReLU",
            [0, 2, 0, -1],
            lambda mine: (
                f"{said(mine[-1])} cannot come out of a ReLU. The bias is added before it, not after."
            ),
            lambda mine: mine[-1] == -1 and mine.min() < 0,
        ),
        WrongAnswer(
            "minus taken away",
            [2, 2, 1, 0],
            "You took the minus away. ReLU does not turn negative numbers round: it makes 0 of them.",
        ),
        WrongAnswer(
            "unit by unit",
            [0, 0, 2, 0],
            "The numbers are right, but sorted by unit: first both units of cat, then both of on.",
        ),
        WrongAnswer(
            "below 0",
            [-1, 2, 0, 0],
            lambda mine: f"{few(mine[mine < 0])}: no unit is below 0 behind its ReLU.",
            lambda mine: mine.min() < 0,
        ),
    ),
    hints=(
        "Each unit asks one question of one word. Write what it adds and what it subtracts.",
        'The section "The missing part" does it for sat.',
        "unit 0 = max(0, what − who − where), unit 1 = max(0, who + where − 1).",
        "The rows of cat and on in Table 9.1, on the left.",
    ),
    solution="my_units = [0, 2, 0, 0]  # max(0, 1 - 3 - 0), max(0, 3 + 0 - 1); -1, 0 for on",
)


def _numbers(layers: int, d: int, squares: int = 12, singles: int = 13) -> int:
    return layers * (squares * d**2 + singles * d)


def _three(squares: int, singles: int, layers: int = 1) -> list[int]:
    stacks = ((6 * layers, 512), (12 * layers, 512), (6 * layers, 1024))
    return [int(_numbers(n, d, squares, singles)) for n, d in stacks]


def _first(squares: int, singles: int) -> Callable[[Any], bool]:
    """Whether the first number is that of layers counted in this way."""
    return lambda mine: abs(mine[0] - _numbers(6, 512, squares, singles)) < 0.5


_RIGHT = _three(12, 13)

BLOCK_NUMBERS = Question(
    number="9.2",
    name="block_numbers",
    title="What a stack learns",
    difficulty="medium",
    minutes=6,
    asks="3 numbers: for N = 6 and d_model = 512; with N doubled; with d_model doubled",
    answer=_RIGHT,
    tolerance=0.5,
    wrongs=(
        WrongAnswer(
            "matrices only",
            _three(12, 0),
            "You counted the matrices, 12 d² for a layer. Biases and norms learn, too.",
            _first(12, 0),
        ),
        WrongAnswer(
            "norms forgotten",
            _three(12, 9),
            "Matrices and biases are all there. Each layer has two norms as well, and they learn.",
            _first(12, 9),
        ),
        WrongAnswer(
            "one norm, or gains only",
            _three(12, 11),
            "You counted 2 d for the norms of a layer. There are two norms, and each has a gain and a "
            "bias.",
            _first(12, 11),
        ),
        WrongAnswer(
            "biases of the matrices forgotten",
            _three(12, 4),
            "Matrices and norms are right. But the four matrices of attention and the two of the "
            "feed-forward layer have biases.",
            _first(12, 4),
        ),
        WrongAnswer(
            "attention only",
            _three(4, 4),
            "That is attention alone. Where are two thirds of the numbers?",
            _first(4, 4),
        ),
        WrongAnswer(
            "output matrix forgotten",
            _three(11, 12),
            "Attention has four matrices, not three: W_o joins the heads.",
            _first(11, 12),
        ),
        WrongAnswer(
            "a single layer",
            [_RIGHT[0] // 6, _RIGHT[1] // 12, _RIGHT[2] // 6],
            "That is one layer. Each of the N layers has matrices of its own.",
            lambda mine: abs(mine[0] - _RIGHT[0] // 6) < 0.5,
        ),
        WrongAnswer(
            "matrices for each head",
            _three(12, 13, layers=8),
            "Eight times too many. Heads share out the width: together they have the matrices of one.",
            lambda mine: abs(mine[0] - 8 * _RIGHT[0]) < 0.5,
        ),
        WrongAnswer(
            "width doubled, numbers doubled",
            [_RIGHT[0], _RIGHT[1], 2 * _RIGHT[0]],
            "With d_model doubled, a matrix gets twice the rows and twice the columns.",
        ),
        WrongAnswer(
            "width doubled, numbers times four",
            [_RIGHT[0], _RIGHT[1], 4 * _RIGHT[0]],
            "The third is nearly right. Matrices grow four times, but biases and norms only twice.",
        ),
        WrongAnswer(
            "depth doubled, numbers times four",
            [_RIGHT[0], 4 * _RIGHT[0], _RIGHT[2]],
            "Twice the layers are twice the numbers: no layer grows by it.",
            lambda mine: abs(mine[0] - _RIGHT[0]) < 0.5 and abs(mine[1] - 4 * _RIGHT[0]) < 0.5,
        ),
    ),
    hints=(
        "Count one layer with d for d_model; then times N.",
        'The section "One width for all", below the cell that counts.',
        "N (12 d² + 13 d): attention 4 d² + 4 d, feed-forward 8 d² + 5 d, two norms 4 d.",
        "About 19 million, 38 million and 76 million.",
    ),
    solution="""d, e = 512, 1024
my_numbers = [6 * (12 * d**2 + 13 * d), 12 * (12 * d**2 + 13 * d), 6 * (12 * e**2 + 13 * e)]
""",
)

EXERCISES = (TWO_UNITS, BLOCK_NUMBERS)
