import math
import tracemalloc

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab import (
    attention,
    blockwise_attention,
    blockwise_steps,
    causal,
    dot,
    gaussian,
    padding,
    scaled_dot,
    window,
)
from core.libraries import TOLERANCE, everywhere, make, numbers, same_kind


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def three(queries, keys, front=()):
    shapes = [(queries, 3), (keys, 3), (keys, 4)]
    return [draw(*front, *shape, seed=i) for i, shape in enumerate(shapes)]


BLOCKS = [1, 2, 3, 7, 10, 11, 12, 1000]
MASKS = {
    "none": lambda _: None,
    "one key": lambda _: np.arange(11) != 2,
    "two axes": lambda _: causal(np.arange(4, 11), np.arange(11)),
    "a column": lambda _: np.arange(7)[:, None] != 2,
    "nothing in the first blocks": lambda _: np.broadcast_to(np.arange(11) > 5, (7, 11)),
    "empty rows": lambda random: random.random((2, 3, 7, 11)) < 0.1,
    "three axes": lambda random: random.random((3, 7, 11)) < 0.5,
    "padding": lambda _: padding(np.array([[3], [0]]), np.arange(11)),
    "more axes": lambda random: random.random((5, 2, 1, 7, 11)) < 0.5,
    "yes": lambda _: np.array(True),
    "no": lambda _: np.array(False),
}
masks = pytest.mark.parametrize(
    "mask", [make(np.random.default_rng(0)) for make in MASKS.values()], ids=MASKS
)


@everywhere
@pytest.mark.filterwarnings("error")
def test_steps_by_hand(library, dtype):
    # Scores ln 1, ln 3, ln 2 of values 4, 8, 4, one key at a time: weights 1; 1/4 3/4; 1/6 3/6 2/6.
    query = make(library, [[1.0]], dtype)
    key, value = (make(library, x, dtype) for x in (np.log([[1.0], [3], [2]]), [[4.0], [8], [4]]))
    steps = list(blockwise_steps(query, key, value, block=1))
    expected = [(0, 1, 4), (math.log(3), 4 / 3, 7), (math.log(3), 2, 6)]
    for step, numbers_by_hand in zip(steps, expected, strict=True):
        assert [tuple(x.shape) for x in step] == [(1,), (1,), (1, 1)]
        assert same_kind(step[2], value)
        found = [numbers(x).item() for x in step]
        np.testing.assert_allclose(found, numbers_by_hand, atol=8 * TOLERANCE[dtype])
    two = list(blockwise_steps(query, key, value, block=2))
    assert len(two) == 2
    np.testing.assert_allclose(numbers(two[0][1]), [4 / 3], atol=TOLERANCE[dtype])


@everywhere
def test_all_sizes_different(library, dtype):
    arrays = [make(library, x, dtype) for x in three(7, 11, front=(2, 5))]
    result = blockwise_attention(*arrays, block=4)
    assert same_kind(result, arrays[0])
    assert tuple(result.shape) == (2, 5, 7, 4)
    maximum, total, _ = next(blockwise_steps(*arrays, block=4))
    assert tuple(maximum.shape) == tuple(total.shape) == (2, 5, 7)
    expected = attention(*arrays)
    np.testing.assert_allclose(numbers(result), numbers(expected), atol=4 * TOLERANCE[dtype])


@masks
@pytest.mark.filterwarnings("error")
def test_it_is_attention(mask):
    arrays = three(7, 11, front=(2, 3))
    expected = attention(*arrays, mask)
    for block in BLOCKS:
        result = blockwise_attention(*arrays, mask, block=block)
        assert result.shape == expected.shape
        np.testing.assert_allclose(result, expected, atol=1e-12)


