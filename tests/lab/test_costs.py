import doctest
import sys

import numpy as np
import pytest
import torch

from attnlab import attention
from attnlab.lab import multiplications, peak_memory


@pytest.mark.slow  # the first count of a process takes its time
def test_attention_multiplies_twice_for_each_score_and_dimension():
    assert multiplications(attention, (7, 3), (11, 3), (11, 5)) == 7 * 11 * (3 + 5)


@pytest.mark.slow  # the first count of a process takes its time
def test_what_is_far_too_large_for_any_machine_is_counted_too():
    n = 10**6
    assert multiplications(lambda a, b: a @ b.T, (n, 64), (n, 64)) == 64 * n**2


def test_only_what_is_held_at_once_counts():
    x = np.zeros(10_000)  # 80,000 bytes

    def one_after_the_other(x):
        for _ in range(5):
            x.sum() + (x + 1).sum()

    assert 80_000 <= peak_memory(one_after_the_other, x) < 100_000
    assert 320_000 <= peak_memory(lambda x: [x + i for i in range(4)], x) < 340_000


def test_after_a_failure_it_measures_as_before():
    with pytest.raises(ZeroDivisionError):
        peak_memory(lambda x: x / 0, 1)
    assert peak_memory(lambda x: x + 1, np.zeros(10_000)) < 100_000


def test_what_cannot_be_measured_is_refused():
    with pytest.raises(TypeError, match="must be a tuple such as"):
        multiplications(torch.exp, 3)
    with pytest.raises(TypeError, match="memory of PyTorch tensors"):
        peak_memory(torch.exp, torch.zeros(3))


@pytest.mark.slow  # as above
def test_its_examples_are_right():
    module = sys.modules[peak_memory.__module__]
    failed, tried = doctest.testmod(module, extraglobs={"np": np})
    assert (failed, tried) == (0, 3)
