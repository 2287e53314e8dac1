"""Calls of a BatchNorm that does not count padding; what it holds at the fillers is ignored."""

import numpy as np

from attnlab.core import normalise, statistics


def reference(x, real, epsilon):
    return normalise(x, *statistics(x[real][None], "batch"), epsilon)


def use(mine, x, real, epsilon):
    """The result with 0 at the fillers."""
    words = real.copy()
    found = mine(x, real, epsilon)
    found = np.asarray(found) if isinstance(found, list) else found
    if len(getattr(found, "shape", ())) != 3 or tuple(found.shape[:2]) != words.shape:
        return found
    return np.where(words[..., None], np.asarray(found), 0.0)


def batch(lengths, features, epsilon):
    """Whole numbers, some of them 0 in real words; fillers hold other numbers."""

    def probe(random):
        words = max(lengths) + 1
        real = np.arange(words) < np.array(lengths)[:, None]
        x = random.integers(-3, 4, size=(len(lengths), words, features)).astype(float)
        fillers = random.integers(5, 9, size=x.shape)
        return {"x": np.where(real[..., None], x, fillers), "real": real, "epsilon": epsilon}

    return probe


probes = (
    lambda _: {
        "x": np.array([[[5.0], [1.0], [1.0]], [[1.0], [0.0], [0.0]]]),
        "real": np.array([[True, True, True], [True, False, False]]),
        "epsilon": 1.0,
    },
    batch([4, 2, 1], 2, 0.3),
    batch([1, 2, 1, 5], 7, 0.1),
)


def large_numbers(_):
    return {
        "x": 5e6 + np.array([[[1.0], [3.0]], [[2.0], [0.0]]]),  # float32 holds these, and their sum
        "real": np.array([[True, True], [True, False]]),
        "epsilon": 1e-5,
    }
