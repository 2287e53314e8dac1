import doctest

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from attnlab.nn import MultiHeadAttention, Residual, blocks


def linear(rows):
    """A layer without bias that multiplies by these rows."""
    rows = torch.tensor(rows)
    layer = nn.Linear(*rows.shape, bias=False)
    layer.weight = nn.Parameter(rows.T)
    return layer


def test_by_hand():
    # (1, 2) times the matrix is (1 + 6, 0 + 2) = (7, 2); with (1, 2) added, (8, 4).
    double = Residual(linear([[1.0, 0.0], [3.0, 1.0]]))
    assert double(torch.tensor([[1.0, 2.0]])).tolist() == [[8.0, 4.0]]


def test_by_hand_with_a_projection():
    # The layer gives (3,), the projection 10 * 1 + 100 * 2 = 210.
    summed = Residual(linear([[1.0], [1.0]]), projection=linear([[10.0], [100.0]]))
    assert summed(torch.tensor([[1.0, 2.0]])).tolist() == [[213.0]]


@given(shape=st.lists(st.integers(1, 5), min_size=1, max_size=4), seed=st.integers(0, 99))
def test_a_layer_that_gives_zeros_hands_x_on(shape, seed):
    x = torch.randn(shape, generator=torch.Generator().manual_seed(seed))
    nothing = nn.Linear(shape[-1], shape[-1])
    nn.init.zeros_(nothing.weight)
    nn.init.zeros_(nothing.bias)
    assert torch.equal(Residual(nothing)(x), x)


def test_the_gradient_has_a_way_round_too():
    torch.manual_seed(0)
    layer, x = nn.Linear(5, 5), torch.randn(2, 3, 5, requires_grad=True)
    Residual(layer)(x).sum().backward()
    expected = 1 + layer.weight.sum(dim=0)  # 1 by the way round, the rest through the layer
    torch.testing.assert_close(x.grad, expected.expand(2, 3, 5))


def test_further_arguments_go_to_the_layer_alone():
    torch.manual_seed(0)
    attention, x = MultiHeadAttention(6, 3), torch.randn(2, 5, 6)
    mask = torch.ones(5, 5, dtype=torch.bool).tril()
    expected = x + attention(x, mask=mask)
    assert torch.equal(Residual(attention)(x, mask=mask), expected)
    assert torch.equal(Residual(attention)(x, x, x, mask), expected)


def test_weights_of_both_ways_are_found():
    whole = Residual(nn.Linear(2, 3), projection=nn.Linear(2, 3))
    assert len(list(whole.parameters())) == 4


@pytest.mark.parametrize(
    ("layer", "projection", "words"),
    [
        (
            nn.Linear(4, 6),
            None,
            r"x has width 4 and layer\(x\) width 6, shapes \(2, 3, 4\) and \(2, 3, 6\)"
            r".*write Residual\(layer, projection=nn.Linear\(4, 6\)\)",
        ),
        (nn.Linear(4, 1), None, r"x has width 4 and layer\(x\) width 1"),
        (nn.Linear(4, 6), nn.Linear(4, 5), r"projection\(x\) has width 5 and layer\(x\) width 6"),
        (nn.Flatten(0, 1), None, r"\(2, 3, 4\) and \(6, 4\): .* keeps every axis"),
    ],
)
def test_unlike_shapes_are_refused_with_both_widths(layer, projection, words):
    with pytest.raises(ValueError, match=words):
        Residual(layer, projection)(torch.ones(2, 3, 4))


def test_the_example_in_the_docstring():
    result = doctest.testmod(blocks, extraglobs={"torch": torch})
    assert result.attempted > 0
    assert result.failed == 0
