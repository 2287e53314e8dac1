"""What there is to learn: generators of data, each seeded by the caller."""

from attnlab.tasks.friends import friends
from attnlab.tasks.order import IN_AND_OUT, in_or_out, mixed_lengths, word_before, word_before_mark
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
from attnlab.tasks.tellings import TELLING_WORDS, scenes_to_tell, tellings, tellings_of
from attnlab.tasks.toys import look_up
from attnlab.tasks.translation import (
    AGREEMENT,
    ENGLISH,
    FRENCH,
    Pair,
    Splits,
    part,
    sentence_pairs,
    splits,
    translated,
    written,
)
from attnlab.tasks.uneven import padded_sentences, uneven_lengths
from attnlab.tasks.vocabulary import BEGIN, END, MARKS, PAD, UNKNOWN, Vocabulary, pad

__all__ = [
    "AGREEMENT",
    "BEGIN",
    "DIGITS",
    "END",
    "ENGLISH",
    "FRENCH",
    "IN_AND_OUT",
    "MARKS",
    "PAD",
    "PROPERTY",
    "REFERENCE",
    "STORY",
    "TELLING_WORDS",
    "UNKNOWN",
    "VOCABULARY",
    "Pair",
    "Splits",
    "Vocabulary",
    "add_numbers",
    "copy_digits",
    "framed",
    "friends",
    "hearsay",
    "in_or_out",
    "look_up",
    "mixed_lengths",
    "pad",
    "padded_sentences",
    "part",
    "pet_stories",
    "reverse_digits",
    "scenes_to_tell",
    "sentence_pairs",
    "sort_digits",
    "splits",
    "tellings",
    "tellings_of",
    "translated",
    "two_look_ups",
    "uneven_lengths",
    "word_before",
    "word_before_mark",
    "written",
]
