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
    if isinstance(task, Exercise) and task.chapter in (1, 3, 4, 7, 8, 9, 10, 11, 12, 13, 14)
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


def shared(e):
    total = e.sum(axis=-1, keepdims=True)
    return np.divide(e, total, out=np.zeros_like(e), where=total != 0)


@pytest.mark.parametrize("fill", [-100.0, -1e4])
def test_a_stand_in_that_some_allowed_scores_fall_below_is_found(fill):
    def filled(scores, mask):
        low = np.where(mask, scores, fill)
        return shared(np.exp(low - low.max(-1, keepdims=True))) * mask.any(-1, keepdims=True)

    assert judge(named("masked_softmax"), filled).name == "one maximum for all rows"


def step(shared_out):
    def mine(query, key, value, keys, values):
        keys, values = np.vstack([keys, key]), np.vstack([values, value])
        return shared_out(keys @ query / np.sqrt(len(query))) @ values, keys, values

    return mine


def cut(scores, *_):
    return shared(np.exp(np.clip(scores, -500, 500)))


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("cached_step", step(cut)),
        ("softmax", lambda s, axis=-1: np.moveaxis(cut(np.moveaxis(s, axis, -1)), -1, axis)),
        ("temperature", lambda scores, temperature: cut(scores / temperature)),
    ],
)
def test_scores_that_are_cut_off_are_not_told_of_infinity(name, way):
    verdict = judge(named(name), way)
    words = " ".join(str(verdict).split())
    assert verdict.state == "right, but"
    assert " right" in words
    assert not any(word in words for word in ("infinite", "overflows", "too large to write"))


def test_a_table_of_other_numbers_is_not_told_of_memory():
    def nearly(x):
        scores = x @ x.T / np.sqrt(x.shape[1])
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        new = weights / weights.sum(axis=1, keepdims=True) @ x
        return new if len(x) < 20 else new + 0.1

    words = str(judge(named("attend"), nearly))
    assert "harder example" in words
    assert "table" not in words


def test_twice_or_eight_times_too_many_bytes_have_more_causes_than_one():
    assert "cross-attention" in str(judge_answer(named("cache_bytes"), 49152))
    assert "bits" in str(judge_answer(named("cache_bytes"), 8 * 24576))
