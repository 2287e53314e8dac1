"""Axes that a mask could move, and things that are no arrays or no numbers."""

import math

import numpy as np
import pytest
import torch

import attnlab
from attnlab import (
    attention,
    attention_weights,
    causal,
    dot,
    edges,
    gaussian,
    group_norm,
    layer_norm,
    padding,
    scaled_dot,
    softmax,
    split_heads,
)

# Most of what is handed in here is wrong, and our own words are asked for.
pytestmark = pytest.mark.usefixtures("as_a_reader_runs_it")

libraries = pytest.mark.parametrize("library", [np.asarray, torch.from_numpy], ids=["np", "torch"])


@libraries
@pytest.mark.parametrize("axis", [0, 1, -1, -2])
@pytest.mark.parametrize("front", [(4,), (5, 4), (1,), (0,)])
def test_a_mask_with_more_axes_does_not_move_the_axis(library, axis, front):
    scores = library(np.random.default_rng(0).normal(size=(2, 3)))
    mask = library(np.ones((*front, 2, 3), bool))
    expected = np.broadcast_to(np.asarray(softmax(scores, axis=axis)), (*front, 2, 3))
    np.testing.assert_array_equal(np.asarray(softmax(scores, mask, axis=axis)), expected)


@libraries
def test_a_mask_with_more_axes_by_hand(library):
    scores = library(np.log(np.array([[1.0, 1.0], [3.0, 1.0]])))
    mask = library(np.array([[[True, True], [False, True]], [[True, False], [True, True]]]))
    result = np.asarray(softmax(scores, mask, axis=0))
    np.testing.assert_allclose(result[0], [[1, 0.5], [0, 0.5]], atol=1e-12)
    np.testing.assert_allclose(result[1], [[0.25, 0], [0.75, 1]], atol=1e-12)


@libraries
@pytest.mark.parametrize("axis", [2, -3, 7])
def test_an_axis_that_scores_lack(library, axis):
    scores, mask = library(np.zeros((2, 3))), library(np.ones((4, 2, 3), bool))
    for masks in ((), (mask,)):
        with pytest.raises(ValueError, match=r"axis is .*\(2, 3\).*from -2 to 1"):
            softmax(scores, *masks, axis=axis)


@libraries
@pytest.mark.parametrize("axis", [1.0, None, "1", (0, 1), True])
def test_an_axis_that_is_no_whole_number(library, axis):
    with pytest.raises(TypeError, match="axis is"):
        softmax(library(np.zeros((2, 3))), axis=axis)


@libraries
def test_a_single_number_has_no_row(library):
    with pytest.raises(ValueError, match=r"scores has shape \(\).*a row"):
        softmax(library(np.array(1.0)))


@libraries
def test_a_mask_of_more_axes_in_attention(library):
    x = library(np.random.default_rng(0).normal(size=(3, 4)))
    mask = library(np.ones((5, 3, 3), bool))
    expected = np.broadcast_to(np.asarray(attention(x, x, x)), (5, 3, 4))
    np.testing.assert_allclose(np.asarray(attention(x, x, x, mask)), expected, atol=1e-12)


def masked(x):
    return np.ma.masked_array(x, mask=np.zeros_like(x, bool))


