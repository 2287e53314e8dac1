"""An encoder that answers at every position."""

import pytest
import torch

from attnlab.nn import TokenClassifier, TokenClassifierConfig

SIZES = {"d_model": 6, "heads": 2, "layers": 1, "d_ff": 5, "dropout": 0.0}
CONFIG = TokenClassifierConfig(vocabulary=11, answers=7, **SIZES)


def test_each_position_has_a_score_for_each_answer():
    model, source = TokenClassifier(CONFIG), torch.randint(1, 11, (2, 3))
    logits = model(source)
    assert logits.shape == (2, 3, 7)
    wanted = model.encoder(source) @ model.output.weight.T + model.output.bias
    torch.testing.assert_close(logits, wanted)


def test_what_is_masked_changes_nothing():
    model, source = TokenClassifier(CONFIG), torch.tensor([[3, 4, 5, 6, 7]])
    mask = torch.tensor([[[True, True, True, False, False]]])
    other = source.clone()
    other[0, 3:] = torch.tensor([1, 2])
    torch.testing.assert_close(model(source, mask)[:, :3], model(other, mask)[:, :3])
    assert not torch.allclose(model(source)[:, :3], model(other)[:, :3])


def test_without_positions_the_answers_move_with_the_tokens():
    config = TokenClassifierConfig(vocabulary=11, answers=7, **SIZES, positions="none")
    model, source = TokenClassifier(config), torch.tensor([[3, 4, 5, 6, 7]])
    torch.testing.assert_close(model(source.flip(1)), model(source).flip(1))


def test_gradients_reach_every_weight():
    model = TokenClassifier(CONFIG)
    model(torch.randint(1, 11, (2, 3))).square().sum().backward()
    assert all(weight.grad is not None for weight in model.parameters())


def test_a_token_of_another_vocabulary():
    with pytest.raises(ValueError, match="tokens holds numbers from 3 to 11, and the vocabulary"):
        TokenClassifier(CONFIG)(torch.tensor([[3, 11]]))
    with pytest.raises(ValueError, match="at least one position"):
        TokenClassifier(CONFIG)(torch.zeros(1, 0, dtype=torch.long))
