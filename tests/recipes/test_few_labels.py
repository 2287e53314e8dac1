"""Few labels: what is stored, what is measured again, and what may be said of it."""

import doctest
from statistics import mean

import pytest
import torch

from attnlab.nn import LowRankAdapter
from attnlab.recipes import few_labels, reading_kinds
from attnlab.tasks import KIND_WORDS, NOUNS_OF_KINDS

NAMES = ("question", "arm", "labels", "lr")


def right(question, arm, labels):
    return few_labels.at_best_lr(question, arm, labels)["right"]


def learning(model):
    return sum(each.numel() for each in model.parameters() if each.requires_grad)


def test_the_stored_rows_are_those_of_the_settings():
    stored = few_labels.few_labels()
    assert [{name: row[name] for name in NAMES} for row in stored] == few_labels.SETTINGS
    for row in stored:
        assert row["seeds"] == list(few_labels.SEEDS)
        for name in ("right", "trained", "chosen_by"):
            assert len(row[name]) == len(few_labels.SEEDS)
            assert all(0 <= each <= 1 for each in row[name])


def test_ten_labels_are_learnt_by_heart_and_say_nothing_of_other_sentences():
    row = few_labels.at_best_lr("kind", "from scratch", 10)
    assert mean(row["trained"]) > 0.9
    assert mean(row["right"]) < 0.65


def test_the_gain_ends_where_the_labels_name_every_word():
    for labels, least in [(30, 0.2), (100, 0.1)]:
        gain = mean(right("kind", "masked", labels)) - mean(right("kind", "from scratch", labels))
        assert gain > least
    for arm in ("from scratch", "masked", "masked, shuffled text"):
        assert min(right("kind", arm, 1000)) > 0.99


def test_of_nouns_that_no_label_has_only_who_has_read_knows_the_kind():
    for labels in few_labels.LABELS:
        for arm in ("from scratch", "bag of words", "masked, shuffled text"):
            assert mean(right("kind of other nouns", arm, labels)) < 0.62
        assert mean(right("kind of other nouns", "masked", labels)) > 0.62
    assert mean(right("kind of other nouns", "masked", 100)) > 0.9
    assert min(right("kind of other nouns", "masked, shuffled sentences", 100)) > 0.95


def test_what_no_text_says_is_learnt_no_sooner():
    for labels in few_labels.LABELS:
        gain = mean(right("arbitrary", "masked", labels)) - mean(
            right("arbitrary", "from scratch", labels)
        )
        assert gain < 0.06


def test_of_few_parameters_one_rank_does_what_frozen_features_do_not():
    frozen = right("kind", "masked, rank 0", 1000)
    assert mean(frozen) < 0.95 < 0.99 < min(right("kind", "masked, rank 1", 1000))


def test_what_no_text_says_takes_more_ranks():
    means = [mean(right("arbitrary", f"masked, rank {rank}", 1000)) for rank in (0, 1, 2, 4, 8)]
    assert means == sorted(means)
    assert means[0] < 0.65
    assert 0.85 < means[-1] < 0.97 < min(right("arbitrary", "masked", 1000))


def test_the_company_of_words_is_what_is_transferred():
    for labels in (10, 30, 100):
        alone = mean(right("kind", "masked, shuffled text", labels))
        assert mean(right("kind", "masked, shuffled sentences", labels)) > alone + 0.1
        assert abs(alone - mean(right("kind", "from scratch", labels))) < 0.05


def test_what_learns_in_each_arm(monkeypatch):
    def unread(reader, text, seed):
        del text
        return reading_kinds.untrained(reader, seed)

    monkeypatch.setattr(reading_kinds, "_read_once", unread)
    every = {learning(few_labels.arm_model(arm, 0)) for arm in few_labels.READERS}
    assert every == {21088 + 2 * 32 + 2}
    assert learning(few_labels.arm_model("masked, rank 0", 0)) == 2 * 32 + 2
    for rank in few_labels.RANKS:
        model = few_labels.arm_model(f"masked, rank {rank}", 0)
        adapters = [part for part in model.modules() if isinstance(part, LowRankAdapter)]
        assert len(adapters) == 2 * len(few_labels.EVERYWHERE)
        assert learning(model) == 2 * 32 + 2 + 2 * rank * (3 * 64 + 96)


@pytest.mark.parametrize(
    ("question", "arm"), [("kind", "from scratch"), ("arbitrary", "bag of words")]
)
def test_a_training_is_measured_again(question, arm):
    torch.set_num_threads(1)
    row = few_labels.at_best_lr(question, arm, 100)
    found = few_labels.measure(seed=0, **{name: row[name] for name in NAMES})
    assert found["right"] == pytest.approx(row["right"][0], abs=0.06)


def test_splits_of_other_nouns_share_none():
    nouns = {
        split: {
            word
            for sentence in few_labels.sentences_for("kind of other nouns", split, 0, 300)[0]
            for word in sentence.split()
            if word in NOUNS_OF_KINDS
        }
        for split in ("train", "test")
    }
    assert len(nouns["train"]) == len(nouns["test"]) == 40
    assert not nouns["train"] & nouns["test"]


@pytest.mark.parametrize("text", reading_kinds.TEXTS)
def test_shuffling_keeps_the_words_and_loses_their_company(text):
    tokens = reading_kinds.text_to_read(text, 0)
    written = reading_kinds.text_to_read("as written", 0)
    assert sorted(tokens.tolist()) == sorted(written.tolist())
    assert torch.equal(tokens, written) == (text == "as written")
    sentences = [KIND_WORDS.decode([*row, 2]) for row in _sentences(tokens)]
    asleep = [set(each) for each in sentences if "sleeps" in each]
    animals = {*NOUNS_OF_KINDS[:40]}
    share = mean(bool(each & animals) for each in asleep)
    assert share == 1 if text != "shuffled text" else share < 0.9


def _sentences(tokens):
    rows, row = [], []
    for token in tokens.tolist():
        if token == 2:
            rows.append(row)
            row = []
        elif token != 1:
            row.append(token)
    return rows


def test_a_causal_reader_takes_few_labels_a_long_way():
    torch.set_num_threads(1)
    model = reading_kinds.read("causal", steps=300)
    torch.manual_seed(0)
    classifier = reading_kinds.SentenceClassifier(model.decoder, 32, 2)
    train = few_labels.sentences_for("kind of other nouns", "train", 0, 100)
    reading_kinds.learn_labels(classifier, *train, lr=3e-3, steps=60)
    test = few_labels.sentences_for("kind of other nouns", "test", 0, 300)
    assert reading_kinds.share_right(classifier, *test) > 0.8


def test_what_is_unknown_is_named():
    with pytest.raises(ValueError, match=r"nothing is stored of .*'labels': 7"):
        few_labels.at_best_lr("kind", "masked", 7)
    with pytest.raises(ValueError, match="question is 'why', and must be one of kind, kind of oth"):
        few_labels.sentences_for("why", "train", 0, 1)
    with pytest.raises(ValueError, match="split is 'dev', and must be one of train, validation"):
        few_labels.sentences_for("kind", "dev", 0, 1)
    with pytest.raises(ValueError, match="arm is 'tail', and must be one of from scratch, masked"):
        few_labels.arm_model("tail", 0)
    with pytest.raises(ValueError, match="text is 'x', and must be one of as written, shuffled"):
        reading_kinds.text_to_read("x", 0)


@pytest.mark.parametrize("module", [few_labels])
def test_the_examples(module):
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