X = np.random.default_rng(0).normal(size=(3, 4))
POSITIONS = np.arange(3)
TAKERS = {
    "softmax": lambda x: softmax(x),
    "the mask of softmax": lambda x: softmax(X, mask=x > 0),
    "attention, query": lambda x: attention(x, X, X),
    "attention, key": lambda x: attention(X, x, X),
    "attention, value": lambda x: attention(X, X, x),
    "attention, mask": lambda x: attention(X, X, X, x[:, :3] > 0),
    "attention_weights": lambda x: attnlab.attention_weights(x, X),
    "self_attention": lambda x: attnlab.self_attention(x, X.T, X.T, X.T),
    "elu_plus_one": lambda x: attnlab.elu_plus_one(x),
    "linear_attention": lambda x: attnlab.linear_attention(x, X, X),
    "linear_attention_recurrent": lambda x: attnlab.linear_attention_recurrent(X, x, X),
    "linear_attention_chunked": lambda x: attnlab.linear_attention_chunked(X, X, x, 2),
    "associative_states": lambda x: attnlab.associative_states(X, x),
    "window_attention": lambda x: attnlab.window_attention(x, X, X, 1),
    "strided_attention": lambda x: attnlab.strided_attention(X, x, X, 2),
    "low_rank_attention": lambda x: attnlab.low_rank_attention(X, X, x, X.T),
    "low_rank_attention, projection": lambda x: attnlab.low_rank_attention(X, X, X, X.T, x.T),
    "ring_steps": lambda x: attnlab.ring_steps(x[:, :3]),
    "blockwise_steps": lambda x: attnlab.blockwise_steps(X, X, x, block=2),
    "blockwise_attention": lambda x: attnlab.blockwise_attention(x, X, X),
    "blockwise_attention, mask": lambda x: attnlab.blockwise_attention(X, X, X, x[:, :3] > 0),
    "dot": lambda x: dot(x, X),
    "scaled_dot": lambda x: attnlab.scaled_dot(X, x),
    "bilinear": lambda x: attnlab.bilinear(X[:, :3], X, x),
    "additive": lambda x: attnlab.additive(X, X, x.T, X.T, X[:, 0]),
    "gaussian": lambda x: gaussian(x, X),
    "causal": lambda x: causal(x[:, 0], POSITIONS),
    "window": lambda x: attnlab.window(x[:, 0], POSITIONS, 1),
    "strided": lambda x: attnlab.strided(POSITIONS, x[:, 0], 2),
    "padding": lambda x: padding(x[:, 0], POSITIONS),
    "edges": lambda x: edges(x[:, :3]),
    "neighbourhood_attention": lambda x: attnlab.neighbourhood_attention(X, X, x, POSITIONS == 0),
    "neighbourhood_attention, edges": lambda x: attnlab.neighbourhood_attention(X, X, X, x[:, :3]),
    "gat_scores": lambda x: attnlab.gat_scores(X, x, X[0], X[0]),
    "gatv2_scores": lambda x: attnlab.gatv2_scores(x, X, X[0]),
    "normalised_adjacency": lambda x: attnlab.normalised_adjacency(x[:, :3]),
    "laplacian": lambda x: attnlab.laplacian(x[:, :3]),
    "laplacian_positions": lambda x: attnlab.laplacian_positions(x[:, :3], 1),
    "as_pixels": lambda x: attnlab.as_pixels(x[None]),
    "from_pixels": lambda x: attnlab.from_pixels(x, 1, 3),
    "pixel_positions": lambda x: attnlab.pixel_positions(2, 3, like=x),
    "patches": lambda x: attnlab.patches(x[None], 1),
    "from_patches": lambda x: attnlab.from_patches(x, 1, 1, 3),
    "convolution": lambda x: attnlab.convolution(x[None], X[None, None, :, :3]),
    "convolution, kernel": lambda x: attnlab.convolution(X[None], x[None, None, :, :3]),
    "offset_scores": lambda x: attnlab.offset_scores(X, x, (1, 0, 0, 0)),
    "convolution_as_attention": lambda x: attnlab.convolution_as_attention(
        x[None, None, :, :3], 3, 4
    ),
    "sinusoids": lambda x: attnlab.sinusoids(x[:, 0], 4),
    "rotary": lambda x: attnlab.rotary(x, POSITIONS),
    "rotary, positions": lambda x: attnlab.rotary(X, x[:, 0]),
    "distance_bias": lambda x: attnlab.distance_bias(x[:, 0], POSITIONS, 2),
    "split_heads": lambda x: attnlab.split_heads(x, 2),
    "join_heads": lambda x: attnlab.join_heads(x[None]),
    "layer_norm": lambda x: layer_norm(x[None]),
    "batch_norm": lambda x: attnlab.batch_norm(x[None]),
    "group_norm": lambda x: attnlab.group_norm(x[None], 2),
    "instance_norm": lambda x: attnlab.instance_norm(x[None]),
    "rms_norm": lambda x: attnlab.rms_norm(x[None]),
    "statistics": lambda x: attnlab.statistics(x[None], "batch"),
    "normalise": lambda x: attnlab.normalise(X[None], x[None] * 0, X[None] ** 2),
}


def test_no_function_of_the_core_is_left_out():
    functions = {name for name in attnlab.__all__ if callable(getattr(attnlab, name))}
    asked = {name.split(",")[0].split()[-1] for name in TAKERS}
    assert functions - asked == set()


@pytest.mark.parametrize("taker", TAKERS.values(), ids=TAKERS)
def test_an_array_with_a_mask_of_its_own(taker):
    with pytest.raises(TypeError, match=r"MaskedArray with a mask of its own.*filled"):
        taker(masked(X))


@pytest.mark.parametrize("taker", [TAKERS["softmax"], TAKERS["attention, query"]])
@pytest.mark.parametrize("other", [X.tolist(), None, "a text", 3.0])
def test_what_is_no_array(taker, other):
    with pytest.raises(TypeError, match=r"is a .*not an array"):
        taker(other)


@pytest.mark.parametrize("temperature", ["1", None, [1.0], np.ones(2), 1j])
def test_a_temperature_that_is_no_number(temperature):
    with pytest.raises(TypeError, match="temperature is"):
        softmax(X, temperature=temperature)


@pytest.mark.parametrize("temperature", [0, -1, math.nan, math.inf])
def test_a_temperature_out_of_range(temperature):
    with pytest.raises(ValueError, match=r"temperature is .*above 0"):
        softmax(X, temperature=temperature)


@pytest.mark.parametrize("name", ["float32", "float64"])
@pytest.mark.parametrize("temperature", [1e-60, 1e-30, 1e60])
@pytest.mark.filterwarnings("error")
def test_a_temperature_at_the_end_of_float32(name, temperature):
    scores = np.array([0.0, 1.0, -1.0], name)
    expected = [0, 1, 0] if temperature < 1 else [1 / 3] * 3
    for library in (np.asarray, torch.from_numpy):
        result = softmax(library(scores), temperature=temperature)
        np.testing.assert_allclose(np.asarray(result), expected, atol=1e-6)


