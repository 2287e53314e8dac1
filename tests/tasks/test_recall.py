import doctest

import pytest
import torch

from attnlab.tasks import (
    associative_recall,
    first_word_recall,
    multi_hop_recall,
    noisy_recall,
    recall_words,
    two_key_recall,
)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_the_answer_stands_beside_the_asked_name():
    query, memory, answer = associative_recall(seeded(), 11, names=7, items=5, width=3)
    assert query.shape == (11, 1, 7)
    assert memory.shape == (11, 5, 10)
    assert answer.shape == (11, 1, 3)
    found = (memory[..., :7] * query).sum(-1) == 1
    assert torch.equal(found.sum(-1), torch.ones(11, dtype=torch.long))
    assert torch.equal(memory[found][:, 7:], answer[:, 0])


def test_names_differ_within_a_memory_with_one_key():
    _, memory, _ = associative_recall(seeded(1), 50, names=6, items=6, width=2)
    assert torch.equal(memory[..., :6].sum(1), torch.ones(50, 6))


def test_the_same_seed_gives_the_same_memories_with_one_key():
    first, again, other = (
        associative_recall(seeded(3)),
        associative_recall(seeded(3)),
        associative_recall(seeded(4)),
    )
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[1], other[1])


def test_more_items_than_names_is_refused():
    with pytest.raises(ValueError, match="items is 5 and names 4"):
        associative_recall(seeded(), names=4, items=5)


def test_the_answers_stand_beside_the_asked_name_and_the_asked_place():
    query, memory, answer = two_key_recall(seeded(), 11, labels=7, items=5, width=3)
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
    query, memory, _ = two_key_recall(seeded(1), 50, labels=6, items=2)
    by_name = (memory[..., :6] * query[..., :6]).sum(-1).argmax(-1)
    by_place = (memory[..., 6:12] * query[..., 6:12]).sum(-1).argmax(-1)
    assert by_name.tolist() == [0] * 50
    assert by_place.tolist() == [1] * 50


def test_names_and_places_differ_within_a_memory_and_do_not_hint_at_each_other():
    _, memory, _ = two_key_recall(seeded(2), 2000, labels=5, items=5)
    assert torch.equal(memory[..., :10].sum(1), torch.ones(2000, 10))
    together = (memory[..., :5].argmax(-1) == memory[..., 5:10].argmax(-1)).double().mean()
    assert together.item() == pytest.approx(0.2, abs=0.03)


def test_the_same_seed_gives_the_same_memories_with_two_keys():
    first, again, other = (two_key_recall(seeded(seed)) for seed in (3, 3, 4))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[1], other[1])


@pytest.mark.parametrize("items", [1, 5])
def test_a_number_of_items_that_cannot_be_is_refused(items):
    with pytest.raises(ValueError, match=f"items is {items} and labels 4: .* from 2 to 4"):
        two_key_recall(seeded(), labels=4, items=items)


@pytest.mark.parametrize("hops", [1, 2, 3, 4])
def test_the_answer_is_what_a_walk_from_friend_to_friend_finds(hops):
    x, answer = multi_hop_recall(seeded(), 11, people=5, width=3, hops=hops)
    assert x.shape == (11, 5, 13)
    assert answer.shape == (11, 5, 3)
    for circle, told in zip(x, answer, strict=True):
        for person in range(5):
            place = person
            for _ in range(hops):
                place = circle[place, 5:10].argmax().item()
            assert torch.equal(told[person], circle[place, 10:])


def test_row_i_has_name_i_and_one_friend():
    x, _ = multi_hop_recall(seeded(1), 7, people=6)
    assert torch.equal(x[..., :6], torch.eye(6).expand(7, 6, 6))
    assert torch.equal(x[..., 6:12].sum(-1), torch.ones(7, 6))
    assert torch.equal(x[..., 6:12].sum(-2), torch.ones(7, 6)), "and is the friend of one"


@pytest.mark.parametrize("people", [2, 3, 7])
def test_friends_lead_through_all_people_and_then_home(people):
    x, _ = multi_hop_recall(seeded(2), 20, people=people, hops=1)
    step = x[..., people : 2 * people]
    walk, seen = torch.eye(people).expand(20, people, people), torch.zeros(20, people, people)
    for _ in range(people):
        assert not (seen * walk).any(), "nobody is met twice"
        seen = seen + walk
        walk = walk @ step
    assert torch.equal(walk, torch.eye(people).expand(20, people, people))


def test_every_friend_is_equally_likely():
    x, _ = multi_hop_recall(seeded(3), 6000, people=4)
    shares = x[..., 4:8].mean(0)
    expected = (1 - torch.eye(4)) / 3
    torch.testing.assert_close(shares, expected, atol=0.03, rtol=0)


def test_the_same_seed_gives_the_same_people():
    first, again, other = (multi_hop_recall(seeded(seed)) for seed in (3, 3, 4))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0], other[0])


