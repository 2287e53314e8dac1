"""A function that was written, and still holds the line `raise NotImplementedError`."""

from __future__ import annotations

import ast
import inspect
import textwrap
from typing import Any

from attnlab.check.student_code import Function, names_read
from attnlab.check.student_lines import Raised

_LINE = "raise NotImplementedError"


def leftover(mine: Any, error: Raised) -> str | None:
    """What is to be said of a function that raised NotImplementedError; None if it is the stub."""
    if not isinstance(mine, Function):
        return None
    body = _body(mine)
    if body is None:  # no source is kept; the names that it reads are
        return _said("still holds") if _does_more(mine) else None
    if not any(map(_raises, body)):
        return f"Your function calls `{_raiser(error)}`, which is still a stub: fill that in first."
    if all(map(_is_stub, body)):
        return None
    begins, ends = _is_stub(body[0]), _is_stub(body[-1])
    return _said("begins with" if begins else "still ends in" if ends else "still holds")


def _said(where: str) -> str:
    behind = " Nothing behind it is ever run." if where == "begins with" else ""
    return f"Your function {where} `{_LINE}`, the line of the stub: delete that line.{behind}"


def _body(function: Function) -> list[ast.stmt] | None:
    """Its lines without the docstring, if the source is known."""
    try:
        (found,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    except (OSError, TypeError, SyntaxError, ValueError):
        return None
    if not isinstance(found, ast.FunctionDef):
        return None
    return [line for line in found.body if not _is_idle(line)]


def _is_idle(line: ast.stmt) -> bool:
    """A docstring, three dots, or `pass`."""
    idle = isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)
    return idle or isinstance(line, ast.Pass)


def _is_stub(line: ast.AST) -> bool:
    return isinstance(line, ast.Raise) and "NotImplementedError" in ast.unparse(line)


def _raises(line: ast.stmt) -> bool:
    return any(map(_is_stub, ast.walk(line)))


def _does_more(function: Function) -> bool:
    code = function.__code__
    arguments = code.co_argcount + code.co_kwonlyargcount
    names = {*code.co_names, *names_read(function)}
    return names != {"NotImplementedError"} or len(code.co_varnames) > arguments


def _raiser(error: Raised) -> str:
    """The function whose line raised it."""
    return error.lines[-1].split(" of ", 1)[-1].split(":")[0] if error.lines else "a function"
