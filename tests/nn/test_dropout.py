"""That it is still dropout: its rate, its scaling, its independence, its gradient, its absence."""

import numpy as np
import pytest
import torch

from attnlab.nn import Dropout

RATES = [0.001, 0.1, 0.25, 0.5, 0.9]


def ones(*shape, dtype=torch.float32):
    return torch.ones(shape, dtype=dtype)


@pytest.mark.parametrize("rate", RATES)
def test_the_rate(rate):
    torch.manual_seed(0)
    count = 2_000_003  # not a multiple of four
    dropped = int((Dropout(rate)(ones(count)) == 0).sum())
    assert abs(dropped - count * rate) < 4 * (count * rate * (1 - rate)) ** 0.5


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("rate", RATES)
def test_the_scaling_keeps_the_mean(rate, dtype):
    torch.manual_seed(1)
    output = Dropout(rate)(3 * ones(101, 1001, dtype=dtype))
    kept = output[output != 0]
    assert output.dtype == dtype
    assert (kept == kept[0]).all()
    tolerance = {torch.float16: 2e-3, torch.bfloat16: 1e-2}.get(dtype, 1e-4)
    assert kept[0].item() == pytest.approx(3 / (1 - rate), rel=tolerance)


def test_neighbours_are_independent():
    """Neither the four numbers of one draw nor others fall together more than by chance."""
    torch.manual_seed(2)
    dropped = (Dropout(0.3)(ones(400_000)) == 0).numpy().astype(float)
    for distance in [1, 2, 3, 4, 5, 8, 64]:
        correlation = np.corrcoef(dropped[:-distance], dropped[distance:])[0, 1]
        assert abs(correlation) < 5 / np.sqrt(len(dropped))
    lanes = dropped.reshape(-1, 4).mean(axis=0)
    np.testing.assert_allclose(lanes, 0.3, atol=0.008)


def test_steps_are_independent():
    torch.manual_seed(3)
    layer = Dropout(0.5)
    one, two = (layer(ones(300_000)) == 0 for _ in range(2))
    assert (one & two).double().mean() == pytest.approx(0.25, abs=0.005)


def test_all_thresholds_are_reached():
    """Both ends of the 16 bits: the smallest rate drops hardly, the largest nearly all."""
    torch.manual_seed(4)
    assert (Dropout(1 / 65_536)(ones(4_000_000)) == 0).sum() == pytest.approx(61, abs=40)
    assert (Dropout(1 - 1 / 65_536)(ones(4_000_000)) != 0).sum() == pytest.approx(61, abs=40)


def test_the_gradient_flows_where_the_number_did():
    torch.manual_seed(5)
    x = torch.randn(7, 11, dtype=torch.float64, requires_grad=True)
    output = Dropout(0.4)(x)
    output.sum().backward()
    torch.testing.assert_close(x.grad * x, output)
    assert (x.grad == 0).any()
    assert (x.grad > 1).any()


def test_in_evaluation_nothing_is_changed():
    x = torch.randn(5, 7)
    assert Dropout(0.9).eval()(x) is x
    assert Dropout(0.0)(x) is x


def test_the_seed_repeats_it():
    layer, x = Dropout(0.5), ones(3, 5, 7)
    torch.manual_seed(6)
    one, two = layer(x), layer(x)
    torch.manual_seed(6)
    assert torch.equal(layer(x), one)
    assert torch.equal(layer(x), two)


@pytest.mark.parametrize("shape", [(), (1,), (2, 3), (5, 0), (2, 3, 5, 7)])
def test_every_shape(shape):
    x = ones(*shape)
    assert Dropout(0.5)(x).shape == x.shape
    turned = torch.randn(5, 3).T
    assert Dropout(0.5)(turned).shape == (3, 5)


@pytest.mark.parametrize("rate", [-0.1, 1.0, 2.0, float("nan")])
def test_a_rate_that_cannot_be_is_named(rate):
    with pytest.raises(ValueError, match=f"p is {rate}.*0.1 drops one in ten"):
        Dropout(rate)
