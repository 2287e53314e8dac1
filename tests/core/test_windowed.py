import tracemalloc

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab import (
    attention,
    causal,
    dot,
    linear_attention,
    strided,
    strided_attention,
    window,
    window_attention,
)
from attnlab.nn import fused_attention
from core.libraries import TOLERANCE, everywhere, make, numbers, same_kind

LENGTHS = [1, 2, 127, 128, 129, 300]  # around a block of queries
REACHES = [0, 1, 5, 127, 128, 129, 298, 299, 300, 10**6]


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def three(n, front=()):
    return [draw(*front, n, d, seed=i) for i, d in enumerate((5, 5, 4))]


def masked(arrays, question, size, past):
    """The definition: attention with a mask, which makes all scores."""
    n = arrays[0].shape[-2]
    place = torch.arange(n) if torch.is_tensor(arrays[0]) else np.arange(n)
    mask = question(place, place, size)
    return attention(*arrays, mask & causal(place, place) if past else mask)


FORMS = {"window": (window_attention, window), "strided": (strided_attention, strided)}
forms = pytest.mark.parametrize(("form", "question"), FORMS.values(), ids=FORMS)
directions = pytest.mark.parametrize("past", [False, True], ids=["both ways", "causal"])


@everywhere
def test_by_hand(library, dtype):
    # Equal scores, so means: of the words at most 1 away, or of every second one.
    zeros = make(library, np.zeros((4, 1)), dtype)
    value = make(library, [[1.0], [3.0], [5.0], [10.0]], dtype)
    for result, expected in [
        (window_attention(zeros, zeros, value, 1), [2, 3, 6, 7.5]),
        (window_attention(zeros, zeros, value, 1, causal=True), [1, 2, 4, 7.5]),
        (window_attention(zeros, zeros, value, 0), [1, 3, 5, 10]),
        (strided_attention(zeros, zeros, value, 2), [3, 6.5, 3, 6.5]),
        (strided_attention(zeros, zeros, value, 2, causal=True), [1, 3, 3, 6.5]),
        (strided_attention(zeros, zeros, value, 3), [5.5, 3, 5, 5.5]),
        (strided_attention(zeros, zeros, value, 1), [4.75] * 4),
    ]:
        assert same_kind(result, value)
        np.testing.assert_allclose(numbers(result)[:, 0], expected, rtol=TOLERANCE[dtype])


@everywhere
@forms
def test_all_sizes_different(library, dtype, form, question):
    arrays = [make(library, draw(2, 3, 11, d, seed=d), dtype) for d in (7, 7, 5)]
    result = form(*arrays, 2)
    assert same_kind(result, arrays[0])
    assert tuple(result.shape) == (2, 3, 11, 5)
    expected = masked(arrays, question, 2, False)
    np.testing.assert_allclose(numbers(result), numbers(expected), atol=TOLERANCE[dtype])


@directions
@pytest.mark.parametrize("n", LENGTHS)
def test_a_window_is_attention_with_its_mask(n, past):
    arrays = three(n)
    for reach in REACHES:
        result = window_attention(*arrays, reach, causal=past)
        np.testing.assert_allclose(result, masked(arrays, window, reach, past), atol=1e-12)


@directions
@pytest.mark.parametrize("n", [1, 2, 12, 50])
def test_strides_are_attention_with_their_mask(n, past):
    arrays = three(n, front=(2,))
    for stride in (1, 2, 3, 4, 5, 49, 50, 51, 10**6):
        result = strided_attention(*arrays, stride, causal=past)
        np.testing.assert_allclose(result, masked(arrays, strided, stride, past), atol=1e-12)


@given(st.integers(1, 400), st.integers(0, 400), st.booleans(), st.integers(0, 2**31))
def test_windows_of_any_size(n, reach, past, seed):
    random = np.random.default_rng(seed)
    arrays = [random.normal(size=(n, d)) for d in (3, 3, 2)]
    result = window_attention(*arrays, reach, causal=past)
    np.testing.assert_allclose(result, masked(arrays, window, reach, past), atol=1e-12)


@pytest.mark.parametrize("n", [50, 300])
def test_a_window_as_wide_as_the_sequence_is_full_attention(n):
    arrays = three(n)
    place = np.arange(n)
    np.testing.assert_allclose(window_attention(*arrays, n - 1), attention(*arrays), atol=1e-14)
    result = window_attention(*arrays, n - 1, causal=True)
    np.testing.assert_allclose(result, attention(*arrays, causal(place, place)), atol=1e-14)
    narrower = window_attention(*arrays, n - 2)
    assert np.abs(narrower - attention(*arrays)).max() > 1e-6


