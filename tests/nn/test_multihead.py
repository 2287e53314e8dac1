import doctest
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab import attention, causal, padding
from attnlab.nn import MultiHeadAttention, fused_attention, multihead

DTYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
PRECISIONS = [(torch.float32, 1e-5), (torch.float64, 1e-12)]


def draw(*shape, seed=0, dtype=torch.float64):
    return torch.tensor(np.random.default_rng(seed).normal(size=shape)).to(dtype)


def agree(ours, theirs, inputs, tolerance):
    """Asserts that two functions give equal outputs and equal gradients on copies of the inputs."""
    weight, results = None, []
    for call in (ours, theirs):
        copies = [x.detach().clone().requires_grad_() for x in inputs]
        output = call(*copies)
        weight = draw(*output.shape, seed=9, dtype=output.dtype) if weight is None else weight
        (output * weight).sum().backward()
        results.append([output, *(x.grad for x in copies)])
    for a, b in zip(*results, strict=True):
        torch.testing.assert_close(a, b, atol=tolerance, rtol=tolerance)


# fused_attention ---------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
def test_fused_by_hand(dtype):
    # Scores ln 4 * 2 / sqrt(4) = ln 4 and 0: weights 4/5 and 1/5.
    query = torch.tensor([[math.log(4), 0.0, 0.0, 0.0]], dtype=dtype)
    key = torch.tensor([[2.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]], dtype=dtype)
    value = torch.tensor([[10.0], [20.0]], dtype=dtype)
    result = fused_attention(query, key, value)
    torch.testing.assert_close(result, torch.tensor([[12.0]], dtype=dtype))
    # A bias of ln 4 for the second key makes the two scores equal.
    bias = torch.tensor([[0.0, math.log(4)]], dtype=dtype)
    result = fused_attention(query, key, value, bias=bias)
    torch.testing.assert_close(result, torch.tensor([[15.0]], dtype=dtype))


MASKS = {
    "none": lambda: None,
    "one key": lambda: torch.arange(7) != 2,
    "two axes": lambda: causal(torch.arange(2, 7), torch.arange(7)),
    "three axes": lambda: draw(3, 5, 7, seed=4) > 0,
    "four axes": lambda: draw(2, 3, 5, 7, seed=4) > 0,
    "padding": lambda: padding(torch.tensor([[3], [7]]), torch.arange(7)),
    "scalar": lambda: torch.tensor(True),
}


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize(("dtype", "tolerance"), PRECISIONS)
def test_fused_is_attention_in_output_and_gradient(mask, dtype, tolerance):
    mask = MASKS[mask]()
    inputs = [draw(2, 3, n, d, seed=n + d, dtype=dtype) for n, d in [(5, 11), (7, 11), (7, 4)]]
    agree(
        lambda *x: fused_attention(*x, mask), lambda *x: attention(*x, mask), inputs, 10 * tolerance
    )


@pytest.mark.parametrize("mask", MASKS)
def test_a_bias_is_added_to_the_scores(mask):
    mask = MASKS[mask]()
    inputs = [draw(2, 3, 5, 11), draw(2, 3, 7, 11), draw(2, 3, 7, 4), draw(3, 1, 7)]

    def ours(query, key, value, bias):
        return fused_attention(query, key, value, mask, bias=bias)

    def theirs(query, key, value, bias):
        def score(query, key):
            return query @ key.mT / math.sqrt(11) + bias

        return attention(query, key, value, mask, score=score)

    agree(ours, theirs, inputs, 1e-12)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [3, 200])
@pytest.mark.parametrize("bias", [None, 0.5])
def test_a_row_with_nothing_to_attend_to(dtype, n, bias):
    arrays = [draw(2, n, 4, seed=s, dtype=dtype).requires_grad_() for s in range(3)]
    mask = torch.ones(n, n, dtype=torch.bool)
    mask[1] = False
    bias = bias if bias is None else torch.full((n, n), bias, dtype=dtype)
    result = fused_attention(*arrays, mask, bias=bias)
    assert torch.equal(result[:, 1], torch.zeros(2, 4, dtype=dtype))
    assert torch.all(result[:, 0] != 0)
    result.square().sum().backward()
    assert all(torch.isfinite(a.grad).all() for a in arrays)
    assert torch.equal(arrays[0].grad[:, 1], torch.zeros(2, 4, dtype=dtype))


