"""What there is to learn: generators of data, each seeded by the caller."""

from attnlab.tasks.order import IN_AND_OUT, in_or_out, mixed_lengths, word_before
from attnlab.tasks.pairs import two_look_ups
from attnlab.tasks.sequences import (
    DIGITS,
    add_numbers,
    copy_digits,
    framed,
    reverse_digits,
    sort_digits,
)
from attnlab.tasks.slips import hearsay
from attnlab.tasks.stories import PROPERTY, REFERENCE, STORY, VOCABULARY, pet_stories
from attnlab.tasks.toys import look_up
from attnlab.tasks.uneven import padded_sentences, uneven_lengths
from attnlab.tasks.vocabulary import BEGIN, END, MARKS, PAD, UNKNOWN, Vocabulary, pad

__all__ = [
    "BEGIN",
    "DIGITS",
    "END",
    "IN_AND_OUT",
    "MARKS",
    "PAD",
    "PROPERTY",
    "REFERENCE",
    "STORY",
    "UNKNOWN",
    "VOCABULARY",
    "Vocabulary",
    "add_numbers",
    "copy_digits",
    "framed",
    "hearsay",
    "in_or_out",
    "look_up",
    "mixed_lengths",
    "pad",
    "padded_sentences",
    "pet_stories",
    "reverse_digits",
    "sort_digits",
    "two_look_ups",
    "uneven_lengths",
    "word_before",
]
