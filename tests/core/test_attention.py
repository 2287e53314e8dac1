import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab import attention, attention_weights, causal, dot, padding, self_attention
from attnlab import window as window_mask
from core.libraries import DTYPES, TOLERANCE, everywhere, make, numbers, same_kind

fused = torch.nn.functional.scaled_dot_product_attention


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@everywhere
def test_by_hand(library, dtype):
    # Scores ln 4 * 2 / sqrt(4) = ln 4 and 0: weights 4/5 and 1/5.
    query = make(library, [[math.log(4), 0.0, 0.0, 0.0]], dtype)
    key = make(library, [[2.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]], dtype)
    value = make(library, [[10.0], [20.0]], dtype)
    result = attention(query, key, value)
    assert same_kind(result, query)
    np.testing.assert_allclose(numbers(result), [[12.0]], atol=10 * TOLERANCE[dtype])
    np.testing.assert_allclose(
        numbers(attention_weights(query, key)), [[0.8, 0.2]], atol=TOLERANCE[dtype]
    )


@everywhere
def test_all_sizes_different(library, dtype):
    query, key, value = (
        make(library, draw(2, 3, n, d, seed=n), dtype) for n, d in [(5, 13), (7, 13), (7, 11)]
    )
    weights = attention_weights(query, key)
    assert tuple(weights.shape) == (2, 3, 5, 7)
    assert tuple(attention(query, key, value).shape) == (2, 3, 5, 11)
    np.testing.assert_allclose(numbers(weights).sum(-1), 1.0, atol=7 * TOLERANCE[dtype])


masks = {
    "none": lambda _: None,
    "causal": lambda n: causal(torch.arange(n), torch.arange(n)),
    "window": lambda n: window_mask(torch.arange(n), torch.arange(n), 2),
    "padding": lambda n: padding(torch.tensor([[n], [3]]), torch.arange(n)),
}


@pytest.mark.parametrize("mask", masks)
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.float64, 1e-12)])
def test_the_fused_kernel_agrees_in_output_and_gradient(mask, dtype, tolerance):
    arrays = [torch.tensor(draw(2, 3, 7, d, seed=d)).to(dtype) for d in (5, 5, 5)]
    arrays[1] = arrays[1].flip(-2)
    ours = [a.clone().requires_grad_() for a in arrays]
    theirs = [a.clone().requires_grad_() for a in arrays]
    allowed = masks[mask](7)
    a, b = attention(*ours, allowed), fused(*theirs, attn_mask=allowed)
    torch.testing.assert_close(a, b, atol=tolerance, rtol=0)
    weight = torch.tensor(draw(2, 3, 7, 5, seed=9)).to(dtype)
    (a * weight).sum().backward()
    (b * weight).sum().backward()
    for x, y in zip(ours, theirs, strict=True):
        torch.testing.assert_close(x.grad, y.grad, atol=10 * tolerance, rtol=0)


@pytest.mark.parametrize("dtype", DTYPES)
def test_numpy_and_torch_agree(dtype):
    arrays = [draw(3, 5, 4, seed=s).astype(dtype) for s in range(3)]
    ours = attention(*arrays)
    theirs = attention(*(torch.from_numpy(a) for a in arrays)).numpy()
    np.testing.assert_allclose(ours, theirs, atol=TOLERANCE[dtype])


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_a_row_with_nothing_to_attend_to(dtype):
    arrays = [torch.tensor(draw(3, 4, seed=s)).to(dtype).requires_grad_() for s in range(3)]
    mask = torch.tensor([[True, True, True], [False, False, False], [True, False, False]])
    result = attention(*arrays, mask)
    assert torch.equal(result[1], torch.zeros(4, dtype=dtype))
    result.sum().backward()
    assert all(torch.isfinite(a.grad).all() for a in arrays)
    assert torch.equal(arrays[0].grad[1], torch.zeros(4, dtype=dtype))


