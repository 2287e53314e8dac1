"""Chapter 10: write the most probable token, read it, write the next one."""

from __future__ import annotations

from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw, Probe
from attnlab.check.exercises.write_greedily_mistakes import MISTAKES, Scores, right, writer
from attnlab.check.wording import few


class _Model:
    """Scores for the next token, of all that is written; with a name to be said by."""

    def __init__(self, scores: Scores):
        self.scores = scores

    def __call__(self, written: Any) -> Any:
        if len(written) == 0:
            raise ValueError("nothing is written yet: the text begins with the begin mark")
        return self.scores([int(token) for token in written]).copy()


def _named(name: str, scores: Scores) -> _Model:
    return type(name, (_Model,), {})(scores)


def _story(tokens: list[int], vocabulary: int, below: float = 0.0) -> Scores:
    """Scores that are highest for the next token of a story, of how much is written."""

    def scores(written: list[int]) -> Any:
        place = min(len(written), len(tokens)) - 1
        row = 0.25 * np.arange(vocabulary) - below
        row[tokens[place]] = 3.0 - below
        return row

    return scores


def _told(tokens: list[int], vocabulary: int, most: int, below: float = 0.0) -> Probe:
    return lambda _: {
        "scores_after": _named(f"model that tells {tokens}", _story(tokens, vocabulary, below)),
        "begin": 1,
        "end": 2,
        "most": most,
    }


def _chain(vocabulary: int, most: int, end_at: int) -> Probe:
    """What comes next depends on all that is written, in its order; the end comes at a place."""

    def probe(random: np.random.Generator) -> dict[str, Any]:
        tables = random.normal(size=(50, vocabulary, vocabulary))

        def scores(written: list[int]) -> Any:
            rows = sum(tables[place][token] for place, token in enumerate(written))
            rows[[0, 1]] = -50.0
            rows[2] = 50.0 if len(written) >= end_at else -40.0
            return rows

        named = _named("model that reads all before", scores)
        return {"scores_after": named, "begin": 1, "end": 2, "most": most}

    return probe


def _from_zero(scores: Any) -> int:
    best, best_score = 0, 0.0
    for token, score in enumerate(scores):
        if score > best_score:
            best, best_score = token, score
    return best


WRITE_GREEDILY = Exercise(
    number="10.6",
    name="write_greedily",
    title="A greedy writer",
    difficulty="medium",
    minutes=10,
    parameters={"scores_after": "", "begin": "", "end": "", "most": ""},
    result="step",
    reference=right,
    probes=(
        _told([4, 3, 5, 2], 6, most=9),
        _chain(11, most=7, end_at=12),
        _chain(7, most=9, end_at=5),
    ),
    mistakes=MISTAKES,
    flaws=(
        Flaw(
            "all scores below 0",
            writer(choose=_from_zero),
            _told([4, 3, 5, 2], 6, most=9, below=10.0),
            lambda seen: (
                f"if all scores are below 0, as logarithms of chances are, it writes {few(seen.got)}: the "
                "largest so far must begin with the first score, not with 0 or another number."
            ),
        ),
        Flaw(
            "no word but the end",
            lambda *given: right(*given) if right(*given)[0] != given[2] else [],
            _told([2], 6, most=3),
            lambda seen: (
                f"if the first token is the end mark, {seen.end}, it writes nothing. The end mark is "
                "written, too."
            ),
        ),
    ),
    hints=(
        "Read, choose, append; and two reasons to stop.",
        'The section "One token at a time": the loop before "Our sentence".',
        "token = argmax of the scores after all that is written; stop behind the end mark, or after most "
        "tokens.",
        "A model that always prefers the end gives [end]; one that never does gives most tokens.",
    ),
    solution="""def my_writer(scores_after, begin, end, most):
    written = [begin]
    while len(written) <= most:
        written.append(int(np.argmax(scores_after(written))))
        if written[-1] == end:
            break
    return written[1:]
""",
)

EXERCISES = (WRITE_GREEDILY,)
