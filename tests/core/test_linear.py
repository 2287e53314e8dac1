import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab import (
    associative_states,
    elu_plus_one,
    linear_attention,
    linear_attention_chunked,
    linear_attention_recurrent,
)
from core.libraries import TOLERANCE, everywhere, make, numbers, same_kind


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def three(*sizes, front=()):
    """Query, key and value of so many words, or (queries, keys), with d_k 5 and d_v 4."""
    queries, keys = sizes if len(sizes) == 2 else sizes * 2
    shapes = [(queries, 5), (keys, 5), (keys, 4)]
    return [draw(*front, *shape, seed=i) for i, shape in enumerate(shapes)]


def by_pairs(query, key, value, allowed, feature_map=elu_plus_one):
    """The definition: a weight for each pair, shared out row by row."""
    weights = (feature_map(query) @ feature_map(key).mT) * allowed
    return weights / weights.sum(-1, keepdims=True) @ value


def fading(n, decay):
    """What is left of word j at word i, 0 for later words."""
    since = np.arange(n)[:, None] - np.arange(n)
    return np.where(since < 0, 0.0, float(decay) ** np.abs(since))


causal_forms = {
    "parallel": lambda *x, **how: linear_attention(*x, causal=True, **how),
    "recurrent": linear_attention_recurrent,
    "one chunk": lambda *x, **how: linear_attention_chunked(*x, 100, **how),
    "chunks of 3": lambda *x, **how: linear_attention_chunked(*x, 3, **how),
    "chunks of 1": lambda *x, **how: linear_attention_chunked(*x, 1, **how),
}
every_form = pytest.mark.parametrize("form", causal_forms.values(), ids=causal_forms)
decaying = [form for name, form in causal_forms.items() if name != "parallel"]


@everywhere
def test_the_feature_map_by_hand(library, dtype):
    x = make(library, [-math.log(4), 0.0, 2.0, 300.0, -300.0], dtype)
    result = elu_plus_one(x)
    assert same_kind(result, x)
    np.testing.assert_allclose(numbers(result), [0.25, 1, 3, 301, 0], atol=TOLERANCE[dtype])


def test_the_feature_map_is_that_of_torch():
    ours, theirs = (torch.tensor(draw(50)).requires_grad_() for _ in range(2))
    a, b = elu_plus_one(ours), torch.nn.functional.elu(theirs) + 1
    torch.testing.assert_close(a, b, atol=1e-12, rtol=0)
    (a.square().sum() + b.square().sum()).backward()
    torch.testing.assert_close(ours.grad, theirs.grad, atol=1e-12, rtol=0)


@everywhere
@pytest.mark.filterwarnings("error")
def test_by_hand(library, dtype):
    # Features: query (2, 1) and (1, 3); keys (1, 1) and (3, 1). Weights 3, 7 and 4, 6.
    query = make(library, [[1.0, 0.0], [0.0, 2.0]], dtype)
    key = make(library, [[0.0, 0.0], [2.0, 0.0]], dtype)
    value = make(library, [[10.0], [20.0]], dtype)
    result = linear_attention(query, key, value)
    assert same_kind(result, query)
    np.testing.assert_allclose(numbers(result), [[17], [16]], rtol=TOLERANCE[dtype])
    for form in causal_forms.values():
        result = form(query, key, value)
        assert same_kind(result, query)
        np.testing.assert_allclose(numbers(result), [[10], [16]], rtol=TOLERANCE[dtype])
    for form in decaying:  # weights 4 / 4 and 6
        result = form(query, key, value, decay=0.25)
        expected = [[10], [130 / 7]]
        np.testing.assert_allclose(numbers(result), expected, rtol=TOLERANCE[dtype])


@everywhere
def test_all_sizes_different(library, dtype):
    shapes = [(2, 3, 7, 13), (2, 3, 11, 13), (2, 3, 11, 5)]
    query, key, value = (make(library, draw(*s, seed=i), dtype) for i, s in enumerate(shapes))
    assert tuple(linear_attention(query, key, value).shape) == (2, 3, 7, 5)
    for form in causal_forms.values():
        assert tuple(form(key, key, value).shape) == (2, 3, 11, 5)
    assert tuple(associative_states(key, value).shape) == (2, 3, 11, 13, 5)


