"""Chapter 11: the loss of a translation, with fillers left out and targets smoothed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw, Seen
from attnlab.check.exercises.translation_costs import belief, loss
from attnlab.check.exercises.translation_loss_mistakes import MISTAKES
from attnlab.check.wording import few, said


def _plain(scores: Any, target: Any, smoothing: float) -> Any:
    shares = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
    wanted = belief(target, scores.shape[-1], smoothing)
    return -(wanted * np.log(shares)).sum(axis=-1)[target != 0].mean()


def _summed_plainly(scores: Any, target: Any, smoothing: float) -> Any:
    logs = scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))
    wanted = belief(target, scores.shape[-1], smoothing)
    return -(wanted * logs).sum(axis=-1)[target != 0].mean()


def _overflowing(_: np.random.Generator) -> dict[str, Any]:
    return {
        "scores": np.array([[1000.0, 1000.0, 999.0], [0.0, 1.0, 0.0]]),
        "target": np.array([2, 0]),
        "smoothing": 0.1,
    }


def _too_large(seen: Seen) -> str:
    found = f"for the scores {few(seen.scores[0])} the loss becomes {said(seen.got)}"
    if np.isfinite(seen.got):
        return f"{found}, and is {said(seen.wanted)}."
    return f"{found}: subtract the largest score before exp."


def _by_shares(scores: Any, target: Any, smoothing: float) -> Any:
    return _plain(scores - scores.max(axis=-1, keepdims=True), target, smoothing)


def _drawn(positions: int, tokens: int, smoothing: float) -> Callable[..., dict[str, Any]]:
    """Some positions are fillers, not only at the end: the loss is that of a whole batch."""

    def probe(random: np.random.Generator) -> dict[str, Any]:
        target = random.integers(1, tokens, size=positions)
        target[[1, -1]] = 0
        scores = random.normal(size=(positions, tokens)) * 2
        return {"scores": scores, "target": target, "smoothing": smoothing}

    return probe


TRANSLATION_LOSS = Exercise(
    number="11.5",
    name="translation_loss",
    title="The loss, smoothed and without fillers",
    difficulty="hard",
    minutes=15,
    parameters={"scores": "position token", "target": "position", "smoothing": ""},
    result="",
    reference=loss,
    probes=(
        lambda _: {
            "scores": np.array([[0.0, 1.0, 2.0], [5.0, 0.0, 0.0]]),
            "target": np.array([2, 0]),
            "smoothing": 0.3,
        },
        _drawn(5, 7, 0.1),
        _drawn(11, 4, 0.4),
    ),
    mistakes=MISTAKES,
    flaws=(
        Flaw(
            "overflows",
            _plain,
            _overflowing,
            _too_large,
        ),
        Flaw("overflows in the sum", _summed_plainly, _overflowing, _too_large),
        Flaw(
            "logarithm of 0",
            _by_shares,
            lambda _: {
                "scores": np.array([[0.0, 1000.0, 0.0], [0.0, 1.0, 0.0]]),
                "target": np.array([1, 0]),
                "smoothing": 0.1,
            },
            lambda seen: (
                f"for the scores {few(seen.scores[0])} the loss becomes {said(seen.got)}, and is "
                f"{said(seen.wanted)}: a share that small rounds to 0, and its logarithm is lost. Work it "
                "out with a pencil first: score − largest − ln Σ exp(score − largest)."
            ),
        ),
    ),
    hints=(
        "Three steps: what should be believed at each position, what that costs, the mean of the costs.",
        'Label smoothing: the section "What matters?". The cross-entropy: "How wrong is it?", chapter 3.',
        "Belief q = smoothing / tokens for each, and 1 − smoothing more for the target; cost −Σ q ln p.",
        "Scores (0, 1, 2), target 2, smoothing 0.3: beliefs 0.1, 0.1, 0.8; the cost is 0.708.",
    ),
    solution="""import numpy as np


def my_translation_loss(scores, target, smoothing):
    real = target != 0
    scores, target = scores[real], target[real]
    scores = scores - scores.max(axis=-1, keepdims=True)
    logs = scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))
    tokens = scores.shape[-1]
    belief = (1 - smoothing) * np.eye(tokens)[target] + smoothing / tokens
    return -(belief * logs).sum(axis=-1).mean()
""",
)

EXERCISES = (TRANSLATION_LOSS,)
