"""What stands in the code of a student's function: names, numbers, arguments, helpers."""

from __future__ import annotations

import dis
import functools
import types
from collections.abc import Iterator
from typing import Any

Function = types.FunctionType
_MOST, _LARGEST = 8, 2048  # numbers that are looked at: a table of that size is still made


def own_functions(mine: Any) -> list[Function]:
    """The function, or the methods of the class, and the helpers that stand beside it."""
    found = list(_functions(mine))
    for function in found:  # it grows on the way
        space = function.__globals__
        helpers = [space.get(name) for name in names_read(function)]
        found += [
            helper
            for helper in helpers
            if isinstance(helper, Function) and helper.__globals__ is space and helper not in found
        ]
    return found


def names_read(function: Function) -> list[str]:
    """The names that it takes from the session, or brings in itself by `import`, in their order."""
    steps = [
        step
        for code in codes(function.__code__)
        for step in dis.get_instructions(code)
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME", "IMPORT_NAME")
    ]
    return list(dict.fromkeys(str(step.argval) for step in steps))


def unused_arguments(function: Function) -> list[str]:
    """The arguments that it never looks at, or writes over before it does."""
    code = function.__code__
    arguments = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    read: dict[str, bool] = dict.fromkeys(code.co_cellvars, True)
    for step in dis.get_instructions(code):
        if "_FAST" in step.opname:
            names = step.argval if isinstance(step.argval, tuple) else (step.argval,)
            kinds = [part for part in step.opname.split("_") if part in ("LOAD", "STORE", "DELETE")]
            for name, kind in zip(names, kinds, strict=False):
                read.setdefault(name, kind == "LOAD")
    return [name for name in arguments if not read.get(name, False)]


def numbers_in(mine: Any) -> list[float | int]:
    """The first few numbers that are written in it, each once; none too large to be a size."""
    found = [
        constant
        for function in own_functions(mine)
        for code in codes(function.__code__)
        for whole in code.co_consts
        for constant in (whole if isinstance(whole, tuple) else (whole,))
        if type(constant) is float or (type(constant) is int and abs(constant) <= _LARGEST)
    ]
    return list(dict.fromkeys(found))[:_MOST]


def codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """A function's code, and that of the functions inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from codes(constant)


def steps_of(code: types.CodeType) -> list[tuple[str, Any]]:
    """What it does, step by step, whatever its variables are called."""
    found: list[tuple[str, Any]] = []
    for step in dis.get_instructions(code):
        if isinstance(step.argval, types.CodeType):
            found += [(step.opname, None), *steps_of(step.argval)]
        elif step.opcode in dis.hasconst or step.opcode in dis.hasname:
            found.append((step.opname, repr(step.argval)))
        else:
            found.append((step.opname, step.arg))
    return found


def _functions(mine: Any) -> Iterator[Function]:
    while isinstance(mine, functools.partial):
        mine = mine.func
    mine = getattr(mine, "__func__", mine) if isinstance(mine, types.MethodType) else mine
    if isinstance(mine, Function):
        yield mine
    elif not isinstance(mine, types.BuiltinFunctionType):
        of = mine if isinstance(mine, type) else type(mine)
        yield from (part for part in vars(of).values() if isinstance(part, Function))
