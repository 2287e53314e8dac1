"""Chapters 2 and 5: what students tried is called by what it is, and by nothing untrue."""

import math

import numpy as np
import pytest

from attnlab.check.answering import judge_answer
from attnlab.check.catalogue import named
from attnlab.check.judging import judge


def scaled(query, key):
    return query @ key.T / math.sqrt(query.shape[1])


def shared(scores):
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def layer(guarded, axis):
    def mine(x, w_query, w_key, w_value, w_output, heads):
        outputs = []
        for columns in np.split(np.arange(x.shape[1]), heads):
            query, key, value = (x @ w[:, columns] for w in (w_query, w_key, w_value))
            scores = scaled(query, key)
            e = np.exp(scores - (scores.max(axis=axis, keepdims=True) if axis != "none" else 0))
            total = e.sum(axis=1, keepdims=True)
            outputs.append(e / np.where(guarded & (total == 0), 1, total) @ value)
        return np.hstack(outputs) @ w_output

    return mine


@pytest.mark.parametrize(
    ("guarded", "axis", "name", "words"),
    [
        (True, None, "one maximum for all rows", "it gets 0: all its exponentials"),
        (False, None, "one maximum for all rows", "it gets NaN: all its exponentials"),
        (True, "none", "overflows", "exp of a large score is infinite"),
        (False, "none", "overflows", "exp of a large score is infinite"),
        (True, 1, None, "right."),
    ],
)
def test_one_maximum_is_not_taken_for_none(guarded, axis, name, words):
    verdict = judge(named("multi_head"), layer(guarded, axis))
    assert verdict.name == name
    assert words in " ".join(str(verdict).split())


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (0.9725, "one word of score 2"),
        (0.97, "one word of score 2"),
        (0.9749, "one word of score 2"),
        (0.982, "mat and one other word"),
        (0.98, "mat and one other word"),
        (0.988, "the other words count 1 each"),
        (0.99, "the other words count 1 each"),
        (0.9647, "scores of 0 left out"),
        (0.96, None),
        (0.9578, None),
    ],
)
def test_the_share_of_mat_is_told_apart(answer, name):
    verdict = judge_answer(named("mat_in_head_where"), answer)
    assert (verdict.name, verdict.state == "right") == (name, name is None)


def test_three_numbers_of_heads_are_not_taken_for_powers_of_two():
    assert "Did you" in str(judge_answer(named("heads_that_fit"), 3))


def test_two_things_in_place_of_one():
    def mine(x, w_query, w_key, w_value):
        weights = shared(scaled(x @ w_query, x @ w_key))
        return weights @ (x @ w_value), weights

    verdict = judge(named("self_attention"), mine)
    assert verdict.name == "weights as well"
    assert "make one array" not in str(verdict)
