"""Dropout with cheap random numbers, which on a CPU are the largest cost of a training step."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from attnlab.nn.config_checks import check_shares

_ALL_BITS = torch.iinfo(torch.int64).min  # from here up, a draw fills all 64 bits
_STEPS = 2**16  # one draw serves four numbers, with 16 bits each


class Dropout(nn.Module):
    """In training, put a random share of all numbers to 0, and scale the others up to make up.

        output = x * kept / (1 - p), kept = 1 with probability 1 - p, else 0

    Every number is dropped on its own, anew in each call. In eval mode nothing is changed. The
    random numbers come from PyTorch's generator: `torch.manual_seed` repeats them.

    Args:
        p: the share that is dropped, at least 0 and below 1, kept to 1 in 65,536.

    Raises:
        TypeError, ValueError: another p.

    >>> Dropout(0.5).eval()(torch.ones(3))
    tensor([1., 1., 1.])

    Source: Srivastava et al. 2014, "Dropout", section 4, with the scaling in training.
    """

    def __init__(self, p: float):
        super().__init__()
        check_shares(p=p)
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0.0:
            return x
        return x * self._kept(x)

    def _kept(self, x: Tensor) -> Tensor:
        """0 for what is dropped, and for the rest what makes up for it, in the shape of x."""
        dropped = round(self.p * _STEPS)
        draws = torch.empty((x.numel() + 3) // 4, dtype=torch.int64, device=x.device)
        steps = draws.random_(_ALL_BITS, None).view(torch.int16)[: x.numel()]
        kept = (steps >= dropped - _STEPS // 2).view(x.shape)
        return kept.to(x.dtype).mul_(_STEPS / (_STEPS - dropped))

    def extra_repr(self) -> str:
        return f"p={self.p}"
