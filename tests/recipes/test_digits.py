"""Recipes for rows of digits."""

import pytest
import torch

from attnlab.nn import TokenClassifier, Transformer
from attnlab.recipes import find
from attnlab.recipes.digits import decoded, predicted, tagging_loss, writing_loss
from attnlab.tasks import BEGIN, END
from attnlab.training import train


class Echo(torch.nn.Module):
    """Answers with the source, and is sure of it."""

    def forward(self, source):
        return 50.0 * torch.nn.functional.one_hot(source, 11).float()


class Counter(torch.nn.Module):
    """Writes, after each token, the next number, and the end mark after 7."""

    class Decoder:
        def empty_caches(self):
            return []

    decoder = Decoder()

    def encode(self, source, mask=None):
        del mask
        return source[..., None].float()

    def decode(self, target, memory, mask=None, caches=None):
        del memory, mask, caches
        following = torch.where(target == BEGIN, 5, target + 1)
        return torch.nn.functional.one_hot(torch.where(target == 7, END, following), 11).float()

    def forward(self, source, target):
        return 50.0 * self.decode(target, self.encode(source))


def test_tagging_loss_is_nothing_for_sure_and_right_answers():
    source = torch.tensor([[5, 7, 4, 9, 6], [4, 4, 8, 10, 5]])
    assert tagging_loss(Echo(), source, source) < 1e-6
    assert tagging_loss(Echo(), source, source[:, :3]) < 1e-6  # fewer answers than tokens
    # One of ten is wrong: 50 nats lost, a tenth of that in the mean.
    target = source.clone()
    target[0, 2] = 5
    assert tagging_loss(Echo(), source, target).item() == pytest.approx(5.0)


def test_predicting_leaves_the_model_in_its_mode():
    model, source = Echo(), torch.tensor([[5, 7, 4]] * 1001)
    assert torch.equal(predicted(model, source), source)
    assert model.training
    assert torch.equal(predicted(model.eval(), source), source)
    assert not model.training


def test_writing_loss_and_decoded():
    source, target = torch.tensor([[5, 4, 4]]), torch.tensor([[5, 6, 7]])
    assert writing_loss(Counter(), source, target) < 1e-6
    assert writing_loss(Counter(), source, torch.tensor([[5, 6, 8]])).item() > 10
    assert decoded(Counter(), source).tolist() == [[5, 6, 7, 0]]  # 0 where the end mark was


@pytest.mark.parametrize("seed", [0, 1])
def test_reverse_is_learnt(seed):
    recipe = find("reverse", "small")
    torch.manual_seed(seed)
    model, random = recipe.model(), torch.Generator().manual_seed(seed)
    for step in train(model, recipe.batches(random), recipe.loss, **recipe.pace):
        if recipe.learnt(model, step.number):
            break
    assert step.number < recipe.steps
    judged = recipe.judge(model)
    assert judged["rows"] == 5000
    assert judged["exact"] >= 0.999


def test_a_model_that_learnt_nothing_is_judged_so():
    torch.manual_seed(0)
    for task in ("reverse", "copy"):
        recipe = find(task, "small")
        assert recipe.judge(recipe.model()) == {"rows": 5000, "exact": 0.0}
        assert recipe.validate(recipe.model()) == 0.0


def test_encoders_answer_at_once_and_two_halves_write():
    assert isinstance(find("sort", "small").model(), TokenClassifier)
    assert isinstance(find("copy", "small").model(), Transformer)
