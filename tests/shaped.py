"""Signatures with their shapes, for runs that check them; loaded before anything of attnlab."""

import sys

import jaxtyping

sys.modules["attnlab.core.shapes"] = jaxtyping


def checked(asked: bool) -> None:
    """From now on shapes are checked, or not."""
    jaxtyping.config.update("jaxtyping_disable", not asked)
