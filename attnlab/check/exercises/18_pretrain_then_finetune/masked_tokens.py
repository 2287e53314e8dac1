"""Tokens with three draws each."""

import numpy as np

MASK = 3


def small(_):
    return {
        "tokens": np.array([11, 12, 13, 14, 15, 16]),
        "choose": np.array([0.05, 0.6, 0.1, 0.14, 0.15, 0.0]),
        "change": np.array([0.3, 0.2, 0.85, 0.95, 0.5, 0.8]),
        "random_tokens": np.array([21, 22, 23, 24, 25, 26]),
        "mask": MASK,
    }


def drawn(position):
    """As many chosen tokens as others, and all borders among the draws."""

    def given(random):
        borders = np.array([0.0, 0.05, 0.8, 0.83, 0.9, 0.97, 0.4])
        return {
            "tokens": random.integers(10, 40, size=position),
            "choose": np.where(random.random(position) < 0.5, 0.15, 1) * random.random(position),
            "change": np.where(
                random.random(position) < 0.6,
                random.choice(borders, size=position),
                random.random(position),
            ),
            "random_tokens": random.integers(50, 90, size=position),
            "mask": MASK,
        }

    return given


probes = (small, drawn(40), drawn(73))
