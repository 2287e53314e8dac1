"""Is it the one context that fails, or too little training? Sentences trained on, and unseen ones.

python -m attnlab.recipes.one_context      trains those whose results are not stored
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from attnlab.recipes.sentences import corpus
from attnlab.recipes.shipped import learn, record, trained
from attnlab.recipes.translating import LONG, quality_by_length

STORED = Path(__file__).with_suffix(".json")
"""Where the results lie."""

SEEN = 2000
"""So many of the sentences trained on are translated; of unseen ones, all of the test."""

RUNS: tuple[dict[str, Any], ...] = (
    {"config": "gru", "steps": 1600, "seed": 0},  # the two that come with the package
    {"config": "attention", "steps": 1600, "seed": 0},
    {"config": "gru", "steps": 6400, "seed": 0},
)
"""What is trained: which of `LONG`, how many steps, and from which seed."""


def one_context() -> list[dict[str, Any]]:
    """The stored results: a row for each of `RUNS`.

    In each, `seen` and `unseen` hold rows as `attnlab.recipes.record` has them in `details`, for
    sentences trained on and for others.

    >>> [(row["config"], row["steps"]) for row in one_context()]
    [('gru', 1600), ('attention', 1600), ('gru', 6400)]
    """
    return json.loads(STORED.read_text(encoding="utf-8"))["rows"]


def measure(config: str, steps: int, seed: int) -> dict[str, Any]:
    """Train (or take the model that comes with the package); gives its results by length."""
    recipe = replace(LONG[config], steps=steps)
    shipped = recipe.steps == LONG[config].steps and seed == record("lengths", config)["seed"]
    model = trained("lengths", config) if shipped else learn(recipe, seed)[0].eval()
    pairs = corpus(20_000, 50)
    parts = {"seen": pairs.train[:SEEN], "unseen": pairs.test}
    return {name: quality_by_length(model, some) for name, some in parts.items()}


def main() -> None:
    """Train all whose results are not stored yet, and store them."""
    torch.set_num_threads(1)
    rows = one_context() if STORED.exists() else []
    for run in RUNS[len(rows) :]:
        rows.append(run | measure(**run))
        print(run, [(row["length"], row["exact"]) for row in rows[-1]["unseen"]], flush=True)
        text = {"command": "python -m attnlab.recipes.one_context", "rows": rows}
        STORED.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
