"""The early stop: when a figure on validation data has not improved for long, it is enough."""

from __future__ import annotations

import math
from numbers import Real

from attnlab.training.arguments import number, whole


class EarlyStop:
    """Says when to stop, from figures that the reader's loop hands in.

        stop = EarlyStop(patience=3)
        for step in train(model, batches, loss, steps=10_000):
            if step.number % 100 == 0 and stop.after(validation_loss(model)):
                break

    Args:
        patience: after how many figures without a better one to stop.
        higher: whether higher figures are better, as of accuracy; else lower ones, as of losses.
        least: by how much a figure must be better to count.

    Raises:
        TypeError: an argument, or a figure, of the wrong kind.
        ValueError: patience below 1, least below 0.

    >>> stop = EarlyStop(patience=2)
    >>> [stop.after(figure) for figure in [0.9, 0.5, 0.6, 0.7]]
    [False, False, False, True]
    >>> stop.best
    0.5

    Source: Prechelt 1998, "Early Stopping - But When?", section 2.2, criterion UP.
    """

    def __init__(self, patience: int, *, higher: bool = False, least: int | float = 0.0):
        self.patience = whole("patience", patience, 1, "1 stops at the first that is no better")
        self.least = number("least", least, 0.0, cure="0 counts every gain")
        if not isinstance(higher, bool):
            raise TypeError(f"higher is {higher!r}, and must be True or False")
        self.higher = higher
        self.best = -math.inf if higher else math.inf
        self.waited = 0

    def after(self, figure: int | float) -> bool:
        """Take in the newest figure, a number or a tensor of one; gives whether to stop now.

        NaN is never better.
        """
        figure = figure.item() if getattr(figure, "shape", None) == () else figure
        if not isinstance(figure, Real) or isinstance(figure, bool):
            raise TypeError(
                f"figure is a {type(figure).__name__}, and must be a number, such as a loss: of "
                "several take their mean"
            )
        gain = figure - self.best if self.higher else self.best - figure
        better = gain > self.least
        self.best = figure if better else self.best
        self.waited = 0 if better else self.waited + 1
        return self.waited >= self.patience
