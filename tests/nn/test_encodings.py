import doctest
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from attnlab import attention, causal, distance_bias, rotary, scaled_dot, sinusoids
from attnlab.nn import (
    ENCODINGS,
    AlibiPositions,
    FlowPositions,
    LearnedPositions,
    MultiHeadAttention,
    RecurrentPositions,
    RotaryPositions,
    SinusoidalPositions,
    fused_attention,
    position_encoding,
    position_flows,
)
from attnlab.nn.position_flows import runge_kutta, turning

ADDED = ["sinusoidal", "learned", "flow", "recurrent"]
LEARNT = ["learned", "flow", "recurrent"]
INSIDE = ["rotary", "alibi"]


def draw(*shape, seed=0):
    return torch.tensor(np.random.default_rng(seed).normal(size=shape))


def made(name, d_model=10, heads=5, length=23):
    return ENCODINGS[name](d_model, heads, length).double()


# The interface -----------------------------------------------------------------------------------


def test_the_names():
    assert list(ENCODINGS) == ["none", *ADDED, *INSIDE]


@pytest.mark.parametrize("name", ENCODINGS)
def test_all_are_called_alike(name):
    encoding, x = made(name), draw(2, 7, 10)
    y = encoding(x)
    assert y.shape == x.shape
    assert y.dtype == x.dtype
    assert torch.equal(y, x) == (name not in ADDED)
    heads = draw(2, 5, 7, 2), draw(2, 5, 11, 2, seed=1), draw(2, 5, 11, 3, seed=2)
    output = encoding.attend(*heads, causal(torch.arange(4, 11), torch.arange(11)))
    assert output.shape == (2, 5, 7, 3)
    same = torch.allclose(encoding.attend(*heads), fused_attention(*heads))
    assert same == (name not in INSIDE)


@pytest.mark.parametrize("name", ENCODINGS)
def test_order_is_seen_with_positions_only(name):
    encoding, x = made(name), draw(1, 7, 10)
    layer = MultiHeadAttention(10, 5, attend=encoding.attend).double()
    straight, turned = (layer(encoding(x)), layer(encoding(x.flip(1))).flip(1))
    assert torch.allclose(straight, turned) == (name == "none" or name == "alibi")
    order = torch.tensor([0, 2, 1, 3, 4, 5, 6])  # distances alone are the same both ways round
    shuffled = layer(encoding(x[:, order]))[:, order]
    assert torch.allclose(straight, shuffled) == (name == "none")


@pytest.mark.parametrize("name", ENCODINGS)
def test_a_cache_gives_the_same_as_the_whole(name):
    encoding = made(name)
    layer = MultiHeadAttention(10, 5, attend=encoding.attend).double()
    x, n = draw(2, 7, 10), torch.arange(7)
    whole = layer(encoding(x), mask=causal(n, n))
    x = torch.cat([encoding(x[:, :4]), encoding(x[:, 4:], first=4)], 1)
    torch.testing.assert_close(layer(x[:, 4:], x, mask=causal(n[4:], n)), whole[:, 4:])
    torch.testing.assert_close(layer(x[:, 6:], x), whole[:, 6:])


@pytest.mark.parametrize("name", [name for name in ENCODINGS if name != "learned"])
def test_longer_sequences_than_trained_on(name):
    encoding = made(name, length=5)
    layer = MultiHeadAttention(10, 5, attend=encoding.attend).double()
    x = draw(1, 200, 10)
    output = layer(encoding(x))
    assert output.shape == x.shape
    assert torch.isfinite(output).all()
    torch.testing.assert_close(encoding(x)[:, :5], encoding(x[:, :5]), atol=1e-12, rtol=0)


@pytest.mark.parametrize("name", ENCODINGS)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_embeddings_keep_their_precision(name, dtype):
    encoding = ENCODINGS[name](10, 5, 23)  # its own weights stay in float32
    x = draw(1, 7, 10).to(dtype)
    assert encoding(x).dtype == dtype
    heads = draw(1, 5, 7, 2).to(dtype)
    assert encoding.attend(heads, heads, heads).dtype == dtype


