"""float16 and bfloat16 are reckoned in float32 and rounded once: as of the same numbers there."""

import warnings

import numpy as np
import pytest
import torch

from attnlab import (
    additive,
    associative_states,
    attention,
    attention_weights,
    bilinear,
    blockwise_attention,
    distance_bias,
    dot,
    elu_plus_one,
    gat_scores,
    gatv2_scores,
    gaussian,
    layer_norm,
    linear_attention,
    linear_attention_chunked,
    linear_attention_recurrent,
    low_rank_attention,
    normalise,
    rotary,
    scaled_dot,
    self_attention,
    sinusoids,
    softmax,
    strided_attention,
    window,
    window_attention,
)
from attnlab.nn import ENCODINGS, AdditiveAttention, MultiHeadAttention, fused_attention

KINDS = ["numpy float16", "torch float16", "torch bfloat16"]
EPSILON = {"float16": 2**-11, "bfloat16": 2**-8}  # one rounding, relative
narrow = pytest.mark.parametrize("kind", KINDS)


def draw(kind, *shape, size=1.0, seed=0):
    """Drawn numbers of 16 bits, and the same numbers in float32."""
    library, dtype = kind.split()
    numbers = torch.randn(shape, generator=torch.Generator().manual_seed(seed)) * size
    numbers = numbers.to(getattr(torch, dtype))
    return (
        (numbers.numpy(), numbers.float().numpy())
        if library == "numpy"
        else (numbers, numbers.float())
    )


def agree(kind, result, expected):
    """Whether the result is the expected one of float32, rounded once."""
    dtype = kind.split()[1]
    assert str(result.dtype).removeprefix("torch.") == dtype
    result, expected = (np.asarray(torch.as_tensor(x).detach().float()) for x in (result, expected))
    np.testing.assert_allclose(result, expected, rtol=1.01 * EPSILON[dtype], atol=1e-7)


def both(kind, function, *shapes, size=1.0):
    drawn = [draw(kind, *shape, size=size, seed=i) for i, shape in enumerate(shapes)]
    narrow, wide = zip(*drawn, strict=True)
    agree(kind, function(*narrow), function(*wide))


@narrow
@pytest.mark.parametrize("score", [dot, scaled_dot, gaussian])
def test_scores(kind, score):
    both(kind, score, (2, 5, 64), (2, 7, 64))


@narrow
def test_scores_with_parameters(kind):
    both(kind, bilinear, (5, 64), (7, 32), (64, 32), size=0.3)
    both(kind, additive, (5, 64), (7, 32), (64, 11), (32, 11), (11,), size=0.3)


@narrow
def test_scores_of_graphs(kind):
    both(kind, gat_scores, (5, 64), (7, 64), (64,), (64,), size=0.3)
    both(kind, gatv2_scores, (5, 64), (7, 64), (64,), size=0.3)


@narrow
@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize("temperature", [1e-9, 0.01, 1.0, 3.0, 1e8, np.float64(2), np.float16(2)])
def test_softmax(kind, axis, temperature):
    both(kind, lambda x: softmax(x, temperature=temperature, axis=axis), (40, 50), size=5)


@narrow
def test_softmax_of_very_many(kind):
    """In float16, 70,000 ones do not even have a finite sum."""
    scores, _ = draw(kind, 70_000, size=0)
    total = np.asarray(torch.as_tensor(softmax(scores)).double()).sum()
    assert total == pytest.approx(1, rel=4e-2)


@narrow
@pytest.mark.parametrize("score", [scaled_dot, dot, gaussian])
def test_attention(kind, score):
    both(kind, lambda *qkv: attention(*qkv, score=score), (2, 5, 64), (2, 7, 64), (2, 7, 3))
    both(kind, lambda *qk: attention_weights(*qk, score=score), (2, 5, 64), (2, 7, 64))


@narrow
def test_attention_to_a_part(kind):
    shapes = (2, 200, 64), (2, 200, 64), (2, 200, 3)
    for size in (3, 50):
        both(kind, lambda *qkv, n=size: window_attention(*qkv, n), *shapes)
        both(kind, lambda *qkv, n=size: strided_attention(*qkv, n), *shapes)
        both(kind, lambda *qkv, n=size: blockwise_attention(*qkv, block=n), *shapes)
    both(kind, low_rank_attention, *shapes, (7, 200), (7, 200), size=0.3)


@narrow
def test_linear_attention(kind):
    shapes = (2, 200, 64), (2, 200, 64), (2, 200, 3)
    both(kind, elu_plus_one, (5, 64))
    both(kind, linear_attention, *shapes)
    both(kind, lambda *qkv: linear_attention(*qkv, causal=True), *shapes)
    both(kind, lambda *qkv: linear_attention_chunked(*qkv, 30, decay=0.9), *shapes)
    both(kind, lambda *qkv: linear_attention_recurrent(*qkv, decay=0.9), *shapes)
    both(kind, associative_states, *shapes[1:])
    both(kind, lambda *kv: associative_states(*kv, rate=0.01), *shapes[1:])


@narrow
def test_attention_whose_scores_overflow(kind):
    """128 products of 30 by 30 are 115,200, and float16 ends at 65,504."""
    x = draw(kind, 4, 128)[0]
    x[...] = 30.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for score in (scaled_dot, dot, lambda q, k: dot(q, k)):
            agree(kind, attention(x, x, x, score=score), np.full((4, 128), 30.0, np.float32))
            weights = attention_weights(x, x, score=score)
            agree(kind, weights, np.full((4, 4), 0.25, np.float32))
        agree(kind, scaled_dot(x, x), np.full((4, 4), 30 * 30 * 128**0.5, np.float32))
    if kind.startswith("torch"):
        torch.testing.assert_close(attention(x, x, x), fused_attention(x, x, x))


