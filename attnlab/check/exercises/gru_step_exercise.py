"""Chapter 12: one step of a GRU."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw
from attnlab.check.exercises.gru_step_mistakes import MISTAKES, RIGHT, gru_with
from attnlab.check.wording import few

_NAMES = ("w_z", "u_z", "w_r", "u_r", "w_n", "u_n")


def _drawn(words: int, states: int) -> Callable[[np.random.Generator], dict[str, Any]]:
    """Word and state of these lengths, and six matrices."""

    def probe(random: np.random.Generator) -> dict[str, Any]:
        sizes = [(words, states), (states, states)] * 3
        matrices = {
            name: random.normal(size=size) for name, size in zip(_NAMES, sizes, strict=True)
        }
        return {"x": random.normal(size=words), "h": random.normal(size=states), **matrices}

    return probe


def _small(_: np.random.Generator) -> dict[str, Any]:
    to_h = {"u_z": 1.0, "u_r": -2.0, "u_n": 2.0}
    to_x = {"w_z": [[-1.0], [0.0]], "w_r": [[1.0], [0.0]], "w_n": [[0.0], [1.0]]}
    matrices = {name: np.array(to_x.get(name) or [[to_h[name]]]) for name in _NAMES}
    return {"x": np.array([1.0, -1.0]), "h": np.array([0.5]), **matrices}


def _loud(_: np.random.Generator) -> dict[str, Any]:
    given = _small(_)
    return {**given, "x": np.array([-1000.0, -1.0]), "w_r": given["w_z"]}


def _by_large_exponentials(a: Any) -> Any:
    return np.exp(a) / (1 + np.exp(a))


GRU_STEP = Exercise(
    number="12.4",
    name="gru_step",
    title="One step of a GRU",
    difficulty="medium",
    minutes=12,
    parameters={"x": "word", "h": "state"}
    | {name: "word state" if name[0] == "w" else "state state" for name in _NAMES},
    result="state",
    reference=RIGHT,
    probes=(_small, _drawn(5, 3), _drawn(2, 7)),
    mistakes=MISTAKES,
    flaws=(
        Flaw(
            "overflows",
            gru_with(gate=_by_large_exponentials),
            _loud,
            lambda seen: (
                f"for a word of {few(seen.x)} the new state is {few(seen.got)}: exp of a large number "
                "overflows. Let the sigmoid take exp of −a."
            ),
        ),
    ),
    hints=(
        "First both gates, then the candidate, which needs r, last the new state, which needs z.",
        'The formulas of the GRU in the section "Gates", and the cell below them.',
        "z = σ(x W_z + h U_z), r = σ(x W_r + h U_r), candidate = tanh(x W_n + r × (h U_n)).",
        "Small example: z = σ(−0.5) = 0.378, r = σ(0), candidate tanh(−0.5); the new state is −0.099.",
    ),
    solution="""def my_gru_step(x, h, w_z, u_z, w_r, u_r, w_n, u_n):
    z = 1 / (1 + np.exp(-(x @ w_z + h @ u_z)))
    r = 1 / (1 + np.exp(-(x @ w_r + h @ u_r)))
    candidate = np.tanh(x @ w_n + r * (h @ u_n))
    return z * h + (1 - z) * candidate
""",
)

EXERCISES = (GRU_STEP,)
