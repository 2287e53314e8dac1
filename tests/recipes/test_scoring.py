"""Scores at their best rates: what is judged, and what the stored costs say."""

import doctest
import math

import pytest
import torch

from attnlab.recipes import scoring


def equal(query, key):
    return query.sum(-1, keepdim=True) * 0 + key.sum(-1)[:, None, :] * 0


def sure(query, key):
    return 1000 * query @ key.mT


def test_a_guess_costs_what_it_should():
    random = torch.Generator().manual_seed(0)
    assert scoring.by_values(equal, random, 20_000).item() == pytest.approx(0.75, abs=0.02)
    assert scoring.by_weights(equal, random, 7).item() == pytest.approx(math.log(4))


def test_the_right_weights_cost_nothing_unless_labels_are_noisy():
    random = torch.Generator().manual_seed(0)
    assert scoring.by_values(sure, random, 50).item() == pytest.approx(0, abs=1e-9)
    assert scoring.by_weights(sure, random, 50).item() == 0
    soft = math.log(0.8 / (0.2 / 3))
    cost = scoring.by_noisy_labels(lambda query, key: soft * query @ key.mT, random, 50_000)
    assert cost.item() == pytest.approx(-0.8 * math.log(0.8) - 0.2 * math.log(0.2 / 3), abs=0.01)


def test_the_divided_score_is_the_other_divided():
    query, key, w_query, w_key = (
        torch.randn(size, generator=torch.Generator().manual_seed(size[0]))
        for size in [(2, 1, 3), (2, 5, 3), (3, 7), (3, 7)]
    )
    plain = scoring.by_dot(query, key, w_query, w_key, torch.zeros(7))
    divided = scoring.by_scaled_dot(query, key, w_query, w_key, torch.zeros(7))
    torch.testing.assert_close(divided, plain / math.sqrt(7))


def test_a_smaller_start_and_smaller_steps_are_the_division():
    torch.set_num_threads(1)
    smaller = 16**-0.25
    rescued = scoring.reached("values", "dot", 16, 0.01 * smaller, 0, start=smaller)
    divided = scoring.reached("values", "dot / √d", 16, 0.01, 0)
    assert rescued == pytest.approx(divided, rel=0.05)
    assert scoring.reached("values", "dot", 16, 0.01, 0) != pytest.approx(divided, rel=0.05)


def test_what_is_unknown_is_named():
    with pytest.raises(ValueError, match="judge is 'me': take one of 'values', 'weights'"):
        scoring.reached("me", "dot", 4, 0.1, 0)
    with pytest.raises(ValueError, match="score is 'cosine': take one of 'additive'"):
        scoring.reached("values", "cosine", 4, 0.1, 0)
    with pytest.raises(ValueError, match="search is 'luck': take one of 'Adam'"):
        scoring.reached("values", "dot", 4, 0.1, 0, search="luck")
    with pytest.raises(ValueError, match=r"no costs are stored of .*'d': 5"):
        scoring.at_best_lr("values", "dot", 5)


def test_the_stored_costs_are_those_of_the_conditions():
    rows = scoring.scorings()
    assert [{**row, "costs": None} for row in rows] == [
        {**made, "costs": None} for made in scoring.conditions()
    ]
    assert all(len(row["costs"]) == len(scoring.SEEDS) for row in rows)
    assert all(cost >= 0 for row in rows for cost in row["costs"])


def test_a_stored_cost_is_what_training_reaches():
    torch.set_num_threads(1)
    row = scoring.at_best_lr("values", "dot / √d", 16)
    assert scoring.reached("values", "dot / √d", 16, row["lr"], 0) < 0.01 > row["costs"][0]


def test_without_the_root_most_seeds_miss_in_many_dimensions():
    missed = {
        score: sum(cost > 0.05 for cost in scoring.at_best_lr("values", score, 512)["costs"])
        for score in scoring.SCORES
    }
    assert missed["dot"] > 5
    assert missed["additive"] == missed["dot / √d"] == 0


def test_the_examples():
    result = doctest.testmod(scoring)
    assert result.attempted > 0
    assert result.failed == 0