@pytest.mark.parametrize("hops", [0, 4, 5])
def test_a_number_of_hops_that_leads_nowhere_new_is_refused(hops):
    with pytest.raises(ValueError, match=f"hops is {hops} and people 4: .* from 1 to 3"):
        multi_hop_recall(seeded(), people=4, hops=hops)


def test_the_sizes_of_noisy_recall_and_that_the_asked_name_stands_first():
    query, key, answer = noisy_recall(seeded(), 11, names=7, items=5)
    assert query.shape == (11, 1, 7)
    assert key.shape == (11, 5, 7)
    assert answer.shape == (11,)
    assert torch.equal(query[:, 0], key[:, 0])
    assert torch.equal(key.sum(-1), torch.ones(11, 5)), "one-hot"


def test_names_differ_within_a_memory_with_noise():
    _, key, _ = noisy_recall(seeded(1), 50, names=6, items=6)
    assert torch.equal(key.sum(1), torch.ones(50, 6))


@pytest.mark.parametrize("noise", [0.0, 0.2, 0.7, 1.0])
def test_noise_goes_to_any_other_item_alike(noise):
    _, _, answer = noisy_recall(seeded(2), 20_000, items=5, noise=noise)
    shares = torch.bincount(answer, minlength=5) / len(answer)
    expected = torch.tensor([1 - noise, *[noise / 4] * 4])
    assert torch.allclose(shares, expected, atol=0.015)


def test_the_same_seed_gives_the_same_questions():
    first, again, other = noisy_recall(seeded(3)), noisy_recall(seeded(3)), noisy_recall(seeded(4))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[1], other[1])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"names": 4, "items": 5}, "items is 5 and names 4"),
        ({"items": 1}, "items is 1 and names 8"),
        ({"noise": 1.5}, "noise is 1.5"),
        ({"noise": -0.1}, "noise is -0.1"),
        ({"noise": float("nan")}, "noise is nan"),
    ],
)
def test_what_does_not_fit_noisy_recall_is_named(arguments, said):
    with pytest.raises(ValueError, match=said):
        noisy_recall(seeded(), **arguments)


@pytest.mark.parametrize("place", [0, 3, 9])
def test_one_word_is_in_capitals_it_is_the_answer_and_the_last_word_asks(place):
    words, answer = first_word_recall(seeded(), 500, length=11, answers=5, place=place)
    assert words.shape == (500, 11)
    capital = (words >= 1) & (words <= 5)
    assert torch.equal(capital.sum(1), torch.ones(500, dtype=torch.long)), "no other capitals"
    assert capital[:, place].all()
    assert torch.equal(words[:, place] - 1, answer)
    assert (words[:, -1] == 0).all()
    assert (words[:, :-1] > 0).all()
    assert words.max() == 10, "small letters go from 6 to 10"


def test_answers_are_equally_likely_and_no_other_word_hints_at_them():
    words, answer = first_word_recall(seeded(1), 20_000, length=4, answers=4)
    shares = torch.bincount(answer) / len(answer)
    assert torch.allclose(shares, torch.full((4,), 0.25), atol=0.015)
    same = (words[:, 1:3] - 5 == answer[:, None]).double().mean()
    assert same.item() == pytest.approx(0.25, abs=0.01)


def test_the_same_seed_gives_the_same_sentences():
    first, again, other = (first_word_recall(seeded(seed), 9) for seed in (3, 3, 4))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0], other[0])


def test_the_shortest_sentence_is_a_word_and_its_question():
    words, answer = first_word_recall(seeded(), 3, length=2, answers=1)
    assert words.tolist() == [[1, 0]] * 3
    assert answer.tolist() == [0] * 3


def test_the_words_of_first_word_recall():
    words, answer = first_word_recall(seeded(2), 50, length=6, answers=26)
    text = [[recall_words(26)[word] for word in row] for row in words]
    assert all(row[0] == chr(65 + each) for row, each in zip(text, answer.tolist(), strict=True))
    assert all("".join(row[1:-1]).islower() for row in text)
    assert {row[-1] for row in text} == {"?"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"length": 1}, "place is 0 and length 1"),
        ({"length": 5, "place": 4}, "place is 4 and length 5: .* from 0 to length - 2"),
        ({"place": -1}, "place is -1"),
        ({"answers": 0}, "answers is 0"),
        ({"answers": 27}, "answers is 27, and the alphabet has 26"),
    ],
)
def test_what_does_not_fit_first_word_recall_is_named(arguments, said):
    with pytest.raises(ValueError, match=said):
        first_word_recall(seeded(), **arguments)


@pytest.mark.parametrize("answers", [0, 27])
def test_the_alphabet_ends(answers):
    with pytest.raises(ValueError, match=f"answers is {answers}"):
        recall_words(answers)


def test_the_example_in_the_docstring():
    import attnlab.tasks.recall as module

    result = doctest.testmod(module, extraglobs={"torch": torch})
    assert result.attempted > 0
    assert result.failed == 0
