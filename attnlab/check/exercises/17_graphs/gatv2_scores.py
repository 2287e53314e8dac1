"""Features of nodes, and what maps, bends and weighs them."""

import numpy as np


def drawn(nodes, d, hidden, **slope):
    return lambda random: {
        "features": random.normal(size=(nodes, d)),
        "target_map": random.normal(size=(d, hidden)),
        "source_map": random.normal(size=(d, hidden)),
        "vector": random.normal(size=hidden),
        **slope,
    }


def small(_):
    return {
        "features": np.array([[1.0], [-2.0], [3.0], [0.0]]),
        "target_map": np.array([[1.0, 0.0, 2.0]]),
        "source_map": np.array([[-1.0, 1.0, 1.0]]),
        "vector": np.array([1.0, 2.0, -1.0]),
        "slope": 0.5,
    }


probes = (small, drawn(5, 3, 4), drawn(6, 2, 5, slope=0.1), drawn(3, 4, 2, slope=0.3))
