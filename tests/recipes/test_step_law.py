"""The law of a step: by hand, at its limits, and against what was published."""

import doctest

import pytest

from attnlab.recipes import step_law
from attnlab.recipes.step_law import (
    A100,
    COUNTS,
    PUBLISHED,
    Cluster,
    all_reduce_seconds,
    fitted,
    language_model_step,
    measured,
    ring_of,
    ring_seconds,
    step_of,
    step_seconds,
)


def test_a_ring_by_hand():
    # 3 processes: 4 messages of 10 bytes, each 2 seconds of latency and 10 / 5 on the way.
    assert ring_seconds(30, 3, 5, 2) == 4 * (2 + 2)
    assert ring_seconds(30, 1, 5, 2) == 0
    assert ring_seconds(1e9, 10_000, 1e9) == pytest.approx(2, rel=1e-3), "twice, for any number"


def test_servers_by_hand():
    cluster = Cluster(flops=1, inside=100, between=10, latency=0, server=4)
    assert all_reduce_seconds(400, 4, cluster) == ring_seconds(400, 4, 100)
    # 8 in two servers: inside 2 * 3 * 400 / (4 * 100), between 2 * 1 * 100 / (2 * 10)
    assert all_reduce_seconds(400, 8, cluster) == 6 + 10


def test_nothing_is_won_by_hiding_more_than_there_is():
    assert step_seconds(3, 2) == 5
    assert step_seconds(3, 2, 1) == 4
    assert step_seconds(3, 2, 9) == 3


@pytest.mark.parametrize("published", PUBLISHED, ids=lambda each: each.what)
def test_what_was_published_lies_between_no_overlap_and_full_overlap(published):
    low, high = published.without_overlap, published.with_overlap
    assert 0.5 < low < published.reached < high <= 1
    assert high - low < 0.25, "or it would say nothing"


def test_a_batch_that_is_shared_gains_nothing_in_the_end_and_one_that_grows_does():
    model = {"parameters": 124e6, "tokens": 2**19, "cluster": A100}
    shared = [language_model_step(p, grows=False, **model) for p in (8, 16, 512, 1024)]
    assert shared[1] == pytest.approx(shared[0] / 2)
    assert shared[3] > shared[2] > shared[0] / 64
    growing = [language_model_step(p, grows=True, **model) for p in (1, 1024)]
    assert growing[0] == growing[1]


def test_the_fit_finds_latency_and_bandwidth_again():
    times = [(size, ring_seconds(size, 2, 1.5e9, 3e-5)) for size in (64, 4096, 1e6, 1.6e7)]
    assert fitted(times, 2) == pytest.approx((3e-5, 1.5e9))


@pytest.mark.parametrize(("times", "processes"), [([(1, 1)], 2), ([(1, 1), (2, 2)], 1)])
def test_too_little_to_fit_is_named(times, processes):
    with pytest.raises(ValueError, match="at least two sizes, and at least two processes"):
        fitted(times, processes)


def test_the_stored_times_are_of_as_many_rows_and_sizes_in_each_count_of_processes():
    for processes in COUNTS:
        rows = measured()[str(processes)]["step_times"]
        assert [(row["width"], row["grows"]) for row in rows] == [
            (128, False),
            (128, True),
            (512, False),
            (512, True),
        ]
        assert all(row["processes"] == processes and 0 < row["compute"] < 5 for row in rows)
    assert step_of(4, 512, grows=True)["rows"] == 4 * step_of(1, 512)["rows"]


def test_the_stored_ring_has_a_latency_and_a_bandwidth_of_a_real_machine():
    for processes in (2, 4):
        latency, bandwidth = ring_of(processes)
        assert 1e-6 < latency < 1e-2
        assert 1e8 < bandwidth < 1e11


def test_the_examples_in_the_docstrings():
    result = doctest.testmod(step_law)
    assert result.attempted > 5
    assert result.failed == 0
