"""The strip of bars from scores to shares: its geometry, run by node, against sums done by hand."""

import math
from itertools import pairwise

import pytest

from node import javascript

PAD, WIDE, BANDS = 10, 30, [{"height": 50, "signed": True}, {"height": 40}, {"height": 40}]


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    with javascript("strip.js", tmp_path_factory.mktemp("strip")) as answers:
        yield answers


@pytest.fixture(scope="module")
def strip(ask):
    """Three bands of four columns, from 100 pixels on."""
    (bands,) = ask([["bandsOf", {"top": 20, "pad": PAD, "gap": 6, "bands": BANDS}]])
    return {"left": 100, "column": WIDE, "count": 4, "start": 0, "bottom": 300, "bands": bands} | {
        "pad": PAD
    }


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (3, "3"),
        (1.5, "1.5"),
        (-0.25, "−0.25"),
        (22.198, "22.2"),
        (403.4, "403"),
        (8103.08, "8103"),
        (123456, "1.2e5"),
        (2.48e-5, "2e−5"),
        (0, "0"),
        (100, "100"),
        (-1000, "−1000"),
    ],
)
def test_a_number_takes_at_most_five_signs(ask, value, said):
    assert ask([["compact", value]]) == [said]
    assert len(said) <= 5


def test_round_numbers_are_reached_from_below(ask):
    values = [0, 0.07, 1, 1.2, 1.6, 22.2, 31, 7.6, 1000, -3]
    wanted = [0, 0.08, 1, 1.25, 2, 25, 40, 8, 1000, 0]
    assert ask([["roundUp", value] for value in values]) == pytest.approx(wanted)


def test_ends_hold_zero_and_have_room_to_spare(ask):
    for values in ([3.1, 1], [-2, -9], [4, -7, 0], [0, 0], [1e9]):
        ((low, high),) = ask([["calm", values]])
        assert low <= 0 <= high, values
        assert low < high, values
        assert low <= 1.1 * min(0, *values, 0), values
        assert high >= 1.1 * max(0, *values, 0), values


def test_ends_stay_while_the_bars_fit_and_are_not_lost(ask):
    assert ask([["calm", [4.9, -1], [-2, 5]], ["calm", [2.5], [-2, 5]]]) == [[-2, 5], [-2, 5]]
    assert ask([["calm", [5.1, -1], [-2, 5]], ["calm", [0.5], [-2, 5]]]) == [[-1.25, 6], [0, 0.6]]


def test_bands_stand_one_under_the_other(strip):
    bands = strip["bands"]
    assert [band["bottom"] - band["top"] for band in bands] == [50, 40, 40]
    assert all(a["bottom"] + PAD < b["top"] for a, b in pairwise(bands))
    assert bands[1]["top"] - bands[0]["bottom"] == 2 * PAD + 6, "room for numbers below zero"


def test_a_value_is_found_again_at_its_height(ask, strip):
    score = strip["bands"][0]
    values = [-2, -0.5, 0, 1.25, 4]
    heights = ask([["yOf", score, [-2, 4], value] for value in values])
    assert heights[0] == score["bottom"]
    assert heights[-1] == score["top"]
    ways = [score["bottom"] - y for y in heights]
    found = ask([["dragged", score, [-2, 4], -2, way] for way in ways])
    assert found == pytest.approx(values), "dragged from the end there"


def test_what_lies_outside_stands_at_the_end(ask, strip):
    score = strip["bands"][0]
    assert ask([["yOf", score, [0, 1], 9], ["yOf", score, [0, 1], -9]]) == [
        score["top"],
        score["bottom"],
    ]
    assert ask([["dragged", score, [0, 1], 1, 25]]) == [1.5], "but a bar can be dragged beyond"


def test_the_pointer_is_over_a_bar_of_a_band(ask, strip):
    middles = [(band["top"] + band["bottom"]) / 2 for band in strip["bands"]]
    calls = [["barAt", strip, 100 + WIDE * (j + 0.5), y] for y in middles for j in range(4)]
    wanted = [{"band": band, "column": j} for band in range(3) for j in range(4)]
    assert ask(calls) == wanted
    outside = [(99, 40), (100 + 4 * WIDE, 40), (110, 5), (110, 299), (110, 400)]
    assert ask([["barAt", strip, *place] for place in outside]) == [None] * 5
    assert ask([["columnAt", strip, 110, 5]]) == [0], "its word belongs to a column"
    assert math.isclose(strip["bands"][0]["top"], 30)