@masks
def test_every_step_is_attention_to_the_keys_so_far(mask):
    query, key, value = three(7, 11, front=(2, 3))
    steps = blockwise_steps(query, key, value, mask, block=3)
    for end, (maximum, total, output) in zip((3, 6, 9, 11), steps, strict=True):
        so_far = np.arange(11) < end
        allowed = so_far if mask is None else mask & so_far
        expected = attention(query, key, value, allowed)
        np.testing.assert_allclose(output, expected, atol=1e-12)
        scores = np.where(allowed, scaled_dot(query, key), -math.inf)
        np.testing.assert_array_equal(maximum, scores.max(-1))
        there = np.where(np.isfinite(maximum), maximum, 0)[..., None]
        np.testing.assert_allclose(total, np.exp(scores - there).sum(-1), atol=1e-12)


@given(st.integers(1, 5), st.integers(1, 9), st.integers(1, 10), st.integers(0, 2**31))
def test_any_sizes_with_any_mask(n, m, block, seed):
    random = np.random.default_rng(seed)
    query, key, value = (10 * random.normal(size=(k, 3)) for k in (n, m, m))
    mask = random.random((n, m)) < 0.5
    result = blockwise_attention(query, key, value, mask, block=block)
    np.testing.assert_allclose(result, attention(query, key, value, mask), atol=1e-10)


@masks
@pytest.mark.parametrize("block", [1, 4, 11])
def test_output_and_gradient_are_those_of_torch(mask, block):
    if mask is not None:
        mask = torch.from_numpy(np.array(mask))
    copies = [
        [torch.tensor(x, requires_grad=True) for x in three(7, 11, front=(2, 3))] for _ in range(2)
    ]
    a = blockwise_attention(*copies[0], mask, block=block)
    allowed = torch.ones(7, 11) > 0 if mask is None else mask * (torch.ones(7, 11) > 0)
    front = torch.broadcast_shapes(allowed.shape[:-2], (2, 3))
    spread = [x.expand(*front, *x.shape[-2:]) for x in copies[1]]
    b = torch.nn.functional.scaled_dot_product_attention(*spread, attn_mask=allowed)
    torch.testing.assert_close(a, b, atol=1e-12, rtol=0)
    weight = torch.tensor(draw(*a.shape, seed=9))
    ((a * weight).sum() + (b * weight).sum()).backward()
    for ours, theirs in zip(*copies, strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad, atol=1e-12, rtol=0)


def test_second_derivatives():
    arrays = [torch.tensor(x, requires_grad=True) for x in three(2, 5)]
    assert torch.autograd.gradgradcheck(lambda *x: blockwise_attention(*x, block=2), arrays)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.filterwarnings("error")
def test_scores_in_the_thousands(dtype):
    query, key, value = (x.astype(dtype) for x in three(7, 11))
    for factor in (1e3, -1e3):
        result = blockwise_attention(factor * query, 10 * key, value, block=2)
        np.testing.assert_allclose(result, attention(factor * query, 10 * key, value), rtol=1e-6)


@pytest.mark.parametrize("score", [dot, gaussian])
def test_another_score_may_be_handed_in(score):
    arrays = three(7, 11, front=(2,))
    result = blockwise_attention(*arrays, block=4, score=score)
    np.testing.assert_allclose(result, attention(*arrays, score=score), atol=1e-12)


def test_a_score_with_an_axis_of_its_own():
    def two(query, key):
        return np.stack([dot(query, key), scaled_dot(query, key)])

    arrays = three(7, 11)
    result = blockwise_attention(*arrays, block=3, score=two)
    np.testing.assert_allclose(result, attention(*arrays, score=two), atol=1e-12)


def test_a_question_in_place_of_a_mask():
    arrays, place = three(11, 11), np.arange(11)
    for block in BLOCKS:
        result = blockwise_attention(*arrays, causal, block=block)
        np.testing.assert_allclose(result, attention(*arrays, causal(place, place)), atol=1e-12)
    tensors = [torch.tensor(x) for x in arrays]
    result = blockwise_attention(*tensors, lambda q, k: window(q, k, 2), block=4)
    np.testing.assert_allclose(result, attention(*arrays, window(place, place, 2)), atol=1e-12)