def test_it_is_the_definition():
    query, key, value = three(7, 11, front=(2, 3))
    expected = by_pairs(query, key, value, 1.0)
    np.testing.assert_allclose(linear_attention(query, key, value), expected, atol=1e-12)


@every_form
def test_causal_is_the_definition(form):
    arrays = three(200, front=(2,))
    expected = by_pairs(*arrays, np.tri(200))
    np.testing.assert_allclose(form(*arrays), expected, atol=1e-12)


@pytest.mark.parametrize("form", decaying)
@pytest.mark.parametrize("decay", [1, 0.9, 0.5, 1e-3])
def test_decay_is_the_definition(form, decay):
    arrays = three(50)
    expected = by_pairs(*arrays, fading(50, decay))
    np.testing.assert_allclose(form(*arrays, decay=decay), expected, atol=1e-12)


@given(st.integers(1, 9), st.integers(1, 12), st.floats(0.01, 1), st.integers(0, 2**31))
def test_chunks_of_any_size_give_the_same(n, chunk, decay, seed):
    random = np.random.default_rng(seed)
    arrays = [random.normal(size=(n, d)) for d in (3, 3, 2)]
    expected = linear_attention_recurrent(*arrays, decay=decay)
    result = linear_attention_chunked(*arrays, chunk, decay=decay)
    np.testing.assert_allclose(result, expected, atol=1e-12)


@given(st.integers(1, 9), st.integers(0, 2**31))
def test_what_comes_later_changes_nothing(n, seed):
    random = np.random.default_rng(seed)
    arrays = [random.normal(size=(n + 1, d)) for d in (3, 3, 2)]
    shorter = [x[:n] for x in arrays]
    for form in causal_forms.values():
        np.testing.assert_allclose(form(*arrays)[:n], form(*shorter), atol=1e-12)
    last = linear_attention(arrays[0][n:], *arrays[1:])
    np.testing.assert_allclose(form(*arrays)[n:], last, atol=1e-12)


@given(st.integers(1, 7), st.integers(0, 2**31))
def test_outputs_lie_among_the_values(n, seed):
    random = np.random.default_rng(seed)
    query, key, value = (random.normal(size=(n, 3)) for _ in range(3))
    result = linear_attention(query, key, value)
    assert np.all(result <= value.max(0) + 1e-12)
    assert np.all(result >= value.min(0) - 1e-12)


@every_form
def test_gradients(form):
    arrays = [torch.tensor(x, requires_grad=True) for x in three(5)]
    assert torch.autograd.gradcheck(form, arrays)
    assert torch.autograd.gradcheck(linear_attention, arrays)


def test_gradients_of_the_forms_are_those_of_the_definition():
    outputs = []
    for form in (lambda *x: by_pairs(*x, torch.ones(9, 9).tril()), *causal_forms.values()):
        arrays = [torch.tensor(x, requires_grad=True) for x in three(9, front=(2,))]
        (form(*arrays) * torch.tensor(draw(2, 9, 4, seed=7))).sum().backward()
        outputs.append([x.grad for x in arrays])
    for gradients in outputs[1:]:
        for ours, theirs in zip(gradients, outputs[0], strict=True):
            torch.testing.assert_close(ours, theirs, atol=1e-12, rtol=0)


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize("form", decaying)
def test_a_decay_that_is_learnt(form):
    arrays = [torch.tensor(x) for x in three(7)]
    decay = torch.tensor(0.8, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda decay: form(*arrays, decay=decay), [decay])


@pytest.mark.parametrize("decay", [1e-3, 0.5, 0.999, 1])
@pytest.mark.filterwarnings("error")
def test_long_sequences_neither_overflow_nor_vanish(decay):
    arrays = [x.astype(np.float32) for x in three(3000)]
    result = linear_attention_chunked(*arrays, 1000, decay=decay)
    assert np.isfinite(result).all()
    expected = linear_attention_recurrent(*(x.astype(float) for x in arrays), decay=decay)
    np.testing.assert_allclose(result, expected, atol=1e-4)


def test_another_feature_map_of_another_dimension():
    arrays = three(7)

    def squares(x):  # (q . k)^2, as features: all products of two entries
        return (x[..., :, None] * x[..., None, :]).reshape(*x.shape[:-1], -1) ** 2

    for form in causal_forms.values():
        expected = by_pairs(*arrays, np.tri(7), squares)
        np.testing.assert_allclose(form(*arrays, feature_map=squares), expected, atol=1e-12)


