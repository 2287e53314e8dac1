"""Chapter 6: what students tried is called by what it is, and by nothing untrue."""

import math

import numpy as np
import pytest
import torch

from attnlab.check.answering import judge_answer
from attnlab.check.catalogue import named
from attnlab.check.judging import judge


def scaled(query, key):
    return query @ key.T / math.sqrt(query.shape[1])


def shared(scores):
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def filled(number, emptied):
    def mine(query, key, value, mask):
        found = shared(np.where(mask, scaled(query, key), number)) @ value
        return found * mask.any(axis=1)[:, None] if emptied else found

    return mine


def added(number, emptied):
    def mine(query, key, value, mask):
        found = shared(scaled(query, key) + np.where(mask, 0, number)) @ value
        return found * mask.any(axis=1)[:, None] if emptied else found

    return mine


def zeroed_afterwards(query, key, value, mask):
    return (shared(np.where(mask, scaled(query, key), -1e9)) * mask) @ value


def one_maximum(query, key, value, mask):
    scores = np.where(mask, scaled(query, key), -np.inf)
    e = np.exp(scores - scores.max())
    total = e.sum(1, keepdims=True)
    total[total == 0] = 1
    return e / total @ value


def one_safe_maximum(query, key, value, mask):
    scores = np.where(mask, scaled(query, key), -np.inf)
    highest = scores.max()
    e = np.exp(scores - (highest if np.isfinite(highest) else 0))
    return e / np.where(mask.any(1, keepdims=True), e.sum(1, keepdims=True), 1) @ value


def with_a_small_number(small):
    def mine(query, key, value, mask):
        e = np.exp(scaled(query, key)) * mask
        return e / (e.sum(1, keepdims=True) + small) @ value

    return mine


def at_least(query, key, value, mask):
    e = np.exp(scaled(query, key)) * mask
    return e / np.maximum(e.sum(1, keepdims=True), 1e-300) @ value


def shared_twice(query, key, value, mask):
    e = shared(scaled(query, key)) * mask
    return e / (e.sum(1, keepdims=True) + 1e-12) @ value


def if_mask(query, key, value, mask):
    scores = scaled(query, key)
    if not mask:
        scores = -np.inf
    return shared(scores) @ value


@pytest.mark.parametrize("emptied", [False, True])
@pytest.mark.parametrize("way", [filled, added])
@pytest.mark.parametrize("number", [-100.0, -1e4, -1e9])
def test_a_low_number_is_not_minus_infinity(way, number, emptied):
    verdict = judge(named("masked_attention"), way(number, emptied))
    assert verdict.state == "right, but"
    if emptied:
        assert verdict.name == "not the lowest score"
        assert "the forbidden key gets all the weight" in str(verdict)


@pytest.mark.parametrize(
    ("mine", "name", "words"),
    [
        (zeroed_afterwards, "not the lowest score", "no weight at all"),
        (one_maximum, "one maximum for the whole table", "it gets 0: all its exponentials round"),
        (one_safe_maximum, "one maximum for the whole table", "it gets NaN: all its expon"),
        (with_a_small_number(1e-9), "overflows", "exp of a large score is infinite"),
        (with_a_small_number(1e-12), "overflows", "exp of a large score is infinite"),
        (at_least, "overflows", "exp of a large score is infinite"),
        (shared_twice, "zeroed, then shared again", "it gives 0: beside it the allowed ones"),
    ],
)
def test_what_is_right_but_gets_the_true_cause(mine, name, words):
    verdict = judge(named("masked_attention"), mine)
    assert (verdict.state, verdict.name) == ("right, but", name)
    assert words in " ".join(str(verdict).split())


def test_what_fills_an_empty_row_is_told_as_it_is():
    def mine(query, key, value, mask):
        right = named("masked_attention").reference(query, key, value, mask)
        return np.where(mask.any(axis=1, keepdims=True), right, 7.0)

    verdict = judge(named("masked_attention"), mine)
    assert "gets 7. Such a query reads nothing: zeros." in " ".join(str(verdict).split())


@pytest.mark.parametrize("way", [filled, added])
def test_minus_ten_is_named(way):
    verdict = judge(named("masked_attention"), way(-10.0, emptied=False))
    assert verdict.name in ("masked scores as −10", "10 taken off")
    assert "got 16.698, expected 16.698" not in str(verdict)


def window_on_both_sides(query, key, reach):
    return -reach <= query[:, None] - key <= reach


def window_by_if(query, key, reach):
    near = abs(query[:, None] - key)
    return near <= reach and near >= 0


def window_of_tensors(query, key, reach):
    return -reach <= torch.tensor(query)[:, None] - torch.tensor(key) <= reach


@pytest.mark.parametrize(
    ("name", "mine"),
    [
        ("masked_attention", if_mask),
        ("window_mask", window_on_both_sides),
        ("window_mask", window_by_if),
        ("window_mask", window_of_tensors),
        ("causal_mask", lambda query, key: [[1]] if key <= query[:, None] else [[0]]),
        ("padding_mask", lambda lengths, key: not key >= lengths[:, None]),
    ],
)
def test_a_question_to_a_whole_table_is_explained(name, mine):
    verdict = judge(named(name), mine)
    assert verdict.state == "raised an error"
    assert "a single yes or no" in str(verdict)


@pytest.mark.parametrize(
    ("name", "mine"),
    [
        ("causal_mask", lambda q, k: np.where(k <= q[:, None], 0.0, -np.inf)),
        ("padding_mask", lambda n, k: np.where(k < n[:, None, None], 0.0, -np.inf)),
        ("window_mask", lambda q, k, reach: np.where(abs(q[:, None] - k) <= reach, 0.0, -np.inf)),
        ("window_mask", lambda q, k, reach: (abs(q[:, None] - k) <= reach) * 1),
    ],
)
def test_a_table_of_numbers_gets_no_advice_that_fails(name, mine):
    verdict = judge(named(name), mine)
    assert verdict.state == "wrong type"
    assert "== 1" not in str(verdict)
    assert "> 0" not in str(verdict)


def first_places(lengths, key):
    mask = np.zeros((len(lengths), 1, len(key)), dtype=bool)
    for sentence, length in enumerate(lengths):
        mask[sentence, 0, :length] = True
    return mask


@pytest.mark.parametrize(
    "mine", [first_places, lambda n, key: np.arange(len(key)) < n[:, None, None]]
)
def test_the_positions_of_the_keys_matter_to_a_padding_mask(mine):
    verdict = judge(named("padding_mask"), mine)
    assert (verdict.state, verdict.name) == ("right, but", "place in the table for position")


def test_mat_need_not_be_what_was_left_out():
    assert "left out mat" not in str(judge_answer(named("how_far"), [2, 3, 4]))