@pytest.mark.parametrize("front", [(), (2,), (2, 3)])
@pytest.mark.parametrize("axes", [None, 2, 3])
def test_the_weights_are_never_stored(front, axes):
    """PyTorch's own function keeps them for the way back unless there are just four axes."""
    inputs = [draw(*front, 300, 4, seed=s).requires_grad_() for s in range(3)]
    axes = axes and min(axes, len(front) + 2)
    mask = axes and torch.ones(300, 300, dtype=torch.bool).tril()[(None,) * (axes - 2)]
    kept = []
    with torch.autograd.graph.saved_tensors_hooks(lambda x: kept.append(x) or x, lambda x: x):
        output = fused_attention(*inputs, mask)
    assert output.shape == inputs[0].shape
    largest = max(x.numel() for x in kept if x.is_floating_point() and not _is_a_mask(x, mask))
    assert largest <= math.prod(front) * 300 * 4


def _is_a_mask(x, mask):
    return mask is not None and x.numel() == mask.numel()


def test_the_arguments_are_not_written_to():
    mask, bias = torch.tensor([[True, False]]), torch.tensor([[1.0, 2.0]])
    x = torch.ones(2, 3)
    fused_attention(x, x, x, mask, bias=bias)
    assert mask.tolist() == [[True, False]]
    assert bias.tolist() == [[1.0, 2.0]]
    assert torch.equal(x, torch.ones(2, 3))


# MultiHeadAttention ------------------------------------------------------------------------------


def test_two_heads_by_hand():
    # Projections that change nothing: each head attends on one feature of the two.
    layer = MultiHeadAttention(2, 2, bias=False)
    for linear in layer.children():
        linear.weight.data = torch.eye(2)
    x = torch.tensor([[[math.log(3), 0.0], [0.0, math.log(2)]]])
    # Query 0 of head 0 has scores ln(3)^2 and 0, query 1 has 0 and 0; the values are ln 3 and 0.
    first = math.log(3) * math.exp(math.log(3) ** 2) / (math.exp(math.log(3) ** 2) + 1)
    second = math.log(2) * math.exp(math.log(2) ** 2) / (math.exp(math.log(2) ** 2) + 1)
    expected = [[[first, math.log(2) / 2], [math.log(3) / 2, second]]]
    torch.testing.assert_close(layer(x), torch.tensor(expected))


def both(d_model, heads, dtype, **arguments):
    """The layer of this package and PyTorch's, with the same weights."""
    torch.manual_seed(0)
    ours = MultiHeadAttention(d_model, heads, **arguments).to(dtype)
    bias = ours.output.bias is not None
    theirs = torch.nn.MultiheadAttention(d_model, heads, bias=bias, batch_first=True, dtype=dtype)
    inward = [ours.query, ours.key, ours.value]
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([linear.weight for linear in inward]))
        theirs.out_proj.weight.copy_(ours.output.weight)
        if bias:
            theirs.in_proj_bias.copy_(torch.cat([linear.bias for linear in inward]))
            theirs.out_proj.bias.copy_(ours.output.bias)
    return ours, theirs


def theirs_says(mask, batch, heads):
    """The mask as PyTorch's layer wants it: True = may not, the heads within the batch."""
    if mask is None or mask.ndim == 2:
        return None if mask is None else ~mask
    mask = mask[:, None] if mask.ndim == 3 else mask
    return ~mask.expand(batch, heads, *mask.shape[2:]).reshape(-1, *mask.shape[2:])