@pytest.mark.parametrize("name", ENCODINGS)
def test_a_query_with_nothing_to_attend_to(name):
    heads = [draw(2, 5, 7, 2, seed=s).requires_grad_() for s in range(3)]
    mask = torch.ones(7, 7, dtype=torch.bool)
    mask[2] = False
    output = made(name).attend(*heads, mask)
    assert torch.equal(output[:, :, 2], torch.zeros(2, 5, 2, dtype=torch.float64))
    output.sum().backward()
    assert all(torch.isfinite(x.grad).all() for x in heads)


@given(st.sampled_from(list(ENCODINGS)), st.integers(1, 9), st.integers(0, 9))
def test_a_piece_of_a_sequence_is_placed_where_it_stands(name, count, first):
    encoding = made(name)
    x = draw(2, first + count, 10)
    expected = encoding(x)[:, first:]
    torch.testing.assert_close(encoding(x[:, first:], first), expected, atol=1e-12, rtol=0)


# Those that add a vector -------------------------------------------------------------------------


@pytest.mark.parametrize("d_model", [3, 10])
def test_sinusoids_and_the_table_start_as_those_of_the_core(d_model):
    expected = sinusoids(torch.arange(23, dtype=torch.float64), d_model)
    torch.testing.assert_close(SinusoidalPositions(d_model).vectors(23), expected, atol=0, rtol=0)
    torch.testing.assert_close(LearnedPositions(d_model, 23).vectors(23), expected.float())
    assert not list(SinusoidalPositions(d_model).parameters())


@pytest.mark.parametrize("name", ADDED)
@pytest.mark.parametrize("d_model", [2, 7, 32])
def test_the_vectors_start_at_the_size_of_embeddings_and_differ(name, d_model):
    vectors = ENCODINGS[name](d_model, 1, 64).vectors(64).detach()
    assert vectors.shape == (64, d_model)
    assert 0.5 < vectors.square().mean().sqrt() < 1.0
    apart = torch.cdist(vectors, vectors) + 9.0 * torch.eye(64)
    assert apart.min() > (0.5 if d_model == 32 else 0.0)


@pytest.mark.parametrize("name", LEARNT)
def test_all_their_weights_learn(name):
    encoding = made(name)
    optimizer = torch.optim.SGD(encoding.parameters(), 0.1)
    for _ in range(2):  # what starts behind a zero has a gradient from the second step on
        optimizer.zero_grad()
        (encoding(draw(2, 23, 10)) * draw(2, 23, 10, seed=1)).sum().backward()
        optimizer.step()
    for which, parameter in encoding.named_parameters():
        assert torch.any(parameter.grad != 0), which


def test_a_flow_starts_along_the_sinusoids():
    errors = []
    for steps in (1, 2, 4):
        vectors = FlowPositions(10, steps=steps).double().vectors(9)
        expected = sinusoids(torch.arange(9, dtype=torch.float64), 10)
        errors.append((vectors - expected).abs().max().item())
    assert errors[0] < 0.1
    assert errors[1] < errors[0] / 12
    assert errors[2] < errors[1] / 12, "an order of 4: half the step, a sixteenth of the error"


def test_the_velocity_is_that_of_the_formula():
    encoding = made("flow")
    for parameter in encoding.parameters():
        nn.init.normal_(parameter, generator=torch.Generator().manual_seed(0))
    p = draw(10)
    hidden = torch.tanh(encoding.inward(p) + encoding.time * 0.07)
    expected = encoding.turning @ p + encoding.outward(hidden)
    torch.testing.assert_close(encoding.velocity(7.0, p), expected, atol=1e-12, rtol=0)


