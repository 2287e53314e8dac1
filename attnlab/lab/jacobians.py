"""Jacobians: which numbers of an output move when one number of the input is nudged."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from attnlab.nn import EncoderLayer


def jacobian(function: Callable[[Tensor], Tensor], x) -> np.ndarray:
    """The slope of every output number by every input number.

        slopes[i, a, j, b] = how fast feature a of output i grows with feature b of input j

    Args:
        function: from (position, feature) to (position, feature), tensors of float64.
        x: where the slopes are taken, (position, feature).

    Returns:
        slopes, (output position, output feature, input position, input feature).

    Raises:
        ValueError: x or what the function makes of it has other than two axes.

    >>> jacobian(lambda x: 3 * x, [[1.0, 2.0]])[0, :, 0]
    array([[3., 0.],
           [0., 3.]])
    """

    x = torch.as_tensor(x).detach().double()
    seen = []

    def noted(x: Tensor) -> Tensor:
        seen.append(function(x))
        return seen[-1]

    slopes = torch.autograd.functional.jacobian(noted, x)
    for name, array in {"x": x, "function(x)": seen[0]}.items():
        if array.ndim != 2:
            raise ValueError(
                f"{name} has shape {tuple(array.shape)}, and needs (position, feature): write "
                "lambda x: layer(x[None])[0] for a layer that wants a batch"
            )
    return slopes.numpy()


def influence(slopes: np.ndarray) -> np.ndarray:
    """How far each output moves when an input is nudged by a step of length 1.

        influence[i, j] = sqrt(sum over a, b of slopes[i, a, j, b]^2 / features)

    This is the root of the mean square over all directions of the step, so x -> x has 1 on the
    diagonal.

    Args:
        slopes: (..., output position, feature, input position, feature), as `jacobian` gives them.

    Returns:
        (..., output position, input position)

    >>> influence(jacobian(lambda x: 3 * x, np.ones((2, 5))))
    array([[3., 0.],
           [0., 3.]])
    """
    return np.sqrt(np.square(slopes).sum(axis=(-3, -1)) / slopes.shape[-1])


def step_jacobians(step: Callable[[Tensor, Tensor], Tensor], words: Any, state: Any) -> np.ndarray:
    """How each step of a recurrent network passes on a nudge of its state.

        jacobians[t, a, b] = how fast feature a of state t grows with feature b of the one before

    For h <- tanh(x W + h U) that is (1 - h_a^2) U[b, a].

    Args:
        step: from (a word, the state before it) to the state after it, tensors of float64.
        words: (position, feature)
        state: the state before the first word, (hidden,)

    Returns:
        (position, hidden, hidden)

    Raises:
        ValueError: words, state or what step makes of them have another number of axes.

    >>> step_jacobians(lambda x, h: 0.5 * h + x, np.ones((3, 1)), [0.0])[:, 0, 0]
    array([0.5, 0.5, 0.5])

    Source: Pascanu et al. 2013, "On the Difficulty of Training Recurrent Neural Networks", eq. 5.
    """
    words, state = (torch.as_tensor(x).detach().double() for x in (words, state))
    for name, array, axes in [
        ("words", words, "(position, feature)"),
        ("state", state, "(hidden,): of a network with a batch, state[0]"),
    ]:
        if array.ndim != (2 if name == "words" else 1):
            raise ValueError(f"{name} has shape {tuple(array.shape)}, and needs {axes}")
    found = []
    for word in words:
        found.append(_slopes_of_step(partial(step, word), state))
        state = step(word, state).detach()
    return np.stack(found)


def gradient_back(jacobians: np.ndarray) -> np.ndarray:
    """How much of a nudge of each state is left in the last one, in its best direction.

        left[t] = |J_n ... J_{t+2} J_{t+1}|, the largest factor by which a direction grows

    It is at most the product of the |J|, which is why it vanishes where they are below 1.

    Args:
        jacobians: (position, hidden, hidden), as `step_jacobians` gives them.

    Returns:
        (1 + position,), of the state before the first word, then of that after each; the last is 1.

    >>> gradient_back(np.full((3, 1, 1), 0.5))
    array([0.125, 0.25 , 0.5  , 1.   ])
    """
    product, left = np.eye(jacobians.shape[-1]), [1.0]
    for jacobian in jacobians[::-1]:
        product = product @ jacobian
        left.append(float(np.linalg.norm(product, 2)))
    return np.array(left[::-1])


def parts_of(
    layers: Sequence[EncoderLayer],
) -> dict[str, Callable[[Tensor, Tensor | None], Tensor]]:
    """By name, what an encoder is made of: the parts of its first layer, and stacks of layers.

    Args:
        layers: one or more. Copies are used, in float64, without dropout.

    Returns:
        Functions (x, mask) -> output, on (position, feature), mask boolean (query, key) or None.

    Raises:
        TypeError: no layers, or something that is no EncoderLayer.

    Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.1.
    """

    if wrong := [type(layer).__name__ for layer in layers if not isinstance(layer, EncoderLayer)]:
        raise TypeError(f"layers holds a {wrong[0]}, and needs EncoderLayers: [layer], or a stack")
    if not layers:
        raise TypeError("layers is empty: give a list of EncoderLayers, such as [layer]")
    layers = [copy.deepcopy(layer).double().eval() for layer in layers]
    first = layers[0]

    def stack(count: int) -> Callable:
        def through(x, mask):
            for layer in layers[:count]:
                x = layer(x, mask)
            return x

        return through

    parts = {
        "residual": lambda x, mask: x,  # noqa: ARG005
        "LayerNorm": lambda x, mask: first.norms[0](x),  # noqa: ARG005
        "feed-forward": lambda x, mask: first.feed_forward(x),  # noqa: ARG005
        "attention": lambda x, mask: first.attention(x, mask=mask),
        "1 layer": stack(1),
    }
    parts |= {f"{count} layers": stack(count) for count in range(2, len(layers) + 1)}
    return {name: _of_one_sequence(part) for name, part in parts.items()}


def _of_one_sequence(part: Callable) -> Callable:
    return lambda x, mask=None: part(x[None], mask)[0]


def _slopes_of_step(step: Callable[[Tensor], Tensor], state: Tensor) -> np.ndarray:
    slopes = torch.autograd.functional.jacobian(step, state)
    if slopes.ndim != 2:
        raise ValueError(
            f"step makes a state with {slopes.ndim - 1} axes of one of {tuple(state.shape)}: it "
            "must give (hidden,); write lambda x, h: cell(x[None], h[None])[0] for a cell that "
            "wants a batch"
        )
    return slopes.numpy()