LAYER_MASKS = {
    "none": lambda _: None,
    "causal": lambda n: causal(torch.arange(n), torch.arange(7)),
    "batch": lambda n: (draw(3, n, 7) > 0) | (torch.arange(7) == 0),
    "padding": lambda n: padding(torch.tensor([3, 7, 5]), torch.arange(7)).expand(3, n, 7),
    "heads": lambda n: (draw(1, 2, n, 7) > 0) | (torch.arange(7) == 0),
    "both": lambda n: (draw(3, 2, n, 7) > 0) | (torch.arange(7) == 0),
}


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("mask", LAYER_MASKS)
@pytest.mark.parametrize(("dtype", "tolerance"), PRECISIONS)
def test_the_layer_is_that_of_torch(mask, bias, dtype, tolerance):
    ours, theirs = both(22, 2, dtype, bias=bias)
    for n, inputs in [(7, 1), (5, 2), (5, 3)]:
        sequences = [draw(3, n if i == 0 else 7, 22, seed=i, dtype=dtype) for i in range(inputs)]
        allowed = LAYER_MASKS[mask](n)
        arguments = {"attn_mask": theirs_says(allowed, 3, 2), "need_weights": False}

        def reference(query, key=None, value=None, arguments=arguments):
            key = query if key is None else key
            return theirs(query, key, key if value is None else value, **arguments)[0]

        agree(lambda *x, m=allowed: ours(*x, mask=m), reference, sequences, tolerance)
    # The gradients of the weights, summed over the three calls.
    inward = torch.cat([ours.query.weight.grad, ours.key.weight.grad, ours.value.weight.grad])
    for a, b in [
        (inward, theirs.in_proj_weight),
        (ours.output.weight.grad, theirs.out_proj.weight),
    ]:
        torch.testing.assert_close(a, b.grad, atol=100 * tolerance, rtol=tolerance)


@pytest.mark.parametrize("heads", [1, 2, 5, 10])
def test_a_loop_over_heads_gives_the_same(heads):
    torch.manual_seed(0)
    layer = MultiHeadAttention(10, heads).double()
    query, key, d_k = draw(3, 5, 10), draw(3, 7, 10, seed=1), 10 // heads
    pieces = []
    for h in range(heads):
        own = slice(h * d_k, (h + 1) * d_k)
        pieces.append(
            attention(
                layer.query(query)[..., own], layer.key(key)[..., own], layer.value(key)[..., own]
            )
        )
    expected = layer.output(torch.cat(pieces, -1))
    torch.testing.assert_close(layer(query, key), expected, atol=1e-12, rtol=0)


