"""Why an attempt is wrong, if anybody knows: each cause that can be told, the surest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations

from attnlab.check.attempt import Attempt, Cause
from attnlab.check.comparing import axes_of, same
from attnlab.check.copied_numbers import copied_number, rounded_constant
from attnlab.check.exercise import Mistake
from attnlab.check.near_misses import one_slip
from attnlab.check.relations import Pair, relation, rounded
from attnlab.check.right_steps import right_steps
from attnlab.check.session_names import of_the_session, perhaps_of_the_session
from attnlab.check.speaking import spoken
from attnlab.check.two_mistakes import two_mistakes
from attnlab.check.wording import counted

ROUNDED, RELATED, SWAPPED = "rounded", "related", "swapped"


def cause_of(attempt: Attempt) -> Cause | None:
    """The first cause that explains every call; None if nobody knows one."""
    return next((cause for find in _FINDERS if (cause := find(attempt))), None)


def how_they_relate(attempt: Attempt) -> str:
    """How the wrong numbers hang together with the right ones; of a late call, what was before."""
    if attempt.outcomes[-1].stopped:
        early = len(attempt.outcomes) > 1
        return ", where the smaller examples before came to an end." if early else ""
    return next(filter(None, (relation(pairs) for pairs in _pairs(attempt))), "")


def known_mistake(attempt: Attempt) -> Cause | None:
    """The mistakes of the exercise with these numbers: one, or all that come to the same."""
    made = [mistake for mistake in attempt.exercise.mistakes if attempt.is_like(mistake.function)]
    if not made:
        return None
    said = [_said(mistake, attempt) for mistake in made]
    return Cause(made[0].name, " Or: ".join(said))


def rounding(attempt: Attempt) -> Cause | None:
    """All results are the right ones, but for rounding."""
    wrong = [pairs for pairs in _pairs(attempt) if not all(same(*pair) for pair in pairs)]
    places = [rounded(pairs) for pairs in wrong]
    if not places or None in places:
        return None
    to = f"to {counted(places[0], 'place')}" if places[0] else "to whole numbers"
    return Cause(ROUNDED, f"You rounded {to}. Return the numbers as they are.")


def related(attempt: Attempt) -> Cause | None:
    """The right numbers in another order, or changed all alike."""
    words = how_they_relate(attempt)
    wrong = [pairs for pairs in _pairs(attempt) if not all(same(*pair) for pair in pairs)]
    plain = words and not attempt.outcomes[-1].stopped and not words.startswith("Here")
    return Cause(RELATED, words) if plain and all(map(relation, wrong)) else None


def swapped(attempt: Attempt) -> Cause | None:
    """The parts of the result in another order."""
    names = list(axes_of(attempt.exercise.result))
    both = [(o.parts, w.parts) for o, w in zip(attempt.outcomes, attempt.wanted, strict=True)]
    for order in list(permutations(range(len(names))))[1:]:
        if all(g and w and all(same(g[i], w[k]) for i, k in enumerate(order)) for g, w in both):
            words = f"The parts are right, in another order: return {', '.join(names)}."
            return Cause(SWAPPED, words)
    return None


def _said(mistake: Mistake, attempt: Attempt) -> str:
    number = attempt.first_wrong
    outcome, wanted = attempt.outcomes[number], attempt.wanted[number]
    return spoken(mistake.says, outcome, wanted, attempt.calls[number])


def _pairs(attempt: Attempt) -> Iterator[list[Pair]]:
    """Of each part of the result what came and what should have, in all calls."""
    both = [(o.parts, w.parts) for o, w in zip(attempt.outcomes, attempt.wanted, strict=True)]
    found = [list(zip(got, right, strict=True)) for got, right in both if got and right]
    return map(list, zip(*found, strict=True)) if len(found) == len(both) else iter(())


_FINDERS: tuple[Callable[[Attempt], Cause | None], ...] = (
    of_the_session,
    known_mistake,
    copied_number,
    rounded_constant,
    rounding,
    swapped,
    related,
    one_slip,
    two_mistakes,
    perhaps_of_the_session,
    right_steps,
)