def test_a_temperature_that_is_learnt():
    temperature = torch.tensor(2.0, requires_grad=True)
    softmax(torch.tensor([0.0, 1.0]), temperature=temperature)[0].backward()
    assert temperature.grad != 0


@pytest.mark.parametrize("width", ["1", None, [1.0]])
def test_other_numbers(width):
    with pytest.raises(TypeError, match="width is"):
        gaussian(X, X, width)
    with pytest.raises(TypeError, match="epsilon is"):
        layer_norm(X[None], epsilon=width)


def test_two_precisions_of_torch():
    single, double = torch.ones(2, 4), torch.ones(2, 4, dtype=torch.float64)
    for call in (
        lambda: dot(double, single),
        lambda: attention(double, single, single),
        lambda: attention(single, single, double),
        lambda: attnlab.self_attention(single, double.T, single.T, single.T),
        lambda: attnlab.bilinear(single, single, torch.ones(4, 4, dtype=torch.float64)),
        lambda: attnlab.linear_attention(double, single, single),
        lambda: attnlab.associative_states(single, double),
        lambda: attnlab.window_attention(single, double, single, 1),
        lambda: attnlab.low_rank_attention(single, single, single, double[:, :2]),
        lambda: attnlab.blockwise_attention(single, single, double),
    ):
        with pytest.raises(TypeError, match=r"holds torch.float\d\d and \w+ torch.float\d\d.*\.to"):
            call()
    x = X.astype(np.float32)
    assert attention(x, X, x).dtype == np.float64  # NumPy takes the wider one


def test_two_devices():
    here, there = torch.ones(2, 4), torch.ones(2, 4, device="meta")
    for call in (
        lambda: dot(here, there),
        lambda: attention(here, here, there),
        lambda: attnlab.linear_attention(here, there, here),
        lambda: attnlab.associative_states(here, there),
        lambda: attnlab.window_attention(here, here, there, 1),
        lambda: attnlab.strided_attention(here, there, here, 1),
        lambda: attnlab.blockwise_attention(here, here, there),
    ):
        with pytest.raises(ValueError, match=r"lies on cpu and key on meta|on cpu and value on m"):
            call()
    with pytest.raises(ValueError, match="mask lies on meta and scores on cpu"):
        softmax(here, there > 0)


def test_values_of_another_batch():
    with pytest.raises(ValueError, match=r"value has batch axes \(5,\).*\(2,\)"):
        attention(np.ones((2, 3, 4)), np.ones((2, 3, 4)), np.ones((5, 3, 4)))


def test_a_mask_of_0_and_1_is_no_lengths():
    for mask in (np.array([[1, 1, 0]]), np.array([[1.0, 1.0, 1.0], [1.0, 0.0, 0.0]])):
        with pytest.raises(ValueError, match=r"lengths has shape .* only 0 and 1, as a mask"):
            padding(mask, np.arange(3))
    assert padding(np.array([[1, 0]]), np.arange(3)).shape == (1, 2, 1, 3)


def test_an_adjacency_holds_numbers():
    for adjacency in (np.array([["a", ""], ["", "b"]]), np.array([[None, 1], [1, 0]])):
        with pytest.raises(TypeError, match="adjacency holds"):
            edges(adjacency)


def test_a_temperature_of_another_library():
    with pytest.raises(TypeError, match="temperature is a torch tensor"):
        softmax(np.ones(2), temperature=torch.tensor(2.0))
    assert softmax(np.ones(2, np.float32), temperature=np.array(2.0)).dtype == np.float32


def test_a_score_that_gives_no_row_for_each_query():
    query, key = np.ones((2, 3)), np.ones((4, 3))
    with pytest.raises(TypeError, match="score is 'dot', and must be a function"):
        attention_weights(query, key, score="dot")
    for score in (lambda q, k: k @ q.T, lambda q, _: q[:, 0]):
        with pytest.raises(ValueError, match=r"score gives scores of shape .* \(\.\.\., 2, 4\)"):
            attention_weights(query, key, score=score)


@pytest.mark.parametrize("nothing", [None, "x", [[1.0]], 1.0])
def test_scaled_dot_refuses_what_is_no_array(nothing):
    with pytest.raises(TypeError, match="query is a"):
        scaled_dot(nothing, np.ones((2, 3)))


def test_vectors_without_features_score_0():
    assert (scaled_dot(np.ones((2, 0)), np.ones((3, 0))) == np.zeros((2, 3))).all()


def test_true_is_no_number_of_heads_or_groups():
    with pytest.raises(TypeError, match="heads is True"):
        split_heads(np.ones((2, 4)), True)
    with pytest.raises(TypeError, match="groups is True"):
        group_norm(np.ones((1, 2, 4)), True)


def test_a_width_that_float32_does_not_hold():
    here = torch.zeros(1, 1)
    assert gaussian(here, here, 1e-200) == 0.0
