"""Every generator of data says what it needs, by name."""

import pytest
import torch

from attnlab.tasks import copy_digits, reverse_digits, sort_digits
from attnlab.tasks.friends import friends
from attnlab.tasks.pairs import two_look_ups
from attnlab.tasks.sequences import add_numbers
from attnlab.tasks.toys import look_up

TASKS = [copy_digits, reverse_digits, sort_digits, add_numbers, friends, two_look_ups, look_up]


@pytest.mark.parametrize("task", TASKS)
def test_what_a_task_needs(task):
    for random in (0, "0", None, torch.manual_seed):
        with pytest.raises(TypeError, match=r"^random is .*torch\.Generator\(\)\.manual_seed"):
            task(random)
    random = torch.Generator().manual_seed(0)
    for batch in (2.0, "2", None, True):
        with pytest.raises(TypeError, match=r"^batch is .*whole number"):
            task(random, batch)
    with pytest.raises(ValueError, match="batch is -1, and must be at least 0"):
        task(random, -1)


@pytest.mark.parametrize("length", [2.5, "3", None])
def test_the_length_of_rows(length):
    with pytest.raises(TypeError, match="length is"):
        copy_digits(torch.Generator(), 2, length=length)
