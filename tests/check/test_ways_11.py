"""Other correct ways to write the exercises of chapter 11: no false alarm."""

from collections import Counter

import numpy as np
import pytest
import torch

from attnlab.check.catalogue import named
from attnlab.check.judging import judge
from attnlab.training import label_smoothed_cross_entropy

tensor = torch.from_numpy


def runs_by_counter(found, wanted, length):
    def counted(words):
        return Counter(zip(*(words[i:] for i in range(length)), strict=False))

    mine, theirs = counted(found), counted(wanted)
    return sum((mine & theirs).values()), sum(mine.values())


def runs_by_smaller_count(found, wanted, length):
    def texts(words):
        return [" ".join(words[i : i + length]) for i in range(len(words) - length + 1)]

    mine, theirs = texts(found), texts(wanted)
    return sum(min(mine.count(text), theirs.count(text)) for text in set(mine)), len(mine)


def runs_by_loops_and_ticks(found, wanted, length):
    ticked, right, total = set(), 0, 0
    for i in range(len(found) - length + 1):
        total += 1
        for j in range(len(wanted) - length + 1):
            if j not in ticked and all(found[i + k] == wanted[j + k] for k in range(length)):
                ticked.add(j)
                right += 1
                break
    return right, total


def loss_by_loop(scores, target, smoothing):
    total = 0.0
    for row, right in zip(scores, target, strict=True):
        if right:
            norm = row.max() + np.log(sum(np.exp(score - row.max()) for score in row))
            even = sum(norm - score for score in row) / len(row)
            total += (1 - smoothing) * (norm - row[right]) + smoothing * even
    return total / np.count_nonzero(target)


def loss_by_sum_over_real(scores, target, smoothing):
    real = (target != 0).astype(float)
    logs = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    belief = np.full(scores.shape, smoothing / scores.shape[1])
    belief[np.arange(len(target)), target] += 1 - smoothing
    return np.einsum("p,pt,pt->", -real, belief, logs) / real.sum()


def loss_in_place_of_a_copy(scores, target, smoothing):
    logs = scores[target > 0].copy()
    logs -= logs.max(1, keepdims=True)
    logs -= np.log(np.exp(logs).sum(1, keepdims=True))
    picked = np.take_along_axis(logs, target[target > 0][:, None], axis=1)
    return -np.mean((1 - smoothing) * picked[:, 0] + smoothing * logs.mean(axis=1))


def loss_of_pytorch(scores, target, smoothing):
    given = tensor(scores), tensor(target)
    return torch.nn.functional.cross_entropy(*given, ignore_index=0, label_smoothing=smoothing)


def loss_of_the_package(scores, target, smoothing):
    return label_smoothed_cross_entropy(tensor(scores), tensor(target), smoothing)


WAYS = {
    "matching_runs": [runs_by_counter, runs_by_smaller_count, runs_by_loops_and_ticks],
    "translation_loss": [
        loss_by_loop,
        loss_by_sum_over_real,
        loss_in_place_of_a_copy,
        loss_of_pytorch,
        loss_of_the_package,
    ],
}


@pytest.mark.parametrize(
    ("name", "way"), [(name, way) for name, ways in WAYS.items() for way in ways]
)
def test_another_correct_way_is_right(name, way):
    verdict = judge(named(name), way)
    assert verdict.state == "right", verdict


def test_a_list_that_is_used_up_must_be_a_copy():
    def greedy(found, wanted, length):
        right = 0
        for word in found if length == 1 else ():
            if word in wanted:
                wanted.remove(word)
                right += 1
        return (right, len(found)) if length == 1 else runs_by_counter(found, wanted, length)

    verdict = judge(named("matching_runs"), greedy)
    assert (verdict.state, verdict.name) == ("right, but", "changes its argument")
