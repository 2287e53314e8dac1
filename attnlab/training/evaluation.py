"""Evaluation mode for as long as a block of code, and afterwards all as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn


@contextmanager
def without_dropout(model: Any) -> Iterator[None]:
    """The model in evaluation mode and without gradients; afterwards each part as it was.

    What is no module has no mode, such as a function that attends, and is left as it is.

    >>> layer = nn.Dropout(0.5)
    >>> with without_dropout(layer):
    ...     layer(torch.ones(2)).tolist()
    [1.0, 1.0]
    >>> layer.training
    True
    """
    parts = model.modules() if isinstance(model, nn.Module) else ()
    training = [part for part in parts if part.training]
    try:
        for part in training:
            part.training = False
        with torch.no_grad():
            yield
    finally:
        for part in training:
            part.training = True
