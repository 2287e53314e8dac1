"""Chapter 12: what goes wrong when a decoder looks at the states of a sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Mistake, Seen
from attnlab.check.wording import few, said


def _scores(s: Any, h: Any, w_query: Any, w_key: Any, w_value: Any) -> Any:
    return np.tanh(s @ w_query + h @ w_key) @ w_value


def shares(scores: Any, axis: int = -1) -> Any:
    """The softmax of the scores."""
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def look(
    *,
    score: Callable[..., Any] = _scores,
    weigh: Callable[[Any], Any] = shares,
    context: Callable[[Any, Any], Any] = lambda weights, h: weights @ h,
) -> Callable[..., Any]:
    """A step's look with some of its parts replaced."""

    def found(s: Any, h: Any, *matrices: Any) -> Any:
        weights = weigh(score(s, h, *matrices))
        return weights, context(weights, h)

    return found


RIGHT = look()


def _hard(scores: Any) -> Any:
    return np.eye(len(scores))[scores.argmax()]


def _sum(seen: Seen) -> str:
    return said(seen.got[0].sum())


MISTAKES = (
    Mistake(
        "no softmax",
        look(weigh=lambda scores: scores),
        lambda seen: (
            f"Your weights sum to {_sum(seen)}: they are still scores. Make shares of them, by softmax."
        ),
    ),
    Mistake(
        "scores handed back",
        lambda *given: (_scores(*given), RIGHT(*given)[1]),
        lambda seen: (
            "The context is right, but beside it you hand back the scores e; they sum to "
            f"{_sum(seen)}. Asked are the weights α."
        ),
    ),
    Mistake(
        "handed back the other way round",
        lambda *given: RIGHT(*given)[::-1],
        "Context and weights have changed places in what you return: weights first.",
    ),
    Mistake(
        "exponentials not divided",
        look(weigh=np.exp),
        lambda seen: (
            f"Your weights sum to {_sum(seen)}: exponentials that nobody has divided by their sum. They "
            "should sum to 1."
        ),
    ),
    Mistake(
        "shares of the scores themselves",
        look(weigh=lambda scores: scores / scores.sum()),
        lambda seen: (
            f"Your weights are {few(seen.got[0])}: scores divided by their sum. Shares are made of "
            "exponentials, so that none is below 0."
        ),
    ),
    Mistake(
        "the best word alone",
        look(weigh=_hard),
        "You give all the weight to the word with the highest score. The others keep a share each: softmax.",
    ),
    Mistake(
        "context of the best word",
        look(context=lambda weights, h: h[weights.argmax()]),
        "Your weights are right, but the context is one word's state. It is the sum of all states, each "
        "times its weight.",
    ),
    Mistake(
        "the mean of the states",
        look(context=lambda _, h: h.mean(axis=0)),
        "Your context is the plain mean of the states, the same at every step. Weigh them with α.",
    ),
    Mistake(
        "the sum of the states",
        look(context=lambda _, h: h.sum(axis=0)),
        "You add up the states without their weights. Each goes into the sum times its own α.",
    ),
    Mistake(
        "the last state",
        look(context=lambda _, h: h[-1]),
        "Your context is the state of the last word: that is the model with one context. Weigh all states.",
    ),
    Mistake(
        "a context divided by n",
        look(context=lambda weights, h: (weights[:, None] * h).mean(axis=0)),
        lambda seen: (
            f"Your context is {len(seen.h)} times too small: you take the mean. The weights sum to 1 already, "
            "so add up."
        ),
    ),
    Mistake(
        "not added up",
        look(context=lambda weights, h: weights[:, None] * h),
        "Each state is multiplied by its weight. Now they are to be added up, over the words.",
    ),
    Mistake(
        "number by number",
        look(context=lambda weights, h: weights * h),
        "A weight belongs to a whole row of h, and * pairs it with a column. A weighted sum of rows is a "
        "matrix product.",
    ),
    Mistake(
        "added up over the wrong axis",
        look(context=lambda weights, h: (weights[:, None] * h).sum(axis=1)),
        lambda seen: (
            f"Your context has a number for each of the {len(seen.h)} words. Add up over the words: it is as "
            "long as one state."
        ),
    ),
    Mistake(
        "context of the keys",
        lambda s, h, w_query, w_key, w_value: (
            RIGHT(s, h, w_query, w_key, w_value)[0],
            RIGHT(s, h, w_query, w_key, w_value)[0] @ (h @ w_key),
        ),
        "Your context is made of h W_k. The states are the values as they are: W_k is only for the score.",
    ),
    Mistake(
        "no tanh",
        look(score=lambda s, h, q, k, v: (s @ q + h @ k) @ v),
        "There is no tanh in your score. Without it the state s adds the same to each word's score, and the "
        "weights do not depend on it.",
    ),
    Mistake(
        "tanh after w_v",
        look(score=lambda s, h, q, k, v: np.tanh((s @ q + h @ k) @ v)),
        "Your scores never leave −1 to 1, for tanh comes last. First tanh, then the dot product with w_v.",
    ),
    Mistake(
        "multiplied in place of added",
        look(score=lambda s, h, q, k, v: np.tanh((s @ q) * (h @ k)) @ v),
        "You multiply s W_q and h W_k. This score is called additive: they are added.",
    ),
    Mistake(
        "a dot product",
        look(score=lambda s, h, q, k, v: (h @ k) @ (s @ q)),
        "Your score is the dot product of s W_q and h W_k, that of the Transformer. Here they are added, go "
        "through tanh, and meet w_v.",
    ),
    Mistake(
        "a scaled dot product",
        look(score=lambda s, h, q, k, v: (h @ k) @ (s @ q) / np.sqrt(len(v))),
        "Your score is the scaled dot product, that of the Transformer. Here query and key are added, go "
        "through tanh, and meet w_v.",
    ),
    Mistake(
        "the state does not ask",
        look(score=lambda s, h, q, k, v: np.tanh(h @ k) @ v),
        "Without the state s your weights would be the same: it is missing in your scores, or has a tanh of its "
        "own, and then only adds the same to each. Query and key meet inside one tanh.",
    ),
    Mistake(
        "the words do not answer",
        look(score=lambda s, h, q, k, v: np.tanh(s @ q) @ v * np.ones(len(h))),
        lambda seen: (
            f"All your weights are {said(seen.got[0].ravel()[0])}: the states h have no say in the scores."
        ),
    ),
    Mistake(
        "no w_v",
        look(score=lambda s, h, q, k, v: np.tanh(s @ q + h @ k).sum(axis=-1)),
        "You add up the hidden numbers as they are. w_v says what each of them is worth.",
    ),
    Mistake(
        "w_v not added up",
        look(score=lambda s, h, q, k, v: np.tanh(s @ q + h @ k) * v),
        "You multiply by w_v, but do not add up: each word has a row of scores. A dot product makes one of it.",
    ),
    Mistake(
        "scaled",
        look(score=lambda *given: _scores(*given) / np.sqrt(len(given[-1]))),
        lambda seen: (
            f"You divide the scores by √{len(seen.w_value)}. The additive score is not scaled: tanh keeps "
            "its terms small."
        ),
    ),
    Mistake(
        "matrices exchanged",
        lambda s, h, w_query, w_key, w_value: RIGHT(s, h, w_key, w_query, w_value),
        "W_q and W_k have changed places. The state s asks, so it is the query.",
    ),
    Mistake(
        "rows of hidden numbers weighed",
        look(
            score=lambda s, h, q, k, v: np.tanh(s @ q + h @ k),
            weigh=lambda hidden: shares(hidden, axis=0),
            context=lambda weights, h: weights.T @ h,
        ),
        "Your weights have an axis too many: each hidden number looks for itself. w_v makes one score a word.",
    ),
)

EXERCISES = ()  # the exercise itself stands in step_context_exercise
