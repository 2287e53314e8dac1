"""Position vectors that are made each from the one before: by a flow, or by a recurrent network.

Both start as a motion that turns pairs of features as sinusoids do, and learn to leave it.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.func import functional_call

from attnlab.core.arrays import Float
from attnlab.core.positions import sinusoids
from attnlab.nn.config_checks import check_sizes
from attnlab.nn.position_encoding import AddedPositions


class FlowPositions(AddedPositions):
    """The vector of position t is where a learnt flow has carried the first one by time t.

        p(t) = p(0) + integral from 0 to t of velocity(s, p(s)) ds
        velocity(t, p) = turning p + W_out tanh(W_in p + w_time t / 100 + b_in) + b_out

    The network's part is 0 at first, so that the vectors start as sinusoids.

    Args:
        d_model: the dimension of the vectors.
        hidden: the width of the network.
        steps: steps of Runge and Kutta from one position to the next.

    >>> FlowPositions(4).vectors(3).detach().round(decimals=1)
    tensor([[ 0.0000,  1.0000,  0.0000,  1.0000],
            [ 0.8000,  0.5000,  0.0000,  1.0000],
            [ 0.9000, -0.4000,  0.0000,  1.0000]])

    Source: Liu et al. 2020, "Learning to Encode Position for Transformer with Continuous
    Dynamical Model" (FLOATER), section 3.1; the turning part is ours.
    """

    turning: Tensor

    def __init__(self, d_model: int, *, hidden: int = 32, steps: int = 1):
        super().__init__(d_model)
        check_sizes(hidden=hidden, steps=steps)
        self.steps = steps
        self.first = nn.Parameter(sinusoids(torch.zeros(1), d_model)[0])
        self.inward = nn.Linear(d_model, hidden)
        self.time = nn.Parameter(torch.zeros(hidden))
        self.outward = nn.Linear(hidden, d_model)
        nn.init.zeros_(self.outward.weight)
        nn.init.zeros_(self.outward.bias)
        self.register_buffer("turning", turning(d_model))

    def velocity(self, time: float, p: Float[Tensor, " d_model"]) -> Float[Tensor, " d_model"]:
        """Where to, and how fast, the flow goes at this time and place."""
        # addmv(b, W, p) is b + W p: vectors are short here, and the number of calls is the cost.
        late = torch.add(self.inward.bias, self.time, alpha=time / 100.0)
        hidden = torch.tanh(torch.addmv(late, self.inward.weight, p))
        turned = torch.addmv(self.outward.bias, self.turning, p)
        return torch.addmv(turned, self.outward.weight, hidden)

    def vectors(self, count: int) -> Float[Tensor, "count d_model"]:
        """The vectors of the positions from 0 up to, without, count; in float32 for 16 bits.

        Each is made from the one before, so that what is rounded once is never made good.
        """
        if self.first.itemsize < 4:
            tensors = (*self.named_parameters(), *self.named_buffers())
            wide = {name: tensor.float() for name, tensor in tensors}
            zeros = self.first.new_zeros(1, count, self.d_model, dtype=torch.float32)
            return functional_call(self, wide, (zeros,))[0]
        return runge_kutta(self.velocity, self.first, count, self.steps)

    def extra_repr(self) -> str:
        return f"d_model={self.d_model}, steps={self.steps}"


class RecurrentPositions(AddedPositions):
    """The vector of a position is the state of a recurrent network that has taken as many steps.

        p(t) = GRU(1, p(t - 1)): the same input at every step

    Left to themselves, the states of a newly made GRU soon stand still, and late positions are
    all alike. So it starts with open gates and a state that turns, and is held by its tanh.

    Args:
        d_model: the dimension of the vectors.

    >>> RecurrentPositions(4).vectors(3).shape
    torch.Size([3, 4])

    Source: Cho et al. 2014, "Learning Phrase Representations using RNN Encoder-Decoder", eq. 5-8.
    """

    def __init__(self, d_model: int):
        super().__init__(d_model)
        d_model = self.d_model
        self.first = nn.Parameter(sinusoids(torch.zeros(1), d_model)[0])
        self.network = nn.GRU(1, d_model)
        reset, update, new = (slice(i * d_model, (i + 1) * d_model) for i in range(3))
        with torch.no_grad():
            for parameter in self.network.parameters():
                parameter.zero_()
            weight = self.network.get_parameter("weight_hh_l0")
            bias = self.network.get_parameter("bias_hh_l0")
            weight[new] = 1.4 * torch.matrix_exp(turning(d_model))
            bias[reset] = 3.0  # the new state is made from the old one
            bias[update] = -3.0  # and takes its place

    def vectors(self, count: int) -> Float[Tensor, "count d_model"]:
        """The vectors of the positions from 0 up to, without, count."""
        states, _ = self.network(self.first.new_ones(count, 1), self.first[None])
        return states


def turning(d_model: int) -> Float[Tensor, "d_model d_model"]:
    """The matrix A of the motion p' = A p along which sinusoids go, pair by pair."""
    first = sinusoids(torch.ones(1, dtype=torch.float64), d_model // 2 * 2)[0]
    matrix = torch.zeros(d_model, d_model, dtype=torch.float64)
    even = torch.arange(0, d_model - 1, 2)
    matrix[even, even + 1] = torch.atan2(first[0::2], first[1::2])  # sin' = speed cos
    return (matrix - matrix.T).to(torch.get_default_dtype())  # cos' = -speed sin


def runge_kutta(
    velocity: Callable[[float, Tensor], Tensor],
    start: Float[Tensor, "..."],
    count: int,
    steps: int = 1,
) -> Float[Tensor, "count ..."]:
    """Where p' = velocity(time, p) carries `start` by the times 0, 1 .. count - 1.

    Args:
        velocity: (time, p) -> how p changes.
        start: p at time 0.
        count: how many times to stop at.
        steps: steps of fixed length between two of them; the error falls with their 4th power.

    >>> runge_kutta(lambda time, p: p, torch.ones(1), 3, steps=4).squeeze()
    tensor([1.0000, 2.7182, 7.3887])

    Source: Kutta 1901, the classical method of order 4.
    """
    p, stops, length = start, [start], 1.0 / steps
    for step in range((count - 1) * steps):
        time = step * length
        one = velocity(time, p)
        two = velocity(time + length / 2, p + length / 2 * one)
        three = velocity(time + length / 2, p + length / 2 * two)
        four = velocity(time + length, p + length * three)
        p = p + length / 6 * (one + four + 2 * (two + three))
        if (step + 1) % steps == 0:
            stops.append(p)
    return torch.stack(stops)
