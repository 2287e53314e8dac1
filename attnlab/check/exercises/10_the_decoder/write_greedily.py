"""Calls of a greedy writer: models with names to be said by."""

import numpy as np


class Model:
    """Scores for the next token, of all that is written."""

    def __init__(self, scores):
        self.scores = scores

    def __call__(self, written):
        if len(written) == 0:
            raise ValueError("nothing is written yet: the text begins with the begin mark")
        return self.scores([int(token) for token in written]).copy()


def call(name, scores, most):
    return {"scores_after": type(name, (Model,), {})(scores), "begin": 1, "end": 2, "most": most}


def told(tokens, vocabulary, most, below=0.0):
    """Scores that are highest for the next token of a story, of how much is written."""

    def scores(written):
        place = min(len(written), len(tokens)) - 1
        row = 0.25 * np.arange(vocabulary) - below
        row[tokens[place]] = 3.0 - below
        return row

    return lambda _: call(f"model that tells {tokens}", scores, most)


def chain(vocabulary, most, end_at):
    """What comes next depends on all that is written, in its order; the end comes at a place."""

    def probe(random):
        tables = random.normal(size=(50, vocabulary, vocabulary))

        def scores(written):
            rows = np.sum([tables[place][token] for place, token in enumerate(written)], axis=0)
            rows[1] = -50.0
            rows[0] += 9.0 * (len(written) == 2)  # a token whose number is below that of the end
            rows[2] = 50.0 if len(written) >= end_at else -40.0
            return rows

        return call("model that reads all before", scores, most)

    return probe


probes = (told([4, 3, 5, 2], 6, most=9), chain(11, most=7, end_at=12), chain(7, most=9, end_at=5))
scores_below_0 = told([4, 3, 5, 2], 6, most=9, below=10.0)
end_at_once = told([2], 6, most=3)
