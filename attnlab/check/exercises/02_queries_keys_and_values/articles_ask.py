"""What *The* asks for when rows of w_query are changed."""

import numpy as np

from attnlab.check.wording import said

THE = np.array([0.0, 0, 1, 0])
W_QUERY = np.array([[0, 1], [1, 0], [0, 0], [-1, 2.0]])


def query_of_the(w_query):
    return THE @ w_query


def changed_rows(w_query):
    return [row for row in range(4) if not np.allclose(w_query[row], W_QUERY[row])]


def articles_ask_who(w_query):
    who, where = query_of_the(w_query)
    return changed_rows(w_query) == [2] and who > 0 and abs(where) < 1e-9


def after(w_query):
    return f"The query of The is now ({', '.join(map(said, query_of_the(w_query)))})"
