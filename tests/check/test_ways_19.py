"""Other correct ways to write the exercises of chapter 19, and mistakes in other words."""

import functools

import numpy as np
import pytest
import torch

from attnlab.check.answering import judge_answer
from attnlab.check.catalogue import named
from attnlab.check.judging import judge

tensor = torch.from_numpy


@pytest.mark.parametrize(
    "mine", [[6, 1, 6, 7.992], (6, 1.0, 6.0, 1998 / 250), np.array([6, 1, 6, 7.99])]
)
def test_the_traffic_may_be_written_as_one_likes(mine):
    assert judge_answer(named("bytes_by_hand"), mine)


@pytest.mark.parametrize(
    ("mine", "name"),
    [
        ([3, 1, 3, 3.996], "half of the way"),
        ([6, 1, 6, 8], "exactly twice"),
        ([6, 4, 24, 7992], "everything in each step"),
        ([6, 0.25, 1.5, 1.998], "in numbers"),
        ([6, 1, 6, 1998], "1,000 times as much"),
        ([8, 1, 8, 8], "twice the processes"),
        ([6, 1_000_000, 6_000_000, 7_992_000], "in bytes"),
    ],
)
def test_wrong_traffic_has_its_name(mine, name):
    assert judge_answer(named("bytes_by_hand"), mine).name == name


def mean_by_loops(gradients, counts):
    total = [0.0] * len(gradients[0])
    for gradient, count in zip(gradients, counts, strict=True):
        for place, number in enumerate(gradient):
            total[place] += count * number
    return [number / sum(counts) for number in total]


def mean_by_shares(gradients, counts):
    shares = np.array(counts) / np.sum(counts)
    return (shares[:, None] * gradients).sum(axis=0)


def mean_of_all_examples(gradients, counts):
    return np.repeat(gradients, counts, axis=0).mean(axis=0)


def mean_by_einsum(gradients, counts):
    return np.einsum("p,pd->d", counts, gradients) / sum(counts)


def mean_as_it_runs(gradients, counts):
    mean, seen = np.zeros(gradients.shape[1]), 0
    for gradient, count in zip(gradients, counts, strict=True):
        seen += count
        mean += count / seen * (gradient - mean) if count else 0
    return mean


def mean_by_torch(gradients, counts):
    weights = torch.as_tensor(counts, dtype=torch.float64)
    return (tensor(gradients) * weights[:, None]).sum(0) / weights.sum()


def step_by_lists(chunks, step):
    new = [[list(chunk) for chunk in process] for process in chunks]
    count = len(chunks)
    for p in range(count):
        place = (p - step) % count
        for i, number in enumerate(chunks[p][place]):
            mine = chunks[(p + 1) % count][place][i]
            new[(p + 1) % count][place][i] = number + mine if step < count - 1 else number
    return new


def step_by_receivers(chunks, step):
    new, count = np.array(chunks), len(chunks)
    for p in range(count):
        left = (p - 1) % count
        place = (left - step) % count
        came = chunks[left, place]
        new[p, place] = new[p, place] + came if step + 1 < count else came
    return new


def step_by_messages(chunks, step):
    count, new = len(chunks), chunks.copy()
    messages = [
        ((p + 1) % count, (p - step) % count, chunks[p, (p - step) % count]) for p in range(count)
    ]
    for to, place, numbers in messages:
        new[to, place] = numbers + (step <= count - 2) * chunks[to, place]
    return new


def step_by_rolling(chunks, step):
    came = np.roll(chunks, 1, axis=0)
    count = len(chunks)
    process, place = np.indices((count, count))
    here = ((process - 1 - step) % count == place)[..., None]
    both = chunks + came if step < count - 1 else came
    return np.where(here, both, chunks)


def step_by_torch(chunks, step):
    chunks = tensor(chunks)
    new, count = chunks.clone(), len(chunks)
    p = torch.arange(count)
    place, right = (p - step) % count, (p + 1) % count
    if step < count - 1:
        new[right, place] += chunks[p, place]
    else:
        new[right, place] = chunks[p, place]
    return new


def resume_by_lists(weights, velocity, step, gradients):
    found = []
    for place, weight in enumerate(weights):
        speed = velocity[place]
        for t in range(step, len(gradients)):
            speed = 0.9 * speed + gradients[t][place]
            weight -= 0.1 * (1 - t / len(gradients)) * speed
        found.append(weight)
    return found


def resume_by_while(weights, velocity, step, gradients):
    w, v, t = np.array(weights), np.array(velocity), step
    while t < len(gradients):
        v = v * 0.9 + gradients[t]
        w = w - v * (0.1 - 0.1 * t / len(gradients))
        t += 1
    return w


def resume_by_enumerate(weights, velocity, step, gradients):
    total = gradients.shape[0]
    for t, gradient in enumerate(gradients[step:], start=step):
        velocity = gradient + 0.9 * velocity
        weights = weights - velocity * (total - t) / total / 10
    return weights


