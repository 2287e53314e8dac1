"""What is often tried first in chapters 8, 10 and 12 is called by its name."""

import numpy as np
import pytest

from attnlab.check.catalogue import named
from attnlab.check.judging import judge


def shares(scores):
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def centred_above_only(x, gain, bias, epsilon):
    square = (x**2).mean(axis=1, keepdims=True)
    return (x - x.mean(axis=1, keepdims=True)) / np.sqrt(square + epsilon) * gain + bias


def along(axis):
    return lambda x, _, epsilon: (
        (x - x.mean(axis, keepdims=True)) / np.sqrt(x.var(axis, keepdims=True) + epsilon)
    )


def about_the_mean_of_means(x, real, epsilon):
    mean = np.mean([s[r].mean(axis=0) for s, r in zip(x, real, strict=True)], axis=0)
    return (x - mean) / np.sqrt(((x[real] - mean) ** 2).mean(axis=0) + epsilon)


def step_without_softmax(query, key, value, keys, values):
    keys, values = np.vstack([keys, key]), np.vstack([values, value])
    return keys @ query / np.sqrt(len(query)) @ values, keys, values


def step_by_the_root_of_d_v(query, key, value, keys, values):
    keys, values = np.vstack([keys, key]), np.vstack([values, value])
    return shares(keys @ query / np.sqrt(len(value))) @ values, keys, values


def loss_of_the_mean_share(model, text):
    answers = text[:, 1:]
    found = np.take_along_axis(shares(model(text[:, :-1])), answers[..., None], -1)[..., 0]
    return -np.log(found[answers != 0].mean())


def gru_with_the_matrix_in_front(x, h, w_z, u_z, w_r, u_r, w_n, u_n):
    z = 1 / (1 + np.exp(-(w_z @ x + u_z @ h)))
    r = 1 / (1 + np.exp(-(w_r @ x + u_r @ h)))
    return z * h + (1 - z) * np.tanh(w_n @ x + r * (u_n @ h))


@pytest.mark.parametrize(
    ("name", "way", "mistake"),
    [
        ("layer_norm", centred_above_only, "squares of x"),
        ("batch_norm", along(1), "each sentence, fillers too"),
        ("batch_norm", along(0), "each place, fillers too"),
        ("batch_norm", about_the_mean_of_means, "about the mean of means"),
        ("cached_step", step_without_softmax, "no softmax"),
        ("cached_step", step_by_the_root_of_d_v, "root of d_v"),
        ("next_token_loss", loss_of_the_mean_share, "logarithm of the mean share"),
        ("gru_step", gru_with_the_matrix_in_front, "the matrix in front"),
    ],
)
def test_a_common_first_try_has_a_name(name, way, mistake):
    assert judge(named(name), way).name == mistake, judge(named(name), way)
