"""Names of the notebook that a student's function uses where its arguments belong."""

from __future__ import annotations

import types
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from attnlab.check.attempt import Attempt, Cause
from attnlab.check.calling import alike, copies
from attnlab.check.student_code import Function, names_read, own_functions, unused_arguments
from attnlab.check.wording import listed, said, shape_said

NAME = "names of the notebook"
_CURE = "Whatever it is called with, it works with the same numbers"


def of_the_session(attempt: Attempt) -> Cause | None:
    """The cause, if it is sure: an argument is ignored, or with the argument it would be right."""
    found = _tables(attempt.mine)
    if not found:
        return None
    unused = _unused(attempt.mine)
    if unused:
        words = f"{_cites(found)} of the notebook, and never {_arguments(unused)}."
        return Cause(NAME, f"Your function uses {words} {_CURE}: write the argument in its place.")
    for name, argument in _replaceable(attempt, list(found)):
        words = f"`{name}` of the notebook where its argument `{argument}` belongs"
        return Cause(NAME, f"Your function uses {words}. {_CURE} there.")
    return None


def perhaps_of_the_session(attempt: Attempt) -> Cause | None:
    """The cause that is likely, where no other is known: it reads a table or a number."""
    found = {**_tables(attempt.mine), **_data(attempt.mine, _is_number)}
    if not found:
        return None
    told = listed(f"`{name}` ({_told(value)})" for name, value in found.items())
    words = f"Your function reads {told} from the notebook, not from its arguments"
    return Cause(NAME, f"{words}: is that the same in every call?")


def _tables(mine: Any) -> dict[str, Any]:
    return _data(mine, _is_table)


def _data(mine: Any, wanted: Any) -> dict[str, Any]:
    """The data that it reads from the session, by name."""
    return {
        name: function.__globals__[name]
        for function in own_functions(mine)
        for name in names_read(function)
        if name in function.__globals__ and wanted(function.__globals__[name])
    }


def _is_table(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return len(value) > 0
    has_axes = hasattr(type(value), "shape") and not isinstance(value, np.generic)
    return has_axes and len(value.shape) > 0


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _unused(mine: Any) -> list[str]:
    """Arguments that it never looks at; of a class, nobody can say."""
    return unused_arguments(mine) if isinstance(mine, Function) else []


def _replaceable(attempt: Attempt, names: list[str]) -> Iterator[tuple[str, str]]:
    """The name of the session, and the argument with which the first wrong call comes right."""
    if not isinstance(attempt.mine, Function):
        return
    number = attempt.first_wrong
    given, right = attempt.calls[number], attempt.wanted[number]
    code = attempt.mine.__code__
    own = dict(zip(code.co_varnames[: code.co_argcount], given, strict=False))
    for name, (argument, place) in list(product(names, own.items()))[:12]:
        changed = _with(attempt.mine, {name: copies(given)[place]})
        if alike(attempt.run(changed, given), right):
            yield name, argument


def _with(function: Function, names: dict[str, Any]) -> Function:
    """The same function among other names."""
    space = {**function.__globals__, **names}
    code, closure = function.__code__, function.__closure__
    made = types.FunctionType(code, space, function.__name__, function.__defaults__, closure)
    made.__kwdefaults__ = function.__kwdefaults__
    return made


def _cites(found: dict[str, Any]) -> str:
    return listed(f"`{name}`" for name in found)


def _arguments(names: list[str]) -> str:
    return f"its argument{'s' if len(names) > 1 else ''} {listed(f'`{name}`' for name in names)}"


def _told(value: Any) -> str:
    return said(value) if _is_number(value) else shape_said(np.shape(value))