@pytest.mark.parametrize("shape", [(), (7,), (5, 7), (3, 5, 7), (3, 1, 7), (1, 2, 1, 1)])
def test_a_mask_is_the_same_however_many_axes_it_has(shape):
    layer = MultiHeadAttention(22, 2).double()
    query, key = draw(3, 5, 22), draw(3, 7, 22, seed=1)
    mask = (draw(*shape, seed=3) > 0) if shape else torch.tensor(True)
    whole = mask[:, None] if len(shape) == 3 else mask
    expected = layer(query, key, mask=whole.expand(3, 2, 5, 7))
    torch.testing.assert_close(layer(query, key, mask=mask), expected, atol=1e-12, rtol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_query_with_nothing_to_attend_to_leaves_the_bias_alone(dtype):
    layer = MultiHeadAttention(6, 2).to(dtype)
    x = draw(3, 5, 6, dtype=dtype).requires_grad_()
    mask = torch.ones(5, 5, dtype=torch.bool)
    mask[2] = False
    output = layer(x, mask=mask)
    torch.testing.assert_close(output[:, 2], layer.output.bias.expand(3, 6))
    output.sum().backward()
    assert torch.isfinite(x.grad).all()


def test_another_attend_may_be_handed_in_and_put_in_its_place():
    def mean(query, key, value, mask=None):  # noqa: ARG001
        return value.mean(-2, keepdim=True).expand_as(query)

    layer = MultiHeadAttention(6, 3, attend=mean)
    x = draw(2, 5, 6, dtype=torch.float32)
    expected = layer.output(layer.value(x).mean(-2, keepdim=True)).expand(2, 5, 6)
    torch.testing.assert_close(layer(x), expected)
    layer.attend = fused_attention
    assert not torch.allclose(layer(x), expected)


def test_what_the_layer_holds():
    layer = MultiHeadAttention(6, 2)
    assert [name for name, _ in layer.named_children()] == ["query", "key", "value", "output"]
    assert sum(p.numel() for p in layer.parameters()) == 4 * (6 * 6 + 6)
    assert sum(p.numel() for p in MultiHeadAttention(6, 2, bias=False).parameters()) == 4 * 6 * 6


@given(st.integers(1, 7), st.sampled_from([1, 2, 3, 6]), st.integers(0, 2**31))
def test_shuffled_words_give_shuffled_outputs(n, heads, seed):
    layer = MultiHeadAttention(6, heads).double()
    x = draw(2, n, 6, seed=seed)
    order = torch.tensor(np.random.default_rng(seed).permutation(n))
    torch.testing.assert_close(layer(x[:, order]), layer(x)[:, order], atol=1e-12, rtol=0)


@given(st.integers(2, 9), st.integers(0, 2**31))
def test_under_the_causal_mask_nothing_leaks_back(n, seed):
    layer = MultiHeadAttention(6, 2).double()
    x, changed = draw(2, n, 6, seed=seed), n // 2
    other = x.clone()
    other[:, changed:] += 1.0
    mask = causal(torch.arange(n), torch.arange(n))
    before, after = layer(x, mask=mask), layer(other, mask=mask)
    assert torch.equal(before[:, :changed], after[:, :changed])
    assert not torch.equal(before[:, changed:], after[:, changed:])


x23, layer62 = torch.ones(2, 3), MultiHeadAttention(6, 2)
x, y = torch.ones(3, 5, 6), torch.ones(3, 7, 6)


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: fused_attention(x23, x23.T, x23), ValueError, "length 3 and key of length 2"),
        (
            lambda: fused_attention(x23, torch.ones(5, 3), torch.ones(4, 3)),
            ValueError,
            "key has 5 positions and value 4: .* one value",
        ),
        (lambda: fused_attention(x23, x23, torch.ones(2)), ValueError, r"value has shape \(2,\)"),
        (lambda: fused_attention(x23, x23, x23.int()), TypeError, "value holds torch.int32"),
        (lambda: fused_attention(x23, x23, x23.numpy()), TypeError, "value is a NumPy array"),
        (lambda: fused_attention(x23, x23, x23, x23), TypeError, "mask holds .*float32.*boolean"),
        (
            lambda: fused_attention(x, x, x, torch.ones(5, 3, dtype=torch.bool)),
            ValueError,
            r"mask has shape \(5, 3\), and scores \(3, 5, 5\)",
        ),
        (
            lambda: fused_attention(x23, x23, x23, torch.ones(4, 2, 2, dtype=torch.bool)),
            ValueError,
            r"mask has shape \(4, 2, 2\), and scores \(2, 2\)",
        ),
        (
            lambda: fused_attention(x23, x23, x23, bias=torch.ones(3)),
            ValueError,
            r"bias has shape \(3,\), and scores \(2, 2\)",
        ),
        (
            lambda: fused_attention(x, y[:2], y[:2]),
            ValueError,
            r"batch axes \(3,\), key \(2,\) and value \(2,\): .* equal, or 1",
        ),
        (lambda: MultiHeadAttention(6, 4), ValueError, "heads is 4 and d_model 6: .*1, 2, 3, 6"),
        (lambda: MultiHeadAttention(6, 0), ValueError, "heads is 0 and d_model 6"),
        (
            lambda: layer62(torch.ones(3, 5, 4)),
            ValueError,
            r"query has shape \(3, 5, 4\), and this layer d_model 6: it needs \(batch, query, 6\)",
        ),
        (lambda: layer62(x, x[0]), ValueError, r"key has shape \(5, 6\).* is key\[None\]"),
        (lambda: layer62(x, y, y[..., :3]), ValueError, r"value has shape \(3, 7, 3\)"),
        (lambda: layer62(x, y[:2]), ValueError, "query has 3, key has 2, value has 2 sequences"),
        (lambda: layer62(x, y, y[:, :4]), ValueError, "key has 7 positions and value 4"),
        (lambda: layer62(x, mask=torch.ones(5, 5)), TypeError, "mask holds torch.float32"),
        (lambda: layer62(x, mask=np.ones((5, 5), bool)), TypeError, "mask is a ndarray.*as_tensor"),
        (
            lambda: layer62(x, y, mask=torch.ones(7, 5, dtype=torch.bool)),
            ValueError,
            r"mask has shape \(7, 5\), and scores \(3, 2, 5, 7\)",
        ),
        (
            lambda: layer62(x, y, mask=torch.ones(2, 5, 7, dtype=torch.bool)),
            ValueError,
            r"mask has shape \(2, 5, 7\), and scores \(3, 5, 7\)",
        ),
        (
            lambda: layer62(x, mask=torch.ones(3, 5, 5, 5, dtype=torch.bool)),
            ValueError,
            r"mask has shape \(3, 5, 5, 5\), and scores \(3, 2, 5, 5\)",
        ),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_the_examples_in_the_docstrings():
    result = doctest.testmod(multihead, extraglobs={"torch": torch})
    assert result.attempted > 0
    assert result.failed == 0
