"""Chapter 11: what each position of a translation costs, for the exercise on its loss."""

from __future__ import annotations

from typing import Any

import numpy as np


def logs(scores: Any, axis: int = -1) -> Any:
    """The logarithms of the shares, without overflow."""
    highest = scores.max(axis=axis, keepdims=True)
    return scores - highest - np.log(np.exp(scores - highest).sum(axis=axis, keepdims=True))


def one_hot(target: Any, tokens: int) -> Any:
    """A row for each position, 1 at its token."""
    return np.eye(tokens)[target]


def belief(target: Any, tokens: int, smoothing: float) -> Any:
    """What the model should believe: a little in every token, the rest in the target."""
    return (1 - smoothing) * one_hot(target, tokens) + smoothing / tokens


def costs(scores: Any, target: Any, smoothing: float) -> Any:
    """The cost of each position, fillers and all."""
    return -(belief(target, scores.shape[-1], smoothing) * logs(scores)).sum(axis=-1)


def loss(scores: Any, target: Any, smoothing: float) -> Any:
    """The mean cost of the real words."""
    return costs(scores, target, smoothing)[target != 0].mean()


EXERCISES = ()  # the exercise itself stands in translation_loss_exercise
