"""Calls of attention with a mask, and what a forbidden word gets if it is not shut out."""

import numpy as np

from attnlab.check.wording import said
from attnlab.core import attention, scaled_dot, softmax

reference = attention


def scores(seen):
    return scaled_dot(seen.query, seen.key)


def leaked(seen, scores):
    """The most that a forbidden word gets with these scores."""
    return said(softmax(scores)[~seen.mask].max())


def vectors(queries, keys, d_k, d_v):
    """Of random numbers; in each row something is allowed, and something is not."""

    def probe(random):
        mask = random.random((queries, keys)) < 0.6
        places = np.arange(queries)
        mask[places, places % keys] = True
        mask[places, (places + 1) % keys] = False
        shapes = {"query": (queries, d_k), "key": (keys, d_k), "value": (keys, d_v)}
        return {name: random.normal(size=shape) for name, shape in shapes.items()} | {"mask": mask}

    return probe


def by_hand(_):
    # The first three numbers of the output are the weights.
    return {
        "query": np.array([[1.0, 1.0]]),
        "key": np.array([[1.0, 0.0], [0.0, 2.0], [2.0, 1.0]]),
        "value": np.array([[1.0, 0, 0, 10], [0, 1, 0, 20], [0, 0, 1, 30]]),
        "mask": np.array([[True, True, False]]),
    }


probes = (by_hand, vectors(3, 5, 2, 7), vectors(7, 3, 5, 2))
many_queries = vectors(30, 32, 4, 70)


def with_empty_row(_):
    mask = np.array([[True, True, False], [False, False, False]])
    return by_hand(_) | {"query": np.array([[1.0, 1.0], [0.0, 1.0]]), "mask": mask}


def forbidden_far_above(_):
    # Scores of about −400, −400 and 400: exp of each is a number, but their ratio is not.
    return by_hand(_) | {"key": np.array([[-566.0, 0.0], [0.0, -565.0], [566.0, 1.0]])}


def allowed_far_below(_):
    # The allowed scores are −2e9, exactly; the forbidden one is 0.
    key = np.zeros((3, 4))
    key[:2, 0] = -4e9
    return by_hand(_) | {"query": np.array([[1.0, 0.0, 0.0, 0.0]]), "key": key}


def large(_):
    return by_hand(_) | {"query": np.array([[2000.0, 2000.0]]), "mask": np.ones((1, 3), bool)}


def rows_far_apart(_):
    # Scores of 283 to 849 in one row, and −134 to −403 in the other.
    query = np.array([[400.0, 400.0], [-400.0, -400.0]])
    return by_hand(_) | {"query": query, "mask": np.ones((2, 3), bool)}


def scores_of_zero(_):
    return by_hand(_) | {"query": np.array([[0.0, 0.0]])}
