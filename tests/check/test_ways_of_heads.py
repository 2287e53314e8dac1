"""Other correct ways to write the exercises of chapter 5: no false alarm."""

import math

import numpy as np
import pytest
import torch

from attnlab import attention, join_heads, split_heads
from attnlab.check.catalogue import named
from attnlab.check.judging import judge
from attnlab.nn import MultiHeadAttention

tensor = torch.from_numpy


def split_by_loop(x, heads):
    d_k = x.shape[1] // heads
    return [x[:, head * d_k : (head + 1) * d_k] for head in range(heads)]


def split_by_single_numbers(x, heads):
    words, d_model = x.shape
    result = np.zeros((heads, words, d_model // heads))
    for word, feature in np.ndindex(words, d_model):
        head, place = divmod(feature, d_model // heads)
        result[head, word, place] = x[word, feature]
    return result


def split_by_columns(x, heads):
    return x.T.reshape(heads, -1, len(x)).transpose(0, 2, 1)


def join_by_loop(x):
    heads, words, d_k = x.shape
    result = np.empty((words, heads * d_k))
    for head in range(heads):
        result[:, head * d_k : (head + 1) * d_k] = x[head]
    return result


def join_by_words(x):
    return [np.ravel(x[:, word]) for word in range(x.shape[1])]


def layer_by_loop(x, w_query, w_key, w_value, w_output, heads):
    outputs = []
    for columns in np.split(np.arange(x.shape[1]), heads):
        query, key, value = (x @ w[:, columns] for w in (w_query, w_key, w_value))
        scores = query @ key.T / math.sqrt(len(columns))
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        outputs.append(e / e.sum(axis=1, keepdims=True) @ value)
    return np.hstack(outputs) @ w_output


def layer_by_sum(x, w_query, w_key, w_value, w_output, heads):
    total = np.zeros_like(x)  # each head through its own rows of w_output
    for rows in np.split(np.arange(x.shape[1]), heads):
        maps = (x @ w[:, rows] for w in (w_query, w_key, w_value))
        total += attention(*maps) @ w_output[rows]
    return total


def layer_by_einsum(x, w_query, w_key, w_value, w_output, heads):
    def cut(matrix):
        return matrix.reshape(len(matrix), heads, -1)

    query, key, value = (np.einsum("nd,dhk->hnk", x, cut(w)) for w in (w_query, w_key, w_value))
    scores = np.einsum("hqk,hnk->hqn", query, key) / query.shape[-1] ** 0.5
    weights = torch.softmax(tensor(scores), dim=-1).numpy()
    parts = np.einsum("hqn,hnk->qhk", weights, value)
    return np.einsum("qhk,hkd->qd", parts, w_output.reshape(heads, -1, x.shape[1]))


def layer_of_the_package(x, w_query, w_key, w_value, w_output, heads):
    layer = MultiHeadAttention(x.shape[1], heads, bias=False).double()
    maps = (layer.query, layer.key, layer.value, layer.output)
    for each, matrix in zip(maps, (w_query, w_key, w_value, w_output), strict=True):
        each.weight.data = tensor(matrix.T.copy())
    return layer(tensor(x)[None])[0]


def layer_of_pytorch(x, w_query, w_key, w_value, w_output, heads):
    layer = torch.nn.MultiheadAttention(x.shape[1], heads, bias=False).double()
    layer.in_proj_weight.data = tensor(np.vstack([w_query.T, w_key.T, w_value.T]))
    layer.out_proj.weight.data = tensor(w_output.T.copy())
    words = tensor(x)
    return layer(words, words, words)[0]


WAYS = {
    "split_heads": [
        split_by_loop,
        split_by_single_numbers,
        split_by_columns,
        split_heads,
        lambda x, heads: np.split(x, heads, axis=1),
        lambda x, heads: torch.stack(tensor(x).chunk(heads, dim=1)),
        lambda x, heads: np.einsum("nhk->hnk", x.reshape(len(x), heads, -1)),
        lambda x, heads: tensor(x).view(len(x), heads, -1).transpose(0, 1),
    ],
    "join_heads": [
        join_by_loop,
        join_by_words,
        join_heads,
        lambda x: np.hstack(list(x)),
        lambda x: np.concatenate(x, axis=-1),
        lambda x: torch.cat(list(tensor(x)), dim=-1),
        lambda x: np.einsum("hnk->nhk", x).reshape(x.shape[1], -1),
        lambda x: tensor(x).transpose(0, 1).flatten(1),
    ],
    "multi_head": [
        layer_by_loop,
        layer_by_sum,
        layer_by_einsum,
        layer_of_the_package,
        layer_of_pytorch,
    ],
}


@pytest.mark.parametrize(
    ("name", "way"), [(name, way) for name, ways in WAYS.items() for way in ways]
)
def test_another_correct_way_is_right(name, way):
    verdict = judge(named(name), way)
    assert verdict.state == "right", verdict
