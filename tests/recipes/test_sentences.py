"""Sentence pairs as tensors."""

import torch

from attnlab import tasks
from attnlab.recipes import sentences
from attnlab.recipes.sentences import batches, can_be_unknown, corpus, grouped
from attnlab.tasks import BEGIN, END, ENGLISH, FRENCH, PAD, UNKNOWN, Pair, sentence_pairs, split_of

PAIR = Pair(
    ("Tom", "knows", "the", "apple", "and", "the", "cat"),
    ("Tom", "connaît", "la", "pomme", "et", "le", "chat"),
    tuple((place, place) for place in range(7)),
)


def pairs(count=60, longest=9):
    random = torch.Generator().manual_seed(0)
    return sentence_pairs(random, count, longest=longest)


def test_the_corpus_is_made_once_and_its_lists_are_apart(monkeypatch):
    asked = []

    def splits(seed, train, validation, test, longest):
        asked.append((seed, train, validation, test, longest))
        return tasks.splits(seed, train, 5, 7, longest=longest)

    monkeypatch.setattr(sentences, "splits", splits)
    small = corpus(30, 9)
    assert corpus(30, 9) is small
    assert asked == [(0, 30, 1000, 2000, 9)]
    assert {split_of(pair.source) for pair in small.train} == {"train"}
    assert {split_of(pair.source) for pair in small.validation} == {"validation"}
    assert {split_of(pair.source) for pair in small.test} == {"test"}
    corpus.cache_clear()


def test_sentences_are_grouped_by_their_length():
    some = pairs()
    found = grouped(some)
    lengths = [group.source.shape[1] for group in found]
    assert lengths == sorted({len(pair.source) for pair in some})
    assert sum(len(group.source) for group in found) == len(some)
    rows = {
        (tuple(source.tolist()), tuple(FRENCH.decode(target)))
        for group in found
        for source, target in zip(*group, strict=True)
    }
    assert rows == {(tuple(ENGLISH.encode(p.source)), tuple(p.target)) for p in some}
    for source, target in found:
        assert (source != PAD).all()
        assert (target[:, 0] == BEGIN).all()
        assert ((target == END).sum(1) == 1).all()


def test_a_batch_has_one_length_and_no_column_of_padding():
    stream = batches(grouped(pairs()), torch.Generator().manual_seed(1), 40)
    for _ in range(20):
        source, target = next(stream)
        assert abs(source.numel() - 40) <= source.shape[1] / 2
        assert (target[:, -1] != PAD).any()
        assert len(source) == len(target)


def test_batches_depend_on_the_state_of_the_generator_alone():
    groups, random = grouped(pairs()), torch.Generator().manual_seed(1)
    stream = batches(groups, random, 40)
    next(stream)
    state = random.get_state()
    wanted = next(stream)
    again = next(batches(groups, torch.Generator().set_state(state), 40))
    assert all(torch.equal(one, other) for one, other in zip(wanted, again, strict=True))


def test_lengths_come_up_as_often_as_there_are_sentences():
    groups = grouped([*pairs(20, 9), *sentence_pairs(torch.Generator(), 300, longest=4)])
    many = sum(len(group.source) for group in groups if group.source.shape[1] <= 4)
    share = many / sum(len(group.source) for group in groups)
    stream = batches(groups, torch.Generator().manual_seed(0), 1)
    found = sum(next(stream)[0].shape[1] <= 4 for _ in range(2000)) / 2000
    assert abs(found - share) < 0.03


def test_names_nouns_and_adjectives_may_be_unknown_unless_something_is_elided_before_them():
    assert can_be_unknown(PAIR) == [(0, 0), (3, 3), (6, 6)]
    old = Pair(("an", "old", "cat"), ("un", "vieux", "chat"), ((0, 0), (1, 1), (2, 2)))
    assert can_be_unknown(old) == [(1, 1), (2, 2)]
    school = Pair(("the", "school"), ("l'", "école"), ((0, 0), (1, 1)))
    assert can_be_unknown(school) == []
    twice = Pair(("the", "cat"), ("le", "chat"), ((0, 0), (1, 0), (1, 1)))  # two partners
    assert can_be_unknown(twice) == []


def test_some_sentences_have_a_copy_with_unknown_words():
    some = [PAIR] * 1000
    (group,) = grouped(some, torch.Generator().manual_seed(0))
    strange = (group.source == UNKNOWN).any(1)
    assert 110 <= strange.sum() <= 190
    assert {*(group.source == UNKNOWN).sum(1).tolist()} == {0, 1, 2}
    assert len(group.source) == 1000 + strange.sum()
    assert torch.equal((group.target == UNKNOWN).sum(1), (group.source == UNKNOWN).sum(1))
    # Word n of this sentence is word n of its translation, behind the begin mark.
    places = (group.source == UNKNOWN).nonzero().tolist()
    assert all(group.target[row, place + 1] == UNKNOWN for row, place in places)
    assert {place for _, place in places} == {0, 3, 6}
