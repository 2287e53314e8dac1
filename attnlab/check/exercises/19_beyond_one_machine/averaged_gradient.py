"""Gradients of several processes, and how many examples each has seen."""

import numpy as np


def drawn(counts, parameter):
    def given(random):
        return {
            "gradients": random.normal(size=(len(counts), parameter)),
            "counts": np.array(counts),
        }

    return given


def small(_):
    return {"gradients": np.array([[0.0, 8.0, 1.0], [4.0, 0.0, 1.0]]), "counts": np.array([1, 3])}


probes = (small, drawn([2, 5, 1], 4), drawn([7, 3, 4, 2, 8], 6))
one_without = drawn([4, 0, 2], 5)


def as_a_list(random):
    given = drawn([2, 5, 1], 4)(random)
    return {**given, "counts": given["counts"].tolist()}
