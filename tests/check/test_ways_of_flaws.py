"""Right, but not everywhere: what is said is true of what was written, and float32 is no flaw."""

import numpy as np
import pytest
import torch

from attnlab.check.answering import judge_answer
from attnlab.check.catalogue import all_exercises, named
from attnlab.check.exercise import Exercise
from attnlab.check.judging import judge

FUNCTIONS = [
    task
    for task in all_exercises().values()
    if isinstance(task, Exercise) and task.chapter in (1, 3, 4, 7, 8, 9, 10, 11, 12)
]
ROUNDED_BEFORE = {"kernel_regression"}  # times of ten digits, which float32 cannot hold


def rough(value):
    if isinstance(value, np.ndarray) and value.dtype == float:
        return value.astype(np.float32)
    return value.float() if isinstance(value, torch.Tensor) and value.is_floating_point() else value


@pytest.mark.parametrize("task", FUNCTIONS, ids=[task.name for task in FUNCTIONS])
def test_the_solution_in_float32_is_right(task):
    space = {"np": np}
    exec(task.solution, space)
    verdict = judge(task, lambda *given: space[task.handed](*map(rough, given)))
    if task.name in ROUNDED_BEFORE:
        assert "In float32 even the times themselves are rounded" in str(verdict)
    else:
        assert verdict.state == "right", verdict


def layer_norm_by_torch_float(x, gain, bias, epsilon):
    x, gain, bias = (torch.from_numpy(part).float() for part in (x, gain, bias))
    variance = ((x - x.mean(1, keepdim=True)) ** 2).mean(1, keepdim=True)
    return (x - x.mean(1, keepdim=True)) / torch.sqrt(variance + epsilon) * gain + bias


def layer_norm_in_float32(x, gain, bias, epsilon):
    x = np.asarray(x, np.float32)
    rest = x - x.mean(axis=1, keepdims=True)
    return rest / np.sqrt((rest**2).mean(axis=1, keepdims=True) + epsilon) * gain + bias


def batch_norm_in_float32(x, real, epsilon):
    x = np.asarray(x, np.float32)
    words = x[real] - x[real].mean(axis=0)
    return (x - x[real].mean(axis=0)) / np.sqrt((words**2).mean(axis=0) + epsilon)


def rms_norm_in_one_line(x, gain, epsilon):
    return x / np.sqrt((x**2).mean(1, keepdims=True) + epsilon) * gain


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("layer_norm", layer_norm_by_torch_float),
        ("layer_norm", layer_norm_in_float32),
        ("batch_norm", batch_norm_in_float32),
        ("rms_norm", rms_norm_in_one_line),
    ],
)
def test_a_norm_that_takes_the_mean_off_first_is_right_in_float32(name, way):
    assert judge(named(name), way).state == "right", judge(named(name), way)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_difference_of_squares_is_found(kind):
    def by_squares(x, gain, bias, epsilon):
        x = x.astype(kind)
        mean, square = (part.mean(axis=1, keepdims=True) for part in (x, x**2))
        return (x - mean) / np.sqrt(np.maximum(square - mean**2, 0) + epsilon) * gain + bias

    verdict = judge(named("layer_norm"), by_squares)
    assert verdict.name == "small differences of large numbers"
    assert "Is your variance one large number minus another?" in str(verdict)


def loss_of(logs):
    """The loss of all steps at once, of logarithms of shares."""

    def loss(model, text):
        answers = text[:, 1:]
        found = np.take_along_axis(logs(model(text[:, :-1])), answers[..., None], -1)[..., 0]
        return -found[answers != 0].mean()

    return loss


def shares(scores, axis=-1):
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


FLAWED = {
    "1e-12": (lambda s: np.log(shares(s) + 1e-12), "−ln(1e-12)"),
    "1e-9": (lambda s: np.log(shares(s) + 1e-9), "−ln(1e-09)"),
    "clipped": (lambda s: np.log(np.clip(shares(s), 1e-15, 1)), "−ln(1e-15)"),
    "no maximum": (lambda s: np.log(np.exp(s) / np.exp(s).sum(-1, keepdims=True)), "is infinite."),
    "sum overflows": (lambda s: s - np.log(np.exp(s).sum(-1, keepdims=True)), "is infinite."),
    "one maximum": (lambda s: np.log(shares(s, None)), "Subtract the largest score of each row fr"),
    "logarithm of 0": (lambda s: np.log(shares(s)), "rounds to 0 has no logarithm"),
}


@pytest.mark.parametrize("name", FLAWED)
def test_the_loss_is_told_what_became_of_it(name):
    logs, said = FLAWED[name]
    verdict = judge(named("next_token_loss"), loss_of(logs))
    assert verdict.state == "right, but", verdict
    words = " ".join(str(verdict).split())
    assert said in words
    assert ("largest score" in words) == ("maximum" in name or "overflows" in name)


def slopes(scores, right):
    return shares(scores) - np.eye(len(scores))[right]


@pytest.mark.parametrize("name", ["cross_entropy", "translation_loss"])
def test_a_sum_that_overflows_is_not_called_a_logarithm_of_0(name):
    def cost(scores, right):
        return np.log(np.exp(scores).sum()) - scores[right], slopes(scores, right)

    def loss(scores, target, smoothing):
        logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        tokens = scores.shape[1]
        wanted = (1 - smoothing) * np.eye(tokens)[target] + smoothing / tokens
        return -(wanted * logs).sum(axis=1)[target != 0].mean()

    verdict = judge(named(name), cost if name == "cross_entropy" else loss)
    if verdict.state == "right, but":
        assert verdict.name == "overflows in the sum"
        assert "subtract the largest score before exp" in " ".join(str(verdict).split())
    else:
        assert verdict.state == "wrong value", verdict


def test_a_table_of_other_numbers_is_not_told_of_memory():
    def nearly(x):
        scores = x @ x.T / np.sqrt(x.shape[1])
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        new = weights / weights.sum(axis=1, keepdims=True) @ x
        return new if len(x) < 100 else new + 0.1

    words = str(judge(named("attend"), nearly))
    assert "harder example" in words
    assert "table" not in words


def test_twice_or_eight_times_too_many_bytes_have_more_causes_than_one():
    assert "cross-attention" in str(judge_answer(named("cache_bytes"), 49152))
    assert "bits" in str(judge_answer(named("cache_bytes"), 8 * 24576))


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
