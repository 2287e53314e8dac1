"""Chapter 11: the runs of words that BLEU counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw
from attnlab.check.exercises.matching_runs_mistakes import MISTAKES, matching
from attnlab.check.wording import counted

Words = Callable[[np.random.Generator], dict[str, Any]]


def _these(found: str, wanted: str, length: int) -> Words:
    return lambda _: {"found": found.split(), "wanted": wanted.split(), "length": length}


def _drawn(length: int, found: int, wanted: int) -> Words:
    """Sentences of few words, so that runs come again and again."""

    def probe(random: np.random.Generator) -> dict[str, Any]:
        some = [list(random.choice(["le", "chat", "et"], size=n)) for n in (found, wanted)]
        mine, theirs = ([str(word) for word in words] for words in some)
        return {"found": mine, "wanted": theirs, "length": length}

    return probe


MATCHING_RUNS = Exercise(
    number="11.4",
    name="matching_runs",
    title="The runs that BLEU counts",
    difficulty="medium",
    minutes=12,
    parameters={"found": "found", "wanted": "wanted", "length": ""},
    result={"right": "", "total": ""},
    reference=matching,
    probes=(
        _these("le le chat dort", "le chat dort", 1),
        _these(
            "un chat que la petite pomme et la pomme la maison attend",
            "un chat et sa petite pomme et la maison attendent",
            2,
        ),
        _these("le chat voit le chat et le chat", "le chat dort et le chat", 3),
        _drawn(2, 17, 23),
        _drawn(4, 29, 19),
    ),
    mistakes=MISTAKES,
    flaws=(
        Flaw(
            "too short for a run",
            lambda found, wanted, length: (
                matching(found, wanted, length)[0],
                len(found) - length + 1,
            ),
            _these("il dort", "le chat dort", 4),
            lambda seen: (
                f"in 2 words it counts {counted(seen.got[1], 'run')} of 4, and there are none: 0 is the least."
            ),
        ),
    ),
    hints=(
        "Two steps: cut both sentences into runs, then see which of the first stand in the second.",
        'The section "How good is a translation?"; mind the words "used up".',
        "A run begins at each of the first n − length + 1 words. It is right as often as in both.",
        "Found le le chat dort, wanted le chat dort: of 4 words 3 are right, of 3 pairs 2.",
    ),
    solution="""def my_matching_runs(found, wanted, length):
    def runs(words):
        return [tuple(words[i : i + length]) for i in range(len(words) - length + 1)]

    left, right = runs(wanted), 0
    for run in runs(found):
        if run in left:
            left.remove(run)
            right += 1
    return right, len(runs(found))
""",
)

EXERCISES = (MATCHING_RUNS,)
