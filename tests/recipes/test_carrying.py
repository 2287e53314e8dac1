"""The relay: what is compared, what is measured, and what the stored results say."""

import doctest
from math import log10
from statistics import mean

import pytest
import torch
from torch import nn

from attnlab.nn import LastWordClassifier
from attnlab.recipes import carrying
from attnlab.tasks import first_word_recall

LISTS = ("start", "end", "trained", "learnt", "right")


def sentences(length=5, place=0):
    return first_word_recall(torch.Generator().manual_seed(0), 50, length=length, place=place)


class Weighted(nn.Module):
    """Reads a weighted sum of the words."""

    def __init__(self, *weights):
        super().__init__()
        self.weights = torch.tensor(weights, dtype=torch.float64)

    def forward(self, words):
        return (self.weights[:, None] * words).sum(1)


def test_all_readers_have_as_many_parameters_within_one_percent():
    counts = [
        sum(each.numel() for each in carrying.relay_model(reader, seed=0).parameters())
        for reader in carrying.READERS
    ]
    assert max(counts) / min(counts) < 1.01


def test_the_gradient_of_a_weighted_sum_is_its_weights_by_hand():
    model = LastWordClassifier(17, 8, Weighted(5.0, 1.0, 0.0, 2.0, 2.0), width=3, d_model=3)
    words, answer = sentences()
    by_place = carrying.gradient_by_place(model, words, answer)
    row = model.answer.weight.double().norm(dim=-1)[answer].mean()
    expected = row * torch.tensor([5.0, 1.0, 0.0, 2.0, 2.0], dtype=torch.float64)
    torch.testing.assert_close(by_place, expected)
    reach = carrying.reach_of_gradient
    assert reach(model, words, answer) == pytest.approx(log10(5 / 2))
    assert reach(model, words, answer, place=1) == pytest.approx(log10(1 / 2))
    assert reach(model, words, answer, place=2) == -99.0
    assert model.answer.weight.dtype == torch.float32, "the model is as it was"


def test_the_model_is_trained_in_place_and_told_when_it_has_learnt():
    torch.set_num_threads(1)
    model = carrying.relay_model("attention", seed=0)
    found = carrying.learn_relay(model, seed=0, lr=0.01, steps=120, length=6)
    assert found["trained"] == 1.0
    assert 10 <= found["learnt"] < 120
    words, answer = sentences(6)
    assert carrying.share_right(model(words), answer) == 1.0
    again = carrying.learn_relay(
        carrying.relay_model("attention", seed=0), seed=0, lr=0.01, steps=12, length=6
    )
    assert again["learnt"] == 12, "not learnt: all steps"


def test_what_is_told_while_learning_is_what_training_reaches():
    torch.set_num_threads(1)
    rows = carrying.reach_while_learning(
        "attention", seed=0, lr=0.003, length=6, steps=85, every=20
    )
    assert [row["step"] for row in rows] == [20, 40, 60, 80], "and none later"
    assert rows[0]["right"] < 0.9 < rows[-1]["right"] == 1.0
    assert 0 < rows[0]["reach"] < rows[-1]["reach"] < 4


def test_what_is_unknown_is_named():
    with pytest.raises(ValueError, match="reader is 'me': take one of 'RNN', 'GRU'"):
        carrying.relay_model("me", seed=0)
    with pytest.raises(ValueError, match=r"nothing is stored of .*'length': 7"):
        carrying.at_best_lr("RNN", 7)


def test_the_stored_rows_are_those_of_the_settings():
    rows = carrying.carrying()
    names = list(carrying.SETTINGS[0])
    assert [{name: row[name] for name in names} for row in rows] == carrying.SETTINGS
    for row in rows:
        assert row["seeds"] == list(carrying.SEEDS)
        assert all(len(row[name]) == len(carrying.SEEDS) for name in LISTS)
        assert all(0 <= share <= 1 for name in ("trained", "right") for share in row[name])
        assert all(10 <= learnt <= row["steps"] for learnt in row["learnt"])


@pytest.mark.parametrize(("reader", "length"), [("RNN", 20), ("GRU", 10), ("attention", 40)])
def test_stored_gradients_are_those_of_untrained_networks(reader, length):
    row = carrying.at_best_lr(reader, length)
    words, answer = first_word_recall(torch.Generator().manual_seed(1000), 1000, length=length)
    found = carrying.reach_of_gradient(carrying.relay_model(reader, seed=0), words, answer)
    assert row["start"][0] == pytest.approx(found, abs=0.01)


def test_a_stored_share_is_what_training_reaches():
    torch.set_num_threads(1)
    row = carrying.at_best_lr("attention", 10)
    setting = {name: row[name] for name in carrying.SETTINGS[0]}
    found = carrying.measure(seed=0, **setting)
    assert found["right"] == pytest.approx(row["right"][0], abs=0.02)
    assert found["learnt"] == pytest.approx(row["learnt"][0], rel=0.3)


def test_attention_reads_at_any_length_as_soon_and_what_must_carry_does_not():
    attention = {length: carrying.at_best_lr("attention", length) for length in carrying.LENGTHS}
    for length, row in attention.items():
        assert min(row["right"]) > 0.99
        assert max(row["learnt"]) < 100
        if length >= 20:
            plain = carrying.at_best_lr("RNN", length)
            assert mean(plain["right"]) < 0.75 > mean(plain["trained"]), "not in training either"
            gated = carrying.at_best_lr("GRU", length)
            assert min(gated["learnt"]) > max(row["learnt"]), "later, though it may learn it"


def test_a_gate_that_begins_by_keeping_carries_as_far_as_attention_reads():
    for length in carrying.LENGTHS:
        row = carrying.at_best_lr("GRU that keeps", length)
        assert min(row["right"]) > 0.99
        assert max(row["learnt"]) < 100
    plain, keeping = (
        carrying.relay_model(reader, seed=0).state_dict() for reader in ("GRU", "GRU that keeps")
    )
    differing = [name for name in plain if not torch.equal(plain[name], keeping[name])]
    assert differing == ["reader.network.bias_ih_l0"], "the same network but for one bias"


def test_gradients_of_untrained_networks_vanish_with_the_length_unless_a_gate_keeps():
    for reader, most in [("RNN", -0.25), ("GRU", -0.15), ("LSTM", -0.15)]:
        starts = [mean(carrying.at_best_lr(reader, n)["start"]) for n in carrying.LENGTHS]
        slopes = [(b - a) / n for a, b, n in zip(starts, starts[1:], (5, 10, 20, 40), strict=False)]
        assert max(slopes) < most, "so many powers of ten a word"
    for reader in ("GRU that keeps", "attention"):
        assert min(carrying.at_best_lr(reader, 80)["start"]) > -1.5


def test_the_examples():
    result = doctest.testmod(carrying)
    assert result.attempted > 0
    assert result.failed == 0
