"""What there is to learn: generators of data, each seeded by the caller."""

from attnlab.tasks.toys import look_up

__all__ = ["look_up"]
