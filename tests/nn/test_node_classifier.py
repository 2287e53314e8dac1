"""A classifier of nodes: the mask says who is read, and alone it is a perceptron."""

import doctest

import pytest
import torch

from attnlab.nn import EqualAttend, GatAttend, NodeClassifier, node_classifier


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def path(nodes):
    place = torch.arange(nodes)
    return (place[:, None] - place).abs() <= 1


@pytest.mark.parametrize("residual", [True, False])
def test_alone_it_is_a_perceptron(residual):
    model = NodeClassifier(5, 3, width=4, attend=lambda: GatAttend(1, 4), residual=residual)
    x = draw(7, 5)
    hidden = model.into(x)
    for layer in model.layers:
        read = (hidden @ layer.maps[0].weight.T + layer.bias).relu()
        hidden = hidden + read if residual else read
    torch.testing.assert_close(model(x, torch.eye(7) == 1), model.output(hidden))


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_so_many_layers_reach_so_many_hops(layers):
    """The gradient of the middle node of a path."""
    model = NodeClassifier(5, 2, width=32, layers=layers, attend=EqualAttend)
    x = draw(11, 5).requires_grad_()
    model(x, path(11))[5].sum().backward()
    reached = x.grad.abs().sum(-1) > 0
    assert reached.nonzero().flatten().tolist() == list(range(5 - layers, 6 + layers))


def test_its_states_are_one_for_each_layer_and_one_before():
    model, x = NodeClassifier(5, 2, width=4, layers=3), draw(2, 7, 5)
    states = model.states(x, path(7))
    assert [tuple(s.shape) for s in states] == [(2, 7, 4)] * 4
    torch.testing.assert_close(model.output(states[-1]), model(x, path(7)))


def test_every_layer_attends_by_itself():
    model = NodeClassifier(5, 2, width=4, layers=3, attend=lambda: GatAttend(1, 4))
    assert len({id(layer.attend) for layer in model.layers}) == 3


@pytest.mark.usefixtures("as_a_reader_runs_it")
def test_what_does_not_fit():
    with pytest.raises(ValueError, match="layers is 0"):
        NodeClassifier(5, 2, layers=0)
    with pytest.raises(ValueError, match=r"nodes has shape \(7, 4\), .* length 5"):
        NodeClassifier(5, 2)(draw(7, 4))


def test_the_examples():
    assert doctest.testmod(node_classifier, extraglobs={"torch": torch}).failed == 0
