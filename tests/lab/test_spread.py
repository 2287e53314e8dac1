"""The spread of scores: the numbers of the browser are those of the core and of theory."""

import doctest

import numpy as np
import pytest
import torch

from attnlab.lab import ScoreSpread, score_spread
from attnlab.lab.widgets import spread
from node import javascript, traits


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    with javascript("spread.js", tmp_path_factory.mktemp("spread")) as answers:
        yield answers


def normal(queries=20, keys=10, length=64, seed=0):
    random = np.random.default_rng(seed)
    return random.normal(size=(queries, length)), random.normal(size=(queries, keys, length))


def test_two_queries_with_two_keys_by_hand(ask):
    # With d = 2 the products are 3 and 1 for the first query, -1 and 1 for the second.
    query = [[1, 2, 9.0], [1, 0, 9]]
    key = [[[1, 1, 9.0], [1, 0, 9]], [[-1, 5, 9], [1, 5, 9]]]
    figure = ScoreSpread(query, key)
    assert figure.powers == 1
    assert figure.scores.tolist() == [[3, 1], [-1, 1]]
    (mean, variance, theory, largest), counts, _ = figure.result
    assert (mean, variance, theory) == (1, 2, 2)
    both = 1 / (1 + np.exp(-2))
    assert largest == pytest.approx(both)
    # In deviations: 2.12, 0.71, -0.71 and 0.71, in bins of a third.
    assert {place: count for place, count in enumerate(counts) if count} == {9: 1, 14: 2, 18: 1}
    (answer,) = ask([["compute", traits(figure)]])
    assert answer["weights"] == [pytest.approx([both, 1 - both]), pytest.approx([1 - both, both])]
    assert answer["counts"] == counts


@pytest.mark.parametrize("divide", [False, True])
def test_the_browser_agrees_with_the_core_at_every_length(ask, divide):
    figures = [ScoreSpread(*normal(), power=power, divide=divide) for power in range(1, 7)]
    for figure, answer in zip(figures, ask([["compute", traits(f)] for f in figures]), strict=True):
        assert answer["state"] == {"power": figure.power, "divide": divide}
        summary, counts, largest = answer["result"]
        expected = figure.result
        np.testing.assert_allclose(summary, expected[0], rtol=1e-9, atol=1e-9)
        assert counts == expected[1]
        np.testing.assert_allclose(largest, expected[2], rtol=0, atol=1e-9)
        np.testing.assert_allclose(answer["scores"], figure.scores, rtol=1e-12)


def test_scores_are_dot_products_of_the_first_numbers():
    query, key = normal(3, 5, 40)
    figure = ScoreSpread(query, key, power=4)
    assert figure.powers == 5
    expected = [[query[i, :16] @ key[i, j, :16] for j in range(5)] for i in range(3)]
    np.testing.assert_allclose(figure.scores, expected)
    figure.divide = True
    np.testing.assert_allclose(figure.scores, np.array(expected) / 4)


def test_measured_is_near_theory_for_every_length():
    figure = ScoreSpread(*normal(300, 10, 128))
    for power in range(1, 8):
        figure.power = power
        (mean, variance, theory, _), counts, _ = figure.result
        assert abs(mean) < 0.1 * theory**0.5
        assert 0.8 < variance / theory < 1.2
        assert sum(counts) > 2950


def test_the_histogram_leaves_out_what_lies_beyond_and_counts_edges_once(ask):
    (counts,) = ask([["histogram", [-4.0, 0, 3.999, 4, -5, 1e9], 1]])
    assert {place: count for place, count in enumerate(counts) if count} == {0: 1, 12: 1, 23: 1}


def test_dividing_moves_no_pair_to_another_bin():
    figure = ScoreSpread(*normal(), power=6)
    counts = figure.result[1]
    figure.divide = True
    assert figure.result[1] == counts
    assert figure.result[0][2] == 1


def test_one_thousand_pairs_are_sent_in_little_room():
    figure = ScoreSpread(*normal(128, 10, 512))
    assert figure.products.shape == (1, 9, 128, 10)
    assert figure.products.nbytes * 4 / 3 < 300e3


def test_controls_are_tied_and_reach_both_ends():
    live = score_spread(*normal(), power=3)
    number, box = live.children[0].children
    slider = number.children[1]
    assert (slider.min, slider.max, slider.value) == (1, 6, 3)
    assert not box.value
    assert repr(live) == "Live spread of scores, 20 queries by 10 keys, d up to 64"
    assert live.figure.cells == (20, 10)


def test_tensors_are_taken():
    query, key = normal()
    tensors = ScoreSpread(torch.tensor(query), torch.tensor(key))
    assert tensors.result == ScoreSpread(query, key).result


@pytest.mark.parametrize(
    ("query", "key", "traits", "said"),
    [
        ((3, 4), (2, 5, 4), {}, "query has 3 vectors of length 4, and key 2 rows"),
        ((3, 4), (3, 5, 6), {}, "vectors of length 6"),
        ((3, 4), (2, 3, 5, 4), {}, "give .query, d_k. and"),
        ((2, 3, 4), (3, 5, 4), {}, "query has shape"),
        ((3, 1), (3, 5, 1), {}, "at least 2 numbers"),
        ((3, 4), (3, 5, 4), {"power": 3}, "power is 3, and must be from 1 to 2"),
        ((3, 4), (3, 5, 4), {"power": 0}, "power is 0"),
        ((3, 4), (3, 5, 4), {"focus": [3, 0]}, r"focus is \[3, 0\]"),
    ],
)
def test_what_does_not_fit_is_named(query, key, traits, said):
    with pytest.raises(ValueError, match=said):
        ScoreSpread(np.ones(query), np.ones(key), **traits)


def test_unknown_arguments_are_named():
    with pytest.raises(TypeError, match="'scale'"):
        score_spread(*normal(), scale=2)


@pytest.mark.parametrize("settings", [{}, {"power": 6}, {"divide": True, "focus": [3, 2]}])
def test_the_picture_is_a_png(settings):
    figure = ScoreSpread(*normal(), **settings)
    assert figure.png().startswith(b"\x89PNG")
    assert figure.png() == figure.png()


def test_the_example_in_the_docstring():
    result = doctest.testmod(spread, extraglobs={"np": np})
    assert result.attempted > 0
    assert result.failed == 0
