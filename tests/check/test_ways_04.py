"""Chapter 4: other correct ways to write the exercises, and other right answers: no false alarm."""

import math
from functools import partial

import numpy as np
import pytest
import torch

from attnlab import additive, attention, dot, gaussian, scaled_dot, softmax
from attnlab.check.answering import judge_answer
from attnlab.check.catalogue import named
from attnlab.check.judging import judge

tensor = torch.from_numpy


def curve_by_loop(query, keys, values, bandwidth):
    curve = []
    for place in query:
        scores = [-((place - key) ** 2) / (2 * bandwidth**2) for key in keys]
        e = [math.exp(score - max(scores)) for score in scores]
        curve.append(sum(one * value for one, value in zip(e, values, strict=True)) / sum(e))
    return curve


def curve_by_the_package(query, keys, values, bandwidth):
    score = partial(gaussian, width=bandwidth)
    return attention(query[:, None], keys[:, None], values[:, None], score=score).ravel()


def curve_by_outer(query, keys, values, bandwidth):
    steps = np.subtract.outer(query, keys) / bandwidth
    weights = softmax(-0.5 * steps * steps)
    return np.einsum("qk,k->q", weights, values)


def curve_by_torch(query, keys, values, bandwidth):
    gaps = torch.cdist(tensor(query)[:, None], tensor(keys)[:, None])
    return torch.softmax(-gaps.square() / (2 * bandwidth**2), dim=-1) @ tensor(values)


def curve_by_temperature(query, keys, values, bandwidth):
    scores = gaussian(query[:, None], keys[:, None])
    return softmax(scores, temperature=bandwidth**2) @ values


def scores_by_loop(query, key):
    return [
        [[one @ other / math.sqrt(len(one)) for other in keys] for one in queries]
        for queries, keys in zip(query, key, strict=True)
    ]


def scores_in_place(query, key):
    query = query.copy()
    query /= math.sqrt(query.shape[-1])
    return np.matmul(query, np.transpose(key, (0, 2, 1)))


SCORES = [
    scores_by_loop,
    scores_in_place,
    scaled_dot,
    lambda query, key: np.einsum("bqd,bkd->bqk", query, key) / key.shape[2] ** 0.5,
    lambda query, key: tensor(query) @ tensor(key).transpose(1, 2) / math.sqrt(key.shape[-1]),
    lambda query, key: torch.bmm(tensor(query), tensor(key).mT) / len(query[0, 0]) ** 0.5,
    lambda query, key: dot(query / query.shape[2] ** 0.25, key / key.shape[2] ** 0.25),
    lambda query, key: np.swapaxes(key @ query.swapaxes(1, 2), 1, 2) / np.sqrt(query.shape[-1]),
]


def additive_by_loop(query, key, w_query, w_key, w_value):
    scores = np.zeros((len(query), len(key)))
    for i, one in enumerate(query):
        for j, other in enumerate(key):
            scores[i, j] = np.tanh(one @ w_query + other @ w_key) @ w_value
    return scores


def additive_by_perceptron(query, key, w_query, w_key, w_value):
    stacked = np.vstack([w_query, w_key])
    return [[np.tanh(np.hstack([q, k]) @ stacked) @ w_value for k in key] for q in query]


def additive_by_torch(query, key, w_query, w_key, w_value):
    query, key = tensor(query @ w_query), tensor(key @ w_key)
    hidden = torch.tanh(query.unsqueeze(1) + key.unsqueeze(0))
    return (hidden * tensor(w_value)).sum(dim=-1)


def additive_by_einsum(query, key, w_query, w_key, w_value):
    sums = np.add.outer(query @ w_query, np.zeros(len(key))).swapaxes(1, 2) + key @ w_key
    return np.einsum("qkh,h->qk", np.tanh(sums), w_value)


def additive_by_exponentials(query, key, w_query, w_key, w_value):
    e = np.exp(2 * ((query @ w_query)[:, None] + key @ w_key))
    return (e - 1) / (e + 1) @ w_value


@pytest.mark.parametrize(
    "way",
    [
        curve_by_loop,
        curve_by_the_package,
        curve_by_outer,
        curve_by_torch,
        curve_by_temperature,
    ],
)
def test_other_ways_of_kernel_regression_are_right(way):
    verdict = judge(named("kernel_regression"), way)
    assert verdict, verdict


@pytest.mark.parametrize("way", SCORES)
def test_other_ways_of_scaled_scores_are_right(way):
    verdict = judge(named("scaled_scores"), way)
    assert verdict, verdict


@pytest.mark.parametrize(
    "way",
    [
        additive_by_loop,
        additive_by_perceptron,
        additive_by_torch,
        additive_by_einsum,
        additive_by_exponentials,
        additive,
    ],
)
def test_other_ways_of_additive_scores_are_right(way):
    verdict = judge(named("additive_scores"), way)
    assert verdict, verdict


def test_rounded_weights_are_right():
    assert judge_answer(named("bell_by_hand"), [0.27, 0.45, 0.27])
    assert judge_answer(named("bell_by_hand"), (0.274, 0.452, 0.274))
    assert judge_answer(named("bell_by_hand"), softmax(np.array([-0.5, 0, -0.5])))


@pytest.mark.parametrize("costs", [[1.39, 0.2], (1.413, 0.0547), torch.tensor([1.5, 0.05])])
def test_any_seed_will_do(costs):
    assert judge_answer(named("bias"), costs)
