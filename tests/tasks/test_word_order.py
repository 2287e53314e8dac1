from itertools import islice

import pytest
import torch

from attnlab.tasks import IN_AND_OUT, in_or_out, mixed_lengths, word_before, word_before_mark


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_the_later_of_in_and_out_is_the_answer():
    words, answer = in_or_out(seeded(), 500, length=7)
    assert words.shape == (500, 7)
    for sentence, said in zip(words.tolist(), answer.tolist(), strict=True):
        told = [IN_AND_OUT[word] for word in sentence]
        assert told[-1] == "?"
        assert told.count("in") == told.count("out") == told.count("?") == 1
        assert ("in", "out")[said] == [word for word in told if word in ("in", "out")][-1]


def test_the_words_alone_say_nothing():
    words, answer = in_or_out(seeded(1), 300, length=5)
    exchanged = words.clone()
    exchanged[words == 1], exchanged[words == 2] = 2, 1
    assert torch.equal(exchanged.sort(-1).values, words.sort(-1).values), "the same heap"
    later = (exchanged == 2).int().argmax(-1) > (exchanged == 1).int().argmax(-1)
    assert torch.equal(later.long(), 1 - answer)


def test_each_place_and_each_answer_comes_up_equally_often():
    words, answer = in_or_out(seeded(2), 12_000, length=4)
    assert answer.double().mean().item() == pytest.approx(0.5, abs=0.02)
    for word in (1, 2):
        shares = (words[:, :3] == word).double().mean(0).tolist()
        assert shares == pytest.approx([1 / 3] * 3, abs=0.02)


def test_the_shortest_sentence():
    words, answer = in_or_out(seeded(), 50, length=3)
    assert {tuple(sentence) for sentence in words.tolist()} == {(1, 2, 0), (2, 1, 0)}
    assert torch.equal(answer == 1, words[:, 1] == 2)


@pytest.mark.parametrize("back", [1, 2, 6])
def test_the_word_that_stands_so_many_places_before_the_end(back):
    words, answer = word_before(seeded(3), 200, length=7, back=back)
    assert words.shape == (200, 7)
    assert torch.equal(words[:, 6 - back], answer + 3)
    assert words[:, :-1].min() == 3
    assert words.max() == len(IN_AND_OUT) - 1
    assert (words[:, -1] == 0).all()
    assert set(answer.tolist()) == set(range(6))


@pytest.mark.parametrize("back", [1, 2, 6])
def test_the_word_that_stands_so_many_places_before_the_mark(back):
    words, answer = word_before_mark(seeded(3), 700, length=7, back=back)
    assert words.shape == (700, 7)
    assert ((words == 0).sum(dim=1) == 1).all(), "one mark each"
    for sentence, said in zip(words.tolist(), answer.tolist(), strict=True):
        assert sentence[sentence.index(0) - back] == said + 3
    marks = (words == 0).int().argmax(dim=1)
    assert set(marks.tolist()) == set(range(back, 7)), "anywhere, but for the first places"
    assert words[words != 0].min() == 3
    assert words.max() == len(IN_AND_OUT) - 1
    assert set(answer.tolist()) == set(range(6))


@pytest.mark.parametrize("task", [in_or_out, word_before, word_before_mark])
def test_the_same_seed_gives_the_same_sentences(task):
    first, again, other = task(seeded(3)), task(seeded(3)), task(seeded(4))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0], other[0])


@pytest.mark.parametrize("task", [in_or_out, word_before, word_before_mark])
def test_no_global_randomness_is_used(task):
    before = torch.random.get_rng_state()
    task(seeded())
    assert torch.equal(torch.random.get_rng_state(), before)


def test_batches_come_in_every_length_without_end():
    batches = list(islice(mixed_lengths(in_or_out, seeded(), shortest=3, longest=6), 60))
    assert {words.shape for words, _ in batches} == {(128, length) for length in range(3, 7)}
    again = next(mixed_lengths(in_or_out, seeded(), shortest=3, longest=6))
    assert all(torch.equal(a, b) for a, b in zip(batches[0], again, strict=True))
    alike = [words for words, _ in batches if words.shape == batches[0][0].shape]
    assert not torch.equal(alike[0], alike[1]), "new sentences each time"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: in_or_out(seeded(), length=2), 'length is 2, and "in", "out" and .* need 3'),
        (lambda: word_before(seeded(), length=4, back=4), "back is 4 and length 4: .* 1 to 3"),
        (
            lambda: next(mixed_lengths(in_or_out, seeded(), shortest=9, longest=8)),
            "shortest is 9 and longest 8: give the smaller one first",
        ),
        (lambda: word_before(seeded(), back=0), "back is 0 and length 16: .* from 1 to 15"),
        (lambda: word_before_mark(seeded(), length=4, back=4), "back is 4 and length 4: .* 1 to 3"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
