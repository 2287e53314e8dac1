"""Other correct ways to write the exercises of chapter 12: no false alarm."""

import math

import numpy as np
import pytest
import torch

from attnlab import additive, softmax
from attnlab.check.catalogue import named
from attnlab.check.judging import judge

tensor = torch.from_numpy


def gru_by_loop(x, h, w_z, u_z, w_r, u_r, w_n, u_n):
    def sigmoid(a):
        return 1 / (1 + math.exp(-a))

    new = []
    for j in range(len(h)):
        z, r = (
            sigmoid(
                sum(x[i] * w[i, j] for i in range(len(x)))
                + sum(h[i] * u[i, j] for i in range(len(h)))
            )
            for w, u in ((w_z, u_z), (w_r, u_r))
        )
        candidate = math.tanh(x @ w_n[:, j] + r * (h @ u_n[:, j]))
        new.append(z * h[j] + (1 - z) * candidate)
    return new


def gru_by_stacks(x, h, w_z, u_z, w_r, u_r, w_n, u_n):
    to_x = np.einsum("i,gij->gj", x, np.stack([w_z, w_r, w_n]))
    to_h = np.einsum("i,gij->gj", h, np.stack([u_z, u_r, u_n]))
    z, r = np.tanh((to_x[:2] + to_h[:2]) / 2) / 2 + 0.5
    candidate = np.tanh(to_x[2] + r * to_h[2])
    return candidate + z * (h - candidate)


def gru_in_place_of_a_copy(x, h, w_z, u_z, w_r, u_r, w_n, u_n):
    both = np.concatenate([x, h])
    z, r = (1 / (1 + np.exp(-both @ np.vstack(pair))) for pair in ((w_z, u_z), (w_r, u_r)))
    new = h.copy()
    new *= z
    new += (1 - z) * np.tanh(x @ w_n + (h @ u_n) * r)
    return new


def gru_of_pytorch(x, h, w_z, u_z, w_r, u_r, w_n, u_n):
    cell = torch.nn.GRUCell(len(x), len(h), bias=False).double()
    cell.weight_ih.data = tensor(np.hstack([w_r, w_z, w_n]).T.copy())
    cell.weight_hh.data = tensor(np.hstack([u_r, u_z, u_n]).T.copy())
    return cell(tensor(x), tensor(h))


def context_by_loop(s, h, w_query, w_key, w_value):
    asked = s @ w_query
    scores = [sum(w_value * np.tanh(asked + state @ w_key)) for state in h]
    shares = [math.exp(score - max(scores)) for score in scores]
    weights = [share / sum(shares) for share in shares]
    context = np.zeros(h.shape[1])
    for weight, state in zip(weights, h, strict=True):
        context += weight * state
    return weights, context


def context_by_einsum(s, h, w_query, w_key, w_value):
    hidden = np.tanh(np.einsum("s,sd->d", s, w_query) + np.einsum("wm,md->wd", h, w_key))
    weights = softmax(np.einsum("wd,d->w", hidden, w_value))
    return weights, np.einsum("w,wm->m", weights, h)


def context_of_the_package(s, h, w_query, w_key, w_value):
    weights = softmax(additive(s[None], h, w_query, w_key, w_value))[0]
    return [weights, (weights[:, None] * h).sum(axis=0)]


def context_by_pytorch(s, h, w_query, w_key, w_value):
    s, h, *maps = map(tensor, (s, h, w_query, w_key, w_value))
    weights = torch.softmax(torch.tanh(s @ maps[0] + h @ maps[1]) @ maps[2], dim=0)
    return weights, h.T @ weights


WAYS = {
    "gru_step": [gru_by_loop, gru_by_stacks, gru_in_place_of_a_copy, gru_of_pytorch],
    "step_context": [
        context_by_loop,
        context_by_einsum,
        context_of_the_package,
        context_by_pytorch,
    ],
}


@pytest.mark.parametrize(
    ("name", "way"), [(name, way) for name, ways in WAYS.items() for way in ways]
)
def test_another_correct_way_is_right(name, way):
    verdict = judge(named(name), way)
    assert verdict.state == "right", verdict
