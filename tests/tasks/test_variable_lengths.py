import pytest
import torch

from attnlab.tasks import geometric_lengths, padded_sentences


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def test_most_sentences_are_short_and_a_few_very_long():
    lengths = geometric_lengths(seeded(0), 10_000, mean=10)
    assert all(isinstance(length, int) for length in lengths)
    assert min(lengths) == 1
    assert 9.5 < sum(lengths) / 10_000 < 10.5
    assert 0.62 < sum(length <= 10 for length in lengths) / 10_000 < 0.68, "1 - 0.9 ** 10 is 0.65"
    assert max(lengths) > 50
    assert geometric_lengths(seeded(0), 3, mean=1) == [1, 1, 1]


def test_the_same_seed_gives_the_same_and_another_another():
    assert geometric_lengths(seeded(1), 20) == geometric_lengths(seeded(1), 20)
    assert geometric_lengths(seeded(1), 20) != geometric_lengths(seeded(2), 20)
    words = torch.randn(11, 3, generator=seeded(0))
    first, again, other = (padded_sentences(seeded(s), [5, 2], words) for s in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_words_come_first_and_zeros_behind():
    words = torch.randn(11, 3, dtype=torch.float64, generator=seeded(0))
    x = padded_sentences(seeded(1), [5, 2, 7], words)
    assert x.shape == (3, 7, 3)
    assert x.dtype == torch.float64
    for sentence, length in zip(x, [5, 2, 7], strict=True):
        assert all(any(torch.equal(v, word) for word in words) for v in sentence[:length])
        assert not sentence[length:].any()


def test_all_words_are_used():
    x = padded_sentences(seeded(0), [100], torch.arange(7.0)[:, None])
    assert sorted(set(x.flatten().tolist())) == [0, 1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("lengths", "words"),
    [([], r"lengths is \[\]"), ([3, 0], r"lengths is \[3, 0\]: .* at least 1")],
)
def test_bad_lengths_are_refused(lengths, words):
    with pytest.raises(ValueError, match=words):
        padded_sentences(seeded(0), lengths, torch.ones(2, 3))


def test_bad_vocabulary_and_mean_are_refused():
    with pytest.raises(ValueError, match=r"vocabulary has shape \(3,\)"):
        padded_sentences(seeded(0), [1], torch.ones(3))
    with pytest.raises(ValueError, match=r"mean is 0.5, and must be at least 1"):
        geometric_lengths(seeded(0), 2, mean=0.5)
