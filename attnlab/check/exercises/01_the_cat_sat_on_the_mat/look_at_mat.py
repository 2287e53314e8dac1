"""Where *on* looks when its vector is changed."""

import numpy as np

from attnlab.core import attention_weights

SENTENCE = np.array(
    [[0, 0, 1, 0], [3, 0, 1, 0], [1, 1, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0], [0, 3, 1, 0.0]]
)
ON, MAT = 3, 5


def looks(on):
    """How much *on* looks at *mat* and at itself, with this vector."""
    words = SENTENCE.copy()
    words[ON] = on
    weights = attention_weights(words[[ON]], words)[0]
    return weights[MAT], weights[ON]


BEFORE = looks(SENTENCE[ON])


def changed(on):
    """How many of its numbers are not those of the chapter."""
    return int((np.abs(np.asarray(on) - SENTENCE[ON]) > 1e-9).sum())


def looks_better(on):
    mat, itself = looks(on)
    return changed(on) == 1 and mat > BEFORE[0] + 1e-3 and itself < BEFORE[1] - 1e-3


def now(on):
    mat, itself = looks(on)
    return (
        f"*on* now gives mat {mat:.2f} (before: {BEFORE[0]:.2f}) and itself {itself:.2f} "
        f"(before: {BEFORE[1]:.2f})"
    )


def moved(on):
    """The name of the one number that was changed; none if another count of them was."""
    places = np.flatnonzero(np.abs(np.asarray(on) - SENTENCE[ON]) > 1e-9)
    return ("who", "where", "what", "link")[places[0]] if len(places) == 1 else None
