"""Shares of scores."""

import numpy as np


def shares(scores):
    exponentials = np.exp(scores)
    return exponentials / exponentials.sum()
