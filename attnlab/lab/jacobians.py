"""Jacobians: which numbers of an output move when one number of the input is nudged."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence

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