@forms
@directions
@pytest.mark.parametrize("attend", [attention, fused_attention])
def test_output_and_gradient_are_those_of_torch(form, question, past, attend):
    ours, theirs = ([torch.tensor(x, requires_grad=True) for x in three(150)] for _ in range(2))
    place = torch.arange(150)
    mask = question(place, place, 7)
    mask = mask & causal(place, place) if past else mask
    a = form(*ours, 7, causal=past, attend=attend)
    b = torch.nn.functional.scaled_dot_product_attention(*theirs, attn_mask=mask)
    torch.testing.assert_close(a, b, atol=1e-12, rtol=0)
    weight = torch.tensor(draw(150, 4, seed=9))
    ((a * weight).sum() + (b * weight).sum()).backward()
    for x, y in zip(ours, theirs, strict=True):
        torch.testing.assert_close(x.grad, y.grad, atol=1e-11, rtol=0)


@forms
def test_another_attention_may_be_handed_in(form, question):
    query, key, value = three(20)

    def unscaled(query, key, value, mask):
        return attention(query, key, value, mask, score=dot)

    result = form(query, key, value, 3, attend=unscaled)
    expected = masked([query * 5**0.5, key, value], question, 3, False)
    np.testing.assert_allclose(result, expected, atol=1e-12)


@forms
def test_batch_axes_are_spread(form, question):
    query, key, value = three(6)
    wide = np.stack([query, -query])[:, None]
    result = form(wide, key, np.stack([value] * 3), 2)
    assert result.shape == (2, 3, 6, 4)
    expected = masked([-query, key, value], question, 2, False)
    np.testing.assert_allclose(result[1, 2], expected, atol=1e-12)


@pytest.mark.parametrize(
    "call",
    [
        lambda *x: window_attention(*x, 16),
        lambda *x: window_attention(*x, 16, causal=True),
        lambda *x: strided_attention(*x, 64),
        linear_attention,
        lambda *x: linear_attention(*x, causal=True),
    ],
)
def test_the_whole_matrix_of_scores_is_never_there(call):
    arrays = three(4096)
    tracemalloc.start()
    call(*arrays)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4096**2 / 2, "bytes; the scores alone would be 8 times 4096 squared"


x23, x53, N = np.ones((2, 3)), np.ones((5, 3)), np.arange(2)
BAD = {
    "integers": (lambda f: f(x23.astype(int), x23, x23, 1), TypeError, "query holds int64"),
    "libraries": (lambda f: f(x23, x23, torch.ones(2, 3), 1), TypeError, "value is a torch"),
    "one vector": (lambda f: f(x23, np.ones(3), x23, 1), ValueError, r"key has shape \(3,\)"),
    "values": (lambda f: f(x23, x23, x53, 1), ValueError, "key has 2 positions and value 5"),
    "lengths": (lambda f: f(x23, x53, x53, 1), ValueError, "query has 2 positions and key 5"),
    "no key": (lambda f: f(x23[:0], x23[:0], x23[:0], 1), ValueError, r"key has shape \(0, 3\)"),
    "dimensions": (lambda f: f(np.ones((2, 4)), x23, x23, 1), ValueError, "length 4 and key of l"),
    "batch": (
        lambda f: f(np.ones((4, 2, 3)), x23, np.ones((3, 2, 3)), 1),
        ValueError,
        r"query has batch axes \(4,\) and value \(3,\)",
    ),
    "attend": (lambda f: f(x23, x23, x23, 1, attend="fused"), TypeError, "attend is 'fused'"),
    "a mask": (lambda f: f(x23, x23, x23, 1, causal=np.tri(2)), TypeError, "causal is a ndarray"),
    "below": (lambda f: f(x23, x23, x23, -1), ValueError, r"(reach|stride) is -1, .*at least"),
    "not whole": (lambda f: f(x23, x23, x23, 1.5), TypeError, r"(reach|stride) is 1.5, .*whole"),
    "a text": (lambda f: f(x23, x23, x23, "1"), TypeError, "(reach|stride) is '1'"),
    "yes": (lambda f: f(x23, x23, x23, True), TypeError, "(reach|stride) is True"),
}


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize("form", [window_attention, strided_attention])
@pytest.mark.parametrize(("call", "error", "words"), BAD.values(), ids=BAD)
def test_bad_input_is_named(form, call, error, words):
    with pytest.raises(error, match=words):
        call(form)


@pytest.mark.usefixtures("as_a_reader_runs_it")
def test_a_stride_of_0():
    for call in (lambda: strided_attention(x23, x23, x23, 0), lambda: strided(N, N, 0)):
        with pytest.raises(ValueError, match=r"stride is 0, .*at least 1: 1 means every position"):
            call()
