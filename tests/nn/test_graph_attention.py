"""Graph attention: against the papers' equations in plain PyTorch, and what it refuses."""

import doctest

import pytest
import torch
from torch import nn
from torch.nn.functional import leaky_relu

from attnlab import attention, edges
from attnlab.lab import recording
from attnlab.nn import (
    EqualAttend,
    GatAttend,
    Gatv2Attend,
    GraphAttention,
    MultiHeadAttention,
    fused_attention,
    graph_attention,
)


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def graph(nodes=7, seed=0):
    """A random graph without self-loops, whose last node is alone."""
    drawn = torch.rand(nodes, nodes, generator=torch.Generator().manual_seed(seed)) < 0.4
    joined = (drawn | drawn.T) & ~torch.eye(nodes, dtype=torch.bool)
    joined[-1] = joined[:, -1] = False
    return joined


def summed(scores, values, mask):
    """The weighted sums of each node alone, over the neighbours that it has."""
    rows = [
        row[near].softmax(-1) @ values[near] if near.any() else torch.zeros(values.shape[-1])
        for row, near in zip(scores, mask, strict=True)
    ]
    return torch.stack(rows)


def test_gat_is_equations_1_to_4_of_its_paper():
    torch.manual_seed(0)
    layer = GraphAttention(5, 6, attend=GatAttend(heads=1, d_k=6))
    x, mask = draw(7, 5), graph()
    (weight,) = [part.weight for part in layer.maps]
    h = x @ weight.T
    a = torch.cat([layer.attend.query_vector[0], layer.attend.key_vector[0]])
    pairs = torch.stack([torch.cat([one, other]) for one in h for other in h]).reshape(7, 7, -1)
    expected = summed(leaky_relu(pairs @ a, 0.2), h, mask) + layer.bias
    torch.testing.assert_close(layer(x, mask), expected)


def test_gatv2_is_equation_7_of_its_paper_with_heads():
    torch.manual_seed(1)
    layer = GraphAttention(5, 6, heads=3, attend=Gatv2Attend(heads=3, d_k=2))
    x, mask = draw(7, 5), graph()
    first, second = (x @ part.weight.T for part in layer.maps)
    heads = []
    for head in range(3):
        q, k = (h[:, 2 * head : 2 * head + 2] for h in (first, second))
        scores = leaky_relu(q[:, None] + k[None], 0.2) @ layer.attend.vector[head]
        heads.append(summed(scores, k, mask))
    torch.testing.assert_close(layer(x, mask), torch.cat(heads, -1) + layer.bias)


def test_averaged_heads_are_equation_6():
    torch.manual_seed(2)
    apart = GraphAttention(5, 6, heads=2, attend=GatAttend(2, 3))
    mean = GraphAttention(5, 3, heads=2, attend=apart.attend, average=True)
    mean.maps.load_state_dict(apart.maps.state_dict())
    x, mask = draw(7, 5), graph()
    torch.testing.assert_close(mean(x, mask), apart(x, mask).reshape(7, 2, 3).mean(1))


def test_the_dot_product_is_multi_head_attention_without_its_last_map():
    torch.manual_seed(3)
    layer, other = GraphAttention(6, 6, heads=2), MultiHeadAttention(6, 2, bias=False)
    for part, name in zip(layer.maps, ("query", "key", "value"), strict=True):
        other.get_submodule(name).load_state_dict(part.state_dict())
    nn.init.eye_(other.output.weight)
    x, mask = draw(2, 7, 6), graph()
    torch.testing.assert_close(layer(x, mask), other(x, mask=mask))
    torch.testing.assert_close(layer(x), other(x))


def test_equal_weights_are_the_mean_of_the_neighbours():
    layer = GraphAttention(5, 6, attend=EqualAttend())
    x, mask = draw(7, 5), graph()
    values = x @ layer.maps[0].weight.T
    expected = torch.stack([values[near].mean(0) for near in mask[:-1]])
    torch.testing.assert_close(layer(x, mask)[:-1], expected)