def test_no_score_of_query_times_key_is_ever_made():
    shapes = []

    def noted(query, key):
        shapes.append((query.shape[-2], key.shape[-2]))
        return scaled_dot(query, key)

    blockwise_attention(*three(7, 11), block=4, score=noted)
    assert shapes == [(7, 4), (7, 4), (7, 3)]


def test_memory_grows_with_the_words_alone():
    peaks = []
    for n in (1024, 2048, 4096):
        arrays = three(n, n)
        tracemalloc.start()
        blockwise_attention(*arrays, causal, block=16)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < 4.5 * peaks[0], "four times the words, four times the memory"
    assert peaks[2] < 4096**2 / 2, "bytes; the scores alone would be 8 times 4096 squared"


def test_nan_spoils_its_own_row_only():
    query, key, value = three(3, 5)
    query[1, 2] = math.nan
    result = blockwise_attention(query, key, value, block=2)
    assert np.isnan(result).all(-1).tolist() == [False, True, False]


def test_no_query():
    assert blockwise_attention(*three(0, 5), block=2).shape == (0, 4)


x23, x53 = np.ones((2, 3)), np.ones((5, 3))


def call(*arrays, block=2, **how):
    return blockwise_attention(*arrays, block=block, **how)


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: call(x23, x53, x23), ValueError, "key has 5 positions and value 2"),
        (lambda: call(x23, x53[:0], x53[:0]), ValueError, r"key has shape \(0, 3\), no position"),
        (lambda: call(x23, x53, np.ones(5)), ValueError, r"value has shape \(5,\)"),
        (lambda: call(np.ones(3), x53, x53), ValueError, r"query has shape \(3,\)"),
        (lambda: call(np.ones((2, 4)), x53, x53), ValueError, "length 4 and key of length 3"),
        (lambda: call(x23, x53.astype(int), x53), TypeError, "key holds int64"),
        (lambda: call(x23, x53, torch.ones(5, 3)), TypeError, "value is a torch tensor"),
        (
            lambda: call(*[torch.ones(2, 3)] * 2, torch.ones(2, 3).double()),
            TypeError,
            "query holds torch.float32 and value torch.float64",
        ),
        (lambda: call(x23, x53, x53, np.ones((2, 5))), TypeError, "mask holds float64"),
        (
            lambda: call(x23, x53, x53, np.ones((2, 4), bool)),
            ValueError,
            r"mask has shape \(2, 4\), and scores \(2, 5\)",
        ),
        (
            lambda: call(x23, x53, x53, np.ones((2, 2), bool)),
            ValueError,
            r"mask has shape \(2, 2\), and scores \(2, 5\)",
        ),
        (
            lambda: call(x23, x53, x53, lambda *_: np.ones((3, 3), bool)),
            ValueError,
            r"mask has shape \(3, 3\), and scores \(2, 2\)",
        ),
        (
            lambda: call(np.ones((2, 2, 3)), np.ones((3, 5, 3)), x53),
            ValueError,
            r"query has batch axes \(2,\) and key \(3,\)",
        ),
        (lambda: call(x23, x53, x53, score="dot"), TypeError, "score is 'dot'"),
        (lambda: call(x23, x53, x53, block=0), ValueError, "block is 0, and must be at least 1"),
        (lambda: call(x23, x53, x53, block=2.0), TypeError, "block is 2.0"),
        (lambda: call(x23, x53, x53, block=None), TypeError, "block is None"),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.usefixtures("as_a_reader_runs_it")
def test_bad_sizes_are_named_before_the_first_step():
    with pytest.raises(ValueError, match="block is 0"):
        blockwise_steps(x23, x53, x53, block=0)
    with pytest.raises(ValueError, match="key has 5 positions and value 2"):
        blockwise_steps(x23, x53, x23, block=1)
