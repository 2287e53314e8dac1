import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab import statistics
from core.libraries import TOLERANCE, everywhere, make, numbers

IMAGES = {
    "batch": ((0, 2, 3), (1, 6, 1, 1)),
    "layer": ((1, 2, 3), (2, 1, 1, 1)),
    "layer of images": ((1, 2, 3), (2, 1, 1, 1)),
    "layer of tokens": ((1,), (2, 1, 5, 7)),
    "instance": ((2, 3), (2, 6, 1, 1)),
}
TOKENS = {
    "batch": ((0, 1), (1, 1, 6)),
    "layer": ((2,), (2, 5, 1)),
    "layer of images": ((1, 2), (2, 1, 1)),
    "layer of tokens": ((2,), (2, 5, 1)),
    "instance": ((1,), (2, 1, 6)),
}
CASES = [((2, 6, 5, 7), kind, *IMAGES[kind]) for kind in IMAGES]
CASES += [((2, 5, 6), kind, *TOKENS[kind]) for kind in TOKENS]


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape) + 1


def by_hand(library, dtype, kind, **more):
    """Two samples of two tokens with two features each: 0 2, 4 10 and 1 1, 1 1."""
    x = make(library, [[[0.0, 2.0], [4.0, 10.0]], [[1.0, 1.0], [1.0, 1.0]]], dtype)
    return [numbers(s).tolist() for s in statistics(x, kind, **more)]


@everywhere
def test_by_hand(library, dtype):
    assert by_hand(library, dtype, "batch") == [[[[1.5, 3.5]]], [[[2.25, 14.25]]]]
    tokens = [[[[1], [7]], [[1], [1]]], [[[1], [9]], [[0], [0]]]]
    assert by_hand(library, dtype, "layer") == tokens
    assert by_hand(library, dtype, "layer of tokens") == tokens
    assert by_hand(library, dtype, "layer of images") == [[[[4]], [[1]]], [[[14]], [[0]]]]
    assert by_hand(library, dtype, "instance") == [[[[2, 6]], [[1, 1]]], [[[4, 16]], [[0, 0]]]]
    assert by_hand(library, dtype, "group", groups=1) == [[[[4]], [[1]]], [[[14]], [[0]]]]
    assert by_hand(library, dtype, "rms") == [[[[0], [0]], [[0], [0]]], [[[2], [58]], [[1], [1]]]]


@everywhere
@pytest.mark.parametrize(("shape", "kind", "axes", "kept"), CASES)
def test_all_sizes_different(library, dtype, shape, kind, axes, kept):
    x = make(library, draw(*shape), dtype)
    mean, variance = statistics(x, kind)
    assert tuple(mean.shape) == tuple(variance.shape) == kept
    expected = numbers(x).mean(axes, keepdims=True), numbers(x).var(axes, keepdims=True)
    np.testing.assert_allclose(numbers(mean), expected[0], atol=TOLERANCE[dtype])
    np.testing.assert_allclose(numbers(variance), expected[1], atol=5 * TOLERANCE[dtype])


@everywhere
def test_groups_are_neighbours(library, dtype):
    images, tokens = draw(2, 6, 5, 7), draw(2, 5, 6)
    mean, variance = statistics(make(library, images, dtype), "group", groups=3)
    assert tuple(mean.shape) == tuple(variance.shape) == (2, 3, 1, 1)
    for group in range(3):
        block = images[:, 2 * group : 2 * group + 2]
        for result, expected in [(mean, block.mean((1, 2, 3))), (variance, block.var((1, 2, 3)))]:
            np.testing.assert_allclose(
                numbers(result)[:, group, 0, 0], expected, atol=5 * TOLERANCE[dtype]
            )
    mean, variance = statistics(make(library, tokens, dtype), "group", groups=2)
    assert tuple(mean.shape) == tuple(variance.shape) == (2, 1, 2)
    for group in range(2):
        block = tokens[:, :, 3 * group : 3 * group + 3]
        for result, expected in [(mean, block.mean((1, 2))), (variance, block.var((1, 2)))]:
            np.testing.assert_allclose(
                numbers(result)[:, 0, group], expected, atol=5 * TOLERANCE[dtype]
            )


