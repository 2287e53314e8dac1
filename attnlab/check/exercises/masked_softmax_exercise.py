"""Chapter 3: softmax in which some may not take part."""

from __future__ import annotations

from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw, Mistake, Seen
from attnlab.check.wording import few, said
from attnlab.core import softmax


def _shared(scores: Any, axis: int | None = -1) -> Any:
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def _filled(fill: float) -> Any:
    return lambda scores, mask: _shared(np.where(mask, scores, fill))


def _maximum_of_all(scores: Any, mask: Any) -> Any:
    e = np.exp(scores - scores.max(axis=-1, keepdims=True)) * mask
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(mask.any(axis=-1, keepdims=True), total, 1)


def _plain(scores: Any, mask: Any) -> Any:
    e = np.exp(scores) * mask
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(total == 0, 1, total)


def _masked_share(seen: Seen) -> str:
    """The largest share that somebody got who may not take part."""
    return said(seen.got[~seen.mask].max())


def _one_maximum(scores: Any, mask: Any) -> Any:
    e = np.exp(np.where(mask, scores, -np.inf) - scores.max(where=mask, initial=-np.inf))
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(mask.any(axis=-1, keepdims=True), total, 1)


MASKED_SOFTMAX = Exercise(
    number="3.6",
    name="masked_softmax",
    title="Some may not take part",
    difficulty="hard",
    minutes=15,
    parameters={"scores": "row option", "mask": "row option"},
    result="row option",
    reference=softmax,
    probes=(
        lambda _: {
            "scores": np.array([[0.0, 1.0, 2.0], [3.0, 1.0, 2.0]]),
            "mask": np.array([[True, True, False], [False, True, True]]),
        },
        lambda random: {
            "scores": random.normal(size=(3, 5)),
            "mask": np.arange(5) != np.array([[4], [1], [0]]),
        },
        lambda random: {
            "scores": random.normal(size=(7, 3)),
            "mask": np.arange(3) <= np.array([[0], [1], [2], [1], [2], [0], [1]]),
        },
    ),
    mistakes=(
        Mistake(
            "mask ignored",
            lambda scores, mask: _shared(scores),
            lambda seen: (
                f"Your shares do not depend on the mask: one that may not take part gets "
                f"{_masked_share(seen)}. It must get exactly 0, and the others share the 1."
            ),
        ),
        Mistake(
            "mask inverted",
            lambda scores, mask: _shared(np.where(mask, -np.inf, scores)),
            "Those who may take part get 0 in your answer, and the others share the 1. True means: "
            "may take part. Turn the mask round, or the two cases.",
        ),
        Mistake(
            "after softmax",
            lambda scores, mask: _shared(scores) * mask,
            lambda seen: (
                f"Your rows sum to {few(seen.got.sum(axis=-1))}: the shares of those who may "
                "not take part are taken away, and nobody gets them. Mask before the sum is formed."
            ),
        ),
        Mistake(
            "masked scores as 0",
            lambda scores, mask: _shared(scores * mask),
            lambda seen: (
                f"One that may not take part gets {_masked_share(seen)}. You set its score to 0, "
                "and exp(0) is 1, not 0. Which score has the exponential 0?"
            ),
        ),
        Mistake(
            "masked scores as −1",
            _filled(-1.0),
            lambda seen: (
                f"One that may not take part gets {_masked_share(seen)}: you set its score to "
                "−1, which is low, but not low enough. Only minus infinity gives exactly 0."
            ),
        ),
        Mistake(
            "masked scores as a large number",
            _filled(1e9),
            "Those who may not take part share the 1: you give them a large score. Its sign is "
            "wrong, and only minus infinity gives exactly 0.",
        ),
        Mistake(
            "mask added",
            lambda scores, mask: _shared(scores + mask),
            "You add the mask to the scores. True counts as 1, so it raises those who may take part "
            "by 1, and shuts nobody out.",
        ),
        Mistake(
            "down the columns",
            lambda scores, mask: softmax(scores, mask, axis=0),
            lambda seen: (
                f"Your rows sum to {few(seen.got.sum(axis=-1))}, and your columns to "
                f"{few(seen.got.sum(axis=0))}: sum along the last axis."
            ),
        ),
        Mistake(
            "over the whole table",
            lambda scores, mask: _shared(np.where(mask, scores, -np.inf), None),
            lambda seen: (
                f"All your numbers together sum to {said(seen.got.sum())}. Each row shares out "
                "its own 1."
            ),
        ),
        Mistake(
            "not shared out",
            lambda scores, mask: np.exp(scores) * mask,
            lambda seen: f"Your rows sum to {few(seen.got.sum(axis=-1))}: divide each by its sum.",
        ),
        Mistake(
            "divided by how many",
            lambda scores, mask: mask / mask.sum(axis=-1, keepdims=True),
            "All that may take part get the same in your answer, whatever their scores.",
        ),
        Mistake(
            "masked ones left out of the sum only",
            lambda scores, mask: np.exp(scores) / (np.exp(scores) * mask).sum(-1, keepdims=True),
            lambda seen: (
                f"The sum is right, but one that may not take part still gets "
                f"{_masked_share(seen)}. Mask above the line as well as below."
            ),
        ),
    ),
    flaws=(
        Flaw(
            "NaN where nobody may",
            lambda scores, mask: _shared(np.where(mask, scores, -np.inf)),
            lambda _: {
                "scores": np.array([[0.0, 1.0], [2.0, 3.0]]),
                "mask": np.array([[True, False], [False, False]]),
            },
            lambda seen: (
                f"a row in which nobody may take part gives {few(seen.got[1])}. Such a row "
                "must be all 0: look at what you subtract, and at what you divide by."
            ),
        ),
        Flaw(
            "−1e9 in place of minus infinity",
            _filled(-1e9),
            lambda _: {
                "scores": np.array([[0.0, 1.0], [2.0, 3.0]]),
                "mask": np.array([[True, False], [False, False]]),
            },
            lambda seen: (
                f"a row in which nobody may take part gives {few(seen.got[1])}: among equals "
                "even −1e9 gets its share. Such a row must be all 0."
            ),
        ),
        Flaw(
            "overflows",
            _plain,
            lambda _: {
                "scores": np.array([[1000.0, 1001.0, 999.0]]),
                "mask": np.array([[True, True, False]]),
            },
            lambda seen: (
                f"for the scores {few(seen.scores)} it gives {few(seen.got)}: subtract the "
                "largest allowed score of each row before exp."
            ),
        ),
        Flaw(
            "maximum of those who may not",
            _maximum_of_all,
            lambda _: {
                "scores": np.array([[0.0, 1.0, 2000.0]]),
                "mask": np.array([[True, True, False]]),
            },
            lambda seen: (
                f"for the scores {few(seen.scores)}, the last not allowed, it gives "
                f"{few(seen.got)}: what you subtract is the score of one who does not take part. "
                "Mask first, then take the maximum."
            ),
        ),
        Flaw(
            "one maximum for all rows",
            _one_maximum,
            lambda _: {
                "scores": np.array([[0.0, 1.0, 2.0], [-2e4, -20001, -20002]]),
                "mask": np.array([[True, True, False], [False, True, True]]),
            },
            lambda seen: (
                f"with one row near 0 and one near −20000, the second gets {few(seen.got[1])}, expected "
                f"{few(seen.wanted[1])}. Whatever you subtract, or put in place of what may not take part, "
                "must suit each row: its own largest allowed score, and minus infinity."
            ),
        ),
    ),
    hints=(
        "Who may not take part must count neither above the line nor below it.",
        "np.where(mask, a, b) takes a where mask is True, and b elsewhere. Which score has exp = 0?",
        "share of i = exp(sᵢ − m) / Σ exp(sⱼ − m), the sum and the maximum m over allowed j only; "
        "if there is none, 0.",
        "For (0, 1, 2) without the last: 0.269, 0.731, 0. Without any: 0, 0, 0.",
    ),
    solution="""def my_masked_softmax(scores, mask):
    scores = np.where(mask, scores, -np.inf)
    highest = scores.max(axis=-1, keepdims=True)
    highest = np.where(highest == -np.inf, 0, highest)  # nobody may take part
    exponentials = np.exp(scores - highest)
    total = exponentials.sum(axis=-1, keepdims=True)
    return exponentials / np.where(total == 0, 1, total)
""",
)

EXERCISES = (MASKED_SOFTMAX,)
