import doctest

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab import causal, layer_norm, window
from attnlab.lab import jacobians as module
from attnlab.lab.jacobians import gradient_back, influence, jacobian, parts_of, step_jacobians
from attnlab.nn import EncoderLayer, pre_norm


def drawn(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def layers(count=1, around=None, d_model=6, heads=2):
    torch.manual_seed(1)
    given = {} if around is None else {"around": around}
    return [EncoderLayer(d_model, heads, 11, **given) for _ in range(count)]


def test_the_slopes_of_a_product_by_hand():
    # y[0] = (x00 x01, x10), y[1] = (2 x11, x00) at x = (3, 5), (7, 11)
    def function(x):
        return torch.stack(
            [torch.stack([x[0, 0] * x[0, 1], x[1, 0]]), torch.stack([2 * x[1, 1], x[0, 0]])]
        )

    slopes = jacobian(function, [[3, 5], [7, 11]])
    assert slopes.shape == (2, 2, 2, 2)
    expected = np.zeros((2, 2, 2, 2))
    expected[0, 0, 0] = [5, 3]
    expected[0, 1, 1] = [1, 0]
    expected[1, 0, 1] = [0, 2]
    expected[1, 1, 0] = [1, 0]
    np.testing.assert_array_equal(slopes, expected)
    np.testing.assert_allclose(influence(slopes) ** 2, [[34 / 2, 1 / 2], [1 / 2, 4 / 2]])


def test_slopes_are_those_that_nudging_measures_and_axes_are_not_swapped():
    # From 3 positions of 5 features to 2 positions of 7: all sizes differ.
    across, down = torch.from_numpy(drawn(2, 3)), torch.from_numpy(drawn(5, 7))
    x = drawn(3, 5, seed=2)

    def function(x):
        return (across @ x @ down).sin()

    slopes = jacobian(function, x)
    assert slopes.shape == (2, 7, 3, 5)
    for j, b in np.ndindex(3, 5):
        nudge = np.zeros((3, 5))
        nudge[j, b] = 1e-6
        up, low = (function(torch.from_numpy(x + sign * nudge)) for sign in (1, -1))
        np.testing.assert_allclose(slopes[:, :, j, b], (up - low) / 2e-6, atol=1e-8)


def plain_network(features=3, hidden=5, positions=7):
    """W, U and words for h <- tanh(x W + h U), as rows."""
    return (
        drawn(features, hidden),
        drawn(hidden, hidden, seed=1),
        drawn(positions, features, seed=2),
    )


def test_each_step_of_a_plain_network_passes_on_what_the_formula_says():
    w, u, words = plain_network()
    steps = [torch.from_numpy(each) for each in (w, u)]

    def step(x, h):
        return (x @ steps[0] + h @ steps[1]).tanh()

    found = step_jacobians(step, words, np.zeros(5))
    assert found.shape == (7, 5, 5)
    state = np.zeros(5)
    for word, slopes in zip(words, found, strict=True):
        state = np.tanh(word @ w + state @ u)
        np.testing.assert_allclose(slopes, (u * (1 - state**2)).T)


def test_what_is_left_at_the_end_is_the_slope_of_the_whole_network_and_below_the_bound():
    w, u, words = plain_network()

    def last_state(h):
        for word in torch.from_numpy(words):
            h = (word @ torch.from_numpy(w) + h @ torch.from_numpy(u)).tanh()
        return h

    def step(x, h):
        return (x @ torch.from_numpy(w) + h @ torch.from_numpy(u)).tanh()

    slopes = step_jacobians(step, words, np.zeros(5))
    whole = torch.autograd.functional.jacobian(last_state, torch.zeros(5).double()).numpy()
    left = gradient_back(slopes)
    assert left.shape == (8,)
    assert left[-1] == 1
    np.testing.assert_allclose(left[0], np.linalg.norm(whole, 2))
    bound = np.cumprod(np.linalg.norm(slopes, 2, axis=(1, 2))[::-1])[::-1]
    assert (left[:-1] <= bound * (1 + 1e-12)).all()


def test_a_gate_that_keeps_passes_on_what_it_keeps():
    keep = np.array([1.0, 0.9, 0.5])  # h <- keep h + (1 - keep) x
    step = step_jacobians(
        lambda x, h: torch.from_numpy(keep) * h + torch.from_numpy(1 - keep) * x,
        drawn(4, 3),
        drawn(3),
    )
    np.testing.assert_allclose(step, np.broadcast_to(np.diag(keep), (4, 3, 3)))
    np.testing.assert_allclose(gradient_back(step), 1)
    np.testing.assert_allclose(gradient_back(step[:, 1:, 1:]), 0.9 ** np.arange(4, -1, -1))


@pytest.mark.parametrize(
    ("words", "state", "step", "said"),
    [
        ((4,), (3,), torch.add, r"words has shape \(4,\), and needs \(position, feature\)"),
        ((4, 3), (1, 3), torch.add, r"state has shape \(1, 3\), and needs \(hidden,\)"),
        ((4, 3), (3,), lambda x, h: (x + h)[None], "step makes a state with 2 axes"),
    ],
)
def test_what_is_no_step_is_named(words, state, step, said):
    with pytest.raises(ValueError, match=said):
        step_jacobians(step, drawn(*words), drawn(*state))


@given(st.integers(1, 5), st.integers(1, 5), st.floats(-9, 9))
def test_stretching_by_a_factor_has_its_size_as_influence(positions, features, factor):
    found = influence(jacobian(lambda x: factor * x, drawn(positions, features)))
    np.testing.assert_allclose(found, abs(factor) * np.eye(positions), atol=1e-12)


def test_influence_is_the_root_mean_square_movement_over_random_nudges():
    matrix = drawn(5, 5, seed=3)
    nudges = drawn(100_000, 5, seed=4)
    nudges /= np.linalg.norm(nudges, axis=1, keepdims=True)
    measured = np.sqrt(np.square(nudges @ matrix).sum(axis=1).mean())
    found = influence(jacobian(lambda x: x @ torch.from_numpy(matrix), drawn(1, 5)))
    assert found.item() == pytest.approx(measured, rel=0.01)


def test_the_parts_are_those_of_the_first_layer():
    stack = layers(3)
    parts = parts_of(stack)
    assert list(parts) == [
        "residual", "LayerNorm", "feed-forward", "attention", "1 layer", "2 layers", "3 layers",
    ]  # fmt: skip
    x = torch.from_numpy(drawn(5, 6))
    mask = causal(torch.arange(5), torch.arange(5))
    first = stack[0].double().eval()
    with torch.no_grad():
        expected = {
            "residual": x,
            "LayerNorm": layer_norm(x[None])[0],
            "feed-forward": first.feed_forward(x),
            "attention": first.attention(x[None], mask=mask)[0],
            "1 layer": first(x[None], mask)[0],
        }
        y = expected["1 layer"][None]
        for count in (2, 3):
            y = stack[count - 1].double().eval()(y, mask)
            expected[f"{count} layers"] = y[0]
        for name, output in expected.items():
            torch.testing.assert_close(parts[name](x, mask), output, msg=name)


@pytest.mark.parametrize("around", [None, pre_norm])
def test_only_attention_reaches_other_positions_and_a_mask_limits_it(around):
    places = torch.arange(6)
    near = window(places, places, 1)
    parts = parts_of(layers(2, around))
    x = drawn(6, 6, seed=5)
    moved = {n: influence(jacobian(lambda x, p=p: p(x, near), x)) != 0 for n, p in parts.items()}
    alone, twice = np.eye(6, dtype=bool), window(places, places, 2).numpy()
    for name, expected in {
        "residual": alone,
        "LayerNorm": alone,
        "feed-forward": alone,
        "attention": near.numpy(),
        "1 layer": near.numpy(),
        "2 layers": twice,
    }.items():
        np.testing.assert_array_equal(moved[name], expected, err_msg=name)


def test_the_layers_given_stay_as_they_are():
    stack = layers()
    before = {name: weight.clone() for name, weight in stack[0].state_dict().items()}
    parts_of(stack)["1 layer"](torch.from_numpy(drawn(2, 6)))
    assert stack[0].training
    for name, weight in stack[0].state_dict().items():
        assert weight.dtype == torch.float32
        assert torch.equal(weight, before[name])


@pytest.mark.parametrize(
    ("function", "x", "words"),
    [
        (lambda x: x, drawn(2, 3, 5), r"x has shape \(2, 3, 5\), and needs \(position, feature\)"),
        (lambda x: x[None], drawn(2, 3), r"function\(x\) has shape \(1, 2, 3\)"),
        (lambda x: x.sum(), drawn(2, 3), r"function\(x\) has shape \(\)"),
    ],
)
def test_other_than_two_axes_are_refused(function, x, words):
    with pytest.raises(ValueError, match=words):
        jacobian(function, x)


def test_what_is_no_layer_is_refused():
    with pytest.raises(TypeError, match="layers holds a Linear, and needs EncoderLayers"):
        parts_of([*layers(), torch.nn.Linear(6, 6)])
    with pytest.raises(TypeError, match="layers is empty"):
        parts_of([])


def test_the_examples_in_the_docstrings():
    given = {"np": np, "jacobian": jacobian}
    result = doctest.testmod(module, extraglobs=given)
    assert result.attempted > 1
    assert result.failed == 0
