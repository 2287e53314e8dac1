"""The ring of processes: its JavaScript, run by node, held to the core; its Python; bad input."""

import doctest

import numpy as np
import pytest

from attnlab import ring_steps
from attnlab.lab import RingAllReduce, ring_all_reduce
from attnlab.lab.widgets import ring
from node import javascript, traits


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    with javascript("ring.js", tmp_path_factory.mktemp("ring")) as answers:
        yield answers


def drawn(count, seed):
    return np.random.default_rng(seed).normal(size=(count, count)).round(3)


@pytest.mark.parametrize("processes", range(2, 9))
def test_the_browser_shows_the_sums_of_the_core_at_every_step(ask, processes):
    figure = RingAllReduce(drawn(8, processes), processes=processes)
    places = range(2 * (processes - 1) + 1)
    answers = ask([["compute", traits(figure) | {"step": step}] for step in places])
    for step, answer in enumerate(answers):
        figure.step = step
        held, counts, sent = answer["result"]
        np.testing.assert_allclose(held, figure.held, atol=1e-12)
        np.testing.assert_array_equal(counts, figure.counts)
        np.testing.assert_allclose(sent, figure.sent)
        assert answer["state"] == {"processes": processes, "step": step}
    np.testing.assert_allclose(
        held, np.tile(figure.gradients[:processes, :processes].sum(0), (processes, 1))
    )


def test_whose_numbers_are_in_a_sum(ask):
    figure = RingAllReduce(drawn(5, 1), processes=5)
    answers = ask([["compute", traits(figure) | {"step": step}] for step in range(9)])
    for answer in answers:
        for process, row in enumerate(answer["now"]["from"]):
            for chunk, whose in enumerate(row):
                assert len(set(whose)) == len(whose) == answer["counts"][process][chunk]
                total = sum(figure.gradients[each, chunk] for each in whose)
                assert answer["now"]["held"][process][chunk] == pytest.approx(total)


def test_each_sends_one_chunk_a_step_and_all_together_the_least_there_is(ask):
    (answer,) = ask([["compute", traits(RingAllReduce(processes=6, step=10))]])
    assert all(len(step["sent"]) == 6 for step in answer["steps"][1:])
    for step in answer["steps"][1:]:
        assert sorted(each["left"] for each in step["sent"]) == list(range(6))
        assert all(each["right"] == (each["left"] + 1) % 6 for each in step["sent"])
    assert answer["sent"] == [pytest.approx(2 * 5 / 6), 5, 5]


@pytest.mark.parametrize(
    ("bytes_", "words"),
    [
        (0, "0 bytes"),
        (48, "48 bytes"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (496e6, "496 MB"),
        (1.488e9, "1.49 GB"),
        (2.5e12, "2.5 TB"),
    ],
)
def test_amounts(ask, bytes_, words):
    assert ask([["amount", bytes_]]) == [words]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (0, "Each of 4 processes holds its own gradient, in 4 chunks. Nothing has been sent."),
        (
            3,
            "Step 3 of 6, reduce-scatter: 4 of 16 sums are complete. Each process has sent 372 MB.",
        ),
        (
            6,
            "Step 6 of 6, all-gather: 16 of 16 sums are complete. Each process has sent 744 MB, "
            "and divides by 4: now all have the mean gradient.",
        ),
    ],
)
def test_the_sentence(ask, step, words):
    (shown,) = ask([["compute", traits(RingAllReduce(step=step))]])
    assert ask([["ringSentence", shown]]) == [words]


def test_the_sum_in_a_cell_by_hand(ask):
    # Chunk b of 3 processes: process 1 sends it first, so process 0 has the whole after two steps.
    numbers = [[1, 2, 3], [4, 5, 6], [7, -8, 9]]
    shown = ask([["compute", traits(RingAllReduce(numbers, step=step))] for step in range(5)])
    first, second, last = shown[1], shown[2], shown[4]
    assert ask(
        [
            ["cellLines", first, [2, 1]],
            ["cellLines", second, [0, 1]],
            ["cellLines", second, [1, 1]],
            ["cellLines", last, [1, 1]],
        ]
    ) == [
        [
            ["holds", "5 + (−8) = −3"],
            ["from", "processes 1 and 2"],
            ["still missing", "process 0"],
            ["next", "step 2: sends it to process 0"],
        ],
        [
            ["holds", "5 + (−8) + 2 = −1"],
            ["from", "processes 1, 2 and 0"],
            ["still missing", "none: the sum is complete"],
            ["next", "step 3: sends it to process 1"],
        ],
        [
            ["holds", "5"],
            ["from", "process 1"],
            ["still missing", "processes 0 and 2"],
            ["next", "step 3: replaces it by that of process 0"],
        ],
        [
            ["holds", "5 + (−8) + 2 = −1"],
            ["from", "processes 1, 2 and 0"],
            ["still missing", "none: the sum is complete"],
            ["next", "divide by 3"],
        ],
    ]


def test_the_steps_follow_the_processes():
    figure = RingAllReduce(processes=8, step=14, focus=[7, 2])
    assert (figure.last, figure.at) == (14, 14)
    figure.processes = 3
    assert (figure.last, figure.at, figure.step, figure.focus) == (4, 4, 14, [])
    np.testing.assert_array_equal(figure.held, ring_steps(figure.gradients[:3, :3])[-1])
    live = ring_all_reduce(processes=5)
    assert [each["trait"] for each in live.figure.settings] == ["processes", "step"]
    assert (live.figure.settings[0]["low"], live.figure.settings[0]["high"]) == (2, 8)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"gradients": [1, 2]}, r"gradients has shape \(2,\), and needs \(process, chunk\)"),
        ({"gradients": np.ones((2, 3))}, "2 processes and 3 chunks: give each process 2 numbers"),
        ({"gradients": np.ones((9, 9))}, "9 processes, and the figure shows 2 to 8"),
        ({"gradients": [[1, np.nan], [1, 2]]}, "gradients holds nan"),
        ({"processes": 9}, "processes is 9, and must be from 2 to 8"),
        ({"gradients": np.ones((3, 3)), "processes": 4}, "processes is 4, .* from 2 to 3"),
        ({"step": 15}, "step is 15, and must be from 0 to 14"),
        ({"parameters": 0}, "parameters is 0, and must be at least 1"),
        ({"focus": [4, 0]}, r"focus is \[4, 0\], .* within \[4, 4\]"),
        ({"controls": ["speed"]}, r"controls has \['speed'\], and knows only"),
    ],
)
def test_bad_input_is_named(arguments, words):
    with pytest.raises(ValueError, match=words):
        ring_all_reduce(**arguments)


def test_viewers_without_widgets_get_a_picture_and_a_line():
    live = ring_all_reduce(processes=3, step=2)
    assert repr(live) == "Live ring of 3 processes, step 2 of 4"
    before = live.figure.png()
    assert before.startswith(b"\x89PNG")
    assert live.figure.png() == before
    live.figure.step = 3
    assert live.figure.png() != before


def test_the_example_in_the_docstring():
    result = doctest.testmod(ring)
    assert result.attempted > 0
    assert result.failed == 0