def resume_by_reduce(weights, velocity, step, gradients):
    def one(state, t):
        w, v = state
        v = 0.9 * v + gradients[t]
        return w - 0.1 * (1 - t / len(gradients)) * v, v

    return functools.reduce(one, range(step, len(gradients)), (weights, velocity))[0]


def resume_by_torch(weights, velocity, step, gradients):
    parameter = torch.nn.Parameter(torch.tensor(weights))
    optimiser = torch.optim.SGD([parameter], lr=0.1, momentum=0.9)
    optimiser.state[parameter]["momentum_buffer"] = torch.tensor(velocity)
    for t in range(step, len(gradients)):
        optimiser.param_groups[0]["lr"] = 0.1 * (1 - t / len(gradients))
        parameter.grad = torch.tensor(gradients[t])
        optimiser.step()
    return parameter


WAYS = {
    "averaged_gradient": [
        mean_by_loops,
        mean_by_shares,
        mean_of_all_examples,
        mean_by_einsum,
        mean_as_it_runs,
        mean_by_torch,
    ],
    "ring_step": [
        step_by_lists,
        step_by_receivers,
        step_by_messages,
        step_by_rolling,
        step_by_torch,
    ],
    "resume": [
        resume_by_lists,
        resume_by_while,
        resume_by_enumerate,
        resume_by_reduce,
        resume_by_torch,
    ],
}


@pytest.mark.parametrize(
    ("name", "way"), [(name, way) for name, ways in WAYS.items() for way in ways]
)
def test_another_correct_way_is_right(name, way):
    verdict = judge(named(name), way)
    assert verdict.state == "right", verdict


def test_the_steps_of_the_exercise_make_an_all_reduce():
    ring_step = named("ring_step").reference
    given = np.random.default_rng(0).normal(size=(5, 5, 3))
    chunks = given
    for step in range(2 * (5 - 1)):
        chunks = ring_step(chunks, step)
    assert np.allclose(chunks, given.sum(axis=0))


def mean_plain(gradients, _counts):
    return np.mean(gradients, axis=0)


def mean_summed(gradients, counts):
    return sum(c * g for c, g in zip(counts, gradients, strict=True))


def mean_without_counts(gradients, counts):
    return gradients.sum(axis=0) / sum(counts)


def mean_in_pairs(gradients, _counts):
    return functools.reduce(lambda one, other: (one + other) / 2, gradients)


def step_changed_in_place(chunks, step):
    chunks[:] = step_by_receivers(chunks, step)
    return chunks


def step_always_adding(chunks, step):
    new, p = chunks.copy(), np.arange(len(chunks))
    new[(p + 1) % len(p), (p - step) % len(p)] += chunks[p, (p - step) % len(p)]
    return new


def step_of_the_own_chunk(chunks, step):
    new, p = chunks.copy(), np.arange(len(chunks))
    if step < len(p) - 1:
        new[(p + 1) % len(p), p] += chunks[p, p]
    else:
        new[(p + 1) % len(p), p] = chunks[p, p]
    return new


def step_to_the_left(chunks, step):
    new, count = chunks.copy(), len(chunks)
    for p in range(count):
        place = (p - step) % count
        if step < count - 1:
            new[p - 1, place] += chunks[p, place]
        else:
            new[p - 1, place] = chunks[p, place]
    return new


def resume_with_a_new_optimiser(weights, velocity, step, gradients):
    return resume_by_while(weights, 0 * velocity, step, gradients)


def resume_from_the_first_batch(weights, velocity, step, gradients):
    for t in range(step, len(gradients)):
        velocity = 0.9 * velocity + gradients[t - step]
        weights = weights - 0.1 * (1 - t / len(gradients)) * velocity
    return weights


def resume_the_rest_as_a_run(weights, velocity, step, gradients):
    return resume_by_while(weights, velocity, 0, gradients[step:])


def resume_in_place(weights, velocity, step, gradients):
    for t in range(step, len(gradients)):
        velocity *= 0.9
        velocity += gradients[t]
        weights -= 0.1 * (1 - t / len(gradients)) * velocity
    return weights


@pytest.mark.parametrize(
    ("name", "way", "mistake"),
    [
        ("averaged_gradient", mean_plain, "mean of means"),
        ("averaged_gradient", mean_summed, "not divided"),
        ("averaged_gradient", mean_without_counts, "not weighted, divided by all"),
        ("averaged_gradient", mean_in_pairs, "one after the other"),
        ("ring_step", step_changed_in_place, "changes its argument"),
        ("ring_step", step_always_adding, "always added"),
        ("ring_step", step_of_the_own_chunk, "always the chunk of its own number"),
        ("ring_step", step_to_the_left, "to the left"),
        ("resume", resume_with_a_new_optimiser, "velocity lost"),
        ("resume", resume_from_the_first_batch, "the data begin anew"),
        ("resume", resume_the_rest_as_a_run, "the rate decays over what is left"),
        ("resume", resume_in_place, "changes its argument"),
    ],
)
def test_a_mistake_in_other_words_has_its_name(name, way, mistake):
    verdict = judge(named(name), way)
    assert verdict.name == mistake, verdict
