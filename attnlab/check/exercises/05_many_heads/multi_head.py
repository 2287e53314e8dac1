"""Words, the four matrices of a layer, and the number of heads."""

import numpy as np

MATRICES = ("w_query", "w_key", "w_value", "w_output")


def named(*matrices):
    return {name: np.array(m, float) for name, m in zip(MATRICES, matrices, strict=True)}


def layer_of(words, d_model, heads, size=1.0):
    def probe(random):
        x = size * random.normal(size=(words, d_model))
        matrices = [random.normal(size=(d_model, d_model)) / np.sqrt(d_model) for _ in MATRICES]
        return {"x": x, **named(*matrices), "heads": heads}

    return probe


def small_numbers(_):
    matrices = named([[1, 0], [0, 2]], [[1, 1], [0, 1]], [[0, 1], [1, 1]], [[1, 2], [0, 1]])
    return {"x": np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 1.0]]), **matrices, "heads": 2}


def rows_far_apart(_):
    """One head; the scores of the second word are about −400, those of the others about 400."""
    matrices = named([[1, 0], [0, 0]], [[0, 0], [1, 0]], [[1, 0], [0, 1]], [[1, 0], [0, 1]])
    x = np.array([[28.0, 20.0], [-28.0, 20.5], [27.0, 19.9]])
    return {"x": x, **matrices, "heads": 1}


probes = (small_numbers, layer_of(5, 6, 2), layer_of(4, 6, 3), layer_of(7, 15, 5))

long_words = layer_of(5, 6, 2, size=100.0)
many_words = layer_of(60, 32, 4)
