"""Positions on a grid: a vector for each place, a number for each way from one to another."""

import doctest
import importlib

import pytest
import torch

from attnlab import attention
from attnlab.nn import GridPositions, RelativeGridPositions


def test_each_place_has_its_vector():
    encoding = GridPositions(5, height=2, width=3, front=1)
    assert encoding.table.shape == (7, 5)
    x = torch.randn(4, 7, 5)
    torch.testing.assert_close(encoding(x), x + encoding.table)
    assert encoding.table.abs().max() < 0.2, "random and small: nothing of the grid is told"


def test_a_number_for_each_way_and_head_is_added_to_the_scores():
    encoding = RelativeGridPositions(heads=2, height=2, width=3, front=1)
    torch.nn.init.normal_(encoding.table)
    assert encoding.table.shape == (2, 3, 5)
    query, key, value = (torch.randn(3, 2, 7, d) for d in (4, 4, 5))
    scores = query @ key.mT / 4**0.5
    for one in range(6):
        for other in range(6):
            down, right = other // 3 - one // 3, other % 3 - one % 3
            scores[:, :, 1 + one, 1 + other] += encoding.table[:, down + 1, right + 2]
    torch.testing.assert_close(encoding.attend(query, key, value), scores.softmax(-1) @ value)


def test_relative_positions_start_as_none():
    encoding, x = RelativeGridPositions(2, 2, 3), torch.randn(1, 2, 6, 5)
    torch.testing.assert_close(encoding.attend(x, x, x), attention(x, x, x))


def test_what_a_place_reads_moves_with_the_picture():
    encoding = RelativeGridPositions(heads=1, height=1, width=9)
    torch.nn.init.normal_(encoding.table)
    bias = encoding.bias()[0]
    torch.testing.assert_close(bias[:-1, :-1], bias[1:, 1:])


x = torch.zeros(1, 2, 6, 5)
BAD = {
    "places": (
        lambda: GridPositions(5, 2, 3, front=1)(torch.zeros(4, 6, 5)),
        ValueError,
        "x has 6 vectors, and there are 1 and 2 times 3 positions, 7",
    ),
    "places of keys": (
        lambda: RelativeGridPositions(2, 2, 2).attend(x, x, x),
        ValueError,
        "query has 6 vectors, and there are 2 times 2 positions, 4",
    ),
    "heads": (
        lambda: RelativeGridPositions(3, 2, 3).attend(x, x, x),
        ValueError,
        "query has 2 heads, and the table is for 3",
    ),
    "dimension": (
        lambda: GridPositions(4, 2, 3)(torch.zeros(1, 6, 5)),
        ValueError,
        "x has vectors of length 5, and the positions of length 4",
    ),
    "width": (lambda: GridPositions(4, 2, 0), ValueError, "width is 0"),
    "height": (lambda: RelativeGridPositions(1, 0, 2), ValueError, "height is 0"),
    "front": (lambda: GridPositions(4, 2, 3, front=-1), ValueError, "front is -1"),
}


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(("call", "error", "words"), BAD.values(), ids=BAD)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_they_say_what_they_are():
    assert "d_model=4, height=2, width=3, front=1" in repr(GridPositions(4, 2, 3, front=1))
    assert "heads=2, height=2, width=3, front=0" in repr(RelativeGridPositions(2, 2, 3))


def test_the_examples():
    module = importlib.import_module("attnlab.nn.grid_positions")
    result = doctest.testmod(module, extraglobs={"torch": torch})
    assert result.attempted > 0
    assert result.failed == 0
