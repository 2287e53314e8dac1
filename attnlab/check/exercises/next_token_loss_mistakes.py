"""Chapter 10: wrong ways to write the loss of all steps at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Mistake, Seen
from attnlab.check.wording import counted, said

Model = Callable[[Any], Any]


def logs_of(scores: Any, axis: int = -1) -> Any:
    """Logarithms of the shares."""
    scores = scores - scores.max(axis=axis, keepdims=True)
    return scores - np.log(np.exp(scores).sum(axis=axis, keepdims=True))


def each_cost(logs: Any, answers: Any) -> Any:
    """Minus the entry of the right token, at each place."""
    return -np.take_along_axis(logs, answers[..., None], axis=-1)[..., 0]


def mean(costs: Any, answers: Any) -> Any:
    """Over the places whose answer is no filler."""
    return costs[answers != 0].mean()


def right(model: Model, text: Any) -> Any:
    """What is asked for."""
    return read_and_say(model, text[:, :-1], text[:, 1:])


def read_and_say(model: Model, reads: Any, answers: Any) -> Any:
    """The loss if the model reads this, and should say that."""
    return say(model(reads), answers)


def say(scores: Any, answers: Any) -> Any:
    """The loss of these scores for these answers."""
    return mean(each_cost(logs_of(scores), answers), answers)


def _with_scores(cost: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """The mean of another cost, of scores and answers."""
    return lambda model, text: mean(cost(model(text[:, :-1]), text[:, 1:]), text[:, 1:])


def _with_mean(average: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """The right costs summed up in another way, of costs and answers."""

    def loss(model: Model, text: Any) -> Any:
        reads, answers = text[:, :-1], text[:, 1:]
        return average(each_cost(logs_of(model(reads)), answers), answers)

    return loss


def _with_mean_of_text(average: Callable[[Any, Any, Any], Any]) -> Callable[..., Any]:
    """As `_with_mean`, but of the whole text, too; fillers cost nothing."""
    return lambda model, text: _with_mean(
        lambda costs, answers: average(costs * (answers != 0), answers, text)
    )(model, text)


def _by_what_is_read(model: Model, text: Any) -> Any:
    costs = each_cost(logs_of(model(text[:, :-1])), text[:, 1:])
    return costs[text[:, :-1] != 0].mean()


def _likeliest(scores: Any, _: Any) -> Any:
    return -logs_of(scores).max(axis=-1)


def _last_place(model: Model, text: Any) -> Any:
    costs = each_cost(logs_of(model(text[:, :-1])), text[:, 1:])
    return costs[:, -1].mean()


def _fillers(seen: Seen) -> int:
    return int((seen.text[:, 1:] == 0).sum())


MISTAKES = (
    Mistake(
        "fillers counted",
        _with_mean(lambda costs, answers: costs.mean()),
        lambda seen: (
            f"You count {counted(_fillers(seen), 'filler')}, 0, among the answers. A filler is no "
            "lesson: leave it out of the sum and of the count."
        ),
    ),
    Mistake(
        "fillers left out of the sum only",
        _with_mean(lambda costs, answers: (costs * (answers != 0)).mean()),
        lambda seen: (
            f"The fillers are out of your sum, but you divide by all {seen.text[:, 1:].size} places. "
            f"Divide by the {int((seen.text[:, 1:] != 0).sum())} that count."
        ),
    ),
    Mistake(
        "fillers by what is read",
        _by_what_is_read,
        "You leave out places where a filler is read. Where <end> is read, the answer is a filler, and "
        "you count it: look at the answers instead.",
    ),
    Mistake(
        "sum",
        _with_mean(lambda costs, answers: costs[answers != 0].sum()),
        lambda seen: (
            f"{said(seen.got)} is the sum. The mean is asked: divide by the number of answers that "
            "count."
        ),
    ),
    Mistake(
        "sum for each text",
        _with_mean(lambda costs, answers: (costs * (answers != 0)).sum() / len(costs)),
        lambda seen: (
            f"You divide by {len(seen.text)}, the number of texts. Divide by the number of answers that "
            "count."
        ),
    ),
    Mistake(
        "mean of means",
        _with_mean(
            lambda costs, answers: ((costs * (answers != 0)).sum(1) / (answers != 0).sum(1)).mean()
        ),
        "You take the mean of each text, then the mean of these: so a token of a short text counts more. "
        "Take one mean over all answers.",
    ),
    Mistake(
        "a mean for each text",
        _with_mean(lambda costs, answers: (costs * (answers != 0)).sum(1) / (answers != 0).sum(1)),
        lambda seen: (
            f"You return {len(seen.text)} numbers, one for each text. One number is asked, the mean over "
            "all answers."
        ),
    ),
    Mistake(
        "a cost for each place",
        _with_mean(lambda costs, answers: costs),
        "You return a cost for each place. Their mean is asked, without those whose answer is a filler.",
    ),
    Mistake(
        "minus forgotten",
        lambda model, text: -right(model, text),
        lambda seen: (
            f"Your loss is {said(seen.got)}, below 0. Logarithms of shares are negative: a minus stands "
            "before them."
        ),
    ),
    Mistake(
        "no logarithm",
        _with_scores(lambda scores, answers: 1 - np.exp(-each_cost(logs_of(scores), answers))),
        "You take 1 minus the share of the right token. The cost is minus the logarithm of the share.",
    ),
    Mistake(
        "shares",
        _with_scores(lambda scores, answers: -np.exp(-each_cost(logs_of(scores), answers))),
        "You take minus the share of the right token, and no logarithm of it.",
    ),
    Mistake(
        "scores, no shares",
        _with_scores(each_cost),
        "You take minus the score of the right token. Make shares of the scores first, by softmax, then "
        "take the logarithm.",
    ),
    Mistake(
        "softmax down the places",
        _with_scores(lambda scores, answers: each_cost(logs_of(scores, 1), answers)),
        "In your shares the places of a text compete: softmax runs along axis 1. At each place the "
        "tokens of the vocabulary share the 1, the last axis.",
    ),
    Mistake(
        "over all texts",
        _with_scores(lambda scores, answers: each_cost(logs_of(scores, 0), answers)),
        "In your shares the texts compete: softmax runs along axis 0. At each place the tokens of the "
        "vocabulary share the 1, the last axis.",
    ),
    Mistake(
        "logarithm to base 2",
        lambda model, text: right(model, text) / np.log(2),
        "You take the logarithm to base 2, which counts bits. The reverse of exp is np.log.",
    ),
    Mistake(
        "the likeliest token",
        _with_scores(_likeliest),
        "You take the share of the token that the model likes best, whatever the text says. Take that of "
        "the right one.",
    ),
    Mistake(
        "the last place only",
        _last_place,
        "You count the last place alone, also where its answer is a filler. Every place is a lesson.",
    ),
    Mistake(
        "the first text only",
        lambda model, text: right(model, text[:1]),
        lambda seen: (
            f"You count the first of {len(seen.text)} texts only: is a return inside the loop?"
        ),
    ),
    Mistake(
        "begin counted",
        _with_mean_of_text(lambda costs, answers, text: costs.sum() / (text != 0).sum()),
        lambda seen: (
            f"You divide by {int((seen.text != 0).sum())}: the begin marks are among them, and nobody has "
            "to say those. Count the answers."
        ),
    ),
    Mistake(
        "end left out",
        _with_mean_of_text(lambda costs, answers, text: costs[answers > 2].mean()),
        "You leave out the places whose answer is the end mark, 2. When to stop must be learnt, too.",
    ),
    Mistake(
        "logarithm of the mean share",
        _with_mean(lambda costs, answers: -np.log(np.exp(-costs[answers != 0]).mean())),
        "You take the mean of the right shares, and then its logarithm. First the logarithm of each, "
        "then the mean.",
    ),
)
