"""What norms and residual connections are worth: stacks with and without each of them.

python -m attnlab.recipes.norms_and_residuals      trains what is not stored yet
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from torch import Tensor, nn

from attnlab.nn.blocks import pre_norm
from attnlab.recipes.grid import Row, fill, rows, settings
from attnlab.recipes.multi_hop_stack import follow, multi_hop_stack

STORED = Path(__file__).with_suffix(".json")
"""Where the results lie."""


class BatchNorm(nn.Module):
    """BatchNorm of (batch, position, feature): over all positions of all samples."""

    def __init__(self, width: int):
        super().__init__()
        self.norm = nn.BatchNorm1d(width)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(x.mT).mT


def no_residual(x: Tensor, sublayer: Callable, norm: Callable) -> Tensor:
    """The sublayer of the normalised x, with nothing added."""
    return sublayer(norm(x))


NORMS: dict[str, Callable[[int], nn.Module]] = {
    "none": lambda width: nn.Identity(),  # noqa: ARG005
    "LayerNorm": nn.LayerNorm,
    "RMSNorm": nn.RMSNorm,
    "BatchNorm": BatchNorm,
}
"""What stands before each sublayer."""

SETTINGS = settings(lr=(0.01, 0.003), residual=(True, False), norm=tuple(NORMS))
"""All that is tried."""


def norms_and_residuals() -> list[Row]:
    """The stored results: a row for each setting, with shares of three seeds.

    >>> sorted(norms_and_residuals()[0])
    ['lr', 'norm', 'residual', 'right', 'seeds', 'trained']
    """
    return rows(STORED)


def measure(*, seed: int, residual: bool, norm: str, lr: float) -> dict[str, float]:
    """Train two layers for 200 steps on two hops; gives the shares right."""
    around = pre_norm if residual else no_residual
    model = multi_hop_stack(2, 32, seed=seed, around=around, norm=NORMS[norm])
    return follow(model, seed=seed, steps=200, lr=lr, hops=2)


if __name__ == "__main__":
    fill(STORED, "python -m attnlab.recipes.norms_and_residuals", SETTINGS, measure)