@narrow
def test_self_attention_whose_maps_overflow(kind):
    x, w = draw(kind, 4, 128)[0], draw(kind, 128, 128)[0]
    x[...], w[...] = 30.0, 30.0
    value = w * 0 + 1 / 128
    agree(kind, self_attention(x, w, w, value), np.full((4, 128), 30.0, np.float32))


@narrow
def test_a_score_with_parameters_inside(kind):
    weight = draw(kind, 64, 32, seed=9)
    drawn = [draw(kind, *shape, seed=i) for i, shape in enumerate([(5, 64), (7, 32), (7, 3)])]
    narrow, wide = zip(*drawn, strict=True)
    result = attention(*narrow, score=lambda q, k: bilinear(q, k, weight[0]))
    agree(kind, result, attention(*wide, score=lambda q, k: bilinear(q, k, weight[1])))


@narrow
def test_masks_and_empty_rows(kind):
    (x, wide), mask = draw(kind, 3, 3), np.array([[1, 0, 1], [0, 0, 0], [1, 1, 1]], bool)
    mask = torch.from_numpy(mask) if kind.startswith("torch") else mask
    agree(kind, softmax(x, mask), softmax(wide, mask))
    agree(kind, attention(x, x, x, mask), attention(wide, wide, wide, mask))
    assert (attention(x, x, x, mask)[1] == 0).all()


@narrow
def test_norms(kind):
    both(kind, layer_norm, (2, 5, 300), size=100)
    both(kind, lambda x, m, v: normalise(x, m, abs(v)), (2, 5, 30), (1, 1, 30), (1, 1, 30))


@narrow
def test_normalise_with_a_tiny_variance_of_16_bits(kind):
    x, _ = draw(kind, 1, 2, 4)
    zero = x[:, :1] * 0
    agree(kind, normalise(x, zero, zero), np.asarray(torch.as_tensor(x).float()) / 1e-5**0.5)


@narrow
def test_positions(kind):
    x, wide = draw(kind, 2, 600, 8)
    at = np.arange(600) if kind.startswith("numpy") else torch.arange(600)
    agree(kind, rotary(x, at), rotary(wide, at))
    halves = x[0, :, 0] * 0
    halves[:] = at if kind.startswith("numpy") else at.to(halves)
    exact = np.asarray(torch.as_tensor(halves).double())
    agree(kind, sinusoids(halves, 8), sinusoids(exact, 8))
    agree(kind, distance_bias(halves, halves, 3), distance_bias(exact, exact, 3))
    expected = np.abs(exact[:, None] - exact) <= 9
    np.testing.assert_array_equal(np.asarray(window(halves, halves, 9)), expected)


@narrow
def test_gradients(kind):
    if kind.startswith("numpy"):
        pytest.skip("NumPy has no gradients")
    (x, wide) = draw(kind, 5, 64)
    x, wide = x.requires_grad_(), wide.clone().requires_grad_()
    attention(x, x, x).float().square().sum().backward()
    attention(wide, wide, wide).square().sum().backward()
    assert x.grad.dtype == x.dtype
    torch.testing.assert_close(x.grad.float(), wide.grad, rtol=5e-2, atol=5e-2)


def test_mixed_types_of_16_and_32_bits():
    narrow, wide = torch.ones(2, 4, dtype=torch.float16), torch.ones(2, 4)
    assert attention(narrow, narrow, wide).dtype == torch.float32
    assert dot(narrow, narrow.bfloat16()).dtype == torch.float32


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_additive_attention_of_a_model(dtype):
    torch.manual_seed(0)
    model = AdditiveAttention(16, 8, 32).to(dtype)
    state, memory = torch.randn(2, 3, 16).to(dtype), torch.randn(2, 500, 8).to(dtype)
    result = model(state, memory)
    assert result.dtype == dtype
    expected = model.float()(state.float(), memory.float())
    torch.testing.assert_close(result.float(), expected, rtol=2e-2, atol=2e-2)
    look = model.to(dtype).look(state, memory)
    assert {x.dtype for x in look} == {dtype}
    assert look.weights.float().sum(-1).sub(1).abs().max() < 2e-2


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("attend", [attention, fused_attention])
def test_many_heads_of_16_bits(dtype, attend):
    torch.manual_seed(0)
    layer = MultiHeadAttention(16, 2, attend=attend).to(dtype)
    x = torch.randn(2, 5, 16).to(dtype)
    expected = layer.float()(x.float())
    torch.testing.assert_close(layer.to(dtype)(x).float(), expected, rtol=3e-2, atol=3e-2)


def test_single_and_double_precision_are_left_as_they_are():
    for dtype in (np.float32, np.float64):
        x = np.random.default_rng(0).normal(size=(5, 4)).astype(dtype)
        assert softmax(x, temperature=np.float64(2)).dtype == dtype
        assert gaussian(x, x, width=np.float64(2)).dtype == dtype
        assert layer_norm(x[None], epsilon=np.float64(1e-5)).dtype == dtype
        assert attention(x, x, x).dtype == dtype


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("positions", ["none", "rotary", "alibi"])
def test_positions_inside_the_heads(dtype, positions):
    random = torch.Generator().manual_seed(0)
    given = [torch.randn(1, 2, 600, 8, generator=random).to(dtype) for _ in range(3)]
    encoding = ENCODINGS[positions](16, 2, 600)
    expected = encoding.attend(*(x.float() for x in given))
    result = encoding.attend(*given)
    assert result.dtype == dtype
    torch.testing.assert_close(result.float(), expected, rtol=3e-2, atol=3e-2)
