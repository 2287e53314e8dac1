"""Other correct ways to write the exercises: no false alarm."""

import math

import numpy as np
import pytest
import torch

from attnlab.check.catalogue import named
from attnlab.check.judging import judge

tensor = torch.from_numpy


def score_by_loop(query, key):
    total = 0.0
    for one, other in zip(query, key, strict=True):
        total += one * other
    return total / len(query) ** 0.5


def weights_by_loop(query, keys):
    exponentials = []
    for key in keys:
        exponentials.append(math.exp(sum(key * query) / math.sqrt(len(query))))
    return [one / sum(exponentials) for one in exponentials]


def weights_in_place(query, keys):
    scores = (keys * query).sum(axis=1)
    scores /= np.sqrt(query.size)
    np.exp(scores, out=scores)
    scores /= scores.sum()
    return scores


def attend_by_loop(x):
    rows = []
    for word in x:
        e = np.exp(x @ word / np.sqrt(x.shape[1]))
        rows.append(sum(weight * other for weight, other in zip(e / e.sum(), x, strict=True)))
    return rows


def attend_by_einsum(x):
    e = np.exp(np.einsum("id,jd->ij", x, x) / math.sqrt(x.shape[-1]))
    return np.einsum("ij,jd,i->id", e, x, 1 / e.sum(axis=1))


def attend_by_torch(x):
    return torch.nn.functional.scaled_dot_product_attention(*[tensor(x)[None]] * 3)[0]


def softmax_by_loop(scores, axis=-1):
    rows = np.moveaxis(scores, axis, -1).copy()
    for place in np.ndindex(rows.shape[:-1]):
        row = [math.exp(score - max(rows[place])) for score in rows[place]]
        rows[place] = [one / sum(row) for one in row]
    return np.moveaxis(rows, -1, axis)


def softmax_in_place(scores, axis=-1):
    result = scores.copy()
    result -= result.max(axis, keepdims=True)
    np.exp(result, out=result)
    result /= result.sum(axis, keepdims=True)
    return result


def softmax_by_logarithm(scores, axis=-1):
    return np.exp(scores - np.logaddexp.reduce(scores, axis=axis, keepdims=True))


def softmax_by_differences(scores, axis=-1):
    last = np.moveaxis(scores, axis, -1)
    with np.errstate(over="ignore"):
        shares = 1 / np.exp(last[..., None, :] - last[..., :, None]).sum(-1)
    return np.moveaxis(shares, -1, axis)


def temperature_by_power(scores, temperature):
    shares = np.exp(scores - scores.max()) ** (1 / temperature)
    return shares / shares.sum()


def temperature_in_place(scores, temperature):
    scores = scores.copy()
    scores -= max(scores)
    scores /= temperature
    e = np.exp(scores)
    return e / e.sum()


def cross_entropy_by_loop(scores, right):
    highest = max(scores)
    total = sum(math.exp(s - highest) for s in scores)
    slopes = [math.exp(s - highest) / total for s in scores]
    slopes[right] -= 1
    return [math.log(total) + highest - scores[right], slopes]


def cross_entropy_by_torch(scores, right):
    leaf = tensor(scores).requires_grad_()
    cost = torch.nn.functional.cross_entropy(leaf[None], torch.tensor([right]))
    cost.backward()
    return cost, leaf.grad


def cross_entropy_by_einsum(scores, right):
    shares = softmax_by_logarithm(scores)
    target = np.eye(len(scores))[right]
    logarithms = scores - np.logaddexp.reduce(scores)
    return -np.einsum("i,i", target, logarithms), shares - target


def masked_by_loop(scores, mask):
    result = np.zeros(scores.shape)
    for row, allowed in enumerate(mask):
        if allowed.any():
            result[row, allowed] = softmax_by_loop(scores[row, allowed])
    return result


def masked_by_torch(scores, mask):
    result = torch.softmax(tensor(scores).masked_fill(~tensor(mask), -math.inf), dim=-1)
    return result.nan_to_num(0.0)


def masked_by_multiplication(scores, mask):
    highest = np.max(scores, axis=1, keepdims=True, where=mask, initial=-1e300)
    e = np.exp(np.minimum(scores - highest, 0)) * mask
    return e / np.maximum(e.sum(axis=1, keepdims=True), 1e-300)


def masked_by_numpy_masks(scores, mask):
    hidden = np.ma.masked_array(scores, ~mask)
    e = np.ma.exp(hidden - hidden.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True)).filled(0)


WAYS = {
    "score": [
        score_by_loop,
        lambda query, key: np.einsum("i,i", query, key) / math.sqrt(query.size),
        lambda query, key: torch.dot(tensor(query), tensor(key)) / len(key) ** 0.5,
        lambda query, key: np.dot(query / len(query) ** 0.25, key / len(key) ** 0.25),
    ],
    "weights": [
        weights_by_loop,
        weights_in_place,
        lambda query, keys: torch.softmax(tensor(keys) @ tensor(query) / len(query) ** 0.5, 0),
        lambda query, keys: softmax_in_place(np.einsum("kd,d->k", keys, query) / len(query) ** 0.5),
    ],
    "attend": [attend_by_loop, attend_by_einsum, attend_by_torch],
    "softmax": [
        softmax_by_loop,
        softmax_in_place,
        softmax_by_logarithm,
        softmax_by_differences,
        lambda scores, axis=-1: torch.softmax(tensor(scores), axis),
        lambda scores, axis=-1: torch.softmax(tensor(scores).float(), axis),
    ],
    "temperature": [
        temperature_in_place,
        lambda scores, temperature: torch.softmax(tensor(scores) / temperature, 0),
        lambda scores, temperature: softmax_by_loop(scores / temperature).tolist(),
        lambda scores, temperature: tuple(softmax_by_logarithm(scores / temperature)),
        temperature_by_power,
    ],
    "cross_entropy": [cross_entropy_by_loop, cross_entropy_by_torch, cross_entropy_by_einsum],
    "masked_softmax": [
        masked_by_loop,
        masked_by_torch,
        masked_by_multiplication,
        masked_by_numpy_masks,
    ],
}


@pytest.mark.parametrize(
    ("name", "way"), [(name, way) for name, ways in WAYS.items() for way in ways]
)
def test_another_correct_way_is_right(name, way):
    verdict = judge(named(name), way)
    assert verdict.state == "right", verdict
