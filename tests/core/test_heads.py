import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab import attention, join_heads, split_heads
from core.libraries import everywhere, make, numbers, same_kind


@everywhere
def test_by_hand(library, dtype):
    x = make(library, [[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]], dtype)
    split = split_heads(x, 2)
    assert same_kind(split, x)
    assert numbers(split).tolist() == [[[1, 2], [5, 6]], [[3, 4], [7, 8]]]
    assert same_kind(join_heads(split), x)
    assert numbers(join_heads(split)).tolist() == numbers(x).tolist()


@everywhere
def test_all_sizes_different(library, dtype):
    x = np.random.default_rng(0).normal(size=(2, 3, 5, 77))
    split = split_heads(make(library, x, dtype), 7)
    assert tuple(split.shape) == (2, 3, 7, 5, 11)
    expected = make(library, np.stack(np.split(x, 7, axis=-1), axis=-3), dtype)
    np.testing.assert_array_equal(numbers(split), numbers(expected))
    assert tuple(join_heads(split).shape) == (2, 3, 5, 77)


def test_torch_does_the_same():
    """The usual view and transpose, forward and backward."""
    x = torch.randn(2, 5, 6, generator=torch.Generator().manual_seed(0), requires_grad=True)
    theirs = x.view(2, 5, 3, 2).transpose(1, 2)
    assert torch.equal(split_heads(x, 3), theirs)
    weight = torch.arange(60.0).reshape(2, 3, 5, 2)
    (ours,) = torch.autograd.grad((split_heads(x, 3) * weight).sum(), x)
    assert torch.equal(ours, weight.transpose(1, 2).reshape(2, 5, 6))
    (back,) = torch.autograd.grad((join_heads(split_heads(x, 3)) * x.detach()).sum(), x)
    assert torch.equal(back, x.detach())


@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 5), st.integers(0, 2**31))
def test_attention_in_heads_is_attention_piece_by_piece(n, heads, d_k, seed):
    x = np.random.default_rng(seed).normal(size=(n, heads * d_k))
    split = split_heads(x, heads)
    np.testing.assert_array_equal(join_heads(split), x)
    pieces = np.split(x, heads, axis=1)
    loop = np.concatenate([attention(piece, piece, piece) for piece in pieces], axis=1)
    np.testing.assert_allclose(join_heads(attention(split, split, split)), loop, atol=1e-12)


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: split_heads(np.ones((2, 12)), 5),
            ValueError,
            "heads is 5 and d_model 12.*one of 1, 2, 3, 4, 6, 12, or d_model a multiple",
        ),
        (lambda: split_heads(np.ones((2, 4)), 0), ValueError, "heads is 0 and d_model 4"),
        (lambda: split_heads(np.ones((2, 4)), -2), ValueError, "heads is -2 and d_model 4"),
        (lambda: split_heads(np.ones((2, 4)), 2.0), TypeError, "heads is 2.0.*whole number"),
        (lambda: split_heads(np.ones(4), 2), ValueError, r"x has shape \(4,\).*position, d_model"),
        (lambda: split_heads([[1.0, 2.0]], 2), TypeError, "x is a list"),
        (lambda: join_heads(np.ones((2, 4))), ValueError, r"x has shape \(2, 4\).*split_heads"),
        (lambda: join_heads(3.0), TypeError, "x is a float"),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
