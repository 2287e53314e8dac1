"""Checkpoints of a training, and the gradients of all its steps."""

import numpy as np


def drawn(step, steps, parameter):
    def given(random):
        return {
            "weights": random.normal(size=parameter),
            "velocity": random.normal(size=parameter),
            "step": step,
            "gradients": random.normal(size=(steps, parameter)),
        }

    return given


def small(_):
    return {
        "weights": np.array([1.0, 2.0]),
        "velocity": np.array([10.0, 0.0]),
        "step": 2,
        "gradients": np.array([[5.0, 6.0], [7.0, 8.0], [1.0, 10.0], [1.0, 1.0]]),
    }


probes = (small, drawn(3, 7, 4), drawn(5, 11, 3), drawn(1, 6, 5))
done = drawn(4, 4, 3)
