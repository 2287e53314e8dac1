"""Chapter 10: the loss of all steps at once, by teacher forcing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw, Probe, Seen
from attnlab.check.exercises.next_token_loss_mistakes import (
    MISTAKES,
    each_cost,
    logs_of,
    mean,
    right,
)
from attnlab.check.exercises.shifted_text_mistakes import SHIFTS
from attnlab.check.wording import said

Model = Callable[[Any], Any]

_ABOVE = 800.0


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


def _random(
    sentences: int, tokens: int, vocabulary: int, size: float = 1.0, above: float = 0.0
) -> Probe:
    def probe(random: np.random.Generator) -> dict[str, Any]:
        table = size * random.normal(size=(vocabulary, vocabulary))
        table = np.round(8 * table) / 8 if above else table  # exact in float32, too
        text = random.integers(3, vocabulary, size=(sentences, tokens))
        text[:, 0] = 1
        for row, length in enumerate(np.linspace(2, tokens, sentences).astype(int)):
            text[row, length - 1], text[row, length:] = 2, 0
        return {
            "model": _named(
                "model that reads all before", lambda t: table[t].cumsum(axis=-2) + above
            ),
            "text": text,
        }

    return probe


def _plain(scores: Any) -> Any:
    e = np.exp(scores)
    return np.log(e / e.sum(axis=-1, keepdims=True))


def _subtracted(scores: Any) -> Any:
    return _plain(scores - scores.max(axis=-1, keepdims=True))


def _summed_plainly(scores: Any) -> Any:
    return scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))


def _above_zero(scores: Any) -> Any:
    return np.log(np.exp(_subtracted(scores)) + 1e-12)


def _with_logs(logs: Model) -> Callable[..., Any]:
    def loss(model: Model, text: Any) -> Any:
        answers = text[:, 1:]
        return mean(each_cost(logs(model(text[:, :-1])), answers), answers)

    return loss


def _too_large(seen: Seen) -> str:
    found = f"if all scores are near {said(_ABOVE)}, it gives {said(seen.got)} where "
    found += f"{said(seen.wanted)} is right"
    if np.isfinite(seen.got):
        return f"{found}. The same number more in each score of a row must change nothing."
    return (
        f"{found}: exp of such a score is infinite. Subtract the largest score of each row first."
    )


def _too_far_apart(seen: Seen) -> str:
    found = f"if scores lie thousands apart, it gives {said(seen.got)} where {said(seen.wanted)} is right"
    if np.isnan(seen.got):
        return (
            f"{found}: of some row all exponentials are 0, or one is infinite. Subtract the largest "
            "score of each row from that row."
        )
    if np.isposinf(seen.got):
        return (
            f"{found}: a share that rounds to 0 has no logarithm. Take log of the sum of exp, and "
            "subtract it from the score."
        )
    if np.isfinite(seen.got) and 0 <= seen.got < seen.wanted:
        most = _largest_cost(seen)
        return (
            f"{found}, as if no token could cost more than {said(most)}: that is −ln({said(np.exp(-most))}). "
            "Is something that small added to a share, or its least value? Take log of the sum of exp, "
            "and subtract it from the score: nothing need be added."
        )
    return f"{found}. The cost of a token is log of the sum of exp, minus its score."


def _largest_cost(seen: Seen) -> float:
    """Where all costs must be cut off so that their mean is what was got."""
    answers = seen.text[:, 1:]
    costs = each_cost(logs_of(seen.model(seen.text[:, :-1])), answers)[answers != 0]
    low, high = 0.0, float(costs.max())
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if np.minimum(costs, middle).mean() < seen.got else (low, middle)
    return low


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
        Flaw("overflows", _with_logs(_plain), _random(3, 7, 11, above=_ABOVE), _too_large),
        Flaw(
            "overflows in the sum",
            _with_logs(_summed_plainly),
            _random(3, 7, 11, above=_ABOVE),
            _too_large,
        ),
        Flaw(
            "logarithm of 0",
            _with_logs(_subtracted),
            _random(3, 7, 11, size=1000.0),
            _too_far_apart,
        ),
        Flaw(
            "something small added",
            _with_logs(_above_zero),
            _random(3, 7, 11, size=1000.0),
            _too_far_apart,
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
