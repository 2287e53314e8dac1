"""Ablations: one part of the Transformer changed at a time, everything else as it was.

python -m attnlab.recipes.ablations      trains all again, and stores their figures
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from attnlab.nn import TransformerConfig
from attnlab.recipes.recipe import Recipe
from attnlab.recipes.shipped import learn
from attnlab.recipes.translating import SMALL, recipe

STORED = Path(__file__).with_suffix(".json")
"""Where the figures lie."""

SEEDS = (0, 1, 2)
"""Each is trained from so many beginnings."""

CHANGES: dict[str, tuple[dict[str, Any], ...]] = {
    "nothing": ({},),
    "heads": ({"heads": 1}, {"heads": 2}, {"heads": 8}),
    "positions": ({"positions": "none"}, {"positions": "learned"}, {"positions": "rotary"}),
    "norm": ({"norm": "post"},),
    "warm-up": ({"warm_up": 1}, {"norm": "post", "warm_up": 1}),
    "smoothing": ({"smoothing": 0.1},),
}
"""What is changed, by the part that it concerns; see `changed` for what it is changed from."""


def changed(*, warm_up: int = 60, smoothing: float = 0.0, **config: int | float | str) -> Recipe:
    """A recipe that takes seconds: sentences of 3 to 8 words, 1 + 1 layers, 4 heads, pre-norm,
    sinusoids, and what is given in place of these.

    >>> changed(heads=2).config.heads, changed().config.heads
    (2, 4)
    """
    base: TransformerConfig = replace(SMALL.config, d_model=64, layers=1, d_ff=128)
    return recipe(
        "translate sentences of 3 to 8 words by a Transformer of 1 + 1 layers",
        replace(base, **config),
        count=8000,
        longest=8,
        words=320,
        smoothing=smoothing,
        steps=400,
        rate=1e-2,
        warm_up=warm_up,
        every=1000,
    )


def ablations() -> list[dict[str, Any]]:
    """The stored figures: a row for each change, with BLEU and exact match of every seed.

    >>> sorted(ablations()[0])
    ['bleu', 'change', 'exact', 'part', 'seeds']
    """
    return json.loads(STORED.read_text(encoding="utf-8"))["rows"]


def measure(change: dict[str, Any], seed: int) -> dict[str, int | float]:
    """Train with this change; gives the figures on sentences never seen."""
    made = changed(**change)
    model, _ = learn(made, seed)
    return made.judge(model.eval())


def main() -> None:
    """Train all, and store the figures."""
    torch.set_num_threads(1)
    rows = []
    for part, changes in CHANGES.items():
        for change in changes:
            found = [measure(change, seed) for seed in SEEDS]
            row = {"part": part, "change": change, "seeds": list(SEEDS)}
            row |= {name: [figures[name] for figures in found] for name in ("bleu", "exact")}
            rows.append(row)
            print(part, change, row["bleu"], row["exact"], flush=True)
    base = changed()
    text = {"command": "python -m attnlab.recipes.ablations", "about": base.about}
    text |= {"steps": base.steps, "rate": base.rate, "rows": rows}
    STORED.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
