"""Other correct ways to write the exercises of chapter 8: no false alarm, and true answers."""

import numpy as np
import pytest
import torch

from attnlab import layer_norm, statistics
from attnlab.check.answering import judge_answer
from attnlab.check.catalogue import named
from attnlab.check.judging import judge

tensor = torch.from_numpy


def layer_norm_by_loop(x, gain, bias, epsilon):
    rows = []
    for word in x:
        mean = sum(word) / len(word)
        variance = sum((number - mean) ** 2 for number in word) / len(word)
        normal = [(number - mean) / (variance + epsilon) ** 0.5 for number in word]
        rows.append([n * g + b for n, g, b in zip(normal, gain, bias, strict=True)])
    return rows


def layer_norm_in_place(x, gain, bias, epsilon):
    x = x.copy()
    x -= x.mean(axis=1, keepdims=True)
    x /= np.sqrt(np.einsum("wf,wf->w", x, x) / x.shape[1] + epsilon)[:, None]
    x *= gain
    x += bias
    return x


def layer_norm_turned(x, gain, bias, epsilon):
    columns = (x.T - x.mean(axis=1)) / np.sqrt(x.var(axis=1) + epsilon)
    return columns.T * gain + bias


def layer_norm_by_torch(x, gain, bias, epsilon):
    x, gain, bias = map(tensor, (x, gain, bias))
    return torch.nn.functional.layer_norm(x, (x.shape[1],), gain, bias, epsilon)


def rms_norm_by_loop(x, gain, epsilon):
    rows = []
    for word in x.tolist():
        size = (sum(number * number for number in word) / len(word) + epsilon) ** 0.5
        rows.append([number / size * float(g) for number, g in zip(word, gain, strict=True)])
    return rows


def rms_norm_by_length(x, gain, epsilon):
    x = x.astype(np.float32)
    length = np.linalg.norm(x, axis=-1, keepdims=True)
    return x * (length**2 / x.shape[1] + epsilon) ** -0.5 * gain


def rms_norm_by_torch(x, gain, epsilon):
    x = tensor(x)
    size = torch.rsqrt(x.double().pow(2).mean(-1, keepdim=True) + epsilon)
    return (x * size).type_as(x) * tensor(gain)


def rms_norm_by_einsum(x, gain, epsilon):
    squares = np.einsum("wf,wf->w", x, x, dtype=float) / x.shape[1]
    return np.einsum("wf,w,f->wf", x, 1 / np.sqrt(squares + epsilon), gain)


def batch_norm_by_loop(x, real, epsilon):
    new = np.zeros(x.shape)
    for feature in range(x.shape[2]):
        words = [x[s, p, feature] for s in range(len(x)) for p in range(x.shape[1]) if real[s, p]]
        mean = sum(words) / len(words)
        variance = sum((word - mean) ** 2 for word in words) / len(words)
        new[:, :, feature] = (x[:, :, feature] - mean) / (variance + epsilon) ** 0.5
    return new


def batch_norm_by_weights(x, real, epsilon):
    inside = real[:, :, None]
    mean = (x * inside).sum(axis=(0, 1)) / real.sum()
    variance = ((x - mean) ** 2 * inside).sum(axis=(0, 1)) / real.sum()
    return (x - mean) / np.sqrt(variance + epsilon) * inside  # fillers are emptied


def batch_norm_with_where(x, real, epsilon):
    inside = np.broadcast_to(real[..., None], x.shape)
    mean = x.mean(axis=(0, 1), where=inside, keepdims=True)
    variance = x.var(axis=(0, 1), where=inside, keepdims=True)
    return (x - mean) / np.sqrt(variance + epsilon)


def batch_norm_with_gaps(x, real, epsilon):
    known = np.where(real[..., None], x, np.nan)  # fillers stay nan: that is their own affair
    mean, variance = np.nanmean(known, axis=(0, 1)), np.nanvar(known, axis=(0, 1))
    return (known - mean) / np.sqrt(variance + epsilon)


def batch_norm_by_torch(x, real, epsilon):
    new = tensor(x).clone()
    words = new[tensor(real)]
    new[tensor(real)] = torch.nn.functional.batch_norm(
        words, None, None, training=True, eps=epsilon
    )
    return new


def batch_norm_in_lists(x, real, epsilon):
    words = x[real]
    size = np.sqrt(words.var(axis=0) + epsilon)
    return [[(word - words.mean(axis=0)) / size for word in sentence] for sentence in x]


WAYS = {
    "layer_norm": [
        layer_norm_by_loop,
        layer_norm_in_place,
        layer_norm_turned,
        layer_norm_by_torch,
    ],
    "rms_norm": [
        rms_norm_by_loop,
        rms_norm_by_length,
        rms_norm_by_torch,
        rms_norm_by_einsum,
    ],
    "batch_norm": [
        batch_norm_by_loop,
        batch_norm_by_weights,
        batch_norm_with_where,
        batch_norm_with_gaps,
        batch_norm_by_torch,
        batch_norm_in_lists,
    ],
}


@pytest.mark.parametrize(
    ("name", "way"), [(name, way) for name, ways in WAYS.items() for way in ways]
)
def test_another_correct_way_is_right(name, way):
    verdict = judge(named(name), way)
    assert verdict.state == "right", verdict


@pytest.mark.parametrize("nothing", [None, 3.0, [[1.0]], [[1.0], [2.0, 3.0]]])
def test_what_is_no_batch_of_words_is_said_so(nothing):
    verdict = judge(named("batch_norm"), lambda *_: nothing)
    assert verdict.state in ("wrong type", "wrong shape", "raised an error"), verdict


def test_the_word_on_comes_out_as_in_the_package():
    on = np.array([[[0.0, 1, 0, 1]]])
    assert named("norm_of_on").answer == pytest.approx(layer_norm(on)[0, 0], abs=1e-4)


def test_the_means_are_counted_as_the_package_does():
    pictures = np.zeros((32, 64, 10, 10))
    kinds = {"batch": None, "layer of images": None, "instance": None, "group": 8}
    counts = [statistics(pictures, kind, groups=groups)[0].size for kind, groups in kinds.items()]
    assert named("how_many_means").answer == counts


@pytest.mark.parametrize(
    "word", [[0, 0, 0, 0, 7], [5, -3, -3, -3, -3.0], [1e-3, 2e-3, *[1e-3] * 3]]
)
def test_any_word_that_stands_out_alone_is_the_loudest(word):
    assert judge_answer(named("loudest_word"), word).state == "right"


def test_no_word_of_five_numbers_gets_above_two():
    words = np.random.default_rng(0).normal(size=(1, 1000, 5)) ** 5
    assert layer_norm(words, epsilon=0).max() < 2
