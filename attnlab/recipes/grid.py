"""A grid of small trainings: every setting from every seed, the results stored a row a line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from pathlib import Path
from statistics import mean
from typing import Any

import torch

Row = dict[str, Any]
"""A setting, its `seeds`, and for each result the list of what it was, a number a seed."""


def settings(**choices: Iterable) -> list[Row]:
    """Every combination of the choices.

    >>> settings(depth=[2, 10], norm=["pre"])
    [{'depth': 2, 'norm': 'pre'}, {'depth': 10, 'norm': 'pre'}]
    """
    return [dict(zip(choices, chosen, strict=True)) for chosen in product(*choices.values())]


def rows(stored: Path) -> list[Row]:
    """The rows of a stored grid."""
    return json.loads(stored.read_text(encoding="utf-8"))["rows"]


def pick(rows: Iterable[Row], **wanted: object) -> list[Row]:
    """The rows whose settings are these.

    >>> pick([{"depth": 2, "right": [1]}, {"depth": 10, "right": [0]}], depth=10)
    [{'depth': 10, 'right': [0]}]
    """
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def best(rows: Iterable[Row], by: str = "trained") -> Row:
    """The row with the best mean: an arm at its own best learning rate.

    By default what was right in training decides, so that the test has no say.

    >>> best([{"lr": 0.1, "trained": [0, 1]}, {"lr": 0.3, "trained": [1, 1]}])["lr"]
    0.3
    """
    return max(rows, key=lambda row: mean(row[by]))


def best_of(rows: Sequence[Row], by: str = "chosen_by", **wanted: object) -> Row:
    """Of the rows whose settings are these, the best one; see `best`.

    Raises:
        ValueError: nothing is stored of these settings, naming them and what is stored of each.

    >>> best_of([{"arm": "a", "lr": 0.1, "chosen_by": [1]}], arm="a")["lr"]
    0.1
    """
    if found := pick(rows, **wanted):
        return best(found, by)
    stored = {name: list(dict.fromkeys(row[name] for row in rows)) for name in wanted}
    known = ", ".join(f"{name} one of {values}" for name, values in stored.items())
    raise ValueError(f"nothing is stored of {wanted}: take {known}, in a combination that is there")


def fill(
    stored: Path,
    command: str,
    settings: Sequence[Row],
    measure: Callable[..., dict[str, float]],
    seeds: Sequence[int] = (0, 1, 2),
) -> None:
    """Run measure(seed=..., **setting) for all that is not stored yet, and store the results."""
    torch.set_num_threads(1)
    done = rows(stored) if stored.exists() else []
    for setting in settings:
        if pick(done, **setting):
            continue
        found = [measure(seed=seed, **setting) for seed in seeds]
        row = setting | {"seeds": list(seeds)}
        row |= {name: [round(results[name], 3) for results in found] for name in found[0]}
        done.append(row)
        print(row, flush=True)
        stored.write_text(_text(command, done), encoding="utf-8", newline="\n")


def _text(command: str, rows: Sequence[Row]) -> str:
    listed = ",\n  ".join(json.dumps(row) for row in rows)
    return f'{{\n "command": {json.dumps(command)},\n "rows": [\n  {listed}\n ]\n}}\n'
