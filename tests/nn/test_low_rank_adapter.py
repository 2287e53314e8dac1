"""Adapters of low rank: by hand, as they start, what learns, and how they merge."""

import doctest

import pytest
import torch
from torch import nn

from attnlab.nn import (
    EncoderLayer,
    LanguageConfig,
    LanguageModel,
    LowRankAdapter,
    adapt,
    low_rank_adapter,
)


def filled(linear, rank, **options):
    """An adapter in which nothing is 0."""
    layer = LowRankAdapter(linear, rank, **options)
    with torch.no_grad():
        layer.up += torch.randn(layer.up.shape, generator=torch.Generator().manual_seed(0))
    return layer


def test_an_answer_by_hand():
    linear = nn.Linear(3, 2)
    layer = LowRankAdapter(linear, rank=1, alpha=4.0)
    with torch.no_grad():
        linear.weight.copy_(torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]))
        linear.bias.copy_(torch.tensor([10.0, 20.0]))
        layer.down.copy_(torch.tensor([[1.0, 1.0, 1.0]]))
        layer.up.copy_(torch.tensor([[1.0], [-1.0]]))
    assert layer(torch.tensor([1.0, 2.0, 3.0])).tolist() == [11 + 4 * 6, 22 - 4 * 6]


def test_it_starts_as_the_layer_was_and_only_the_thin_matrices_learn():
    linear, x = nn.Linear(5, 3), torch.randn(2, 7, 5)
    before = linear(x)
    layer = LowRankAdapter(linear, rank=2)
    torch.testing.assert_close(layer(x), before, atol=0, rtol=0)
    layer(x).square().sum().backward()
    assert {name for name, each in layer.named_parameters() if each.grad is not None} == {
        "down",
        "up",
    }
    assert layer.up.grad.abs().min() > 0
    assert sum(each.numel() for each in layer.parameters() if each.requires_grad) == 2 * (5 + 3)


@pytest.mark.parametrize("alpha", [None, 0.5, 6.0])
def test_merged_it_is_one_layer_that_gives_the_same(alpha):
    layer, x = filled(nn.Linear(5, 3).double(), 2, alpha=alpha), torch.randn(2, 5).double()
    torch.testing.assert_close(layer.merged()(x), layer(x), atol=1e-12, rtol=0)
    change = layer.merged().weight - layer.linear.weight
    assert torch.linalg.matrix_rank(change) == 2
    assert all(each.requires_grad for each in layer.merged().parameters())
    assert not layer.linear.weight.requires_grad, "the layer is as it was"


def test_a_model_is_copied_frozen_and_adapted():
    torch.manual_seed(0)
    config = LanguageConfig(vocabulary=11, d_model=8, heads=2, layers=3, d_ff=12, length=7)
    model, x = LanguageModel(config).eval(), torch.tensor([[1, 2, 3, 4]])
    adapted = adapt(model, 2)
    torch.testing.assert_close(adapted(x), model(x), atol=0, rtol=0)
    learning = [name for name, each in adapted.named_parameters() if each.requires_grad]
    assert len(learning) == 3 * 2 * 2
    assert all("query" in name or "value" in name for name in learning)
    assert all(each.requires_grad for each in model.parameters())
    assert not any(isinstance(part, LowRankAdapter) for part in model.modules())
    adapted(x).square().sum().backward()
    assert all(each.grad is None for each in model.parameters())


def test_any_linear_layers_may_be_named():
    names = ["query", "key", "value", "output", "hidden"]
    adapted = adapt(EncoderLayer(8, 2, 12), 1, names, alpha=2.0)
    adapters = [part for part in adapted.modules() if isinstance(part, LowRankAdapter)]
    assert len(adapters) == 6  # the feed-forward layer has an output, too
    assert {each.alpha for each in adapters} == {2.0}
    assert adapted(torch.ones(2, 3, 8)).shape == (2, 3, 8)
    assert "rank=1, alpha=2" in repr(adapted)


@pytest.mark.usefixtures("as_a_reader_runs_it")
def test_what_does_not_fit_is_named():
    linear = nn.Linear(5, 3)
    with pytest.raises(TypeError, match=r"linear is a Identity, and must be an nn.Linear"):
        LowRankAdapter(nn.Identity(), 1)
    with pytest.raises(ValueError, match=r"rank is 4, and the weight of linear is \(3, 5\): .* 3"):
        LowRankAdapter(linear, 4)
    with pytest.raises(ValueError, match="rank is 0, and must be at least 1"):
        LowRankAdapter(linear, 0)
    for alpha in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match=r"alpha is .*, and must be above 0 .* such as 2"):
            LowRankAdapter(linear, 2, alpha)
    assert linear.weight.requires_grad, "what was refused is as it was"
    layer = EncoderLayer(8, 2, 12)
    for wrong in (["query", "quarry"], []):
        with pytest.raises(ValueError, match=r"where is .*: query, key, value, output, hidden"):
            adapt(layer, 1, wrong)
    with pytest.raises(TypeError, match=r"where is a single text, 'query': .* \['query'\]"):
        adapt(layer, 1, "query")
    with pytest.raises(TypeError, match=r"model is a list, and must be an nn.Module"):
        adapt([layer], 1)


def test_the_examples():
    result = doctest.testmod(low_rank_adapter)
    assert result.attempted == 7
    assert result.failed == 0