@everywhere
def test_self_attention_is_attention_of_three_maps(library, dtype):
    x, w_query, w_key, w_value = (
        make(library, draw(*shape, seed=i), dtype)
        for i, shape in enumerate([(2, 5, 3), (3, 7), (3, 7), (3, 11)])
    )
    result = self_attention(x, w_query, w_key, w_value)
    assert tuple(result.shape) == (2, 5, 11)
    assert same_kind(result, x)
    # Of 16 bits, all is reckoned in float32 and rounded once.
    precision = "float32" if dtype == "float16" else dtype
    x, w_query, w_key, w_value = (
        make(library, numbers(a), precision) for a in (x, w_query, w_key, w_value)
    )
    expected = attention(x @ w_query, x @ w_key, x @ w_value)
    np.testing.assert_array_equal(numbers(result), numbers(expected).astype(dtype))


def test_self_attention_gradient():
    random = torch.Generator().manual_seed(0)
    arrays = [
        torch.randn(shape, generator=random, dtype=torch.float64, requires_grad=True)
        for shape in [(5, 3), (3, 2), (3, 2), (3, 4)]
    ]
    mask = causal(torch.arange(5), torch.arange(5))
    assert torch.autograd.gradcheck(lambda *a: self_attention(*a, mask), arrays)


def test_another_score_may_be_handed_in():
    query, key, value = draw(5, 4), draw(7, 4, seed=1), draw(7, 3, seed=2)
    unscaled = attention(query, key, value, score=dot)
    np.testing.assert_allclose(unscaled, attention(2 * query, key, value), atol=1e-12)

    def constant(query, key):
        return np.zeros((query.shape[-2], key.shape[-2]))

    mean = attention(query, key[:, :1], value, score=constant)
    np.testing.assert_allclose(mean, np.tile(value.mean(0), (5, 1)), atol=1e-12)


@given(st.integers(1, 7), st.integers(1, 7), st.integers(0, 2**31))
def test_outputs_lie_among_the_values(n, m, seed):
    random = np.random.default_rng(seed)
    query, key, value = (random.normal(size=(k, 3)) for k in (n, m, m))
    result = attention(query, key, value)
    assert np.all(result <= value.max(0) + 1e-12)
    assert np.all(result >= value.min(0) - 1e-12)


@given(st.integers(1, 7), st.integers(0, 2**31))
def test_shuffled_words_give_shuffled_outputs(n, seed):
    random = np.random.default_rng(seed)
    x, order = random.normal(size=(n, 3)), random.permutation(n)
    np.testing.assert_allclose(
        attention(x[order], x[order], x[order]), attention(x, x, x)[order], atol=1e-12
    )


def test_nan_spoils_its_own_row_only():
    query = draw(3, 4)
    query[1, 2] = math.nan
    result = attention(query, draw(5, 4), draw(5, 2))
    assert np.isnan(result).all(-1).tolist() == [False, True, False]


x23, w34 = np.ones((2, 3)), np.ones((3, 4))


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: attention(x23, np.ones((5, 3)), np.ones((4, 3))),
            ValueError,
            "key has 5 .*value 4",
        ),
        (lambda: attention(x23, x23, np.ones(2)), ValueError, r"value has shape \(2,\)"),
        (lambda: attention(x23, np.ones((2, 7)), x23), ValueError, "length 3 and key of length 7"),
        (lambda: attention(x23, x23, np.ones((2, 3), int)), TypeError, "value holds int64"),
        (lambda: attention(x23, x23, torch.ones(2, 3)), TypeError, "value is a torch tensor"),
        (lambda: attention(x23, x23, x23, np.ones((2, 2))), TypeError, "mask holds float64"),
        (
            lambda: attention(x23, x23, x23, np.ones((2, 3), bool)),
            ValueError,
            r"mask has shape \(2, 3\), and scores \(2, 2\)",
        ),
        (
            lambda: self_attention(x23, w34, np.ones((4, 3)), w34),
            ValueError,
            r"rows of length 3 and w_key shape \(4, 3\)",
        ),
        (lambda: self_attention(x23, w34, np.ones(3), w34), ValueError, r"w_key has shape \(3,\)"),
        (lambda: self_attention(np.ones(3), w34, w34, w34), ValueError, r"x has shape \(3,\)"),
        (lambda: self_attention(x23, w34.astype(int), w34, w34), TypeError, "w_query holds int64"),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
