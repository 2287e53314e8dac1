"""Other correct ways to write the exercises of chapter 7: no false alarm, and true answers."""

import math

import numpy as np
import pytest
import torch

from attnlab import attention_weights, sinusoids
from attnlab.check.catalogue import named
from attnlab.check.judging import judge
from attnlab.nn import SinusoidalPositions

tensor = torch.from_numpy


def sinusoids_by_matrix(positions, d_model):
    angles = positions[:, None] / 10000 ** (np.arange(0, d_model, 2) / d_model)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(len(positions), d_model)


def sinusoids_by_slices(positions, d_model):
    table = np.zeros((len(positions), d_model))
    speeds = np.exp(np.arange(0, d_model, 2) * -math.log(10000.0) / d_model)
    table[:, 0::2] = np.sin(np.outer(positions, speeds))
    table[:, 1::2] = np.cos(np.outer(positions, speeds))
    return table


def sinusoids_by_complex_numbers(positions, d_model):
    speeds = 10000.0 ** -(np.arange(d_model // 2) * 2 / d_model)
    hands = np.exp(1j * positions[:, None] * speeds)
    return np.dstack([hands.imag, hands.real]).reshape(len(positions), d_model)


def sinusoids_by_torch(positions, d_model):
    angles = tensor(positions).double()[:, None] / 10000 ** (torch.arange(0, d_model, 2) / d_model)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


def sinusoids_by_lists(positions, d_model):
    def entry(position, feature):
        angle = position / 10000 ** (feature // 2 * 2 / d_model)
        return math.cos(angle) if feature % 2 else math.sin(angle)

    return [[entry(position, feature) for feature in range(d_model)] for position in positions]


def adding_by_loop(x):
    new = x.copy()
    for sentence in new:
        for place in range(len(sentence)):
            sentence[place] += sinusoids(np.array([place]), x.shape[2])[0]
    return new


def adding_side_by_side(x):
    places = np.broadcast_to(sinusoids(np.arange(x.shape[1]), x.shape[2]), x.shape)
    block = np.vstack([np.eye(x.shape[2])] * 2)
    return np.concatenate([x, places], axis=-1) @ block


def bias_by_loop(query, key, heads):
    return [
        [[-abs(int(i) - int(j)) / 2 ** (8 * h / heads) for j in key] for i in query]
        for h in range(1, heads + 1)
    ]


def bias_by_start_and_ratio(query, key, heads):
    start = 2 ** (-8 / heads)
    slopes = [start * start**head for head in range(heads)]
    return np.einsum("h,qk->hqk", slopes, -np.abs(np.subtract.outer(query, key)))


def bias_by_torch(query, key, heads):
    far = (tensor(query)[:, None] - tensor(key)[None]).abs().double()
    slopes = 2.0 ** (-8 * torch.arange(1, heads + 1, dtype=torch.float64) / heads)
    return -(slopes.view(-1, 1, 1) * far)


def rotary_by_complex_numbers(x, positions):
    d = x.shape[1]
    hands = (x[:, 0::2] + 1j * x[:, 1::2]) * np.exp(
        1j * positions[:, None] / 10000 ** (np.arange(0, d, 2) / d)
    )
    return np.stack([hands.real, hands.imag], axis=-1).reshape(x.shape)


def rotary_by_pairs(x, positions):
    angles = np.repeat(
        positions[:, None] / 10000 ** (np.arange(0, x.shape[1], 2) / x.shape[1]), 2, axis=1
    )
    crossed = np.stack([-x[:, 1::2], x[:, 0::2]], axis=-1).reshape(x.shape)
    return x * np.cos(angles) + crossed * np.sin(angles)


def rotary_by_torch(x, positions):
    x = tensor(x)
    angles = tensor(positions).double()[:, None] / 10000 ** (
        torch.arange(0, x.shape[1], 2) / x.shape[1]
    )
    turned = torch.view_as_complex(x.unflatten(1, (-1, 2)).contiguous()) * torch.polar(
        torch.ones_like(angles), angles
    )
    return torch.view_as_real(turned).flatten(1)


def rotary_row_by_row(x, positions):
    rows, d = [], x.shape[1]
    for row, position in zip(x, positions, strict=True):
        matrix = np.zeros((d, d))
        for i in range(0, d, 2):
            a = position / 10000 ** (i / d)
            turn = [[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]]
            matrix[i : i + 2, i : i + 2] = turn
        rows.append(row @ matrix)
    return np.array(rows)


WAYS = {
    "sinusoids": [
        sinusoids_by_matrix,
        sinusoids_by_slices,
        sinusoids_by_complex_numbers,
        sinusoids_by_torch,
        sinusoids_by_lists,
    ],
    "add_positions": [
        adding_by_loop,
        adding_side_by_side,
        lambda x: x + sinusoids(np.arange(x.shape[1]), x.shape[-1])[None],
        lambda x: [sentence + sinusoids(np.arange(len(sentence)), x.shape[2]) for sentence in x],
        lambda x: np.add(x, sinusoids_by_slices(np.arange(x.shape[1]), x.shape[2])),
        lambda x: SinusoidalPositions(x.shape[2])(tensor(x)),
    ],
    "distance_bias": [
        bias_by_loop,
        bias_by_start_and_ratio,
        bias_by_torch,
        lambda q, k, heads: (
            np.minimum(q[:, None] - k, k - q[:, None])
            * np.logspace(-8 / heads, -8, heads, base=2).reshape(-1, 1, 1)
        ),
    ],
    "rotary": [
        rotary_by_complex_numbers,
        rotary_by_pairs,
        rotary_by_torch,
        rotary_row_by_row,
    ],
}


@pytest.mark.parametrize(
    ("name", "way"), [(name, way) for name, ways in WAYS.items() for way in ways]
)
def test_another_correct_way_is_right(name, way):
    verdict = judge(named(name), way)
    assert verdict.state == "right", verdict


def test_the_start_is_that_of_the_package():
    assert named("start_vector").answer == sinusoids(np.array([0]), 6)[0].tolist()


@pytest.mark.parametrize("turn", [-2.0, -2.2])
def test_looking_two_places_back_is_seen_in_the_weights(turn):
    p, moved = (sinusoids(np.arange(6) + shift, 8) for shift in (0, turn))
    looked_at = attention_weights(16 * moved, p).argmax(axis=1)
    assert looked_at[2:].tolist() == [0, 1, 2, 3]
    assert named("two_places_back").accepts(np.asarray(turn))


@pytest.mark.parametrize("name", ["sinusoids", "rotary"])
def test_float32_from_the_start_is_right(name):
    def rough(*arguments):
        *before, last = arguments
        positions, d = (last, before[0].shape[1]) if before[0].ndim == 2 else (before[0], last)
        angles = tensor(positions).float()[:, None] / 10000 ** (torch.arange(0, d, 2) / d)
        sine, cosine = angles.sin(), angles.cos()
        if name == "sinusoids":
            return torch.stack([sine, cosine], dim=-1).flatten(1)
        even, odd = (tensor(before[0])[:, start::2].float() for start in (0, 1))
        pairs = [even * cosine - odd * sine, even * sine + odd * cosine]
        return torch.stack(pairs, dim=-1).flatten(1)

    verdict = judge(named(name), rough)
    assert verdict.state == "right", verdict
