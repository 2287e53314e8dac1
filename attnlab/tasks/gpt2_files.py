"""The sub-words of a published GPT-2: its vocab.json and merges.txt."""

from __future__ import annotations

import json
import os
from pathlib import Path

from attnlab.tasks.byte_pairs import BytePairs


def gpt2_pieces(folder: str | os.PathLike[str]) -> BytePairs:
    """The byte-pair encoding of a published decoder, as its files hold it.

    Args:
        folder: with vocab.json and merges.txt.

    Raises:
        ValueError: one of the two is not there or damaged, or they do not fit to each other.

    Source: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", section 2.2.
    """
    merges = _text(Path(folder), "merges.txt").split("\n")
    try:
        numbers = json.loads(_text(Path(folder), "vocab.json"))
    except ValueError as error:
        raise ValueError(f"{Path(folder) / 'vocab.json'} is no JSON ({error})") from None
    whole = isinstance(numbers, dict) and all(type(each) is int for each in numbers.values())
    if not whole:
        raise ValueError(f"{Path(folder) / 'vocab.json'} gives its pieces no whole numbers")
    return BytePairs.from_gpt2(merges, numbers)


def _text(folder: Path, name: str) -> str:
    path = folder / name
    if not path.is_file():
        raise ValueError(f"folder is {str(folder)!r}, and lacks {name}: download it too")
    return path.read_text(encoding="utf-8")
