"""Chapter 7: put the places into the words, by adding."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Mistake, Seen
from attnlab.check.wording import few
from attnlab.core import rotary, sinusoids


def _places(x: Any) -> Any:
    return sinusoids(np.arange(x.shape[1]), x.shape[2])


def _with(places: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: x + places(x)


def _read_on(x: Any) -> Any:
    sentences, words, width = x.shape
    return sinusoids(np.arange(sentences * words), width).reshape(x.shape)


def _side_by_side(x: Any) -> Any:
    return np.concatenate([x, np.broadcast_to(_places(x), x.shape)], axis=-1)


def _first_word(seen: Seen) -> str:
    return f"Your first word was {few(seen.x[0, 0])} and became {few(seen.got[0, 0])}"


ADD_POSITIONS = Exercise(
    number="7.5",
    name="add_positions",
    title="Places into words",
    difficulty="easy",
    minutes=5,
    parameters={"x": "sentence position feature"},
    result="sentence position feature",
    reference=lambda x: x + _places(x),
    probes=(
        lambda _: {"x": np.array([[[2.0, 1, 0, 3]] * 3, [[1.0, 0, 2, 1]] * 3])},
        lambda random: {"x": random.normal(size=(2, 5, 8))},
        lambda random: {"x": random.normal(size=(7, 3, 4))},
    ),
    mistakes=(
        Mistake(
            "multiplied",
            lambda x: x * _places(x),
            lambda seen: (
                f"{_first_word(seen)}: you multiply. Then a 0 in the word stays 0 at every place, and "
                "a 0 in the place wipes out the word. Add."
            ),
        ),
        Mistake(
            "side by side",
            _side_by_side,
            lambda seen: (
                f"Your words have {seen.got.shape[-1]} numbers, for you put word and place side by "
                f"side. Added, they keep their {seen.x.shape[-1]}."
            ),
        ),
        Mistake(
            "places of the sentences",
            _with(lambda x: sinusoids(np.arange(len(x)), x.shape[2])[:, None]),
            "All words of a sentence get the same place, and each sentence another: you count the "
            "sentences. Count the words, along axis 1.",
        ),
        Mistake(
            "first axis counted",
            _with(lambda x: sinusoids(np.arange(len(x)), x.shape[2])),
            lambda seen: (
                f"len(x) is {len(seen.x)}, the number of sentences; each has {seen.x.shape[1]} words. "
                "Take the length of axis 1."
            ),
        ),
        Mistake(
            "places run on",
            _with(_read_on),
            lambda seen: (
                f"Your second sentence begins at place {seen.x.shape[1]}, where the first one ended. "
                "Every sentence begins at place 0."
            ),
        ),
        Mistake(
            "counted from 1",
            _with(lambda x: sinusoids(np.arange(1, x.shape[1] + 1), x.shape[2])),
            lambda seen: (
                f"{_first_word(seen)}: it got the place 1. The first word of a sentence stands at "
                "place 0."
            ),
        ),
        Mistake(
            "places and features exchanged",
            _with(lambda x: sinusoids(np.arange(x.shape[2]), x.shape[1])),
            lambda seen: (
                f"You ask for {seen.x.shape[2]} places with {seen.x.shape[1]} features. A sentence has "
                f"{seen.x.shape[1]} places, and a word {seen.x.shape[2]} features."
            ),
        ),
        Mistake(
            "exchanged and turned",
            _with(lambda x: sinusoids(np.arange(x.shape[2]), x.shape[1]).T),
            "Turned on its side the table fits, but it was made for as many places as there are "
            "features. Hand in the places of a sentence, then nothing needs turning.",
        ),
        Mistake(
            "the count itself",
            _with(lambda x: np.arange(x.shape[1])[:, None]),
            "You add 0, 1, 2, … to the words. In long sentences that drowns their meaning: add the "
            "vector of clocks of each place.",
        ),
        Mistake(
            "the count across the features",
            _with(lambda x: np.arange(x.shape[2])),
            lambda seen: (
                f"{_first_word(seen)}, and so does a word at any other place: you add 0, 1, 2, … "
                "along the features. Each place needs a vector of its own."
            ),
        ),
        Mistake(
            "one place for all",
            _with(lambda x: sinusoids(np.array([x.shape[1]]), x.shape[2])),
            lambda seen: (
                f"All words get the place {seen.x.shape[1]}, the length of the sentence. Hand "
                "sinusoids all places from 0 on."
            ),
        ),
        Mistake(
            "the same vector for all",
            _with(lambda x: sinusoids(np.array([0]), x.shape[2])),
            "All words get the place 0. Words at different places must get different vectors.",
        ),
        Mistake(
            "places alone",
            lambda x: np.broadcast_to(_places(x), x.shape),
            "What you return holds the places, and nothing of the words: add them to x.",
        ),
        Mistake(
            "one table for all sentences",
            _places,
            "You return one table of places. Add it to x: it fits every sentence.",
        ),
        Mistake(
            "words enlarged",
            lambda x: x * math.sqrt(x.shape[2]) + _places(x),
            lambda seen: (
                f"{_first_word(seen)}: you multiply the words by √{seen.x.shape[2]} first, as the "
                "Transformer does with its word vectors. Here x is added as it is."
            ),
        ),
        Mistake(
            "the mean of both",
            lambda x: (x + _places(x)) / 2,
            "You take half of word plus place. The sum alone is asked.",
        ),
        Mistake(
            "subtracted",
            lambda x: x - _places(x),
            "You subtract the places. Add them.",
        ),
        Mistake(
            "turned",
            lambda x: rotary(x, np.arange(x.shape[1])),
            "You turn the words by their places. That is rotary, for queries and keys just before "
            "they meet. Here the places are added.",
        ),
        Mistake(
            "counted backwards",
            _with(lambda x: _places(x)[::-1]),
            "Your last word gets the place 0, and the first the largest. Count from the left.",
        ),
    ),
    hints=(
        "Make one vector for each place of a sentence; it is as wide as a word.",
        'The section "Why are they added?"',
        "x + p, where p has a row for each place 0, 1, … of a sentence.",
        "A word of zeros at place 0 becomes 0, 1, 0, 1, …; at place 1 it begins 0.84, 0.54.",
    ),
    solution="""from attnlab import sinusoids
def my_add_positions(x):
    places = np.arange(x.shape[1])
    return x + sinusoids(places, x.shape[2])
""",
)

EXERCISES = (ADD_POSITIONS,)
