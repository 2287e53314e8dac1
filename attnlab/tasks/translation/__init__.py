"""Translation: sentences that a grammar says in English and French at once, with alignments."""

from attnlab.tasks.translation.examples import EXAMPLE_PAIRS
from attnlab.tasks.translation.parallel_corpus import (
    AGREEMENT,
    ENGLISH,
    FRENCH,
    Pair,
    Splits,
    detokenize,
    pair_from_clauses,
    sentence_pairs,
    split_of,
    splits,
)

__all__ = [
    "AGREEMENT",
    "ENGLISH",
    "EXAMPLE_PAIRS",
    "FRENCH",
    "Pair",
    "Splits",
    "detokenize",
    "pair_from_clauses",
    "sentence_pairs",
    "split_of",
    "splits",
]