KINDS = {
    "gat": lambda: GatAttend(2, 3),
    "gatv2": lambda: Gatv2Attend(2, 3),
    "equal": EqualAttend,
    "fused": lambda: fused_attention,
    "core": lambda: attention,
}
each_kind = pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)


@each_kind
def test_a_lonely_node_gets_the_bias_alone_and_no_gradient_is_nan(make):
    layer = GraphAttention(5, 6, heads=2, attend=make())
    nn.init.normal_(layer.bias)
    x = draw(7, 5).requires_grad_()
    output = layer(x, graph())
    torch.testing.assert_close(output[-1], layer.bias)
    output.square().sum().backward()
    assert not x.grad[-1].any()
    assert all(p.grad.isfinite().all() for p in (x, *layer.parameters()) if p.grad is not None)


@each_kind
def test_batches_and_graphs_of_a_batch(make):
    layer = GraphAttention(5, 6, heads=2, attend=make())
    x, masks = draw(3, 7, 5), torch.stack([graph(seed=i) for i in range(3)])
    expected = torch.stack([layer(*each) for each in zip(x, masks, strict=True)])
    torch.testing.assert_close(layer(x, masks), expected)
    torch.testing.assert_close(layer(x, masks[0])[0], expected[0])


@each_kind
def test_nodes_may_be_numbered_anew(make):
    layer, order = GraphAttention(5, 6, heads=2, attend=make()), torch.tensor([3, 0, 6, 1, 5, 2, 4])
    x, mask = draw(7, 5), graph()
    torch.testing.assert_close(layer(x[order], mask[order][:, order]), layer(x, mask)[order])


@each_kind
def test_its_weights_are_recorded(make):
    layer, mask = GraphAttention(5, 6, heads=2, attend=make()), graph()
    with recording(layer) as weights:
        layer(draw(1, 7, 5), mask)
    found = weights["GraphAttention"][0]
    assert found.shape == (2, 7, 7)
    assert not found[:, ~mask].any()
    torch.testing.assert_close(found.sum(-1)[:, :-1], torch.ones(2, 6))


def test_how_many_parameters_there_are():
    def count(**options):
        return sum(p.numel() for p in GraphAttention(5, 6, 2, **options).parameters())

    assert count(attend=EqualAttend()) == 30 + 6
    assert count(attend=GatAttend(2, 3)) == 30 + 12 + 6
    assert count(attend=Gatv2Attend(2, 3)) == 60 + 6 + 6
    assert count() == 90 + 6


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: GraphAttention(5, 6, 4), ValueError, "heads is 4 and d_out 6.*average=True"),
        (lambda: GraphAttention(5, 0), ValueError, "d_out is 0"),
        (lambda: GraphAttention(5, 6, average=1), TypeError, "average is 1"),
        (lambda: GatAttend(2, 1.5), TypeError, "d_k is 1.5"),
        (lambda: Gatv2Attend(0, 3), ValueError, "heads is 0"),
        (lambda: GraphAttention(5, 6)(draw(7, 4)), ValueError, r"nodes has shape \(7, 4\).* 5"),
        (lambda: GraphAttention(5, 6)(draw(7, 5).double()), TypeError, "nodes holds torch.float64"),
        (
            lambda: GraphAttention(5, 6)(draw(7, 5), graph(8)),
            ValueError,
            r"mask has shape \(8, 8\), and there are 7 nodes.*edges\(adjacency\)",
        ),
        (
            lambda: GraphAttention(5, 6)(draw(7, 5), graph()[0]),
            ValueError,
            r"mask has shape \(7,\), and there are 7 nodes",
        ),
        (lambda: GraphAttention(5, 6)(draw(7, 5), graph().float()), TypeError, "mask holds"),
        (
            lambda: GraphAttention(5, 6, 2, attend=GatAttend(3, 3))(draw(7, 5)),
            ValueError,
            "batch axes",
        ),
    ],
)
def test_what_does_not_fit(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_masks_come_from_edges():
    layer, adjacency = GraphAttention(5, 6), graph().float() * 2.5
    torch.testing.assert_close(layer(draw(7, 5), edges(adjacency)), layer(draw(7, 5), graph()))


def test_the_examples():
    assert doctest.testmod(graph_attention).failed == 0
