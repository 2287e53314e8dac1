"""A class that never was: thirty progress files, made by the real checker from real attempts.

`python tests/handed_in.py DIR` makes them, two of them damaged, and sums them up.
"""

import os
import random
import sys
from contextlib import contextmanager
from pathlib import Path

from attnlab.check.catalogue import all_exercises
from attnlab.check.checker import Checker
from attnlab.check.class_report import sum_up
from attnlab.check.diary import hand_in, record_bet
from attnlab.check.exercise import Exercise, Task
from verdicts import solved

NAMES = [
    *("Ada", "Alan", "Annie", "Barbara", "Blaise", "Carl", "Claude", "Dorothy", "Edsger", "Emmy"),
    *("Évariste", "Frances", "Grace", "Hedy", "Ida", "John", "Karen", "Katherine", "Kurt", "Mary"),
    *("Leonhard", "Margaret", "Niklaus", "Radia", "Sofia", "Srinivasa", "Tim", "Vera", "Wang"),
    "Zhenyi",
]
DAMAGED = ("Frances", "Kurt")
IDLE = ("Niklaus", "Tim")
EXERCISES = (
    *("score_of_on", "which_temperature", "temperature", "softmax", "masked_softmax"),
    *("cross_entropy", "causal_mask"),
)
CLAIMS = ("looks-most-at-itself", "softmax-keeps-order")


@contextmanager
def state_in(folder: Path):
    """Progress is kept in this folder for a while."""
    before = os.environ.get("ATTNLAB_STATE")
    os.environ["ATTNLAB_STATE"] = str(folder)
    try:
        yield
    finally:
        os.environ.pop("ATTNLAB_STATE")
        if before is not None:
            os.environ["ATTNLAB_STATE"] = before


def made_class(folder: Path, states: Path) -> Path:
    """The folder of a class, its files handed in; their progress is kept in `states`."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(0)
    for student in NAMES:
        with state_in(states / student):
            if student not in IDLE:
                play_exercises(chance)
            else:
                record_bet(CLAIMS[0], 50, True)
            hand_in(folder / f"{student}.json")
    whole = (folder / "Frances.json").read_bytes()
    (folder / "Frances.json").write_bytes(whole[: len(whole) // 2])
    (folder / "Kurt.json").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    return folder


def play_exercises(chance: random.Random) -> None:
    """One student's work: a few mistakes in each exercise and then, mostly, what is right."""
    for name in EXERCISES[: chance.randint(2, len(EXERCISES))]:
        task = all_exercises()[name]
        wrong, right = mistakes_in(task), solved(task)
        for _ in range(min(chance.randrange(5), chance.randrange(5))):
            repr(Checker(task)(wrong[min(chance.randrange(6), chance.randrange(6))]))
        if chance.random() < 0.8:
            repr(Checker(task)(right))
    for claim in CLAIMS:
        record_bet(claim, chance.choice([50, 65, 80, 95]), chance.random() < 0.6)


def mistakes_in(task: Task) -> list:
    """What those hand in who make a mistake that is known."""
    if isinstance(task, Exercise):
        return [mistake.function for mistake in task.mistakes]
    return [wrong.example for wrong in task.wrongs] * 6


if __name__ == "__main__":
    place = Path(sys.argv[1])
    print(*sum_up(made_class(place / "class", place / "states"))[1:], sep="\n")
