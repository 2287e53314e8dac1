import doctest
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnlab.training import schedule, warm_up_cosine, warm_up_root


def test_the_cosine_by_hand():
    shares = [warm_up_cosine(n, steps=8, warm_up=4, last=0.0) for n in range(1, 9)]
    root = math.sqrt(0.5)
    expected = [0.25, 0.5, 0.75, 1.0, (1 + root) / 2, 0.5, (1 - root) / 2, 0.0]
    assert shares == pytest.approx(expected, abs=1e-12)


@given(st.integers(1, 300), st.integers(0, 400), st.floats(0, 1))
def test_the_cosine_rises_then_falls_and_stays_within_its_bounds(steps, warm_up, last):
    shares = [warm_up_cosine(n, steps, warm_up, last) for n in range(1, steps + 1)]
    assert all(0 < share <= 1 or share == pytest.approx(last) for share in shares)
    top = min(max(warm_up, 1), steps)
    assert shares[:top] == sorted(shares[:top])
    assert shares[top - 1 :] == sorted(shares[top - 1 :], reverse=True)
    if steps > warm_up:
        assert shares[-1] == pytest.approx(last)


@pytest.mark.parametrize("number", [0, 8])
def test_a_step_outside_the_schedule_is_refused(number):
    with pytest.raises(ValueError, match=f"step is {number}, .* from 1 to steps, which is 7"):
        warm_up_cosine(number, steps=7)


def test_the_papers_schedule_by_hand():
    # Equation 3 with d_model 512 and 4,000 steps of warm-up.
    lr = (512 * 4000) ** -0.5
    for number, expected in {
        1: 1.7469e-7,
        1000: 1.7469e-4,
        4000: 6.9877e-4,
        100000: 1.3975e-4,
    }.items():
        assert lr * warm_up_root(number) == pytest.approx(expected, rel=1e-4)
        paper = 512**-0.5 * min(number**-0.5, number * 4000**-1.5)
        assert lr * warm_up_root(number) == pytest.approx(paper, rel=1e-12)


@given(st.integers(1, 500), st.integers(1, 10**6))
def test_the_papers_schedule_has_its_top_where_the_warm_up_ends(warm_up, number):
    assert warm_up_root(warm_up, warm_up) == 1.0
    share = warm_up_root(number, warm_up)
    assert 0.0 < share <= 1.0
    step = -1 if number > warm_up else 1
    assert (share < warm_up_root(number + step, warm_up)) or number == warm_up


@pytest.mark.parametrize(("number", "warm_up", "name"), [(0, 4, "step"), (3, 0, "warm_up")])
def test_a_step_before_the_first_and_no_warm_up_are_refused(number, warm_up, name):
    with pytest.raises(ValueError, match=f"{name} is 0, and must be at least 1"):
        warm_up_root(number, warm_up)


def test_the_examples_in_the_docstrings():
    result = doctest.testmod(schedule)
    assert result.attempted > 0
    assert result.failed == 0
