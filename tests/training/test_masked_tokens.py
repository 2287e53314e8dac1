"""What language models learn from: hidden tokens, and next ones."""

import doctest
import math

import pytest
import torch
from torch import nn

from attnlab.training import (
    IGNORED,
    mask_tokens,
    masked_loss,
    masked_tokens,
    next_token_loss,
    next_tokens,
)


def drawn(seed=0):
    return torch.Generator().manual_seed(seed)


class Table(nn.Module):
    """Scores that hang on the token alone."""

    def __init__(self, logits):
        super().__init__()
        self.logits = torch.tensor(logits)

    def forward(self, tokens):
        return self.logits[tokens]


def test_of_many_tokens_the_shares_are_those_of_the_paper():
    tokens = torch.randint(4, 1000, (300, 500), generator=drawn(1))
    kept = tokens.clone()
    inputs, targets = mask_tokens(tokens, drawn(), mask=3, vocabulary=1000, first=4)
    assert torch.equal(tokens, kept)
    chosen = targets != IGNORED
    assert torch.equal(targets[chosen], tokens[chosen])
    assert torch.equal(inputs[~chosen], tokens[~chosen])
    assert chosen.double().mean() == pytest.approx(0.15, abs=0.005)
    hidden, same = inputs[chosen] == 3, inputs[chosen] == tokens[chosen]
    assert hidden.double().mean() == pytest.approx(0.8, abs=0.01)
    assert same.double().mean() == pytest.approx(0.1, abs=0.01)
    others = inputs[chosen][~hidden & ~same]
    assert others.min() >= 4
    assert others.max() < 1000


def test_marks_are_never_chosen_and_the_same_state_chooses_the_same():
    tokens = torch.tensor([[1, 7, 8, 2, 0]])
    for seed in range(20):
        inputs, targets = mask_tokens(tokens, drawn(seed), mask=9, vocabulary=9, first=3, share=1.0)
        assert (targets != IGNORED).tolist() == [[False, True, True, False, False]]
        assert inputs[0, [0, 3, 4]].tolist() == [1, 2, 0]
        again = mask_tokens(tokens, drawn(seed), mask=9, vocabulary=9, first=3, share=1.0)
        assert torch.equal(inputs, again[0])
        assert torch.equal(targets, again[1])


def test_losses_by_hand():
    # After token 0 come 0 and 1 with the same chance, after token 1 comes 0 with 3 of 4.
    model = Table([[0.0, 0.0], [math.log(3.0), 0.0]])
    tokens = torch.tensor([[0, 1, 0]])
    assert next_token_loss(model, tokens).item() == pytest.approx(
        (math.log(2) + math.log(4 / 3)) / 2
    )
    targets = torch.tensor([[IGNORED, 1, IGNORED]])
    assert masked_loss(model, tokens, targets).item() == pytest.approx(math.log(4))


def test_what_does_not_fit_is_named():
    tokens, model = torch.tensor([[5, 6]]), Table([[0.0]])
    good = {"mask": 3, "vocabulary": 9}
    with pytest.raises(TypeError, match=r"random is 0, and must be a generator"):
        mask_tokens(tokens, 0, **good)
    with pytest.raises(TypeError, match=r"tokens is a list"):
        mask_tokens([[5, 6]], drawn(), **good)
    for share in (0.0, 1.5, float("nan")):
        with pytest.raises(ValueError, match="share is"):
            mask_tokens(tokens, drawn(), **good, share=share)
    with pytest.raises(ValueError, match=r"vocabulary is 4, and must be at least 5: drawn"):
        mask_tokens(tokens, drawn(), mask=3, vocabulary=4, first=4)
    with pytest.raises(ValueError, match=r"targets holds nothing but -100: ask"):
        masked_loss(model, tokens, torch.full_like(tokens, IGNORED))
    for wrong in (tokens[:, :1], tokens[0]):
        with pytest.raises(ValueError, match=r"tokens has shape .* at least two positions"):
            next_token_loss(model, wrong)


@pytest.mark.parametrize("module", [masked_tokens, next_tokens])
def test_the_examples(module):
    result = doctest.testmod(module)
    assert result.attempted == {masked_tokens: 2, next_tokens: 0}[module]
    assert result.failed == 0
