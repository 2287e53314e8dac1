"""Other correct ways to write the exercises of chapter 6: no false alarm, and true answers."""

import math

import numpy as np
import pytest
import torch

from attnlab import attention, edges, softmax, window
from attnlab.check.catalogue import named
from attnlab.check.judging import judge

tensor = torch.from_numpy


def causal_by_loop(query, key):
    return [[bool(j <= i) for j in key] for i in query]


def causal_by_filling(query, key):
    mask = np.zeros((len(query), len(key)), dtype=bool)
    for row, position in enumerate(query):
        mask[row, key <= position] = True
    return mask


def padding_by_loop(lengths, key):
    mask = np.zeros((len(lengths), 1, len(key)), dtype=bool)
    for sentence, length in enumerate(lengths):
        for place, position in enumerate(key):
            mask[sentence, 0, place] = position < length
    return mask


def padding_by_lists(lengths, key):
    return [[[bool(position < length) for position in key]] for length in lengths]


def window_by_loop(query, key, reach):
    return [[bool(abs(i - j) <= reach) for j in key] for i in query]


def window_by_two_sides(query, key, reach):
    i, j = np.meshgrid(query, key, indexing="ij")
    return np.logical_and(j - i <= reach, i - j <= reach)


def masked_by_loop(query, key, value, mask):
    rows = []
    for one, allowed in zip(query, mask, strict=True):
        if not allowed.any():
            rows.append(np.zeros(value.shape[1]))
            continue
        scores = key[allowed] @ one / math.sqrt(len(one))
        e = np.exp(scores - scores.max())
        rows.append(e / e.sum() @ value[allowed])
    return rows


def masked_by_torch(query, key, value, mask):
    query, key, value, mask = map(tensor, (query, key, value, mask))
    scores = (query @ key.T / query.shape[1] ** 0.5).masked_fill(~mask, -torch.inf)
    return scores.softmax(dim=-1).nan_to_num(0.0) @ value


def masked_by_einsum(query, key, value, mask):
    scores = np.einsum("qd,kd->qk", query, key) / query.shape[1] ** 0.5
    weights = tensor(np.where(mask, scores, -np.inf)).softmax(dim=-1).nan_to_num(0.0)
    return np.einsum("qk,kv->qv", weights, value)


def masked_by_numpy_masks(query, key, value, mask):
    scores = np.ma.masked_array(query @ key.T / query.shape[1] ** 0.5, ~mask)
    e = np.ma.exp(scores - scores.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True)).filled(0) @ value


def masked_and_emptied(query, key, value, mask):
    scores = np.where(mask, query @ key.T / query.shape[1] ** 0.5, -1e300)
    scores -= scores.max(axis=1, keepdims=True)
    weights = np.exp(scores) * mask  # an empty row is zeroed here, and only here
    return weights @ value / np.maximum(weights.sum(axis=1, keepdims=True), 1e-300)


def masked_in_single_precision(*arrays):
    query, key, value = (array.astype(np.float32) for array in arrays[:3])
    return masked_by_loop(query, key, value, arrays[3])


def masked_by_logarithms(query, key, value, mask):
    scores = np.where(mask, query @ key.T / query.shape[1] ** 0.5, -np.inf)
    total = np.logaddexp.reduce(scores, axis=1, keepdims=True)
    return np.exp(scores - np.where(total == -np.inf, 0, total)) @ value


def masked_with_a_small_number(query, key, value, mask):
    scores = np.where(mask, query @ key.T / query.shape[1] ** 0.5, -np.inf)
    e = np.exp(scores - np.maximum(scores.max(axis=1, keepdims=True), -1e300))
    return e / (e.sum(axis=1, keepdims=True) + 1e-9) @ value


WAYS = {
    "causal_mask": [
        causal_by_loop,
        causal_by_filling,
        lambda query, key: np.less_equal.outer(key, query).T,
        lambda query, key: np.subtract.outer(query, key) >= 0,
        lambda query, key: tensor(key)[None] <= tensor(query)[:, None],
        lambda query, key: ~(query.reshape(-1, 1) < key),
    ],
    "padding_mask": [
        padding_by_loop,
        padding_by_lists,
        lambda lengths, key: key < lengths[:, None, None],
        lambda lengths, key: ~(key[None] >= lengths[:, None])[:, np.newaxis],
        lambda lengths, key: (tensor(key) < tensor(lengths)[:, None]).unsqueeze(1),
        lambda lengths, key: np.expand_dims(np.greater.outer(lengths, key), 1),
    ],
    "window_mask": [
        window_by_loop,
        window_by_two_sides,
        lambda query, key, reach: np.abs(np.subtract.outer(query, key)) <= reach,
        lambda query, key, reach: (tensor(query)[:, None] - tensor(key)).abs() <= reach,
        lambda query, key, reach: (query[:, None] - key) ** 2 <= reach**2,
    ],
    "masked_attention": [
        masked_by_loop,
        masked_by_torch,
        masked_by_einsum,
        masked_by_numpy_masks,
        masked_and_emptied,
        masked_in_single_precision,
        masked_by_logarithms,
        masked_with_a_small_number,
    ],
}


@pytest.mark.parametrize(
    ("name", "way"), [(name, way) for name, ways in WAYS.items() for way in ways]
)
def test_another_correct_way_is_right(name, way):
    verdict = judge(named(name), way)
    assert verdict.state == "right", verdict


def test_how_far_a_change_goes_is_measured():
    adjacency, n = np.zeros((6, 6)), np.arange(6)
    for a, b in [(0, 1), (1, 2), (2, 3), (3, 5), (4, 5)]:
        adjacency[a, b] = adjacency[b, a] = 1
    joined = edges(adjacency) | window(n, n, 0)
    x, other = np.random.default_rng(0).normal(size=(2, 6, 4))
    before, after = x, np.where(n[:, None] == 5, other, x)
    moved = []
    while len(moved) < 3:
        before, after = (
            words + attention(words, words, words, joined) for words in (before, after)
        )
        moved.append(np.any(before != after, axis=1))
    until_cat = [row[1] for row in moved].index(True) + 1
    assert named("how_far").answer == [moved[0].sum(), moved[1].sum(), until_cat]


def test_the_weights_that_are_asked_for_are_those_of_the_package():
    keys, query = np.array([[0.0, 0, 1, 1, 0, 3]]).T, np.array([[2.0]])
    mat = softmax(query @ keys.T)[0, 5]
    assert named("mat_in_head_where").answer == pytest.approx(mat, abs=5e-4)
    row = softmax(np.array([2.0, 1.0, 0.0]), np.array([True, True, False]))
    assert named("one_forbidden").answer == pytest.approx(row, abs=5e-4)
