"""What the class token of a vision Transformer looks at, laid over the picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from attnlab.lab.recorded_weights import recording


def class_attention(model: Any, image: Tensor, rows: int, columns: int) -> np.ndarray:
    """The weights of the class token's heads on the words of a picture, laid out as they stand.

    The weights of a head share 1 with what the class token gives itself, which is left out here.

    Args:
        model: a `VisionTransformer`, or another whose attentions have a class token in front.
        image: pictures, (batch, channels, height, width).
        rows, columns: how many words there are in each direction.

    Returns:
        (batch, layers, heads, rows, columns)

    Raises:
        ValueError: another number of words than rows times columns.

    >>> from attnlab.nn import GridPositions, Patches, VisionTransformer
    >>> positions = GridPositions(16, height=4, width=4, front=1)
    >>> model = VisionTransformer(Patches(1, 2, 16), 10, positions, heads=2, layers=3)
    >>> class_attention(model, torch.zeros(5, 1, 8, 8), 4, 4).shape
    (5, 3, 2, 4, 4)

    Source: Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", appendix D.8, here each head
    and layer by itself.
    """
    with recording(model) as weights, torch.no_grad():
        model(image)
    layers = torch.stack([each[:, :, 0, 1:] for each in weights.values()], dim=1)
    if layers.shape[-1] != rows * columns:
        raise ValueError(
            f"the class token looks at {layers.shape[-1]} words, and rows is {rows} and columns "
            f"{columns}: of a picture in patches take its height and width by the side of a patch"
        )
    return layers.reshape(*layers.shape[:-1], rows, columns).numpy()
