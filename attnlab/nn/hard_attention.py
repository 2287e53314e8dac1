"""Hard attention: one vector is read, drawn by the weights, in place of the weighted sum of all."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from attnlab.core.arrays import Float, Mask


class HardAttend(nn.Module):
    """Attends as another does, but hands over one value: drawn by the weights, or the heaviest.

        weights = softmax(scores)
        output = value_j, j drawn with the probabilities weights

    With no gradient for the choice, it is for models that were trained soft. In the mean of many
    draws it gives what soft attention gives.

    Args:
        attend: (query, key, value, mask) -> output, whose weights are taken.
        random: where the draws come from; without it the value of the largest weight is taken.

    >>> attend = HardAttend(fused_attention)
    >>> key = torch.eye(2)[None]
    >>> attend(2 * key, key, torch.tensor([[[5.0], [7.0]]]))
    tensor([[[5.],
             [7.]]])

    Source: Xu et al. 2015, "Show, Attend and Tell", section 4.1, eq. 8 and 9.
    """

    def __init__(self, attend: Callable[..., Tensor], random: torch.Generator | None = None):
        super().__init__()
        self.attend, self.random = attend, random

    def forward(
        self,
        query: Float[Tensor, "... query d_k"],
        key: Float[Tensor, "... key d_k"],
        value: Float[Tensor, "... key d_v"],
        mask: Mask[Tensor, "query key"] | None = None,
    ) -> Float[Tensor, "... query d_v"]:
        keys = key.shape[-2]
        rows = torch.eye(keys, dtype=value.dtype, device=value.device)
        weights = self.attend(query, key, rows.expand(*value.shape[:-2], keys, keys), mask)
        chosen = self._chosen(weights.detach())
        return torch.zeros_like(weights).scatter(-1, chosen[..., None], 1.0) @ value

    def score(self, *pair: Tensor) -> Tensor:
        """The scores of what is wrapped, where it tells them."""
        return self.attend.score(*pair)  # pyright: ignore[reportFunctionMemberAccess]

    def _chosen(self, weights: Tensor) -> Tensor:
        if self.random is None:
            return weights.argmax(-1)
        drawn = torch.multinomial(weights.flatten(0, -2), 1, generator=self.random)
        return drawn.view(weights.shape[:-1])