@pytest.mark.parametrize("form", [linear_attention, *causal_forms.values()])
def test_batch_axes_are_spread(form):
    query, key, value = three(6)
    wide = np.stack([query, -query])[:, None]
    result = form(wide, key, np.stack([value] * 3))
    assert result.shape == (2, 3, 6, 4)
    np.testing.assert_allclose(result[1, 2], form(-query, key, value), atol=1e-12)


@pytest.mark.parametrize("form", [linear_attention, linear_attention_recurrent])
def test_in_vmap(form):
    arrays = [torch.tensor(x) for x in three(6, front=(3,))]
    torch.testing.assert_close(torch.vmap(form)(*arrays), form(*arrays))


def test_no_query():
    query, key, value = three(0, 5)
    assert linear_attention(query, key, value).shape == (0, 4)


# associative_states -------------------------------------------------------------------------------


@everywhere
def test_states_by_hand(library, dtype):
    key = make(library, [[1.0, 0.0], [0.0, 2.0], [1.0, 0.0]], dtype)
    value = make(library, [[3.0], [5.0], [7.0]], dtype)
    result = associative_states(key, value)
    assert same_kind(result, key)
    expected = [[[3], [0]], [[3], [10]], [[10], [10]]]
    np.testing.assert_allclose(numbers(result), expected, atol=TOLERANCE[dtype])
    result = associative_states(key, value, decay=0.5)
    expected = [[[3], [0]], [[1.5], [10]], [[7.75], [5]]]
    np.testing.assert_allclose(numbers(result), expected, atol=TOLERANCE[dtype])
    result = associative_states(key, value, rate=0.5)  # the second key has length 2
    expected = [[[1.5], [0]], [[1.5], [5]], [[4.25], [5]]]
    np.testing.assert_allclose(numbers(result), expected, atol=TOLERANCE[dtype])


def test_states_are_those_of_linear_attention():
    query, key, value = three(7, front=(2,))
    features = elu_plus_one(key)
    states = associative_states(features, value, decay=0.7)
    totals = associative_states(features, np.ones_like(value[..., :1]), decay=0.7)
    asked = elu_plus_one(query)[..., None, :]
    result = (asked @ states / (asked @ totals))[..., 0, :]
    expected = linear_attention_recurrent(query, key, value, decay=0.7)
    np.testing.assert_allclose(result, expected, atol=1e-12)


@given(st.integers(1, 5), st.integers(0, 2**31))
def test_orthonormal_keys_are_recalled_exactly(n, seed):
    random = np.random.default_rng(seed)
    key = np.linalg.qr(random.normal(size=(5, 5)))[0][:n]
    value = random.normal(size=(n, 3))
    for rate in (None, 1):
        np.testing.assert_allclose(key @ associative_states(key, value, rate=rate)[-1], value)


@given(st.integers(1, 7), st.integers(0, 2**31))
def test_the_delta_rule_recalls_what_it_has_just_written(n, seed):
    random = np.random.default_rng(seed)
    key, value = random.normal(size=(n, 3)), random.normal(size=(n, 2))
    key = key / np.linalg.norm(key, axis=-1, keepdims=True)
    states = associative_states(key, value, rate=1, decay=0.9)
    np.testing.assert_allclose((key[:, None] @ states)[:, 0], value, atol=1e-12)
    # In the other form of the papers: S <- (I - k k^T) decay S + k v^T.
    state = np.zeros((3, 2))
    for k, v in zip(key, value, strict=True):
        state = (np.eye(3) - np.outer(k, k)) @ (0.9 * state) + np.outer(k, v)
    np.testing.assert_allclose(states[-1], state, atol=1e-12)


@pytest.mark.parametrize("rate", [None, 0.5])
def test_gradients_of_states(rate):
    arrays = [torch.tensor(x, requires_grad=True) for x in three(4)[1:]]
    assert torch.autograd.gradcheck(lambda *x: associative_states(*x, rate=rate), arrays)


# What is refused ----------------------------------------------------------------------------------

