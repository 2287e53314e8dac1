"""The judge of functions: runs what the student wrote beside the reference, and names mistakes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.after_right import after_right
from attnlab.check.attempt import Attempt
from attnlab.check.calling import alike, arguments_of, copies, outcome_of
from attnlab.check.causes import cause_of, how_they_relate
from attnlab.check.comparing import UnreadableError, axes_of, kind, read, same
from attnlab.check.evidence import explained
from attnlab.check.exercise import Exercise, Flaw
from attnlab.check.leftovers import leftover
from attnlab.check.package_used import package_used
from attnlab.check.running import Outcome, Runner
from attnlab.check.speaking import spoken
from attnlab.check.untouched import Session, untouched
from attnlab.check.verdict import Verdict, code

__all__ = ["alike", "arguments_of", "judge", "outcome_of", "spoken"]


def judge(exercise: Exercise, mine: Any, seconds: int | float = 10.0) -> Verdict:
    """What is to be said of this function; nothing is raised but KeyboardInterrupt.

    Args:
        exercise: which one.
        mine: what the student wrote.
        seconds: of the processor, after which it is stopped, all calls together.
    """
    if not callable(mine):
        called = " without calling it" if _like_a_result(mine) else ""
        words = (
            f"You handed in {kind(mine)}: hand in the function itself{called}, without brackets."
        )
        return Verdict(exercise, "wrong type", [words])
    with untouched() as session:
        return _Judge(exercise, mine, seconds, session).verdict()


class _Judge:
    def __init__(
        self, exercise: Exercise, mine: Callable[..., Any], seconds: int | float, session: Session
    ):
        self.exercise, self.mine = exercise, mine
        self.runner, self.session = Runner(seconds), session
        self.parts = tuple(axes_of(exercise.result))
        self.calls: list[dict[str, Any]] = []
        self.outcomes: list[Outcome] = []
        self.changed: list[str] = []

    def verdict(self) -> Verdict:
        found = self._found()
        printed = self.outcomes[0].printed
        words = (
            ["Run on the first example, it printed:", code("\n".join(printed))] if printed else []
        )
        if patched := self.session.names:
            words += [
                f"{patched[0]} was changed in this session: restart the kernel, then try again."
            ]
        return found.with_words(*words)

    def _found(self) -> Verdict:
        for probe in self.exercise.probes:
            given = arguments_of(probe)
            outcome = self._run(given)
            self.calls.append(given)
            self.outcomes.append(outcome)
            if outcome.parts is None:
                break
        error = self.outcomes[-1].error
        if error and error.kind == "NotImplementedError":
            return self._unfinished(leftover(self.mine, error))
        wanted = [outcome_of(self.exercise, self.exercise.reference, given) for given in self.calls]
        if not all(map(alike, self.outcomes, wanted)):
            return self._wrong(self._attempt(wanted))
        return self._beyond_the_probes()

    def _unfinished(self, words: str | None) -> Verdict:
        if words:
            return Verdict(self.exercise, "raised an error", [words], "the stub's line")
        nudge = f"Fill in the cell and run it again; check.hint({self.exercise.name!r}) nudges."
        return Verdict(self.exercise, "not attempted yet", [nudge])

    def _attempt(self, wanted: list[Outcome]) -> Attempt:
        return Attempt(
            exercise=self.exercise,
            mine=self.mine,
            calls=self.calls,
            outcomes=self.outcomes,
            wanted=wanted,
            run=lambda other, given: self._run(given, other),
        )

    def _run(self, given: dict[str, Any], other: Any = None, *, measure: bool = False) -> Outcome:
        """Call the student's function, or another in its place."""
        handed, function = copies(given), self.mine if other is None else other

        def work() -> tuple[np.ndarray, ...]:
            return read(self.exercise.use(function, *handed.values()), self.parts)

        with self.session.as_it_is():
            outcome = self.runner.call(work, measure=measure)
        self.changed += [name for name in given if not _equal(given[name], handed[name])]
        return outcome

    def _wrong(self, attempt: Attempt) -> Verdict:
        number = attempt.first_wrong
        given, outcome, wanted = self.calls[number], self.outcomes[number], attempt.wanted[number]
        cause = cause_of(attempt)
        hint = "" if cause else how_they_relate(attempt)
        state, words = self._explained(given, outcome, wanted, named=bool(cause), hint=hint)
        if cause:
            words = [cause.words, *words] if state == "wrong value" else [*words, cause.words]
        elif not outcome.stopped:
            words = [*words, f"Stuck? check.hint({self.exercise.name!r})"]
        return Verdict(self.exercise, state, words, cause.name if cause else None)

    def _beyond_the_probes(self) -> Verdict:
        if self.changed:
            name = self.changed[0]
            words = (
                f"it changes {name}, which belongs to the caller: work on a copy, {name}.copy()."
            )
            return Verdict(self.exercise, "right, but", [words], "changes its argument")
        failed = []
        for flaw in self.exercise.flaws:
            given = arguments_of(flaw.probe)
            outcome = self._run(given, measure=flaw.most_bytes is not None)
            wanted = outcome_of(self.exercise, self.exercise.reference, given)
            if outcome.stopped:
                return self._slow(given, outcome, wanted)
            if not alike(outcome, wanted) or _too_large(outcome, flaw):
                failed.append((flaw, given, outcome, wanted))
                if alike(outcome, wanted):
                    break  # it holds too much already: nothing larger is asked of it
        if failed:
            return self._with_flaw(failed)
        if not alike(self._run(self.calls[0]), self.outcomes[0]):
            words = "asked the same again, it answers otherwise: it keeps something between calls."
            return Verdict(self.exercise, "right, but", [words], "remembers")
        if words := package_used(self.exercise, self.mine):
            return Verdict(self.exercise, "right, but", [words], "the package")
        return Verdict(self.exercise, "right", after_right(self.exercise, self.mine))

    def _slow(self, given: dict[str, Any], outcome: Outcome, wanted: Outcome) -> Verdict:
        hint = ", where the shorter examples came to an end."
        _, words = self._explained(given, outcome, wanted, hint=hint)
        return Verdict(self.exercise, "right, but", ["not on a longer example:", *words], "slow")

    def _explained(
        self, given: dict[str, Any], outcome: Outcome, wanted: Outcome, **more: Any
    ) -> tuple[str, list[str]]:
        return explained(self.exercise, given, outcome, wanted, **more)

    def _with_flaw(self, failed: list[tuple[Flaw, dict[str, Any], Outcome, Outcome]]) -> Verdict:
        def is_it(entry: tuple[Flaw, dict[str, Any], Outcome, Outcome]) -> bool:
            return alike(entry[2], outcome_of(self.exercise, entry[0].function, entry[1]))

        known = next(filter(is_it, failed), None)
        flaw, given, outcome, wanted = known or failed[0]
        try:
            if not known and (outcome.parts is None or _of_memory_only(flaw, outcome)):
                raise ValueError("no numbers to speak of")
            words = [spoken(flaw.says, outcome, wanted, given)]
        except Exception:  # the message speaks of numbers, and there are none, or others
            words = ["not on a harder example:", *self._explained(given, outcome, wanted)[1]]
        return Verdict(self.exercise, "right, but", words, flaw.name)


def _too_large(outcome: Outcome, flaw: Flaw) -> bool:
    return flaw.most_bytes is not None and (outcome.peak or 0) > flaw.most_bytes


def _of_memory_only(flaw: Flaw, outcome: Outcome) -> bool:
    """The flaw speaks of memory, and that is not what is wrong."""
    return flaw.most_bytes is not None and not _too_large(outcome, flaw)


def _equal(before: Any, after: Any) -> bool:
    try:
        old, new = read(before, ("",)), read(after, ("",))
    except UnreadableError:
        return True  # a function or a module that was handed in
    return all(map(same, old, new))


def _like_a_result(mine: Any) -> bool:
    return hasattr(mine, "shape") or isinstance(mine, int | float | list | tuple)