@everywhere
def test_root_mean_square_is_around_zero(library, dtype):
    for shape, feature, kept in [((2, 6, 5, 7), 1, (2, 1, 5, 7)), ((2, 5, 6), 2, (2, 5, 1))]:
        x = make(library, draw(*shape), dtype)
        mean, square = statistics(x, "rms")
        assert tuple(mean.shape) == tuple(square.shape) == kept
        assert not numbers(mean).any()
        expected = (numbers(x) ** 2).mean(feature, keepdims=True)
        np.testing.assert_allclose(numbers(square), expected, atol=5 * TOLERANCE[dtype])


@everywhere
def test_the_type_of_the_statistics(library, dtype):
    x = make(library, draw(2, 3, 5), dtype)
    expected = make(library, np.ones(1), "float32" if dtype == "float16" else dtype).dtype
    assert {s.dtype for s in statistics(x, "batch")} == {expected}
    assert {s.dtype for s in statistics(x, "rms")} == {expected}


@pytest.mark.parametrize("kind", ["batch", "layer of images", "instance", "rms", "group"])
def test_the_gradient(kind):
    more = {"groups": 2} if kind == "group" else {}
    for shape in [(2, 4, 3, 2), (2, 3, 4)]:
        x = torch.tensor(draw(*shape), requires_grad=True)
        assert torch.autograd.gradcheck(
            lambda x: sum(s.sum() for s in statistics(x, kind, **more)), x
        )


def test_torch_agrees():
    x = torch.tensor(draw(2, 6, 5, 7))
    for kind in IMAGES:
        variance, mean = torch.var_mean(x, IMAGES[kind][0], correction=0, keepdim=True)
        ours = statistics(x, kind)
        torch.testing.assert_close(ours[0], mean, atol=1e-12, rtol=0)
        torch.testing.assert_close(ours[1], variance, atol=1e-12, rtol=0)


@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 5), st.integers(0, 2**31))
def test_large_groups_and_small_ones_are_other_norms(batch, n, features, seed):
    random = np.random.default_rng(seed)
    for shape in [(batch, n, features), (batch, features, n, 2)]:
        x = random.normal(size=shape)
        for groups, kind in [(1, "layer of images"), (features, "instance")]:
            for a, b in zip(
                statistics(x, "group", groups=groups), statistics(x, kind), strict=True
            ):
                np.testing.assert_allclose(a, b, atol=1e-12)


@given(st.integers(2, 5), st.integers(0, 2**31))
def test_only_the_batch_knows_the_other_samples(batch, seed):
    x = np.random.default_rng(seed).normal(size=(batch, 3, 4))
    alone = x[:1]
    for kind in TOKENS:
        for whole, one in zip(statistics(x, kind), statistics(alone, kind), strict=True):
            assert np.allclose(whole[:1], one) == (kind != "batch")


x345 = np.ones((3, 4, 5))


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: statistics(np.ones((3, 4)), "batch"),
            ValueError,
            r"x has shape \(3, 4\), 2 axes, .*four for images .*three for tokens",
        ),
        (lambda: statistics(np.ones((1, 2, 3, 4, 5)), "batch"), ValueError, "5 axes"),
        (
            lambda: statistics(x345, "layers"),
            ValueError,
            "kind is 'layers', .* 'batch', 'layer', 'layer of images', 'layer of tokens', "
            "'instance', 'group', 'rms'",
        ),
        (
            lambda: statistics(x345, "group", groups=2),
            ValueError,
            "groups is 2 and x has 5 features.*one of 1, 5",
        ),
        (
            lambda: statistics(np.ones((3, 4, 5, 5)), "group", groups=3),
            ValueError,
            "groups is 3 and x has 4 features.*one of 1, 2, 4",
        ),
        (lambda: statistics(x345, "group", groups=0), ValueError, "groups is 0"),
        (lambda: statistics(x345, "group"), TypeError, "groups is None, .*groups=2"),
        (lambda: statistics(x345, "group", groups=1.0), TypeError, "groups is 1.0"),
        (
            lambda: statistics(x345, "layer", groups=1),
            ValueError,
            "groups is 1, .* not with 'layer'",
        ),
        (
            lambda: statistics(np.ones((0, 4, 5)), "batch"),
            ValueError,
            r"shape \(0, 4, 5\), nothing",
        ),
        (lambda: statistics(np.ones((3, 4, 0)), "rms"), ValueError, r"nothing along axes \(2,\)"),
        (lambda: statistics(x345.astype(int), "batch"), TypeError, "x holds int64"),
        (lambda: statistics([[[1.0]]], "batch"), TypeError, "x is a list"),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
