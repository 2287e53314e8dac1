"""Chapter 9: the block with the norm before each sublayer."""

from __future__ import annotations

from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw, Probe
from attnlab.check.exercises.pre_block_mistakes import MISTAKES, Sublayer, pre, right


class _Part:
    """A function that is handed in, with a name to be said by, and a count of its calls."""

    def __init__(self, function: Sublayer, most: int = 100):
        self.function, self.left = function, most

    def __call__(self, x: Any) -> Any:
        self.left -= 1
        if self.left < 0:
            raise RuntimeError("attend was called once more than needed")
        return self.function(x)


def _part(name: str, function: Sublayer, most: int = 100) -> _Part:
    return type(name, (_Part,), {})(function, most)


def _norm(gain: Any, bias: Any) -> Sublayer:
    def norm(x: Any) -> Any:
        spread = np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5)
        return gain * (x - x.mean(axis=-1, keepdims=True)) / spread + bias

    return norm


def _norms(gain: Any, bias: Any) -> tuple[_Part, _Part]:
    first = _part("norm", _norm(1.0, 0.0))
    return first, _part("norm with gain 2 and a bias", _norm(gain, bias))


def _first(_: np.random.Generator) -> dict[str, Any]:
    return {
        "x": np.array([[1.0, 3.0], [0.0, 2.0], [4.0, 0.0]]),
        "attend": _part("mean over the words", lambda x: 0 * x + x.mean(axis=0)),
        "feed_forward": _part("ReLU of each number", lambda x: np.maximum(x, 0)),
        "norms": _norms(2.0, 1.0),
    }


def _random(words: int, d_model: int, most: int = 100) -> Probe:
    def probe(random: np.random.Generator) -> dict[str, Any]:
        table = random.random((words, words))
        first, second = random.normal(size=(2, d_model, d_model))
        return {
            "x": random.normal(size=(words, d_model)),
            "attend": _part("attention", lambda x: table @ x, most),
            "feed_forward": _part(
                "feed-forward layer", lambda x: np.maximum(x @ first, 0) @ second
            ),
            "norms": _norms(*random.normal(size=(2, d_model))),
        }

    return probe


def _twice(x: Any, attend: Sublayer, feed_forward: Sublayer, norms: Any) -> Any:
    again = feed_forward(norms[1](pre(x, attend, norms[0])))
    return x + attend(norms[0](x)) + again


PRE_BLOCK = Exercise(
    number="9.5",
    name="pre_block",
    title="A pre-norm block",
    difficulty="medium",
    minutes=10,
    parameters={"x": "word d_model", "attend": "", "feed_forward": "", "norms": ""},
    result="word d_model",
    reference=right,
    probes=(_first, _random(5, 7), _random(11, 3)),
    mistakes=MISTAKES,
    flaws=(
        Flaw(
            "attention twice",
            _twice,
            _random(5, 7, most=1),
            "it runs attention twice, for the same answer: keep the first sum under a name.",
        ),
    ),
    hints=(
        "Two lines, one for each sublayer; the second begins with what the first gives.",
        'The section "Where does the norm go?": the function pre, and the block by hand above it.',
        "x + attention(norm(x)); then, with this sum for x, x + feed-forward(norm(x)).",
        "Draw x as a straight line from left to right. Nothing stands on it but two plus signs.",
    ),
    solution="""def my_pre_block(x, attend, feed_forward, norms):
    x = x + attend(norms[0](x))
    return x + feed_forward(norms[1](x))
""",
)

EXERCISES = (PRE_BLOCK,)
