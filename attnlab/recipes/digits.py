"""Recipes for rows of digits: reverse, sort and add by an encoder alone, copy by both halves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from attnlab.nn import TokenClassifier, TokenClassifierConfig, Transformer, TransformerConfig
from attnlab.recipes.recipe import Recipe
from attnlab.tasks import DIGITS, add_numbers, copy_digits, reverse_digits, sort_digits, with_marks
from attnlab.tasks.vocabulary import BEGIN, END
from attnlab.training import exact_match, greedy
from attnlab.training.evaluation import without_dropout

Task = Callable[..., tuple[Tensor, Tensor]]

_VALIDATION, _TEST = 1_000_001, 1_000_002  # seeds of the rows that no training draws


def tagging_loss(model: nn.Module, source: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy of an encoder's answers, all positions alike."""
    logits = model(source)[:, : target.shape[1]]
    return cross_entropy(logits.flatten(0, 1), target.flatten())


def writing_loss(model: nn.Module, source: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy of each next token, given the right ones before it (teacher forcing)."""
    rows = with_marks(target)
    return cross_entropy(model(source, rows[:, :-1]).flatten(0, 1), rows[:, 1:].flatten())


def predicted(model: nn.Module, source: Tensor) -> Tensor:
    """The answers of an encoder, (batch, position)."""
    with without_dropout(model):
        return torch.cat([model(rows).argmax(-1) for rows in source.split(1000)])


def decoded(model: nn.Module, source: Tensor) -> Tensor:
    """The rows that encoder and decoder write, marks left out, (batch, n)."""
    most = source.shape[1] + 1
    rows = [greedy(model, s, begin=BEGIN, end=END, most=most) for s in source.split(1000)]
    width = max(row.shape[1] for row in rows)
    tokens = torch.cat([nn.functional.pad(row, (0, width - row.shape[1])) for row in rows])
    return tokens.masked_fill(tokens == END, 0)


def digits_recipe(
    about: str,
    task: Task,
    kind: type[TokenClassifier] | type[Transformer],
    config: TokenClassifierConfig | TransformerConfig,
    *,
    held_back: Callable[[str], dict] = lambda split: {},  # noqa: ARG005
    **pace,
) -> Recipe:
    """A recipe for one of the tasks of digits.

    Args:
        about: what is learnt by what.
        task: task(random, batch) -> source, target.
        kind: `TokenClassifier`, which answers at once, or `Transformer`, which writes.
        config: all numbers of the model.
        held_back: for tasks with few rows: what to hand to the task for each of the splits
            "train", "validation" and "test".
        pace: steps, lr and so on, as `Recipe` takes them.
    """
    answer, loss = (decoded, writing_loss) if kind is Transformer else (predicted, tagging_loss)

    @cache
    def unseen(split: str, seed: int, count: int) -> tuple[Tensor, Tensor]:
        return task(torch.Generator().manual_seed(seed), count, **held_back(split))

    def right(model: nn.Module, source: Tensor, target: Tensor) -> float:
        return exact_match(answer(model, source)[:, : target.shape[1]], target)

    def validate(model: nn.Module) -> float:
        source, target = unseen("validation", _VALIDATION, 5000)
        first = right(model, source[:500], target[:500])
        return first if first < 0.999 else right(model, source, target)

    def batches(random: torch.Generator) -> Iterator[tuple]:
        while True:
            yield task(random, 128, **held_back("train"))

    def judge(model: nn.Module) -> dict[str, int | float]:
        source, target = unseen("test", _TEST, 5000)
        return {"rows": len(source), "exact": right(model, source, target)}

    return Recipe(
        about=about,
        config=config,
        model=partial(kind, config),
        batches=batches,
        loss=loss,
        validate=validate,
        judge=judge,
        **pace,
    )


def _of_split(split: str) -> dict:
    return {"split": split}


_SMALL = {"dropout": 0.0, "norm": "pre", "positions": "learned", "length": 32}
_TAGGED = {**_SMALL, "vocabulary": len(DIGITS), "answers": len(DIGITS)}
_WRITTEN = {**_SMALL, "source_vocabulary": len(DIGITS), "target_vocabulary": len(DIGITS)}

REVERSE = digits_recipe(
    "reverse 16 digits by an encoder of 1 layer",
    reverse_digits,
    TokenClassifier,
    TokenClassifierConfig(**_TAGGED, d_model=32, heads=1, layers=1, d_ff=64),
    steps=200,
    lr=1e-2,
    every=10,
    enough=0.9996,
)
SORT = digits_recipe(
    "sort 10 digits by an encoder of 2 layers",
    sort_digits,
    TokenClassifier,
    TokenClassifierConfig(**_TAGGED, d_model=32, heads=2, layers=2, d_ff=128),
    steps=1100,
    lr=1e-2,
    every=50,
    enough=1.0,
)
COPY = digits_recipe(
    "copy 16 digits by an encoder and a decoder of 1 layer each",
    copy_digits,
    Transformer,
    TransformerConfig(**_WRITTEN, d_model=32, heads=2, layers=1, d_ff=64),
    steps=400,
    lr=6e-3,
    every=20,
    enough=0.9996,
)
ADD = digits_recipe(
    "add two numbers of two digits by an encoder of 2 layers",
    add_numbers,
    TokenClassifier,
    TokenClassifierConfig(**_TAGGED, d_model=64, heads=4, layers=2, d_ff=128),
    held_back=_of_split,
    steps=600,
    lr=6e-3,
    every=100,
    enough=1.0,
)
