"""Every generator of data says what it needs, by name."""

from operator import attrgetter

import pytest
import torch

from attnlab import tasks
from attnlab.tasks import (
    add_numbers,
    associative_recall,
    copy_digits,
    geometric_lengths,
    multi_hop_recall,
    noisy_recall,
    padded_sentences,
    reverse_digits,
    sentence_pairs,
    sort_digits,
    splits,
    two_key_recall,
)

TASKS = [
    copy_digits,
    reverse_digits,
    sort_digits,
    add_numbers,
    multi_hop_recall,
    noisy_recall,
    two_key_recall,
    associative_recall,
]


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


@pytest.mark.parametrize("random", [0, None, "x", torch.Generator])
def test_sentences_are_drawn_from_a_generator(random):
    with pytest.raises(TypeError, match="random is"):
        sentence_pairs(random, 2)
    with pytest.raises(TypeError, match="random is"):
        padded_sentences(random, [2, 3], torch.eye(4))


@pytest.mark.parametrize("wrong", [None, True, "3", 2.0])
def test_the_numbers_of_sentences(wrong):
    random = torch.Generator()
    for name in ("count", "shortest", "longest"):
        with pytest.raises(TypeError, match=f"{name} is"):
            sentence_pairs(random, **({"count": 2} | {name: wrong}))
    for name in ("seed", "train", "test"):
        with pytest.raises(TypeError, match=f"{name} is"):
            splits(**({"seed": 0, "train": 1, "validation": 1, "test": 1} | {name: wrong}))
    with pytest.raises(TypeError, match="lengths"):
        padded_sentences(random, [wrong], torch.eye(4))
    with pytest.raises(TypeError, match="lengths is"):
        padded_sentences(random, wrong, torch.eye(4))


@pytest.mark.parametrize("mean", ["3", None, True, float("nan"), float("inf")])
def test_a_mean_length_that_is_none(mean):
    with pytest.raises((TypeError, ValueError), match="mean is"):
        geometric_lengths(torch.Generator(), 2, mean=mean)


def test_an_old_name_is_still_found_and_the_new_one_told():
    with pytest.warns(
        DeprecationWarning, match=r"look_up is now attnlab\.tasks\.associative_recall"
    ):
        assert tasks.look_up is associative_recall
    for old, new in tasks._OLD_NAMES.items():
        with pytest.warns(DeprecationWarning, match=f"{old} is now"):
            assert getattr(tasks, old) is attrgetter(new)(tasks)
    with pytest.raises(AttributeError, match="no attribute 'look_down'"):
        _ = tasks.look_down
