"""The size of the state: what stores what, the bound that holds for all, the stored results."""

import doctest

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab.recipes import state_size


def test_the_sum_by_hand():
    key = np.array([[1.0, 0.0], [0.6, 0.8]])
    value = np.array([[10.0], [1.0]])
    np.testing.assert_allclose(state_size.by_sum(key, value), [[10.6], [7.0]])


def test_the_delta_rule_by_hand():
    key = np.array([[1.0, 0.0], [0.6, 0.8]])
    value = np.array([[10.0], [1.0]])  # the second pair meets an answer of 6: it writes -5 there
    np.testing.assert_allclose(state_size.by_delta_rule(key, value), [[7.0], [1.0]])


@pytest.mark.parametrize("d", [3, 8])
def test_the_best_matrix_is_exact_up_to_d_pairs_and_none_is_beyond(d):
    for seed in range(5):
        for count in (1, d - 1, d):
            assert state_size.recall_error("best matrix", count, d, seed=seed) < 1e-15
        assert state_size.recall_error("best matrix", d + 1, d, seed=seed) > 1e-3
        for store in ("sum", "delta rule", "best matrix"):
            error = state_size.recall_error(store, 4 * d, d, seed=seed)
            assert error > 0.5
            assert error >= state_size.recall_error("best matrix", 4 * d, d, seed=seed)
        assert state_size.recall_error("softmax", 4 * d, d, seed=seed) < 1e-3


def test_the_noise_of_the_sum_grows_with_the_pairs_by_d():
    errors = [state_size.recall_error("sum", 64, 16, seed=seed) for seed in range(20)]
    assert np.mean(errors) == pytest.approx(63 / 16, rel=0.1)


def test_keys_have_length_1():
    key, value = state_size.random_pairs(5, 3, seed=0)
    assert key.shape == value.shape == (5, 3)
    np.testing.assert_allclose(np.linalg.norm(key, axis=1), 1)


@given(st.integers(1, 4), st.integers(1, 9), st.integers(0, 99))
def test_nothing_with_d_features_recovers_more_than_d_of_the_names(d, names, seed):
    random = torch.Generator().manual_seed(seed)
    maps = [torch.randn(names, d, generator=random) for _ in range(2)]
    for reads in (state_size.read_matrix, state_size.linear_attention):
        assert state_size.recovered(reads, maps) <= d / names + 1e-5


def test_softmax_is_not_bound_by_d():
    angle = torch.arange(6) * torch.pi / 3
    circle = 30 * torch.stack([angle.cos(), angle.sin()], dim=-1)  # six names in two dimensions
    assert state_size.recovered(state_size.attention, [circle, circle]) > 0.999
    assert state_size.recovered(state_size.read_matrix, [circle / 90**0.5, circle / 90**0.5]) < 0.4


def test_what_is_unknown_is_named():
    with pytest.raises(ValueError, match="store is 'me': take one of 'sum', 'delta rule'"):
        state_size.recall_error("me", 3, 4, seed=0)
    with pytest.raises(ValueError, match=r"nothing is stored of .*'d': 5"):
        state_size.at_best_lr("matrix", 5, 1.0)


def test_the_stored_rows_are_those_of_the_settings():
    rows = state_size.state_size()
    names = list(state_size.SETTINGS[0])
    assert [{name: row[name] for name in names} for row in rows] == state_size.SETTINGS
    for row in rows:
        assert row["seeds"] == list(state_size.SEEDS)
        assert len(row["trained"]) == len(row["right"]) == len(state_size.SEEDS)


def test_the_knee_of_what_is_trained_stands_at_d_and_softmax_has_none():
    for d in state_size.DIMENSIONS:
        for load in state_size.LOADS:
            most = min(1.0, 1 / load)
            matrix = state_size.at_best_lr("matrix", d, load)["right"]
            assert all(most - 0.02 < share <= most + 0.001 for share in matrix)
            linear = state_size.at_best_lr("linear attention", d, load)["right"]
            assert max(linear) <= most + 0.001
            assert min(state_size.at_best_lr("softmax attention", d, load)["right"]) > 0.99


def test_a_stored_share_is_what_training_reaches():
    torch.set_num_threads(1)
    row = state_size.at_best_lr("matrix", 4, 2.0)
    setting = {name: row[name] for name in state_size.SETTINGS[0]}
    found = state_size.measure(seed=0, **setting)
    assert found["right"] == pytest.approx(row["right"][0], abs=0.01)


def test_the_examples():
    result = doctest.testmod(state_size)
    assert result.attempted > 0
    assert result.failed == 0
