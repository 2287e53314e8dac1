"""Low-rank adapters: a trained model stays as it is, and learns a few parameters beside."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import TypeVar

import torch
from torch import Tensor, nn

from attnlab.core.arrays import Float
from attnlab.nn.config_checks import check_sizes

Model = TypeVar("Model", bound=nn.Module)


class LowRankAdapter(nn.Module):
    """A linear layer that is frozen, and beside it the product of two thin matrices that learn.

        output = x W^T + b + (alpha / rank) (x down^T) up^T

    down is (rank, d_in) and up is (d_out, rank). up starts at 0, so the layer starts as it was.

    Args:
        linear: the layer, trained before. It is kept as a part, and its parameters frozen.
        rank: how many rows down has, from 1 to the smaller side of W.
        alpha: how much what was learnt counts; rank if not given, so that alpha / rank is 1.

    Raises:
        TypeError: linear is no `nn.Linear`.
        ValueError: a rank that is too large, or an alpha that is not above 0.

    >>> layer = LowRankAdapter(nn.Linear(6, 4), rank=2)
    >>> [tuple(each.shape) for each in layer.parameters() if each.requires_grad]
    [(2, 6), (4, 2)]

    Source: Hu et al. 2022, "LoRA: Low-Rank Adaptation of Large Language Models", eq. 3; A there
    is down, B is up.
    """

    def __init__(self, linear: nn.Linear, rank: int, alpha: float | None = None):
        super().__init__()
        _check_linear(linear, rank)
        self.alpha = float(rank) if alpha is None else float(alpha)
        if not 0.0 < self.alpha < math.inf:
            raise ValueError(f"alpha is {alpha}, and must be above 0 and finite, such as {rank}")
        self.linear, self.rank = linear.requires_grad_(False), rank
        self.down = nn.Parameter(linear.weight.new_empty(rank, linear.in_features))
        self.up = nn.Parameter(linear.weight.new_zeros(linear.out_features, rank))
        nn.init.kaiming_uniform_(self.down, a=math.sqrt(5))  # as PyTorch starts a linear layer

    @property
    def in_features(self) -> int:
        """The dimension of the vectors that come in, as of `nn.Linear`."""
        return self.linear.in_features

    @property
    def weight(self) -> Tensor:
        """The frozen matrix, (d_out, d_in)."""
        return self.linear.weight

    def forward(self, x: Float[Tensor, "... d_in"]) -> Float[Tensor, "... d_out"]:
        return self.linear(x) + self.alpha / self.rank * (x @ self.down.T) @ self.up.T

    @torch.no_grad()
    def merged(self) -> nn.Linear:
        """One plain linear layer that gives the same: W + (alpha / rank) up down.

        >>> layer = LowRankAdapter(nn.Linear(6, 4), rank=2)
        >>> x = torch.ones(1, 6)
        >>> torch.allclose(layer.merged()(x), layer(x))
        True
        """
        merged = copy.deepcopy(self.linear).requires_grad_(True)
        merged.weight += self.alpha / self.rank * self.up @ self.down
        return merged

    def extra_repr(self) -> str:
        return f"rank={self.rank}, alpha={self.alpha:g}"


def adapt(
    model: Model,
    rank: int,
    where: Sequence[str] = ("query", "value"),
    *,
    alpha: float | None = None,
) -> Model:
    """A copy of a trained model that is frozen, and has adapters to learn with.

    Args:
        model: is left as it is.
        rank, alpha: as `LowRankAdapter` takes them.
        where: the last names of the linear layers that get one; those of queries and values, as
            in the paper, if not given. A head that shall learn too is set free afterwards:
            adapted.output.requires_grad_(True).

    Returns:
        the copy; an optimiser gets its parameters with requires_grad

    Raises:
        TypeError: model is no module, or where is a single text.
        ValueError: no linear layer has one of these names, naming those that there are.

    >>> model = nn.ModuleDict({"query": nn.Linear(6, 4), "value": nn.Linear(6, 4)})
    >>> sum(each.numel() for each in adapt(model, rank=1).parameters() if each.requires_grad)
    20

    Source: Hu et al. 2022, section 4.2.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"model is a {type(model).__name__}, and must be an nn.Module")
    if isinstance(where, str):
        raise TypeError(f"where is a single text, {where!r}: hand in a list, [{where!r}]")
    found = _linear_layers(model)
    lacking = [name for name in where if name not in found.values()]
    if lacking or not where:
        names = ", ".join(dict.fromkeys(found.values())) or "none"
        raise ValueError(f"where is {list(where)}, and the model's linear layers are: {names}")
    adapted = copy.deepcopy(model).requires_grad_(False)
    for path, name in found.items():
        if name in where:
            owner = adapted.get_submodule(path.rpartition(".")[0])
            setattr(owner, name, LowRankAdapter(getattr(owner, name), rank, alpha))
    return adapted


def _linear_layers(model: nn.Module) -> dict[str, str]:
    """All linear layers within a model: their paths, and the last names of these."""
    return {
        path: path.rpartition(".")[2]
        for path, part in model.named_modules()
        if path and isinstance(part, nn.Linear)
    }


def _check_linear(linear: nn.Linear, rank: int) -> None:
    if not isinstance(linear, nn.Linear):
        raise TypeError(f"linear is a {type(linear).__name__}, and must be an nn.Linear")
    check_sizes(rank=rank)
    if rank > (most := min(linear.weight.shape)):
        raise ValueError(
            f"rank is {rank}, and the weight of linear is {tuple(linear.weight.shape)}: a product "
            f"of thin matrices has a rank of at most {most}"
        )
