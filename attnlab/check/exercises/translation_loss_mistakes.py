"""Chapter 11: what goes wrong with fillers and with label smoothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Mistake, Seen
from attnlab.check.exercises.translation_costs import belief, costs, logs, loss, one_hot
from attnlab.check.wording import said

Loss = Callable[[Any, Any, float], Any]


def _with_mean(mean: Callable[[Any, Any], Any]) -> Loss:
    """The costs of the positions, put together otherwise."""
    return lambda scores, target, smoothing: mean(costs(scores, target, smoothing), target != 0)


def _with_belief(wrong: Callable[[Any, int, float], Any]) -> Loss:
    """Another belief in place of the right one."""

    def found(scores: Any, target: Any, smoothing: float) -> Any:
        wanted = wrong(target, scores.shape[-1], smoothing)
        return -(wanted * logs(scores)).sum(axis=-1)[target != 0].mean()

    return found


def _with_logs(wrong: Callable[[Any], Any]) -> Loss:
    """Other numbers in place of the logarithms of the shares."""

    def found(scores: Any, target: Any, smoothing: float) -> Any:
        wanted = belief(target, scores.shape[-1], smoothing)
        return -(wanted * wrong(scores)).sum(axis=-1)[target != 0].mean()

    return found


def _to_others(target: Any, tokens: int, smoothing: float) -> Any:
    hot = one_hot(target, tokens)
    return (1 - smoothing) * hot + smoothing / (tokens - 1) * (1 - hot)


def _without_filler(target: Any, tokens: int, smoothing: float) -> Any:
    even = (np.arange(tokens) > 0) * smoothing / (tokens - 1)
    return (1 - smoothing) * one_hot(target, tokens) + even


def _smoothed_shares(scores: Any, target: Any, smoothing: float) -> Any:
    shares = (1 - smoothing) * np.exp(logs(scores)) + smoothing / scores.shape[-1]
    return -np.log(shares[np.arange(len(target)), target])[target != 0].mean()


def _fillers_counted(seen: Seen) -> str:
    return f"{int((seen.target == 0).sum())} of {len(seen.target)} positions are fillers"


MISTAKES = (
    Mistake(
        "fillers counted",
        _with_mean(lambda cost, real: cost.mean()),
        lambda seen: (
            f"{_fillers_counted(seen)}, and their costs are in your mean, {said(seen.got)}. A model "
            "that is good at writing nothing would look good: leave them out."
        ),
    ),
    Mistake(
        "divided by all positions",
        _with_mean(lambda cost, real: (cost * real).mean()),
        lambda seen: (
            f"{_fillers_counted(seen)}. You leave their costs out, but divide by all positions, and "
            f"so get {said(seen.got)}. Divide by the number of real words."
        ),
    ),
    Mistake(
        "the sum",
        _with_mean(lambda cost, real: cost[real].sum()),
        lambda seen: (
            f"{said(seen.got)} is the sum over the real words: a longer sentence would be a worse one. "
            "Take the mean."
        ),
    ),
    Mistake(
        "fillers alone",
        _with_mean(lambda cost, real: cost[~real].mean()),
        "You keep the fillers, and throw the words away. The comparison is the wrong way round.",
    ),
    Mistake(
        "scores of fillers set to 0",
        lambda scores, target, smoothing: costs(
            scores * (target != 0)[:, None], target, smoothing
        ).mean(),
        "You set the scores of fillers to 0, but scores of 0 are even shares, and those cost ln of "
        "the number of tokens. Leave whole positions out of the mean.",
    ),
    Mistake(
        "column of the filler left out",
        lambda scores, target, smoothing: costs(scores[:, 1:], target - 1, smoothing)[
            target != 0
        ].mean(),
        "You took the column of <pad> out of the scores. The model may still believe in that token: "
        "what is left out are positions.",
    ),
    Mistake(
        "not smoothed",
        _with_belief(lambda target, tokens, smoothing: one_hot(target, tokens)),
        lambda seen: (
            f"Your loss, {said(seen.got)}, is the plain cross-entropy. A share of {said(seen.smoothing)} "
            "of the belief is still to be spread."
        ),
    ),
    Mistake(
        "plain cross-entropy of all positions",
        lambda scores, target, smoothing: costs(scores, target, 0.0).mean(),
        lambda seen: (
            f"That is the plain cross-entropy of chapter 3. {_fillers_counted(seen)}, and they count; and "
            "no belief is spread yet. Mend the one, then the other."
        ),
    ),
    Mistake(
        "spread over the others",
        _with_belief(_to_others),
        lambda seen: (
            f"You spread {said(seen.smoothing)} over the {seen.scores.shape[1] - 1} other tokens. It is "
            "spread over all of them, and the right one gets its part as well."
        ),
    ),
    Mistake(
        "none for the filler",
        _with_belief(_without_filler),
        lambda seen: (
            f"You spread over {seen.scores.shape[1] - 1} tokens, and leave <pad> out. It is a token of "
            f"the vocabulary as others are: spread over all {seen.scores.shape[1]}."
        ),
    ),
    Mistake(
        "nothing spread",
        _with_belief(lambda target, tokens, smoothing: (1 - smoothing) * one_hot(target, tokens)),
        lambda seen: (
            f"Your beliefs sum to {said(1 - seen.smoothing)}: taken from the right token, and given to "
            "none. All tokens share what was taken."
        ),
    ),
    Mistake(
        "nothing taken away",
        _with_belief(
            lambda target, tokens, smoothing: one_hot(target, tokens) + smoothing / tokens
        ),
        lambda seen: (
            f"Your beliefs sum to {said(1 + seen.smoothing)}. What is spread must first be taken from "
            "the right token."
        ),
    ),
    Mistake(
        "not divided by the tokens",
        _with_belief(
            lambda target, tokens, smoothing: (1 - smoothing) * one_hot(target, tokens) + smoothing
        ),
        lambda seen: (
            f"You give {said(seen.smoothing)} to each token, so that beliefs sum to "
            f"{said(1 + seen.smoothing * (seen.scores.shape[1] - 1))}. They share it: divide."
        ),
    ),
    Mistake(
        "a constant added",
        lambda scores, target, smoothing: (
            (1 - smoothing) * loss(scores, target, 0.0) + smoothing / scores.shape[-1]
        ),
        "You add smoothing / tokens to the loss, the same for any scores. It is belief: multiply it by the "
        "cost of each token.",
    ),
    Mistake(
        "shares exchanged",
        _with_belief(lambda target, tokens, smoothing: belief(target, tokens, 1 - smoothing)),
        lambda seen: (
            f"You give the right token {said(seen.smoothing)} and spread the rest. It is the other way "
            "round."
        ),
    ),
    Mistake(
        "the model's shares smoothed",
        _smoothed_shares,
        "You smooth what the model believes. It is the target that is smoothed: the logarithms stay, and "
        "are weighed otherwise.",
    ),
    Mistake(
        "minus forgotten",
        lambda *given: -loss(*given),
        lambda seen: (
            f"Your loss is {said(seen.got)}, below 0. Logarithms of shares are negative: a minus is "
            "missing."
        ),
    ),
    Mistake(
        "softmax over the positions",
        _with_logs(lambda scores: logs(scores, axis=0)),
        "Your shares sum to 1 down each column, over the positions. Each position shares out its own 1 "
        "among the tokens: the last axis.",
    ),
    Mistake(
        "shares of everything",
        _with_logs(lambda scores: logs(scores.reshape(1, -1)).reshape(scores.shape)),
        "All positions share one 1 in your answer. Each of them shares out its own, along its row.",
    ),
    Mistake(
        "scores for logarithms",
        _with_logs(lambda scores: scores),
        "You weigh the scores themselves. They are to become shares first, and then logarithms.",
    ),
    Mistake(
        "shares for logarithms",
        _with_logs(lambda scores: np.exp(logs(scores))),
        lambda seen: (
            f"Your loss is {said(seen.got)}: minus the share that fits, without a logarithm. The "
            "cross-entropy weighs logarithms of shares."
        ),
    ),
    Mistake(
        "logarithm to base 2",
        _with_logs(lambda scores: logs(scores) / np.log(2)),
        "You take the logarithm to base 2, and count bits. The reverse of exp is np.log.",
    ),
    Mistake(
        "a loss for each position",
        lambda scores, target, smoothing: costs(scores, target, smoothing),
        "You return the cost of each position. The loss is one number, their mean over real words.",
    ),
    Mistake(
        "a loss for each real word",
        lambda scores, target, smoothing: costs(scores, target, smoothing)[target != 0],
        "You return the cost of each real word. The loss is one number, their mean.",
    ),
    Mistake(
        "the mean over tokens",
        lambda scores, target, smoothing: (
            -(belief(target, scores.shape[-1], smoothing) * logs(scores))[target != 0].mean()
        ),
        lambda seen: (
            f"Your loss is the right one divided by {seen.scores.shape[1]}: you take the mean over the "
            "tokens, too. Their costs are added up within a position."
        ),
    ),
)

EXERCISES = ()  # the exercise itself stands in translation_loss_exercise
