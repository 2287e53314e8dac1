"""Of a mistake that nobody knows, the last step that is right is shown, and what follows it."""

import linecache
import math

import numpy as np
import pytest

from attnlab.check.catalogue import named
from attnlab.check.judging import judge
from attnlab.check.right_steps import NAME


def typed(source):
    """The function, as it stands in a cell whose lines are known."""
    file = f"<cell {hash(source)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    space = {"np": np, "math": math, "__name__": "__main__"}
    exec(compile(source, file, "exec"), space)
    return space["mine"]


@pytest.mark.parametrize(
    ("name", "source", "right", "following"),
    [
        (
            "score",
            "def mine(query, key):\n    return np.tanh(query @ key / np.sqrt(len(query)))\n",
            "`query @ key / np.sqrt(len(query))` is the right result already",
            "look at `np.tanh(query @ key / np.sqrt(len(query)))`",
        ),
        (
            "weights",
            "def mine(query, keys):\n"
            "    scores = keys @ query / np.sqrt(len(query))\n"
            "    e = np.exp(scores)\n"
            "    return (e - e.min()) / (e.max() - e.min())\n",
            "`np.exp(scores)` is still right",
            "look at `(e - e.min()) / (e.max() - e.min())`",
        ),
        (  # a loop: its rows make the table
            "attend",
            "def mine(x):\n"
            "    new = []\n"
            "    for word in x:\n"
            "        e = np.exp(x @ word / np.sqrt(len(word)))\n"
            "        new.append(np.cbrt(e / e.sum()) @ x)\n"
            "    return np.array(new)\n",
            "`e / e.sum()` is still right",
            "look at `np.cbrt(e / e.sum())`",
        ),
        (  # of two results the one that is right is left alone
            "cross_entropy",
            "def mine(scores, right):\n"
            "    p = np.exp(scores) / np.exp(scores).sum()\n"
            "    cost = -np.log(p[right])\n"
            "    return cost, p - 1 / len(p)\n",
            "`np.exp(scores) / np.exp(scores).sum()` is still right",
            "look at `p - 1 / len(p)`",
        ),
        (
            "project",
            "def mine(x, w_query, w_key, w_value):\n"
            "    return x @ w_query, np.tanh(x @ w_key), x @ w_value\n",
            "`x @ w_key` is the right result already",
            "look at `np.tanh(x @ w_key)`",
        ),
    ],
)
def test_the_last_right_step_is_shown_and_the_next(name, source, right, following):
    verdict = judge(named(name), typed(source))
    assert verdict.name == NAME
    words = " ".join(verdict.paragraphs)
    assert right in words
    assert following in words


def test_what_stops_too_early_hears_that_it_is_not_the_end():
    verdict = judge(named("attend"), typed("def mine(x):\n    return x @ x.T\n"))
    assert "`x @ x.T` is right, and not the end" in " ".join(verdict.paragraphs)


@pytest.mark.parametrize(
    "source",
    [
        "def mine(query, keys):\n    return np.linspace(0, 1, len(keys))\n",  # no step is right
        "mine = lambda query, keys: np.tanh(keys @ query)\n",  # its source is no function's alone
    ],
)
def test_where_no_step_is_known_nothing_is_made_up(source):
    verdict = judge(named("weights"), typed(source))
    assert verdict.state == "wrong value"
    assert verdict.name != NAME


def test_the_argument_of_a_changed_function_stays_as_it_was():
    source = (
        "def mine(scores, axis=-1):\n"
        "    scores -= scores.max(axis=axis, keepdims=True)\n"
        "    return np.tanh(np.exp(scores))\n"
    )
    first, second = (judge(named("softmax"), typed(source)) for _ in range(2))
    assert repr(first) == repr(second)
