"""Pretraining and few labels: what reading is worth, over how many labels, and for which question.

python -m attnlab.recipes.few_labels      trains what is not stored yet
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from torch import nn

from attnlab.nn import adapt
from attnlab.recipes.grid import Row, best_of, fill, rows, settings
from attnlab.recipes.reading_kinds import classifier, learn_labels, share_right
from attnlab.tasks import NOUNS_OF_KINDS, labelled_kinds

STORED = Path(__file__).with_suffix(".json")
"""Where the results lie."""

LABELS = (10, 30, 100, 300, 1000)
"""How many labelled sentences there are."""

QUESTIONS = ("kind", "kind of other nouns", "arbitrary")
"""What is asked: is the noun an animal; the same of nouns that no labelled sentence has; and to
which of two halves, made without any sense, the noun belongs."""

LEARNING_RATES = (0.001, 0.003, 0.01)
"""Of which each setting gets the one that serves it best."""

FROZEN_RATES = (0.003, 0.01, 0.03)
"""Those of models of which most is frozen."""

SEEDS = (0, 1, 2, 3)

READERS: dict[str, tuple[str, str | None]] = {
    "from scratch": ("masked", None),
    "masked": ("masked", "as written"),
    "masked, shuffled sentences": ("masked", "shuffled sentences"),
    "masked, shuffled text": ("masked", "shuffled text"),
    "causal from scratch": ("causal", None),
    "causal": ("causal", "as written"),
}
"""Models whose parameters all learn from the labels, and what they have read before."""

RANKS = (1, 2, 4, 8)
"""Of adapters to a model that has read; at rank 0 it is frozen, and only the last layer learns."""

EVERYWHERE = ("query", "key", "value", "hidden")
"""Which linear layers have adapters."""

FROZEN = "masked, rank {}"

SETTINGS = [
    *settings(question=QUESTIONS, arm=("bag of words",), labels=LABELS, lr=(0.0,)),
    *settings(question=QUESTIONS, arm=list(READERS)[:4], labels=LABELS, lr=LEARNING_RATES),
    *settings(question=QUESTIONS[:1], arm=list(READERS)[4:], labels=LABELS, lr=LEARNING_RATES),
    *settings(question=QUESTIONS, arm=(FROZEN.format(0),), labels=LABELS, lr=FROZEN_RATES),
    *settings(
        question=("kind", "arbitrary"),
        arm=[FROZEN.format(rank) for rank in RANKS],
        labels=(30, 1000),
        lr=FROZEN_RATES,
    ),
]
"""All that is tried."""


def few_labels() -> list[Row]:
    """The stored results: a row for each setting, with the shares of right answers of the seeds.

    `right` is measured on 1,000 other sentences, `chosen_by` on 500 others again, by which the
    learning rate is chosen, and `trained` on the labelled sentences.

    >>> sorted(few_labels()[0])
    ['arm', 'chosen_by', 'labels', 'lr', 'question', 'right', 'seeds', 'trained']
    """
    return rows(STORED)


def at_best_lr(question: str, arm: str, labels: int) -> Row:
    """The stored row of the learning rate that serves this setting best.

    Raises:
        ValueError: nothing is stored of these, naming them.

    >>> at_best_lr("kind", "masked", 10)["lr"] in LEARNING_RATES
    True
    """
    return best_of(few_labels(), question=question, arm=arm, labels=labels)


def sentences_for(question: str, split: str, seed: int, count: int) -> tuple[list[str], list[int]]:
    """Labelled sentences of one of the `QUESTIONS`: split "train", "validation" or "test".

    Of other nouns each half of a kind has twenty: one for training, one for the rest.

    Raises:
        ValueError: an unknown question or split.
    """
    if question not in QUESTIONS:
        raise ValueError(f"question is {question!r}, and must be one of {', '.join(QUESTIONS)}")
    places = {"train": 0, "validation": 1, "test": 2}
    if split not in places:
        raise ValueError(f"split is {split!r}, and must be one of {', '.join(places)}")
    nouns: Sequence[str] = NOUNS_OF_KINDS
    if question == "kind of other nouns":
        nouns = nouns[1::2] if split == "train" else nouns[::2]
    random = torch.Generator().manual_seed(10 * seed + places[split] + 1000)
    asked = "arbitrary" if question == "arbitrary" else "kind"
    return labelled_kinds(random, count, asked, nouns)


def arm_model(arm: str, seed: int) -> nn.Module:
    """The model of an arm, before it meets a label.

    Raises:
        ValueError: an unknown arm.
    """
    if arm in READERS:
        return classifier(*READERS[arm], seed)
    ranks = {FROZEN.format(rank): rank for rank in (0, *RANKS)}
    if arm not in ranks:
        raise ValueError(f"arm is {arm!r}, and must be one of {', '.join((*READERS, *ranks))}")
    model = classifier(*READERS["masked"], seed)
    model = adapt(model, ranks[arm], EVERYWHERE) if ranks[arm] else model.requires_grad_(False)
    model.output.requires_grad_(True)
    return model


def measure(*, seed: int, question: str, arm: str, labels: int, lr: float) -> dict[str, float]:
    """Train one model on so many labels; gives what `few_labels` tells of."""
    train, validation, test = (
        sentences_for(question, split, seed, count)
        for split, count in (("train", labels), ("validation", 500), ("test", 1000))
    )
    if arm == "bag of words":
        found = [_counted(train, other) for other in (test, train, validation)]
    else:
        model = learn_labels(arm_model(arm, seed), *train, lr=lr, seed=seed)
        found = [share_right(model, *other) for other in (test, train, validation)]
    return dict(zip(("right", "trained", "chosen_by"), found, strict=True))


def _counted(train: tuple[list[str], list[int]], other: tuple[list[str], list[int]]) -> float:
    """Logistic regression on which words stand in a sentence."""
    words = CountVectorizer(binary=True)
    model = LogisticRegression(C=10.0).fit(words.fit_transform(train[0]), train[1])
    return float(model.score(words.transform(other[0]), other[1]))


if __name__ == "__main__":
    fill(STORED, "python -m attnlab.recipes.few_labels", SETTINGS, measure, SEEDS)
