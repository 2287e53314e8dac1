"""Calls of one step of an online softmax."""

import numpy as np


def drawn(keys, d_v, at=0.0, up=0.0):
    """In the middle of a sentence; the block's scores lie higher by `up` than the earlier ones.

    They are eighths, which float32 holds exactly, also at 1000.
    """

    def probe(random):
        before, after = (at + np.round(8 * random.normal(size=n)) / 8 for n in (6, keys))
        old = random.normal(size=(6, d_v))
        exponentials = np.exp(before - before.max())
        return {
            "maximum": float(before.max()),
            "total": float(exponentials.sum()),
            "output": exponentials @ old / exponentials.sum(),
            "scores": after + up,
            "values": random.normal(size=(keys, d_v)),
        }

    return probe


def small(_):
    # exp(ln 2) is 2; the maximum grows by ln 4, so the old part shrinks to a quarter.
    return {
        "maximum": 0.0,
        "total": 4.0,
        "output": np.array([8.0, 0.0, 4.0]),
        "scores": np.log([4.0, 2.0]),
        "values": np.array([[2.0, 5.0, 0.0], [1.0, 0.0, 2.0]]),
    }


def start(random):
    given = drawn(5, 2)(random)
    return {**given, "maximum": -np.inf, "total": 0.0, "output": np.zeros(2)}


probes = (small, drawn(5, 3, up=2.0), drawn(4, 7, up=-3.0), start)
thousands = drawn(5, 3, at=1000.0)
far_below = drawn(5, 3, at=-1000.0)
