"""One answer for a sentence: the mean of what was made of its words."""

import doctest

import pytest
import torch
from torch import nn

from attnlab import padding
from attnlab.nn import (
    LanguageConfig,
    LanguageModel,
    MaskedLanguageModel,
    SentenceClassifier,
    sentence_classifier,
)

CONFIG = LanguageConfig(vocabulary=13, d_model=12, heads=3, layers=2, d_ff=20, dropout=0.0)


def encoders():
    torch.manual_seed(0)
    return [MaskedLanguageModel(CONFIG).encoder, LanguageModel(CONFIG).decoder]


class Table(nn.Module):
    def forward(self, tokens, mask=None):
        del mask
        return torch.stack([tokens, tokens**2], -1).double()


def test_an_answer_by_hand():
    model = SentenceClassifier(Table(), 2, answers=2).double()
    with torch.no_grad():
        model.output.weight.copy_(torch.eye(2))
        model.output.bias.copy_(torch.tensor([0.0, 10.0]))
    tokens = torch.tensor([[1, 2, 3], [4, 6, 0]])
    real = padding(torch.tensor([3, 2]), torch.arange(3))
    assert model(tokens, real).tolist() == [[2, 14 / 3 + 10], [5, 26 + 10]]
    assert model(tokens)[0].tolist() == [2, 14 / 3 + 10]


@pytest.mark.parametrize("which", [0, 1])
def test_padding_changes_nothing(which):
    model = SentenceClassifier(encoders()[which], 12, answers=5)
    tokens = torch.tensor([[3, 4, 5, 6, 7], [8, 9, 10, 0, 0]])
    padded = model(tokens, padding(torch.tensor([5, 3]), torch.arange(5)))
    torch.testing.assert_close(padded[:1], model(tokens[:1]))
    torch.testing.assert_close(padded[1:], model(tokens[1:, :3]))
    assert padded.shape == (2, 5)


def test_the_encoder_is_handed_in_and_learns_with_it():
    encoder = encoders()[0]
    model = SentenceClassifier(encoder, 12, answers=2)
    model(torch.tensor([[3, 4]])).sum().backward()
    assert model.encoder is encoder
    assert all(each.grad is not None for each in encoder.layers.parameters())


@pytest.mark.usefixtures("as_a_reader_runs_it")
def test_what_does_not_fit_is_named():
    with pytest.raises(ValueError, match="answers is 0, and must be at least 1"):
        SentenceClassifier(nn.Identity(), 4, 0)
    model = SentenceClassifier(encoders()[0], 12, answers=2)
    with pytest.raises(ValueError, match=r"mask has shape \(2, 5\)"):
        model(torch.ones(2, 3, dtype=torch.long), torch.ones(2, 5, dtype=torch.bool))


def test_the_examples():
    result = doctest.testmod(sentence_classifier, extraglobs=vars(sentence_classifier) | globals())
    assert result.attempted == 3
    assert result.failed == 0
