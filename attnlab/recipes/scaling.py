"""Scaling: how the loss on unread chapters falls with the parameters, and with the text.

python -m attnlab.recipes.scaling      trains what is not stored yet
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import mean

import numpy as np
import torch

from attnlab.nn import LanguageModel
from attnlab.recipes.grid import Row, best_of, fill, rows, settings
from attnlab.recipes.reading import course_tokens, course_windows, reading_config, reading_scores
from attnlab.training import next_token_loss, train

STORED = Path(__file__).with_suffix(".json")
"""Where the results lie."""

WIDTHS = (8, 16, 32, 64, 96)
"""The dimensions of the five models that the curve is fitted to; all have two layers."""

NEXT_WIDTH = 128
"""That of the model which the curve has to predict."""

STEPS, CHOOSING, SEEDS = 400, (0,), (1, 2, 3)
"""The same for all: 400 steps of 1,024 sub-words, a seed to choose the learning rate by, and others
for what is told."""

SHARES = (0.125, 0.25, 0.5, 1.0)
"""Of the text that is read, from its beginning."""

LEARNING_RATES = (0.005, 0.01, 0.02)
"""Of which each setting gets the one that serves it best."""

COMPARED = [
    *settings(d_model=(*WIDTHS, NEXT_WIDTH), share=(1.0,)),
    *settings(d_model=(64,), share=SHARES[:-1]),
]
"""Which models read how much of the text."""

SETTINGS = [each | {"lr": lr, "chosen": False} for each in COMPARED for lr in LEARNING_RATES]
"""All that is tried to choose the learning rates."""


def scaling() -> list[Row]:
    """The stored results: a row for each setting, with a number for each seed: first
    those of one seed by which a learning rate is chosen, then those of other seeds with it.

    `loss` is that on the chapters of the test, in nats for each sub-word, `trained` that on what
    was read, and `chosen_by` the negative of that on the chapters to choose by. `parameters` are
    all but those of the table of sub-words, as in Kaplan et al. 2020.

    >>> sorted(scaling()[0])  # doctest: +NORMALIZE_WHITESPACE
    ['chosen', 'chosen_by', 'd_model', 'loss', 'lr', 'parameters', 'seeds', 'share', 'trained']
    """
    return rows(STORED)


def at_best_lr(d_model: int, share: float = 1.0) -> Row:
    """The stored row of the seeds at the learning rate that serves this setting best.

    Raises:
        ValueError: nothing is stored of these, naming them.

    >>> at_best_lr(64)["lr"] in LEARNING_RATES
    True
    """
    return best_of(scaling(), d_model=d_model, share=share, chosen=True)


def measure(
    *, seed: int, d_model: int, share: float, lr: float, chosen: bool = True, steps: int = STEPS
) -> dict[str, float]:
    """Train one model; gives what `scaling` tells of."""
    del chosen  # which tells seeds apart, not trainings
    torch.manual_seed(seed)
    model = LanguageModel(reading_config(d_model))
    tokens = course_tokens("train")
    tokens = tokens[: round(len(tokens) * share)]
    batches = course_windows(torch.Generator().manual_seed(seed), tokens)
    for _ in train(model, batches, next_token_loss, steps=steps, lr=lr):
        pass
    return {
        "loss": reading_scores(model)["loss"],
        "trained": _loss_on(model, tokens),
        "chosen_by": -reading_scores(model, "validation")["loss"],
        "parameters": _parameters(model),
    }


def _loss_on(model: LanguageModel, tokens: torch.Tensor) -> float:
    """The loss on 40 batches of what was read."""
    some = course_windows(torch.Generator().manual_seed(1000), tokens)
    with torch.no_grad():
        model.eval()
        return mean(next_token_loss(model, *next(some)).item() for _ in range(40))


def _parameters(model: LanguageModel) -> int:
    every = sum(each.numel() for each in model.parameters())
    return every - model.decoder.embedding.table.weight.numel()


def power_law(sizes: Sequence[float], losses: Sequence[float]) -> tuple[float, float]:
    """The line through the logarithms with the least squares: loss = A size^-alpha.

    Args:
        sizes, losses: above 0, at least two.

    Returns:
        A, alpha

    Raises:
        ValueError: another number of losses than of sizes, or less than two.

    >>> a, alpha = power_law([1, 10, 100], [8.0, 4.0, 2.0])
    >>> round(a, 6), round(alpha, 6)
    (8.0, 0.30103)

    Source: Kaplan et al. 2020, "Scaling Laws for Neural Language Models", eq. 1.1.
    """
    if len(sizes) != len(losses) or len(sizes) < 2:
        raise ValueError(
            f"sizes has {len(sizes)} and losses {len(losses)} numbers: a curve needs one loss for "
            "each of at least two sizes"
        )
    slope, start = np.polyfit(np.log(sizes), np.log(losses), 1)
    return float(np.exp(start)), float(-slope)


def fitted(
    widths: Sequence[int] = WIDTHS, *, at: int = NEXT_WIDTH, draws: int = 1000, seed: int = 0
) -> dict[str, tuple[float, float, float]]:
    """The curve through the stored losses, and what it says of another model.

    Args:
        widths: of the models that it goes through.
        at: the width of the model that it is asked for.
        draws: of how many bootstraps, in which each model gets three of its seeds at random, with
            replacement, the intervals are made.
        seed: of the draws.

    Returns:
        alpha, and the predicted loss: each as it is of the means of the seeds, and then from where
        to where 95 % of the draws lie

    Source: Efron 1979, "Bootstrap Methods: Another Look at the Jackknife".
    """
    random, best = np.random.default_rng(seed), [at_best_lr(width) for width in widths]
    sizes, size = [row["parameters"][0] for row in best], at_best_lr(at)["parameters"][0]

    def curve(losses: Sequence[float]) -> tuple[float, float]:
        a, alpha = power_law(sizes, losses)
        return alpha, a * size**-alpha

    middle = curve([mean(row["loss"]) for row in best])
    every = [curve([random.choice(row["loss"], 3).mean() for row in best]) for _ in range(draws)]
    low, high = np.quantile(every, [0.025, 0.975], axis=0)
    ranges = zip(middle, low.tolist(), high.tolist(), strict=True)
    return dict(zip(("alpha", "predicted"), ranges, strict=True))


def main() -> None:
    """Choose the learning rates, then train with them from other seeds."""
    command = "python -m attnlab.recipes.scaling"
    fill(STORED, command, SETTINGS, measure, CHOOSING)
    for each in COMPARED:
        lr = best_of(scaling(), **each, chosen=False)["lr"]
        fill(STORED, command, [each | {"lr": lr, "chosen": True}], measure, SEEDS)


if __name__ == "__main__":
    main()
