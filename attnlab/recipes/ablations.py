"""Ablations: one part of the Transformer changed at a time, each at its own best learning rate.

python -m attnlab.recipes.ablations      trains those whose results are not stored
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from attnlab.nn import TransformerConfig
from attnlab.recipes.recipe import Recipe
from attnlab.recipes.sentences import corpus
from attnlab.recipes.shipped import learn
from attnlab.recipes.translating import SMALL, translation_quality, translation_recipe

STORED = Path(__file__).with_suffix(".json")
"""Where the results lie."""

LEARNING_RATES = (1e-3, 3e-3, 1e-2, 3e-2)
"""The learning rates of which each change gets the one that suits it best."""

CHOOSES, SEEDS = 0, (0, 1, 2)
"""The rate is chosen by the runs of one seed; with that rate there are runs of all."""

CHANGES: dict[str, tuple[dict[str, Any], ...]] = {
    "nothing": ({},),
    "heads": ({"heads": 1}, {"heads": 2}, {"heads": 8}),
    "positions": ({"positions": "none"}, {"positions": "learned"}, {"positions": "rotary"}),
    "norm": ({"norm": "post"},),
    "warm-up": ({"warm_up": 1}, {"norm": "post", "warm_up": 1}),
    "smoothing": ({"smoothing": 0.1},),
}
"""What is changed, by the part that it concerns; see `changed` for what it is changed from."""

_SENTENCES = {"count": 8000, "longest": 8}


def changed(
    *, lr: float = 1e-2, warm_up: int = 60, smoothing: float = 0.0, **config: int | float | str
) -> Recipe:
    """A recipe that takes seconds: sentences of 3 to 8 words, 1 + 1 layers, 4 heads, pre-norm,
    sinusoids, and what is given in place of these.

    >>> changed(heads=2).config.heads, changed().config.heads
    (2, 4)
    """
    base: TransformerConfig = replace(SMALL.config, d_model=64, layers=1, d_ff=128)
    return translation_recipe(
        "translate sentences of 3 to 8 words by a Transformer of 1 + 1 layers",
        replace(base, **config),
        **_SENTENCES,
        words=320,
        smoothing=smoothing,
        steps=400,
        lr=lr,
        warm_up=warm_up,
        every=1000,
    )


def runs() -> list[dict[str, Any]]:
    """The stored results of every run: BLEU and exact match on the test's sentences. In those by
    which the rate is chosen, `chosen_by` is exact match on sentences of neither training nor test.

    >>> sorted(runs()[0])
    ['bleu', 'change', 'chosen_by', 'exact', 'lr', 'part', 'seed']
    """
    return json.loads(STORED.read_text(encoding="utf-8"))["rows"]


def ablations(lr: float | None = None) -> list[dict[str, Any]]:
    """A row for each change, with BLEU and exact match of every seed.

    Args:
        lr: one of `LEARNING_RATES` for all; each change's own best if not given.

    >>> sorted(ablations()[0])
    ['bleu', 'change', 'exact', 'lr', 'part', 'seeds']
    """
    rows, stored = [], runs()
    for part, change in _changes():
        some = [run for run in stored if run["change"] == change]
        best = _best_lr(some) if lr is None else lr
        some = [run for run in some if run["lr"] == best]
        row = {"part": part, "change": change, "lr": best}
        rows.append(row | {name: [run[key] for run in some] for name, key in _COLUMNS.items()})
    return rows


_COLUMNS = {"seeds": "seed", "bleu": "bleu", "exact": "exact"}


def measure(change: dict[str, Any], lr: float, seed: int) -> dict[str, int | float]:
    """Train with this change; gives the results on sentences never seen."""
    made = changed(lr=lr, **change)
    model, _ = learn(made, seed)
    found = made.judge(model.eval())
    row = {"bleu": found["bleu"], "exact": found["exact"]}
    if seed == CHOOSES:
        unseen = corpus(**_SENTENCES).validation
        row["chosen_by"] = translation_quality(model, unseen)["exact"]
    return row


def main() -> None:
    """Train all whose results are not stored yet, and store them."""
    torch.set_num_threads(1)
    rows = runs() if STORED.exists() else []
    for part, change in _changes():
        for lr in LEARNING_RATES:
            _add(rows, part, change, lr, CHOOSES)
        best = _best_lr([row for row in rows if row["change"] == change])
        for seed in SEEDS:
            _add(rows, part, change, best, seed)


def _add(
    rows: list[dict[str, Any]], part: str, change: dict[str, Any], lr: float, seed: int
) -> None:
    """Train this one and store it with the others, unless it is there."""
    if (change, lr, seed) in [(row["change"], row["lr"], row["seed"]) for row in rows]:
        return
    row = {"part": part, "change": change, "lr": lr, "seed": seed}
    rows.append(row | measure(change, lr, seed))
    print(rows[-1], flush=True)
    _store(rows)


def _changes() -> list[tuple[str, dict[str, Any]]]:
    return [(part, change) for part, changes in CHANGES.items() for change in changes]


def _best_lr(some: list[dict[str, Any]]) -> float:
    return max((run for run in some if run["seed"] == CHOOSES), key=lambda run: run["chosen_by"])[
        "lr"
    ]


def _store(rows: list[dict[str, Any]]) -> None:
    base = changed()
    text = {"command": "python -m attnlab.recipes.ablations", "about": base.about}
    text |= {"steps": base.steps, "rows": rows}
    STORED.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
