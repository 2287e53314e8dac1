import pytest
import torch

from attnlab.tasks import two_look_ups


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_the_answers_stand_beside_the_asked_name_and_the_asked_place():
    query, memory, answer = two_look_ups(seeded(), 11, labels=7, items=5, width=3)
    assert query.shape == (11, 1, 17)
    assert memory.shape == (11, 5, 17)
    assert answer.shape == (11, 1, 6)
    for first, contents in [(0, answer[..., :3]), (7, answer[..., 3:])]:
        kind = slice(first, first + 7)
        assert torch.equal(query[..., kind].sum(-1), torch.ones(11, 1)), "one label is asked"
        found = (memory[..., kind] * query[..., kind]).sum(-1) == 1
        assert torch.equal(found.sum(-1), torch.ones(11, dtype=torch.long))
        assert torch.equal(memory[found][:, 14:], contents[:, 0])
    assert not query[..., 14:].any(), "nothing of a content is given away"


def test_two_different_items_are_asked_for():
    query, memory, _ = two_look_ups(seeded(1), 50, labels=6, items=2)
    by_name = (memory[..., :6] * query[..., :6]).sum(-1).argmax(-1)
    by_place = (memory[..., 6:12] * query[..., 6:12]).sum(-1).argmax(-1)
    assert by_name.tolist() == [0] * 50
    assert by_place.tolist() == [1] * 50


def test_names_and_places_differ_within_a_memory_and_do_not_hint_at_each_other():
    _, memory, _ = two_look_ups(seeded(2), 2000, labels=5, items=5)
    assert torch.equal(memory[..., :10].sum(1), torch.ones(2000, 10))
    together = (memory[..., :5].argmax(-1) == memory[..., 5:10].argmax(-1)).double().mean()
    assert together.item() == pytest.approx(0.2, abs=0.03)


def test_the_same_seed_gives_the_same_memories():
    first, again, other = (two_look_ups(seeded(seed)) for seed in (3, 3, 4))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[1], other[1])


@pytest.mark.parametrize("items", [1, 5])
def test_a_number_of_items_that_cannot_be_is_refused(items):
    with pytest.raises(ValueError, match=f"items is {items} and labels 4: .* from 2 to 4"):
        two_look_ups(seeded(), labels=4, items=items)
