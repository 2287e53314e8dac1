"""Calls of one step of a GRU."""

import numpy as np


def drawn(words, states):
    """Word and state of these lengths, and six matrices."""

    def probe(random):
        matrices = {}
        for gate in "zrn":
            matrices[f"w_{gate}"] = random.normal(size=(words, states))
            matrices[f"u_{gate}"] = random.normal(size=(states, states))
        return {"x": random.normal(size=words), "h": random.normal(size=states), **matrices}

    return probe


def small(_):
    return {
        "x": np.array([1.0, -1.0]),
        "h": np.array([0.5]),
        "w_z": np.array([[-1.0], [0.0]]),
        "u_z": np.array([[1.0]]),
        "w_r": np.array([[1.0], [0.0]]),
        "u_r": np.array([[-2.0]]),
        "w_n": np.array([[0.0], [1.0]]),
        "u_n": np.array([[2.0]]),
    }


def loud(_):
    given = small(_)
    return {**given, "x": np.array([-1000.0, -1.0]), "w_r": given["w_z"]}


probes = (small, drawn(5, 3), drawn(2, 7))
