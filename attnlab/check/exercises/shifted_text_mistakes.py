"""Chapter 10: wrong ways to shift a text against itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from attnlab.check.exercise import Mistake
from attnlab.check.exercises.next_token_loss_mistakes import Model, read_and_say, say


def _rolled(model: Model, text: Any) -> Any:
    return read_and_say(model, text, np.roll(text, -1, axis=1))


SHIFTS = (
    Mistake(
        "not shifted, all read",
        lambda model, text: read_and_say(model, text, text),
        "At each place your model is asked for the token that it has just read, its own answer. Shift: "
        "it should say the one that follows.",
    ),
    Mistake(
        "not shifted, last left out",
        lambda model, text: read_and_say(model, text[:, :-1], text[:, :-1]),
        "You leave out the last token on both sides: so the model is asked for what it has just read. "
        "What it should say begins one place later.",
    ),
    Mistake(
        "the answer is read",
        lambda model, text: read_and_say(model, text[:, 1:], text[:, 1:]),
        "The answer leaks: you leave out the begin mark on both sides, and the model reads the very "
        "token that it should say. It reads all but the last.",
    ),
    Mistake(
        "shifted by two",
        lambda model, text: read_and_say(model, text[:, :-2], text[:, 2:]),
        "You shift by two places: the model should say the token after next. The next one is one place "
        "on.",
    ),
    Mistake(
        "shifted the wrong way",
        lambda model, text: read_and_say(model, text[:, 1:], text[:, :-1]),
        "You ask for the token before the one that was read. Swap the two: it reads all but the last, "
        "and should say all but the first.",
    ),
    Mistake(
        "rolled round",
        _rolled,
        lambda seen: (
            f"np.roll carries the begin mark, {seen.text[0, 0]}, round to the end, and the last place is "
            "asked for it. Leave out the last place that is read."
        ),
    ),
    Mistake(
        "scores one place late",
        lambda model, text: say(model(text)[:, 1:], text[:, 1:]),
        "You drop the first scores, and so each answer is asked of scores that have read it. The last "
        "scores are those that nobody needs.",
    ),
    Mistake(
        "texts shifted",
        lambda model, text: read_and_say(model, text[:-1], text[1:]),
        "You shift along the texts: one text is asked for the tokens of the next. Shift along the "
        "tokens, axis 1.",
    ),
    Mistake(
        "one place more on one side",
        lambda model, text: say(model(text), text[:, 1:]),
        lambda seen: (
            f"Your model gives scores at {seen.text.shape[1]} places, and there are "
            f"{seen.text.shape[1] - 1} answers: nothing follows on the last token, so it is not read."
        ),
    ),
)
