"""The feed-forward layer of BERT and GPT: GELU in the place of ReLU."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, cast

from torch import Tensor, nn
from torch.nn import functional

from attnlab.core.arrays import Float
from attnlab.nn.blocks import EncoderLayer, FeedForward
from attnlab.nn.handed_in import check_vectors

Activation = Literal["relu", "gelu", "gelu_tanh"]
"""By name, what bends the hidden units of a feed-forward layer."""


class GeluFeedForward(FeedForward):
    """A perceptron with one hidden layer: GELU(x W1 + b1) W2 + b2.

        GELU(z) = z Phi(z), Phi the cumulative distribution of a normal number

    Where ReLU cuts off at 0, GELU bends: large numbers pass, small ones fade, and a little below 0
    comes through. Its parameters are those of `FeedForward`, by the same names.

    Args:
        d_model, d_ff: as in `FeedForward`.
        approximate: "none" for the formula, as BERT; "tanh" for one without an integral that
            differs by less than 0.001, as GPT-2 was trained with.

    Raises:
        TypeError, ValueError: as `FeedForward`; ValueError for another approximate.

    >>> GeluFeedForward(4, d_ff=8)(torch.ones(1, 3, 4)).shape
    torch.Size([1, 3, 4])

    Source: Hendrycks and Gimpel 2016, "Gaussian Error Linear Units", section 2.
    """

    def __init__(self, d_model: int, d_ff: int, *, approximate: Literal["none", "tanh"] = "none"):
        super().__init__(d_model, d_ff)
        if approximate not in ("none", "tanh"):
            raise ValueError(f"approximate is {approximate!r}, and must be 'none' or 'tanh'")
        self.approximate: Literal["none", "tanh"] = approximate

    def forward(self, x: Float[Tensor, "... d_model"]) -> Float[Tensor, "... d_model"]:
        check_vectors("x", x, self.hidden.in_features, self.hidden.weight.dtype)
        return self.output(functional.gelu(self.hidden(x), approximate=self.approximate))

    def extra_repr(self) -> str:
        return f"approximate={self.approximate!r}"


FED_FORWARD: dict[str, Callable[[int, int], FeedForward]] = {
    "relu": FeedForward,
    "gelu": GeluFeedForward,
    "gelu_tanh": lambda d_model, d_ff: GeluFeedForward(d_model, d_ff, approximate="tanh"),
}
"""By the name of the activation, a function (d_model, d_ff) -> FeedForward."""


def hand_in(layers: nn.ModuleList, activation: Activation, epsilon: float) -> None:
    """Give layers the activation and the epsilon of another model, in place of their own."""
    for layer in cast(Iterable[EncoderLayer], layers):
        before = layer.feed_forward.hidden
        layer.feed_forward = FED_FORWARD[activation](before.in_features, before.out_features)
        for norm in cast(Iterable[nn.LayerNorm], layer.norms):
            norm.eps = epsilon
