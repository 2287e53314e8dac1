"""Logits of 16 bits: drawn from, searched and measured as the same numbers in float32."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from attnlab.training import (
    beam_search,
    beams,
    gradient_norm,
    greedy,
    label_smoothed_cross_entropy,
    sample,
    sampling_weights,
    train,
)

NARROW = [torch.float16, torch.bfloat16]
narrow = pytest.mark.parametrize("dtype", NARROW)
every = pytest.mark.parametrize("dtype", [*NARROW, torch.float32, torch.float64])


class Same(nn.Module):
    """A model that always gives the same logits."""

    def __init__(self, logits):
        super().__init__()
        self.logits = logits
        self.decoder = nn.Module()
        self.decoder.empty_caches = list

    def encode(self, source, *_):
        return source

    def decode(self, target, *_, **__):
        return self.logits.expand(len(target), target.shape[1], -1)


def test_a_share_of_bfloat16():
    logits = torch.tensor([0.85, 0.10, 0.05]).log().bfloat16()
    weights = sampling_weights(logits, top_p=0.9)
    torch.testing.assert_close(weights, sampling_weights(logits.float(), top_p=0.9))
    torch.testing.assert_close(weights, torch.tensor([0.895, 0.105, 0]), atol=1e-3, rtol=0)


@every
@pytest.mark.parametrize(("top_p", "kept"), [(0.01, 1), (0.05, 5), (0.5, 50), (0.99, 99), (1, 100)])
def test_as_many_of_equal_ones_as_the_share_asks_for(dtype, top_p, kept):
    weights = sampling_weights(torch.zeros(100, dtype=dtype), top_p=top_p)
    assert int((weights > 0).sum()) == kept
    assert (weights[:kept] > 0).all()


@narrow
@pytest.mark.parametrize("size", [3, 100, 5000])
@pytest.mark.parametrize(
    "cut",
    [
        {},
        {"top_p": 0.3},
        {"top_p": 0.9},
        {"top_p": 0.999},
        {"top_k": 2},
        {"top_k": 40, "top_p": 0.8},
        {"temperature": 1e-9},
        {"temperature": 0.1, "top_p": 0.9},
        {"temperature": 1e9},
    ],
)
def test_weights_are_those_of_float32(dtype, size, cut):
    logits = torch.randn(4, size, generator=torch.Generator().manual_seed(0)).to(dtype)
    weights = sampling_weights(logits, **cut)
    torch.testing.assert_close(weights, sampling_weights(logits.float(), **cut))
    whole = sampling_weights(logits.double(), cut.get("temperature", 1), cut.get("top_k"))
    assert (whole.where(weights > 0, 0).sum(-1) >= cut.get("top_p", 1) - 1e-6).all()


@every
def test_a_beam_of_one_is_greedy(dtype):
    logits = torch.zeros(1000, dtype=dtype)
    logits[700] = 0.01
    model, source = Same(logits), torch.tensor([[7]])
    marks = {"begin": 1, "end": 2, "most": 3}
    tokens, score = beam_search(model, source, **marks, width=1, length_penalty=0)
    assert tokens.tolist() == greedy(model, source, **marks).tolist() == [[700] * 3]
    exact = 3 * torch.log_softmax(logits.double(), 0)[700]
    assert score.item() == pytest.approx(exact.item(), abs=1e-5)
    assert score.item() == pytest.approx(-20.690, abs=4e-3)


@every
@pytest.mark.parametrize("size", [3, 64, 1000])
def test_of_equal_tokens_the_first(dtype, size):
    model, source = Same(torch.zeros(size, dtype=dtype)), torch.tensor([[7], [8]])
    marks = {"begin": 1, "end": 2, "most": 4}
    tokens, _ = beam_search(model, source, **marks, width=1)
    assert tokens.tolist() == greedy(model, source, **marks).tolist() == [[0] * 4] * 2
    drawn = sample(model, source, **marks, top_k=1)
    assert drawn.tolist() == [[0] * 4] * 2


def test_a_difference_that_log_probabilities_of_float32_do_not_hold():
    logits = torch.zeros(1000)
    logits[700] = 1e-7
    marks = {"begin": 1, "end": 2, "most": 2}
    for cut in ({"width": 1}, {"width": 3}):
        tokens, _ = beam_search(Same(logits), torch.tensor([[7]]), **marks, **cut)
        assert tokens.tolist() == [[700, 700]]
    assert sample(Same(logits), torch.tensor([[7]]), **marks, top_k=1).tolist() == [[700, 700]]


@narrow
def test_the_logs_of_beams(dtype):
    logits = torch.randn(50, generator=torch.Generator().manual_seed(0)).to(dtype)
    search = beams(Same(logits), torch.tensor([[7]]), begin=1, end=2, most=5, width=4)
    for step in search:
        written = torch.log_softmax(logits.double(), 0)[step.tokens].sum(-1)
        torch.testing.assert_close(step.logs.double(), written, atol=1e-5, rtol=0)


@narrow
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
def test_the_loss_is_that_of_float32(dtype, smoothing):
    random = torch.Generator().manual_seed(0)
    logits = torch.randn(7, 5000, generator=random).to(dtype).requires_grad_()
    target = torch.randint(5000, (7,), generator=random)
    loss = label_smoothed_cross_entropy(logits, target, smoothing)
    expected = label_smoothed_cross_entropy(logits.float(), target, smoothing)
    torch.testing.assert_close(loss, expected)
    loss.backward()
    assert logits.grad.dtype == dtype


@narrow
def test_the_length_of_a_gradient(dtype):
    weight = torch.ones(100_000, dtype=dtype)
    weight.grad = torch.full_like(weight, 300.0)
    assert gradient_norm([weight]) == pytest.approx(300 * math.sqrt(100_000), rel=1e-3)


@narrow
def test_training_with_a_long_gradient(dtype):
    model = nn.Linear(100_000, 1, bias=False).to(dtype)
    batch = [(torch.full((1, 100_000), 300.0, dtype=dtype),)]
    loss = lambda model, x: (model(x).float() / 1000).sum() * 1000  # noqa: E731
    (step,) = train(model, batch, loss, steps=1, clip=1.0)
    assert step.gradient == pytest.approx(300 * math.sqrt(100_000), rel=1e-2)
    assert model.weight.grad.float().norm().item() == pytest.approx(1.0, rel=5e-2)


def test_a_long_sum_of_equal_probabilities_reaches_its_share():
    kept = sampling_weights(torch.zeros(50_000, dtype=torch.float64), top_p=0.2) > 0
    assert kept.sum() == 10_000


def test_numbers_of_numpy_in_a_beam():
    source, model = torch.tensor([[3]]), Same(torch.arange(5.0))
    given = {"begin": np.int64(1), "end": np.int32(2), "most": np.int64(2), "width": np.int8(2)}
    tokens, _ = beam_search(model, source, **given)
    assert torch.equal(tokens, beam_search(model, source, begin=1, end=2, most=2, width=2)[0])
    with pytest.raises(ValueError, match="width is"):
        beam_search(model, source, **(given | {"width": 10**30}))


@pytest.mark.parametrize("decode", [greedy, beam_search])
def test_a_model_in_a_wrapper_of_several_devices(decode):
    wrapped = nn.DataParallel(Same(torch.arange(5.0)))
    with pytest.raises(TypeError, match=r"hand in model\.module"):
        decode(wrapped, torch.tensor([[3]]), begin=1, end=2, most=2)
