"""A right answer that leaves the work to attnlab, where the exercise says "Without `attnlab`"."""

from __future__ import annotations

from types import FunctionType, ModuleType
from typing import Any

from attnlab.check.exercise import Exercise
from attnlab.check.student_code import names_read, own_functions
from attnlab.check.wording import listed

_ASKED = "Without `attnlab`"
_FREE = ("attnlab.check", "attnlab.lab")  # they do no work for anybody


def package_used(exercise: Exercise, mine: Any) -> str | None:
    """What is to be said of it; None if the package may be used, or is not."""
    used = _used(mine) if _ASKED in exercise.asked else []
    if not used:
        return None
    whose = listed(f"`{name}`" for name in used)
    return f"it leaves the work to {whose} of attnlab: write it yourself, that is the exercise."


def _used(mine: Any) -> list[str]:
    """The names by which it calls the package."""
    if _is_of_the_package(mine):
        return [getattr(mine, "__name__", type(mine).__name__)]
    return [
        name
        for function in own_functions(mine)
        for name in names_read(function)
        if name.split(".")[0] == "attnlab" or _is_of_the_package(function.__globals__.get(name))
    ]


def _is_of_the_package(value: Any) -> bool:
    if isinstance(value, ModuleType):
        place = value.__name__
    else:
        place = str((value if isinstance(value, FunctionType | type) else type(value)).__module__)
    return place.split(".")[0] == "attnlab" and not place.startswith(_FREE)
