"""Chapter 2: other correct ways to write the exercises, and other right answers: no false alarm."""

import math

import numpy as np
import pytest
import torch

from attnlab import attention
from attnlab.check.answering import judge_answer
from attnlab.check.catalogue import named
from attnlab.check.judging import judge

tensor = torch.from_numpy
# The matrices of the chapter: rows are who, where, what and link.
W_QUERY = np.array([[0, 1], [1, 0], [0, 0], [-1, 2.0]])
W_KEY = np.array([[1, 0], [0, 1], [0, 0], [0, 0.0]])


def project_by_loop(x, *matrices):
    found = []
    for matrix in matrices:
        rows = np.zeros((len(x), matrix.shape[1]))
        for word in range(len(x)):
            for place in range(matrix.shape[1]):
                rows[word, place] = sum(
                    a * b for a, b in zip(x[word], matrix[:, place], strict=True)
                )
        found.append(rows)
    return found


def project_in_one_product(x, w_query, w_key, w_value):
    all_three = x @ np.hstack([w_query, w_key, w_value])
    d_k = w_query.shape[1]
    return all_three[:, :d_k], all_three[:, d_k : 2 * d_k], all_three[:, 2 * d_k :]


def project_by_linear_layers(x, *matrices):
    return [torch.nn.functional.linear(tensor(x), tensor(matrix).T) for matrix in matrices]


def attend_by_loop(query, key, value):
    rows = []
    for one in query:
        e = [math.exp(one @ other / math.sqrt(len(one))) for other in key]
        rows.append(sum(share / sum(e) * part for share, part in zip(e, value, strict=True)))
    return np.array(rows)


def attend_by_vector(query, key, value):
    rows = []
    for one in query:
        scores = key @ one / np.sqrt(one.size)
        e = np.exp(scores - scores.max())
        rows.append(e @ value / e.sum())
    return rows


def attend_by_einsum(query, key, value):
    e = np.exp(np.einsum("id,jd->ij", query, key) * query.shape[1] ** -0.5)
    return np.einsum("ij,jd,i->id", e, value, 1 / e.sum(axis=-1))


def attend_by_columns(query, key, value):
    e = np.exp(key @ query.T / np.sqrt(key.shape[-1]))
    return (value.T @ (e / e.sum(axis=0))).T


def attend_by_torch(query, key, value):
    return torch.nn.functional.scaled_dot_product_attention(
        *(tensor(part)[None] for part in (query, key, value))
    )[0]


def attend_in_place(query, key, value):
    query = query / query.shape[1] ** 0.5
    weights = query @ key.T
    np.exp(weights, out=weights)
    weights /= weights.sum(1)[:, None]
    return weights @ value


ATTENDS = [
    attend_by_loop,
    attend_by_vector,
    attend_by_einsum,
    attend_by_columns,
    attend_by_torch,
    attend_in_place,
    attention,
]


def one_matrix(x, w_query, w_key, w_value):
    """The two matrices of the scores multiplied first."""
    e = np.exp(x @ (w_query @ w_key.T) @ x.T / math.sqrt(w_key.shape[1]))
    return e / e.sum(1, keepdims=True) @ x @ w_value


def of_itself(attend):
    return lambda x, w_query, w_key, w_value: attend(x @ w_query, x @ w_key, x @ w_value)


def of_another(attend):
    return lambda x, source, w_query, w_key, w_value: attend(
        x @ w_query, source @ w_key, source @ w_value
    )


@pytest.mark.parametrize("way", [project_by_loop, project_in_one_product, project_by_linear_layers])
def test_other_ways_to_project_are_right(way):
    verdict = judge(named("project"), way)
    assert verdict, verdict


@pytest.mark.parametrize("way", [*map(of_itself, ATTENDS), one_matrix])
def test_other_ways_of_self_attention_are_right(way):
    verdict = judge(named("self_attention"), way)
    assert verdict, verdict


@pytest.mark.parametrize("way", [*map(of_another, ATTENDS)])
def test_other_ways_of_cross_attention_are_right(way):
    verdict = judge(named("cross_attention"), way)
    assert verdict, verdict


@pytest.mark.parametrize("row", [[1, 0], [0.5, 0], (30, 0), np.array([2.0, 0.0])])
def test_the_articles_may_ask_as_loudly_as_they_like(row):
    mine = [W_QUERY[0], W_QUERY[1], row, W_QUERY[3]]
    assert judge_answer(named("articles_ask"), mine)


@pytest.mark.parametrize("seed", range(5))
def test_any_matrix_with_an_inverse_keeps_the_scores(seed):
    between = np.random.default_rng(seed).normal(size=(2, 2))
    pair = W_QUERY @ between, W_KEY @ np.linalg.inv(between).T
    assert judge_answer(named("same_scores"), pair)
    assert not judge_answer(named("same_scores"), (pair[0], W_KEY))
    if seed == 0:
        assert judge_answer(named("same_scores"), (-W_QUERY, -W_KEY))
        assert judge_answer(named("same_scores"), (W_QUERY[:, ::-1], W_KEY[:, ::-1]))
