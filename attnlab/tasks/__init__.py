"""What there is to learn: generators of data, each seeded by the caller."""

from attnlab.tasks.order import IN_AND_OUT, in_or_out, mixed_lengths, word_before
from attnlab.tasks.pairs import two_look_ups
from attnlab.tasks.slips import hearsay
from attnlab.tasks.stories import PROPERTY, REFERENCE, STORY, VOCABULARY, pet_stories
from attnlab.tasks.toys import look_up
from attnlab.tasks.uneven import padded_sentences, uneven_lengths

__all__ = [
    "IN_AND_OUT",
    "PROPERTY",
    "REFERENCE",
    "STORY",
    "VOCABULARY",
    "hearsay",
    "in_or_out",
    "look_up",
    "mixed_lengths",
    "padded_sentences",
    "pet_stories",
    "two_look_ups",
    "uneven_lengths",
    "word_before",
]
