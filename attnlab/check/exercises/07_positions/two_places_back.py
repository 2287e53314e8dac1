"""Whom the words look at if each asks for its own place, moved by a turn."""

import numpy as np

from attnlab.check.wording import listed, said
from attnlab.core import dot, sinusoids

WORDS = ("The", "cat", "sat", "on", "the", "mat")


def looked_at(turn):
    """Whom each of the six words looks at most."""
    places = np.arange(6)
    moved = sinusoids(places + float(turn), 8)
    return dot(moved, sinusoids(places, 8)).argmax(axis=1).tolist()


def told(turn):
    pairs = [f"{WORDS[i]} at {WORDS[looked_at(turn)[i]]}" for i in (3, 4, 5)]
    return f"With {said(turn)} in place of the 1, most weight goes so: {listed(pairs)}."


def two_back(turn):
    return looked_at(turn)[2:] == [0, 1, 2, 3]
