"""LayerNorm of one word, without epsilon."""

import numpy as np


def normal(word):
    return (word - word.mean()) / (word.std() or 1.0)


def largest(word):
    return float(normal(np.asarray(word, float)).max())
