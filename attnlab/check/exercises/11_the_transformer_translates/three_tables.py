"""Sizes of a model: all its numbers with one table, and those of a table."""

ALL = 63_082_496
TABLE = 37_000 * 512
