"""What the scores see of two matrices: their product."""

import numpy as np

from attnlab.check.wording import listed, said

W_QUERY = np.array([[0, 1], [1, 0], [0, 0], [-1, 2.0]])
W_KEY = np.array([[1, 0], [0, 1], [0, 0], [0, 0.0]])


def products(mine):
    return mine[0] @ mine[1].T


def same_scores(mine):
    alike = np.allclose(products(mine), W_QUERY @ W_KEY.T)
    return alike and not np.allclose(mine, [W_QUERY, W_KEY])


def worst_row(mine):
    before, after = W_QUERY @ W_KEY.T, products(mine)
    row = np.abs(after - before).sum(axis=1).argmax()
    return (
        f"In your w_query @ w_key.T the row of {('who', 'where', 'what', 'link')[row]} "
        f"is {listed(map(said, after[row]))}, and it was {listed(map(said, before[row]))}."
    )


def by_columns(mine):
    """By how much each column of the product is multiplied; None if something else was done."""
    found = []
    for column in range(2):
        old = np.outer(W_QUERY[:, column], W_KEY[:, column])
        new = np.outer(mine[0][:, column], mine[1][:, column])
        factor = (new * old).sum() / (old * old).sum()
        if not np.allclose(new, factor * old):
            return None
        found.append(factor)
    return found


def rows_moved(mine):
    """Whether both matrices have their old rows, in another order."""
    both = zip(mine, (W_QUERY, W_KEY), strict=True)
    return all(sorted(map(tuple, new)) == sorted(map(tuple, old)) for new, old in both)
