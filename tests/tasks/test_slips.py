import doctest

import pytest
import torch

from attnlab.tasks import hearsay


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_sizes_and_that_the_asked_name_stands_first():
    query, key, answer = hearsay(seeded(), 11, names=7, items=5)
    assert query.shape == (11, 1, 7)
    assert key.shape == (11, 5, 7)
    assert answer.shape == (11,)
    assert torch.equal(query[:, 0], key[:, 0])
    assert torch.equal(key.sum(-1), torch.ones(11, 5)), "one-hot"


def test_names_differ_within_a_memory():
    _, key, _ = hearsay(seeded(1), 50, names=6, items=6)
    assert torch.equal(key.sum(1), torch.ones(50, 6))


@pytest.mark.parametrize("slips", [0.0, 0.2, 0.7, 1.0])
def test_a_slip_goes_to_any_other_item_alike(slips):
    _, _, answer = hearsay(seeded(2), 20_000, items=5, slips=slips)
    shares = torch.bincount(answer, minlength=5) / len(answer)
    expected = torch.tensor([1 - slips, *[slips / 4] * 4])
    assert torch.allclose(shares, expected, atol=0.015)


def test_the_same_seed_gives_the_same_questions():
    first, again, other = hearsay(seeded(3)), hearsay(seeded(3)), hearsay(seeded(4))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[1], other[1])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"names": 4, "items": 5}, "items is 5 and names 4"),
        ({"items": 1}, "items is 1 and names 8"),
        ({"slips": 1.5}, "slips is 1.5"),
        ({"slips": -0.1}, "slips is -0.1"),
        ({"slips": float("nan")}, "slips is nan"),
    ],
)
def test_what_does_not_fit_is_named(arguments, said):
    with pytest.raises(ValueError, match=said):
        hearsay(seeded(), **arguments)


def test_the_example_in_the_docstring():
    import attnlab.tasks.slips as module

    result = doctest.testmod(module, extraglobs={"torch": torch})
    assert result.attempted > 0
    assert result.failed == 0
