import doctest
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab.training import EarlyStop, early_stop


def test_lower_is_better_by_hand():
    stop = EarlyStop(patience=2)
    answers = [stop.after(figure) for figure in [3.0, 2.0, 2.0, 1.0, 1.5, 1.0]]
    assert answers == [False, False, False, False, False, True]
    assert stop.best == 1.0


def test_higher_is_better_by_hand():
    stop = EarlyStop(patience=1, higher=True, least=0.1)
    assert [stop.after(figure) for figure in [0.5, 0.7, 0.75]] == [False, False, True]
    assert stop.best == 0.7


def test_what_is_not_a_number_is_never_better():
    stop = EarlyStop(patience=2)
    assert [stop.after(figure) for figure in [math.nan, 1.0, math.nan, math.nan]] == [
        False,
        False,
        False,
        True,
    ]
    assert stop.best == 1.0


@given(st.lists(st.integers(-5, 5), min_size=1), st.integers(1, 4))
def test_it_stops_when_the_best_is_that_long_ago(figures, patience):
    stop = EarlyStop(patience)
    for count, figure in enumerate(figures, start=1):
        seen = figures[:count]
        answer = stop.after(figure)
        assert stop.best == min(seen)
        assert answer == (count - 1 - seen.index(min(seen)) >= patience)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1), st.integers(1, 4))
def test_higher_is_lower_turned_round(figures, patience):
    lower, higher = EarlyStop(patience), EarlyStop(patience, higher=True)
    assert [lower.after(f) for f in figures] == [higher.after(-f) for f in figures]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"patience": 0}, "patience is 0, and must be at least 1"),
        ({"patience": 1, "least": -0.5}, "least is -0.5, and must be at least 0"),
        ({"patience": 1, "least": math.nan}, "least is nan"),
    ],
)
def test_bad_input_is_named(arguments, words):
    with pytest.raises(ValueError, match=words):
        EarlyStop(**arguments)


def test_the_examples_in_the_docstrings():
    result = doctest.testmod(early_stop)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("figure", ["x", None, True, [1.0], 1j, torch.ones(2), np.ones(1)])
def test_a_figure_that_is_no_number(figure):
    with pytest.raises(TypeError, match="figure is a"):
        EarlyStop(patience=1).after(figure)


def test_figures_of_other_libraries():
    stop = EarlyStop(patience=2)
    answers = [stop.after(x) for x in (torch.tensor(0.5), np.float32(0.25), np.array(1.0), 2)]
    assert answers == [False, False, False, True]
    assert stop.best == 0.25
    assert type(stop.best) is float


@pytest.mark.parametrize("higher", ["x", None, 1])
def test_whether_higher_is_better(higher):
    with pytest.raises(TypeError, match="higher is"):
        EarlyStop(patience=1, higher=higher)