x23, x53 = np.ones((2, 3)), np.ones((5, 3))
BAD = {
    "integers": (lambda f: f(x23.astype(int), x23, x23), TypeError, "query holds int64"),
    "libraries": (lambda f: f(x23, x23, torch.ones(2, 3)), TypeError, "value is a torch tensor"),
    "precisions": (
        lambda f: f(torch.ones(2, 3), torch.ones(2, 3).double(), torch.ones(2, 3)),
        TypeError,
        "query holds torch.float32 and key torch.float64",
    ),
    "one vector": (lambda f: f(x23, np.ones(3), x23), ValueError, r"key has shape \(3,\)"),
    "values": (lambda f: f(x23, x23, x53), ValueError, "key has 2 positions and value 5"),
    "no key": (lambda f: f(x23[:0], x23[:0], x23[:0]), ValueError, r"key has shape \(0, 3\)"),
    "dimensions": (
        lambda f: f(np.ones((2, 4)), x23, x23),
        ValueError,
        "query 4 features and key 3",
    ),
    "batch": (
        lambda f: f(np.ones((4, 2, 3)), np.ones((3, 2, 3)), x23),
        ValueError,
        r"query has batch axes \(4,\) and key \(3,\)",
    ),
    "batch of values": (
        lambda f: f(x23, np.ones((3, 2, 3)), np.ones((4, 2, 3))),
        ValueError,
        r"key has batch axes \(3,\) and value \(4,\)",
    ),
    "no function": (lambda f: f(x23, x23, x23, feature_map="elu"), TypeError, "feature_map is 'e"),
    "no arrays": (
        lambda f: f(x23, x23, x23, feature_map=lambda x: x.tolist()),
        TypeError,
        r"feature_map\(query\) is a list",
    ),
    "negative": (
        lambda f: f(x23, -x23, x23, feature_map=lambda x: x),
        ValueError,
        "feature_map gives a number below 0 for key",
    ),
    "rows": (
        lambda f: f(x23, x23, x23, feature_map=lambda x: x.T),
        ValueError,
        r"query of shape \(2, 3\) an array of shape \(3, 2\)",
    ),
    "a number": (
        lambda f: f(x23, x23, x23, feature_map=np.mean),
        ValueError,
        r"query of shape \(2, 3\) an array of shape \(\)",
    ),
    "a total of 0": (
        lambda f: f(-x23, x23, x23, feature_map=lambda x: np.maximum(x, 0)),
        ValueError,
        "weights of a query have the total 0",
    ),
}


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize("form", [linear_attention, *causal_forms.values()])
@pytest.mark.parametrize(("call", "error", "words"), BAD.values(), ids=BAD)
def test_bad_input_is_named(form, call, error, words):
    with pytest.raises(error, match=words):
        call(form)


@pytest.mark.usefixtures("as_a_reader_runs_it")
@every_form
def test_causal_needs_equal_lengths(form):
    with pytest.raises(ValueError, match=r"query has 2 positions and key 5.*same words"):
        form(x23, x53, x53)


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize("causal", [np.tri(2) == 1, None, 1, "yes"])
def test_a_mask_in_the_place_of_causal(causal):
    with pytest.raises(TypeError, match=r"causal is a .*True or False: a mask"):
        linear_attention(x23, x23, x23, causal)


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize("form", [*decaying, lambda _, *kv, **how: associative_states(*kv, **how)])
@pytest.mark.parametrize("decay", [0, -0.5, 1.5, math.nan, math.inf])
def test_a_decay_out_of_range(form, decay):
    with pytest.raises(ValueError, match=r"decay is .*above 0 and at most 1"):
        form(x23, x23, x23, decay=decay)
    with pytest.raises(TypeError, match="decay is"):
        form(x23, x23, x23, decay=str(decay))


@pytest.mark.usefixtures("as_a_reader_runs_it")
def test_other_numbers_out_of_range():
    for chunk in (0, -3):
        with pytest.raises(ValueError, match=f"chunk is {chunk}.*at least 1"):
            linear_attention_chunked(x23, x23, x23, chunk)
    for chunk in (2.0, "2", None, True):
        with pytest.raises(TypeError, match="chunk is"):
            linear_attention_chunked(x23, x23, x23, chunk)
    for rate in (-1, math.nan, math.inf):
        with pytest.raises(ValueError, match=r"rate is .*at least 0 and finite"):
            associative_states(x23, x23, rate=rate)
    with pytest.raises(ValueError, match="key has 2 positions and value 5"):
        associative_states(x23, x53)
    with pytest.raises(ValueError, match=r"value has shape \(2,\)"):
        associative_states(x23, np.ones(2))
    with pytest.raises(TypeError, match="key holds int64"):
        associative_states(x23.astype(int), x23)
