"""The judge of functions: runs what the student wrote beside the reference, and names mistakes."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from attnlab.check.comparing import UnreadableError, axes_of, kind, read, same
from attnlab.check.evidence import explained
from attnlab.check.exercise import Exercise, Flaw, Mistake, Probe, Seen, Words
from attnlab.check.running import Outcome, Runner
from attnlab.check.student_lines import raised_by
from attnlab.check.untouched import Session, untouched
from attnlab.check.verdict import Verdict, code

_SEED = 7


def judge(exercise: Exercise, mine: Any, seconds: int | float = 10.0) -> Verdict:
    """What is to be said of this function; nothing is raised but KeyboardInterrupt.

    Args:
        exercise: which one.
        mine: what the student wrote.
        seconds: after which it is stopped, all calls together.
    """
    if not callable(mine):
        called = " without calling it" if _like_a_result(mine) else ""
        words = (
            f"You handed in {kind(mine)}: hand in the function itself{called}, without brackets."
        )
        return Verdict(exercise, "wrong type", [words])
    with untouched() as session:
        return _Judge(exercise, mine, seconds, session).verdict()


def outcome_of(exercise: Exercise, function: Callable[..., Any], given: dict[str, Any]) -> Outcome:
    """What one of the checker's own functions makes of a call, without watching it."""
    values = copies(given).values()
    try:
        with untouched(), np.errstate(all="ignore"):
            result = exercise.use(function, *values)
            return Outcome(parts=read(result, tuple(axes_of(exercise.result))))
    except UnreadableError as refusal:
        return Outcome(refusal=str(refusal))
    except Exception as error:
        return Outcome(error=raised_by(error))


def arguments_of(probe: Probe) -> dict[str, Any]:
    """The arguments of one call: the same each time."""
    with untouched():
        return probe(np.random.default_rng(_SEED))


def copies(given: dict[str, Any]) -> dict[str, Any]:
    """Copies that share nothing with the arguments."""
    return {name: _copied(value) for name, value in given.items()}


def alike(ours: Outcome, theirs: Outcome) -> bool:
    """Whether two calls came to the same: the same numbers, or the same error."""
    if ours.parts is not None and theirs.parts is not None:
        return all(map(same, ours.parts, theirs.parts))
    if ours.error is not None and theirs.error is not None:
        return ours.error.sentence == theirs.error.sentence
    return ours.refusal is not None and ours.refusal == theirs.refusal


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
            words = f"Fill in the cell and run it again; check.hint({self.exercise.name!r}) nudges."
            return Verdict(self.exercise, "not attempted yet", [words])
        for given, outcome in zip(self.calls, self.outcomes, strict=True):
            wanted = outcome_of(self.exercise, self.exercise.reference, given)
            if not alike(outcome, wanted):
                return self._wrong(given, outcome, wanted)
        return self._beyond_the_probes()

    def _run(self, given: dict[str, Any], *, measure: bool = False) -> Outcome:
        handed = copies(given)

        def work() -> tuple[np.ndarray, ...]:
            return read(self.exercise.use(self.mine, *handed.values()), self.parts)

        with self.session.as_it_is():
            outcome = self.runner.call(work, measure=measure)
        self.changed += [name for name in given if not _equal(given[name], handed[name])]
        return outcome

    def _wrong(self, given: dict[str, Any], outcome: Outcome, wanted: Outcome) -> Verdict:
        mistake = next(self._made(), None)
        state, words = self._explained(given, outcome, wanted, named=bool(mistake))
        if mistake:
            said = spoken(mistake.says, outcome, wanted, given)
            words = [said, *words] if state == "wrong value" else [*words, said]
        elif not outcome.stopped:
            words = [*words, f"Stuck? check.hint({self.exercise.name!r})"]
        return Verdict(self.exercise, state, words, mistake.name if mistake else None)

    def _made(self) -> Iterator[Mistake]:
        for mistake in self.exercise.mistakes:
            pairs = zip(self.calls, self.outcomes, strict=True)
            if all(
                alike(out, outcome_of(self.exercise, mistake.function, given))
                for given, out in pairs
            ):
                yield mistake

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
                return Verdict(self.exercise, *self._explained(given, outcome, wanted))
            if not alike(outcome, wanted) or _too_large(outcome, flaw):
                failed.append((flaw, given, outcome, wanted))
        if failed:
            return self._with_flaw(failed)
        if not alike(self._run(self.calls[0]), self.outcomes[0]):
            words = "asked the same again, it answers otherwise: it keeps something between calls."
            return Verdict(self.exercise, "right, but", [words], "remembers")
        return Verdict(self.exercise, "right")

    def _explained(
        self, given: dict[str, Any], outcome: Outcome, wanted: Outcome, named: bool = False
    ) -> tuple[str, list[str]]:
        seconds = self.runner.seconds
        return explained(self.exercise, given, outcome, wanted, seconds, named=named)

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


def spoken(says: Words, outcome: Outcome, wanted: Outcome, given: dict[str, Any]) -> str:
    """The message of a mistake or a flaw, made of the student's own numbers."""
    if isinstance(says, str):
        return says
    single = [
        parts[0] if parts and len(parts) == 1 else parts for parts in (outcome.parts, wanted.parts)
    ]
    with untouched(), np.errstate(all="ignore"):
        return says(Seen(got=single[0], wanted=single[1], arguments=given))


def _too_large(outcome: Outcome, flaw: Flaw) -> bool:
    return flaw.most_bytes is not None and (outcome.peak or 0) > flaw.most_bytes


def _of_memory_only(flaw: Flaw, outcome: Outcome) -> bool:
    """The flaw speaks of memory, and that is not what is wrong."""
    return flaw.most_bytes is not None and not _too_large(outcome, flaw)


def _copied(value: Any) -> Any:
    if type(value).__module__.split(".")[0] == "torch" and hasattr(value, "clone"):
        return value.detach().clone().requires_grad_(value.requires_grad)
    return copy.deepcopy(value)


def _equal(before: Any, after: Any) -> bool:
    try:
        old, new = read(before, ("",)), read(after, ("",))
    except UnreadableError:
        return True  # a function or a module that was handed in
    return all(map(same, old, new))


def _like_a_result(mine: Any) -> bool:
    return hasattr(mine, "shape") or isinstance(mine, int | float | list | tuple)
