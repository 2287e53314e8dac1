"""A recipe: what is trained, on what, how long, and how it is judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from attnlab.training.loop import adamw
from attnlab.training.parallel import rows_of


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """All that it takes to train a model, so that a notebook and a terminal train the same one.

        torch.manual_seed(seed)
        model, random = recipe.model(), torch.Generator().manual_seed(seed)
        for step in train(model, recipe.batches(random), recipe.loss, **recipe.pace):
            if recipe.learnt(model, step.number):
                break
        recipe.judge(model)

    Args:
        about: what is learnt by what, in one line.
        config: all numbers of the model, a frozen dataclass.
        model: makes a new model; its weights come from PyTorch's global generator.
        batches: from a generator, batches without end. Each depends on the generator's state
            alone, so a run that was broken off goes on with the batches it would have had.
        loss: loss(model, *batch) -> a single number.
        validate: the share of right answers on data to choose by.
        judge: results by name, on data that neither the weights nor their choice depend on.
        steps: the most steps that are taken.
        lr: the full learning rate.
        warm_up: at which step the full rate is reached.
        enough: the share of right answers on the validation data at which training may stop.
        every: after how many steps it is looked at.
        terms: terms(*batch) -> of how many terms the loss is the mean, so that processes can share
            a batch exactly; its rows, where each has equally many terms, if not given.
        details: further results in rows, such as one for each length of sentence; else no rows.

    >>> from attnlab.recipes import RECIPES
    >>> RECIPES["reverse"]["small"].about
    'reverse 16 digits by an encoder of 1 layer'
    """

    about: str
    config: Any
    model: Callable[[], nn.Module]
    batches: Callable[[torch.Generator], Iterator[tuple]]
    loss: Callable[..., Tensor]
    validate: Callable[[nn.Module], float]
    judge: Callable[[nn.Module], dict[str, int | float]]
    steps: int
    lr: float = 3e-3
    warm_up: int = 50
    enough: float = 0.999
    every: int = 25
    terms: Callable[..., int] = rows_of
    details: Callable[[nn.Module], list[dict[str, int | float]]] = lambda _: []

    @property
    def pace(self) -> dict[str, Any]:
        """Steps, lr and warm-up, as `attnlab.training.train` takes them."""
        return {"steps": self.steps, "lr": self.lr, "warm_up": self.warm_up}

    def optimizer(self, model: nn.Module) -> torch.optim.Optimizer:
        """The one that `attnlab.training.train` takes by itself, to be saved and loaded."""
        return adamw(model, self.lr)

    def learnt(self, model: nn.Module, number: int) -> bool:
        """Whether training may stop after this step, because enough validation rows are right.

        Only every so many steps this is looked at; at the others the answer is no.
        """
        return number % self.every == 0 and self.validate(model) >= self.enough
