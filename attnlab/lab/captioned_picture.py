"""What a captioner writes of a picture, and where it looked for each word."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch

from attnlab.core import softmax
from attnlab.nn import Captioner
from attnlab.tasks import BEGIN, END, LONGEST_CAPTION
from attnlab.training import greedy
from attnlab.training.evaluation import without_dropout

REQUEST: dict[str, Any] = {"begin": BEGIN, "end": END, "most": LONGEST_CAPTION + 2}
"""How `greedy` is asked, here as in the page."""


class Captioned(NamedTuple):
    """A caption with the steps that wrote it, each in a row of its own."""

    tokens: list[int]
    weights: np.ndarray  # (step, layer * heads + head, region)
    probabilities: np.ndarray  # (step, vocabulary)


def captioned(model: Captioner, picture: np.ndarray) -> Captioned:
    """The caption of a picture by greedy decoding.

    Args:
        model: the captioner.
        picture: (3, size, size), from 0 to 1.
    """
    pictures = torch.as_tensor(picture, dtype=torch.float32)[None]
    with without_dropout(model), torch.no_grad():
        tokens = greedy(model, pictures, **REQUEST)[0].tolist()
        read = torch.tensor([[BEGIN, *tokens[:-1]]])
        memory = model.encode(pictures)
        weights = model.look(read, memory)[0].flatten(0, 1).transpose(0, 1)
        probabilities = softmax(model.decode(read, memory)[0])
    return Captioned(tokens, weights.double().numpy(), probabilities.double().numpy())