def test_turning_by_hand():
    # One pair of the frequency 1: sin' = cos, cos' = -sin. An odd feature at the end stands still.
    expected = torch.tensor([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    torch.testing.assert_close(turning(3), expected)


def test_runge_kutta_by_hand():
    # p' = p: each step multiplies by 1 + 1 + 1/2 + 1/6 + 1/24 = 65/24.
    result = runge_kutta(lambda _, p: p, torch.ones(1, dtype=torch.float64), 3)
    np.testing.assert_allclose(result[:, 0], [1, 65 / 24, (65 / 24) ** 2], rtol=1e-12)
    # p' = 4 t^3 has p = t^4, and p' = 3 t^2 has t^3, which the method meets exactly.
    cubes = runge_kutta(lambda t, _: torch.tensor([3.0 * t * t]), torch.zeros(1), 4)
    np.testing.assert_allclose(cubes[:, 0], [0, 1, 8, 27], rtol=1e-6)


@given(st.integers(1, 6), st.integers(1, 5))
def test_runge_kutta_stops_where_it_should(count, steps):
    result = runge_kutta(
        lambda *_: torch.ones(2, dtype=torch.float64), torch.zeros(2), count, steps
    )
    np.testing.assert_allclose(result, np.arange(count)[:, None].repeat(2, 1), atol=1e-12)


def test_recurrent_vectors_are_steps_of_the_gru():
    encoding = made("recurrent")
    for parameter in encoding.parameters():
        nn.init.normal_(parameter, generator=torch.Generator().manual_seed(0))
    own, state, expected = dict(encoding.network.named_parameters()), encoding.first, []
    for _ in range(6):
        inward = own["weight_ih_l0"][:, 0] + own["bias_ih_l0"]
        before = own["weight_hh_l0"] @ state + own["bias_hh_l0"]
        (a, b, c), (d, e, f) = inward.chunk(3), before.chunk(3)
        reset, update = torch.sigmoid(a + d), torch.sigmoid(b + e)
        state = (1 - update) * torch.tanh(c + reset * f) + update * state
        expected.append(state)
    torch.testing.assert_close(encoding.vectors(6), torch.stack(expected), atol=1e-12, rtol=0)


# Those inside the heads --------------------------------------------------------------------------


@pytest.mark.parametrize("queries", [7, 3])
def test_rotary_and_alibi_are_attention_with_other_scores(queries):
    heads = draw(2, 5, queries, 4), draw(2, 5, 7, 4, seed=1), draw(2, 5, 7, 3, seed=2)
    places = torch.arange(7, dtype=torch.float64)
    mask = causal(places[7 - queries :], places)

    def turned(query, key):
        return scaled_dot(rotary(query, places[7 - queries :]), rotary(key, places))

    def biased(query, key):
        return scaled_dot(query, key) + distance_bias(places[7 - queries :], places, 5)

    for encoding, score in [(RotaryPositions(), turned), (AlibiPositions(5), biased)]:
        expected = attention(*heads, mask, score=score)
        torch.testing.assert_close(encoding.attend(*heads, mask), expected, atol=1e-12, rtol=0)


def test_alibi_by_hand():
    # One head has the slope 2^-8; equal scores: weights 1 and exp(-1/256), over their sum.
    x = torch.zeros(1, 1, 2, 2, dtype=torch.float64)
    value = torch.tensor([[[[1.0], [0.0]]]], dtype=torch.float64)
    near = 1 / (1 + math.exp(-1 / 256))
    np.testing.assert_allclose(AlibiPositions(1).attend(x, x, value)[0, 0, :, 0], [near, 1 - near])


# What is refused ---------------------------------------------------------------------------------

four = torch.ones(1, 2, 5, 4)


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: LearnedPositions(4, 128)(torch.ones(1, 129, 4)),
            r"x reaches to 129 positions, and the table has 128: .*length=129.*Sinusoidal",
        ),
        (
            lambda: LearnedPositions(4, 128)(torch.ones(1, 1, 4), first=128),
            "129 positions, .* has 128",
        ),
        (
            lambda: SinusoidalPositions(6)(torch.ones(1, 5, 4)),
            "length 4, and the positions of length 6",
        ),
        (lambda: FlowPositions(6)(torch.ones(1, 5, 4)), "length 4, and the positions of length 6"),
        (
            lambda: RecurrentPositions(6)(torch.ones(1, 5, 4)),
            "length 4, and the positions of length 6",
        ),
        (
            lambda: AlibiPositions(3).attend(four, four, four),
            r"2 heads, .* slopes for 3: .*heads=2",
        ),
        (lambda: RotaryPositions().attend(*[four[..., :3]] * 3), "length 3, an odd number"),
        (
            lambda: RotaryPositions().attend(four, four[:, :, :2], four[:, :, :2]),
            "5 queries and 2 keys: .* fused_attention",
        ),
        (
            lambda: AlibiPositions(2).attend(four, four[:, :, :2], four[:, :, :2]),
            "5 queries and 2 keys",
        ),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@pytest.mark.parametrize("module", [position_encoding, position_flows])
def test_the_examples_in_the_docstrings(module):
    result = doctest.testmod(module, extraglobs={"torch": torch})
    assert result.attempted > 0
    assert result.failed == 0
