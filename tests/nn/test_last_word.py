"""Answers at the end of a sentence: what is carried there, and what is looked up."""

import doctest

import pytest
import torch
from torch import nn

from attnlab.nn import (
    LastLook,
    LastState,
    LastWordClassifier,
    MultiHeadAttention,
    SinusoidalPositions,
    Summary,
)
from attnlab.nn import last_word as module

KINDS = [nn.RNN, nn.GRU, nn.LSTM]


def words(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("kind", KINDS)
def test_the_last_state_is_what_reading_word_by_word_ends_with(kind):
    network = kind(3, 5, batch_first=True)
    x, state = words(2, 7, 3), None
    for word in x.unbind(1):
        output, state = network(word[:, None], state)
    torch.testing.assert_close(LastState(network)(x), output[:, 0])


@pytest.mark.parametrize("kind", KINDS)
def test_a_summary_is_where_each_direction_ends(kind):
    network = kind(3, 5, batch_first=True, bidirectional=True)
    x = words(2, 7, 3)
    last = network(x)[1]
    last = last[0] if kind is nn.LSTM else last
    torch.testing.assert_close(Summary(network)(x), torch.cat([last[0], last[1]], -1))


def test_the_direction_that_reads_backwards_has_read_only_the_last_word_at_the_last_word():
    network = nn.GRU(3, 5, batch_first=True, bidirectional=True)
    x, other = words(1, 7, 3), words(1, 7, 3, seed=1)
    other[:, -1] = x[:, -1]
    state, changed = LastState(network)(x), LastState(network)(other)
    assert torch.equal(state[:, 5:], changed[:, 5:])
    assert not torch.allclose(state[:, :5], changed[:, :5])


def test_one_look_is_the_last_row_of_self_attention():
    attention = MultiHeadAttention(6, 2)
    x = words(2, 7, 6)
    torch.testing.assert_close(LastLook(attention)(x), attention(x)[:, -1])


def test_the_answer_is_read_off_by_one_linear_map_and_all_sizes_differ():
    model = LastWordClassifier(11, 5, LastState(nn.GRU(3, 7, batch_first=True)), width=7, d_model=3)
    tokens = torch.randint(11, (2, 13), generator=torch.Generator().manual_seed(0))
    logits = model(tokens)
    assert logits.shape == (2, 5)
    state = model.reader(model.embedding(tokens))
    torch.testing.assert_close(logits, state @ model.answer.weight.T + model.answer.bias)
    assert torch.equal(model.answer_of(model.embedding(tokens)), logits)


def test_positions_are_put_in_where_they_are_handed_in():
    torch.manual_seed(0)
    looks = LastLook(MultiHeadAttention(4, 1))
    plain = LastWordClassifier(9, 2, looks, width=4, d_model=4)
    placed = LastWordClassifier(9, 2, looks, width=4, d_model=4, positions=SinusoidalPositions(4))
    here, there = torch.tensor([[3, 5, 0]]), torch.tensor([[5, 3, 0]])
    assert torch.allclose(plain(here), plain(there), atol=1e-6)
    assert not torch.allclose(placed(here), placed(there), atol=1e-4)


@pytest.mark.usefixtures("as_a_reader_runs_it")
def test_what_cannot_read_is_refused():
    with pytest.raises(TypeError, match=r"network is a Linear, and must be an nn\.RNN"):
        LastState(nn.Linear(3, 5))
    with pytest.raises(TypeError, match="network is a GRUCell"):
        Summary(nn.GRUCell(3, 5))
    for reader in (LastState, Summary):
        with pytest.raises(ValueError, match="network has batch_first=False"):
            reader(nn.GRU(3, 5, bidirectional=True))
    with pytest.raises(ValueError, match=r"bidirectional=False .* take LastState"):
        Summary(nn.GRU(3, 5, batch_first=True))
    with pytest.raises(ValueError, match="num_layers=2"):
        Summary(nn.GRU(3, 5, num_layers=2, batch_first=True, bidirectional=True))


@pytest.mark.usefixtures("as_a_reader_runs_it")
def test_vectors_and_sizes_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match=r"words has shape .*takes vectors of length 3"):
        LastState(nn.GRU(3, 5, batch_first=True))(words(2, 7, 4))
    with pytest.raises(ValueError, match="classes is 0"):
        LastWordClassifier(9, 0, nn.Identity(), width=4)
    with pytest.raises(TypeError, match=r"width is 4\.0"):
        LastWordClassifier(9, 2, nn.Identity(), width=4.0)
    model = LastWordClassifier(9, 2, LastLook(MultiHeadAttention(4, 1)), width=4, d_model=4)
    with pytest.raises(ValueError, match="the vocabulary has 9"):
        model(torch.tensor([[3, 9, 0]]))


def test_the_examples():
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
