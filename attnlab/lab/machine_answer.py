"""What a model that reads sentences answers, word by word, with all arrays of the run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from torch import nn

from attnlab.lab.cross_attention import ROOM, english
from attnlab.lab.machine_run import running, written
from attnlab.nn import LanguageModel
from attnlab.tasks import BEGIN, END, ENGLISH, FRENCH, MARKS, UNKNOWN, Vocabulary


class Answer(NamedTuple):
    """What a model answers to a sentence.

    Args:
        source: the words that it read.
        words: those that it wrote, without the end mark.
        steps: how many words were written before the last row, which writes the end mark.
        arrays: of the whole run, by their paths.
    """

    source: tuple[str, ...]
    words: tuple[str, ...]
    steps: int
    arrays: dict[str, np.ndarray]


def answer(
    model: nn.Module, sentence: str, vocabularies: Sequence[Vocabulary], off: Sequence[str] = ()
) -> Answer:
    """Let a model answer a sentence by greedy decoding, with some of its parts switched off.

    Args:
        model: a `Transformer`, `Seq2Seq` or `LanguageModel`.
        sentence: as people type it.
        vocabularies: of the source and of the target.
        off: names of parts, as `attnlab.lab.machine_run.running` takes them.
    """
    read, writes = vocabularies
    source = english(sentence, read)
    tokens = read.encode(source, unknown=MARKS[UNKNOWN])
    made = written(model, tokens, off, len(tokens) + ROOM)
    before = tokens if isinstance(model, LanguageModel) else []
    arrays = running(model, source=tokens, target=[BEGIN, *before, *made[:-1]], off=off)
    strange = iter(word for word in source if word not in read)
    words = tuple(
        next(strange, MARKS[UNKNOWN]) if token == UNKNOWN else [*MARKS, *writes.words][token]
        for token in (made[:-1] if made[-1] == END else made)
    )
    return Answer(source, words, len(made) - 1, arrays)


def vocabularies_of(
    model: nn.Module, vocabulary: Vocabulary | None = None
) -> tuple[Vocabulary, Vocabulary]:
    """The vocabularies of what a model reads and writes.

    Args:
        model: a translator from English to French, or a language model.
        vocabulary: of a language model; ENGLISH or FRENCH, by its size, if not given.

    Raises:
        TypeError: a vocabulary for a translator.
        ValueError: a model with another number of tokens, naming both.
    """
    if not isinstance(model, LanguageModel):
        _check_translator(model, vocabulary)
        return ENGLISH, FRENCH
    size, sizes = model.config.vocabulary, {len(each): each for each in (FRENCH, ENGLISH)}
    found = sizes.get(size) if vocabulary is None else vocabulary
    if found is None or len(found) != size:
        has = "none is given" if found is None else f"vocabulary has {len(found)}"
        raise ValueError(
            f"model has a vocabulary of {size} tokens, and {has}: give the one that it was "
            "trained with, vocabulary=..."
        )
    return found, found


def _check_translator(model: Any, vocabulary: Vocabulary | None) -> None:
    if vocabulary is not None:
        raise TypeError("vocabulary is for a language model; a translator has ENGLISH and FRENCH")
    has = model.config.source_vocabulary, model.config.target_vocabulary
    if has != (len(ENGLISH), len(FRENCH)):
        raise ValueError(
            f"model has vocabularies of {has[0]} and {has[1]} tokens, and ENGLISH and FRENCH have "
            f"{len(ENGLISH)} and {len(FRENCH)}: give a model that was trained on these"
        )
