"""Chapter 10: the loss of all steps at once, by teacher forcing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw, Probe
from attnlab.check.exercises.next_token_loss_mistakes import MISTAKES, each_cost, mean, right
from attnlab.check.exercises.shifted_text_mistakes import SHIFTS
from attnlab.check.wording import said

Model = Callable[[Any], Any]


class _Model:
    """Scores for the token after each, of what stands up to it; with a name to be said by."""

    def __init__(self, scores: Model):
        self.scores = scores

    def __call__(self, tokens: Any) -> Any:
        return self.scores(np.asarray(tokens))


def _named(name: str, scores: Model) -> _Model:
    return type(name, (_Model,), {})(scores)


def _counting(tokens: Any) -> Any:
    return 2.0 * np.roll(np.eye(5), 1, axis=1)[tokens]


def _first(_: np.random.Generator) -> dict[str, Any]:
    return {
        "model": _named(
            "model that counts: score 2 for the token read + 1, 0 for others", _counting
        ),
        "text": np.array([[1, 3, 4, 2], [1, 4, 2, 0]]),
    }


def _random(sentences: int, tokens: int, vocabulary: int, size: float = 1.0) -> Probe:
    def probe(random: np.random.Generator) -> dict[str, Any]:
        table = size * random.normal(size=(vocabulary, vocabulary))
        text = random.integers(3, vocabulary, size=(sentences, tokens))
        text[:, 0] = 1
        for row, length in enumerate(np.linspace(2, tokens, sentences).astype(int)):
            text[row, length - 1], text[row, length:] = 2, 0
        return {
            "model": _named("model that reads all before", lambda t: table[t].cumsum(axis=-2)),
            "text": text,
        }

    return probe


def _plain(scores: Any) -> Any:
    e = np.exp(scores)
    return np.log(e / e.sum(axis=-1, keepdims=True))


def _subtracted(scores: Any) -> Any:
    return _plain(scores - scores.max(axis=-1, keepdims=True))


def _with_logs(logs: Model) -> Callable[..., Any]:
    def loss(model: Model, text: Any) -> Any:
        answers = text[:, 1:]
        return mean(each_cost(logs(model(text[:, :-1])), answers), answers)

    return loss


NEXT_TOKEN_LOSS = Exercise(
    number="10.4",
    name="next_token_loss",
    title="All steps at once",
    difficulty="medium",
    minutes=12,
    parameters={"model": "", "text": "sentence token"},
    result="",
    reference=right,
    probes=(_first, _random(3, 7, 11), _random(5, 4, 6)),
    mistakes=(*SHIFTS, *MISTAKES),
    flaws=(
        Flaw(
            "overflows",
            _with_logs(_plain),
            _random(3, 7, 11, size=1000.0),
            lambda seen: (
                f"for large scores it gives {said(seen.got)} where {said(seen.wanted)} is right: exp "
                "of a large score is infinite. Subtract the largest score of each row first."
            ),
        ),
        Flaw(
            "logarithm of 0",
            _with_logs(_subtracted),
            _random(3, 7, 11, size=1000.0),
            lambda seen: (
                f"if a model is sure of itself and wrong, it gives {said(seen.got)} where "
                f"{said(seen.wanted)} is right: the share has rounded to 0 before its logarithm is "
                "taken. Take log of the sum of exp, and subtract it from the score."
            ),
        ),
    ),
    hints=(
        "What does the model read at each place, and what should it say there? Write both rows.",
        'The section "All steps at once", Table 10.5; the function error below it.',
        "It reads text[:, :-1] and should say text[:, 1:]; minus ln of each right share, then the mean "
        "over answers that are not 0.",
        "If all scores are equal, the loss is ln of the size of the vocabulary, whatever the text.",
    ),
    solution="""def my_next_token_loss(model, text):
    reads, answers = text[:, :-1], text[:, 1:]
    scores = model(reads)
    scores = scores - scores.max(axis=-1, keepdims=True)
    logs = scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))
    right = np.take_along_axis(logs, answers[..., None], axis=-1)[..., 0]
    return -right[answers != 0].mean()
""",
)

EXERCISES = (NEXT_TOKEN_LOSS,)
