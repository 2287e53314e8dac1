"""What an exercise is: data. The judge reads it, and an author writes nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from attnlab.check.changes import Changes, handed_in

Probe = Callable[[np.random.Generator], dict[str, Any]]
"""Makes the arguments of one call, by name and in order, from a source of random numbers."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One call of the student's function, for a message to speak about.

    The arguments are attributes too: `seen.scores` is `seen.arguments["scores"]`.

    Args:
        got: what came back, as a NumPy array; a tuple of them if the exercise has several results.
        wanted: what should have come back, likewise.
        arguments: what the function was called with.
    """

    got: Any
    wanted: Any
    arguments: Mapping[str, Any]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["arguments"][name]
        except KeyError:
            raise AttributeError(f"this call has no argument {name!r}") from None


Words = str | Callable[[Seen], str]
"""A message, or what makes one of the student's own numbers."""


@dataclass(frozen=True)
class Mistake:
    """A wrong way to write the function. Who gets its numbers on every probe has made it.

    Args:
        name: short and unique within the exercise, such as "over the columns".
        function: the wrong implementation, called as the student's function is.
        says: what was done, with evidence from the student's numbers, then the cure in a word.
        changes: of the solution, from which it comes; none if it has a body of its own.
        of_results: whether what it says speaks of the numbers that came back.
    """

    name: str
    function: Callable[..., Any]
    says: Words
    changes: Changes = ()
    of_results: bool = True


@dataclass(frozen=True)
class Flaw:
    """A way to write the function that is right on the probes, but not everywhere.

    Args:
        name: short and unique within the exercise, such as "overflows".
        function: the flawed implementation.
        probe: a call on which it fails: it raises, or differs from the reference.
        says: what happens, and the cure in a word; follows upon "right, but".
        most_bytes: the call must be right and may take no more memory than that.
    """

    name: str
    function: Callable[..., Any]
    probe: Probe
    says: Words
    most_bytes: int | None = None


@dataclass(frozen=True)
class WrongAnswer:
    """An answer that is known to be wrong, and why people give it.

    Args:
        name: short and unique within the question.
        example: such an answer.
        says: what was done, then the cure in a word; a function is given the answer.
        when: which answers are meant; those near to the example if not given.
    """

    name: str
    example: Any
    says: str | Callable[[Any], str]
    when: Callable[[Any], bool] | None = None


@dataclass(frozen=True)
class Right:
    """What whoever got it right hears.

    Args:
        why: what makes it work, in a sentence or two.
        following: what to try next.
        other: another right way, as code; empty if there is none worth telling.
        lead: what is said above it; a sentence of the checker's own if empty.
    """

    why: str
    following: str
    other: str = ""
    lead: str = ""


@dataclass(frozen=True, kw_only=True)
class Task:
    """What functions to write and questions to answer have in common.

    Args:
        number: as in the notebook, such as "3.1"; its first half is the chapter.
        name: what stands after `check.`, a whole word or some.
        title: what stands in the heading.
        difficulty: easy, medium or hard.
        minutes: how long it takes.
        asked: the task, in the words of the notebook.
        stub: the student's cell, without the line that checks it.
        hints: four: a nudge, where to look, the formula, the picture to reach.
        solution: the source of a right answer, without the line that checks it.
        right: what is said of a right answer.
    """

    number: str
    name: str
    title: str
    difficulty: str
    minutes: int
    asked: str = ""
    stub: str = ""
    hints: tuple[str, str, str, str]
    solution: str
    right: Right | None = None

    @property
    def chapter(self) -> int:
        """The chapter at whose end it stands."""
        return int(self.number.split(".")[0])

    @property
    def place(self) -> tuple[int, int]:
        """Chapter and place in it, to sort by."""
        return self.chapter, int(self.number.split(".")[1])

    @property
    def heading(self) -> str:
        """As in the notebook."""
        return f"Exercise {self.number} · {self.title}"

    @property
    def cell(self) -> str:
        """The id of the cell that the student fills in."""
        return "try-" + self.name.replace("_", "-")

    @property
    def handed(self) -> str:
        """The name that the student's cell gives to what it hands in."""
        return handed_in(self.solution)

    @property
    def check_line(self) -> str:
        """The last line of the student's cell."""
        return f"check.{self.name}({self.handed})"

    @property
    def prose(self) -> str:
        """What stands above the student's cell."""
        return f"### {self.heading}\n({self.difficulty}, {self.minutes} minutes)\n\n{self.asked}"

    def filled(self, source: str) -> str:
        """The student's cell with this in it: the stub, or a solution."""
        source = source.strip("\n")
        gap = "\n\n\n" if re.search(r"^(def|class) ", source, re.M) else "\n"
        return source + gap + self.check_line


@dataclass(frozen=True, kw_only=True)
class Exercise(Task):
    """A function, or a class, that the student writes.

    Args:
        parameters: the axes of each argument, such as {"scores": "row option", "axis": ""}.
        result: the axes of what is returned, such as "row option"; if several things are
            returned, their names and axes, such as {"cost": "", "slopes": "option"}.
        reference: the right function; the package's own where there is one.
        probes: calls on which it must be right. The first can be followed by hand; in each, all
            axes differ in length. Arguments are handed over by position.
        mistakes: at least eight.
        flaws: what may be wrong beyond the probes.
        made: makes a function of a changed solution.
        use: how what the student wrote is called; by default use(mine, *arguments) is
            mine(*arguments). For a class, it makes one and calls it.
    """

    parameters: Mapping[str, str]
    result: str | Mapping[str, str]
    reference: Callable[..., Any]
    probes: tuple[Probe, ...]
    mistakes: tuple[Mistake, ...]
    flaws: tuple[Flaw, ...] = ()
    made: Callable[[str], Callable[..., Any]] | None = None
    use: Callable[..., Any] = field(default=lambda mine, *arguments: mine(*arguments))


@dataclass(frozen=True, kw_only=True)
class Question(Task):
    """A number, some numbers or a word that the student hands in.

    Args:
        asks: what is handed in, such as "one number" or "4 numbers: who, where, what, link".
        answer: the right one, or one of them.
        wrongs: answers that are known to be wrong; the first that fits is named.
        accepts: says whether an answer is right; by default what is near to `answer` is.
        tolerance: how near a number must be.
        choices: if it is a word: the words to choose from.
        otherwise: what to say of any other wrong answer; must not give the right one away.
    """

    asks: str
    answer: Any
    wrongs: tuple[WrongAnswer, ...]
    accepts: Callable[[Any], bool] | None = None
    tolerance: float = 0.01
    choices: tuple[str, ...] = ()
    otherwise: str = ""
