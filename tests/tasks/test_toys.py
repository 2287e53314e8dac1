import pytest
import torch

from attnlab.tasks import look_up


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_the_answer_stands_beside_the_asked_name():
    query, memory, answer = look_up(seeded(), 11, names=7, items=5, width=3)
    assert query.shape == (11, 1, 7)
    assert memory.shape == (11, 5, 10)
    assert answer.shape == (11, 1, 3)
    found = (memory[..., :7] * query).sum(-1) == 1
    assert torch.equal(found.sum(-1), torch.ones(11, dtype=torch.long))
    assert torch.equal(memory[found][:, 7:], answer[:, 0])


def test_names_differ_within_a_memory():
    _, memory, _ = look_up(seeded(1), 50, names=6, items=6, width=2)
    assert torch.equal(memory[..., :6].sum(1), torch.ones(50, 6))


def test_the_same_seed_gives_the_same_memories():
    first, again, other = look_up(seeded(3)), look_up(seeded(3)), look_up(seeded(4))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[1], other[1])


def test_more_items_than_names_is_refused():
    with pytest.raises(ValueError, match="items is 5 and names 4"):
        look_up(seeded(), names=4, items=5)
