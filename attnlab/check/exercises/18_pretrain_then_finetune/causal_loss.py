"""Logits of a decoder, and the tokens that it has read."""

import numpy as np


def drawn(batch, position, vocabulary, size=1.0, above=0.0):
    def given(random):
        return {
            "logits": size * random.normal(size=(batch, position, vocabulary)) + above,
            "tokens": random.integers(vocabulary, size=(batch, position)),
        }

    return given


def small(_):
    # exp of the logits: 1, 2, 4 or 8.
    return {
        "logits": np.log(2) * np.array([[[0.0, 1, 2, 0], [3.0, 0, 1, 2], [1.0, 2, 0, 3]]]),
        "tokens": np.array([[1, 2, 0]]),
    }


probes = (small, drawn(2, 5, 7), drawn(6, 4, 3), drawn(3, 6, 5))
large = drawn(2, 5, 7, above=800.0)
far_apart = drawn(2, 5, 7, size=1000.0)
