"""What there is to learn: generators of data, each seeded by the caller."""

from attnlab.tasks.pairs import two_look_ups
from attnlab.tasks.slips import hearsay
from attnlab.tasks.stories import PROPERTY, REFERENCE, STORY, VOCABULARY, pet_stories
from attnlab.tasks.toys import look_up

__all__ = [
    "PROPERTY",
    "REFERENCE",
    "STORY",
    "VOCABULARY",
    "hearsay",
    "look_up",
    "pet_stories",
    "two_look_ups",
]
