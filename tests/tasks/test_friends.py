import pytest
import torch

from attnlab.tasks import friends


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("hops", [1, 2, 3, 4])
def test_the_answer_is_what_a_walk_from_friend_to_friend_finds(hops):
    x, answer = friends(seeded(), 11, people=5, width=3, hops=hops)
    assert x.shape == (11, 5, 13)
    assert answer.shape == (11, 5, 3)
    for circle, told in zip(x, answer, strict=True):
        for person in range(5):
            place = person
            for _ in range(hops):
                place = circle[place, 5:10].argmax().item()
            assert torch.equal(told[person], circle[place, 10:])


def test_row_i_has_name_i_and_one_friend():
    x, _ = friends(seeded(1), 7, people=6)
    assert torch.equal(x[..., :6], torch.eye(6).expand(7, 6, 6))
    assert torch.equal(x[..., 6:12].sum(-1), torch.ones(7, 6))
    assert torch.equal(x[..., 6:12].sum(-2), torch.ones(7, 6)), "and is the friend of one"


@pytest.mark.parametrize("people", [2, 3, 7])
def test_friends_lead_through_all_people_and_then_home(people):
    x, _ = friends(seeded(2), 20, people=people, hops=1)
    step = x[..., people : 2 * people]
    walk, seen = torch.eye(people).expand(20, people, people), torch.zeros(20, people, people)
    for _ in range(people):
        assert not (seen * walk).any(), "nobody is met twice"
        seen = seen + walk
        walk = walk @ step
    assert torch.equal(walk, torch.eye(people).expand(20, people, people))


def test_every_friend_is_equally_likely():
    x, _ = friends(seeded(3), 6000, people=4)
    shares = x[..., 4:8].mean(0)
    expected = (1 - torch.eye(4)) / 3
    torch.testing.assert_close(shares, expected, atol=0.03, rtol=0)


def test_the_same_seed_gives_the_same_people():
    first, again, other = (friends(seeded(seed)) for seed in (3, 3, 4))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0], other[0])


@pytest.mark.parametrize("hops", [0, 4, 5])
def test_a_number_of_hops_that_leads_nowhere_new_is_refused(hops):
    with pytest.raises(ValueError, match=f"hops is {hops} and people 4: .* from 1 to 3"):
        friends(seeded(), people=4, hops=hops)
