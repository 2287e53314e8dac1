"""A right solution with one slip in it: a sign, an axis, a name, a step that is left out."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from attnlab.check.attempt import Attempt, Cause
from attnlab.check.exercise import Exercise
from attnlab.check.running import Runner
from attnlab.check.student_code import numbers_in
from attnlab.check.wording import listed

NAME = "one slip"
_SECONDS = 2.0  # of the processor, for all of them
_MOST = 2  # slips that are named, where several come to the same

Slip = tuple[ast.AST, str]
"""What stands in place of a node, and what is said of it."""

_SIGNS = {
    ast.Add: {ast.Sub: "`-` stands where `+` belongs"},
    ast.Sub: {ast.Add: "`+` stands where `-` belongs"},
    ast.Mult: {
        ast.Div: "`/` stands where `*` belongs",
        ast.Add: "`+` stands where `*` belongs",
        ast.Pow: "`**` stands where `*` belongs",
    },
    ast.Div: {
        ast.Mult: "`*` stands where `/` belongs",
        ast.FloorDiv: "`//` stands where `/` belongs, and drops what is behind the point",
    },
    ast.FloorDiv: {ast.Div: "`/` stands where `//` belongs"},
    ast.Pow: {ast.Mult: "`*` stands where `**` belongs"},
    ast.MatMult: {ast.Mult: "`*` stands where `@` belongs"},
    ast.BitAnd: {ast.BitOr: "`|` stands where `&` belongs"},
    ast.BitOr: {ast.BitAnd: "`&` stands where `|` belongs"},
}
_LEFT_OUT = {
    ast.Add: "something that should be added is left out",
    ast.Sub: "something that should be subtracted is left out",
    ast.Mult: "a factor is left out",
    ast.Div: "a division is left out",
    ast.BitAnd: "one of two conditions is left out",
    ast.BitOr: "one of two conditions is left out",
    ast.Pow: "a power is left out",
}
_ORDERS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_CALLS = {
    "sum": ("mean", "max"),
    "mean": ("sum", "max"),
    "max": ("sum", "min", "mean"),
    "min": ("max",),
    "var": ("std",),
    "std": ("var",),
    "sin": ("cos",),
    "cos": ("sin",),
    "maximum": ("minimum",),
    "minimum": ("maximum",),
    "argmax": ("argmin",),
    "tanh": ("sin", "exp"),
    "vstack": ("hstack",),
}
_STEPS = ("exp", "sqrt", "log", "tanh", "abs", "square")


def one_slip(attempt: Attempt) -> Cause | None:
    """The cause, if a solution with one slip in it comes to the same in every call."""
    if any(outcome.parts is None for outcome in attempt.outcomes):
        return None
    runner, found = Runner(_SECONDS), []
    for source, words in slips_of(attempt.exercise, numbers_in(attempt.mine)):
        function = made(source, attempt.exercise.handed)
        if words not in found and attempt.is_like_made(function, runner):
            found.append(words)
        if len(found) == _MOST or runner.is_over:
            break
    if not found:
        return None
    told = listed(found, "or")
    return Cause(
        NAME, f"Your numbers are those of a right solution in which {told}: is it so in yours?"
    )


def slips_of(exercise: Exercise, numbers: list[float]) -> Iterator[tuple[ast.Module, str]]:
    """The solution with one slip in it, each in turn, and what is said of it.

    Args:
        exercise: whose solution it is.
        numbers: what may stand in place of a number.
    """
    tree = ast.parse(exercise.solution)
    for number, node in enumerate(ast.walk(tree)):
        for other, words in _slips(node, exercise, numbers):
            changed = copy.deepcopy(tree)
            place = next(n for i, n in enumerate(ast.walk(changed)) if i == number)
            yield _Put(place, other).visit(changed), words


def made(source: ast.Module, name: str) -> Callable[..., Any]:
    """What a source defines by this name."""
    space: dict[str, Any] = {"np": np}
    exec(compile(ast.fix_missing_locations(source), __file__, "exec"), space)
    return space[name]


def _slips(node: ast.AST, exercise: Exercise, numbers: list[float]) -> Iterator[Slip]:
    """What may stand in place of a node by mistake."""
    if isinstance(node, ast.BinOp):
        yield from _of_operators(node)
    elif isinstance(node, ast.UnaryOp):
        sign = "a minus sign" if isinstance(node.op, ast.USub) else "a `not` or `~`"
        yield node.operand, f"{sign} is left out"
    elif isinstance(node, ast.Compare):
        yield from _of_orders(node)
    elif isinstance(node, ast.Call):
        yield from _of_calls(node)
    elif isinstance(node, ast.keyword) and node.arg == "axis":
        yield from _of_axes(node)
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value, "`.T` is left out: something is not transposed"
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield from _of_names(node, list(exercise.parameters))
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield from _of_numbers(node, numbers)
    elif isinstance(node, ast.Slice):
        yield from _of_slices(node)


def _of_operators(node: ast.BinOp) -> Iterator[Slip]:
    for other, words in _SIGNS.get(type(node.op), {}).items():
        yield ast.BinOp(node.left, other(), node.right), words
    if isinstance(node.op, ast.Sub | ast.Div | ast.MatMult):
        yield ast.BinOp(node.right, node.op, node.left), "the two sides of a step are exchanged"
    if words := _LEFT_OUT.get(type(node.op)):
        name = f"`{node.right.id}` takes no part" if isinstance(node.right, ast.Name) else words
        yield node.left, name
        if isinstance(node.op, ast.Sub):
            yield node.right, "a difference is left out, and only what is subtracted stands there"
        if isinstance(node.op, ast.Add | ast.Mult | ast.BitAnd | ast.BitOr):
            name = f"`{node.left.id}` takes no part" if isinstance(node.left, ast.Name) else words
            yield node.right, name


def _of_orders(node: ast.Compare) -> Iterator[Slip]:
    right = _ORDERS.get(type(node.ops[0]))
    for other, sign in _ORDERS.items() if right else ():
        if sign != right:
            words = f"`{sign}` stands where `{right}` belongs"
            yield ast.Compare(node.left, [other()], node.comparators), words


def _of_calls(node: ast.Call) -> Iterator[Slip]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    for other in _CALLS.get(name, ()):
        called = copy.deepcopy(node)
        called.func = ast.Attribute(node.func.value, other, ast.Load())  # pyright: ignore
        yield called, f"`{other}` stands where `{name}` belongs"
    if name in _STEPS and node.args:
        yield node.args[0], f"`{name}` is left out"
    if name == "where" and len(node.args) == 3:
        exchanged = ast.Call(node.func, [node.args[i] for i in (0, 2, 1)], [])
        yield exchanged, "the two cases of `where` are exchanged"
    if (name == "arange" or getattr(node.func, "id", "") == "range") and len(node.args) == 1:
        one = ast.Constant(1)
        behind = [one, ast.BinOp(node.args[0], ast.Add(), one)]
        yield ast.Call(node.func, behind, []), "counting begins at 1, where it should begin at 0"
    kept = [word for word in node.keywords if word.arg != "keepdims"]
    if len(kept) < len(node.keywords):
        yield ast.Call(node.func, node.args, kept), "`keepdims=True` is left out"


def _of_axes(node: ast.keyword) -> Iterator[Slip]:
    right = ast.unparse(node.value)
    for other in ("0", "1", "2", "-1", "None"):
        if other != right:
            value = ast.parse(other, mode="eval").body
            words = f"`axis={other}` stands where `axis={right}` belongs"
            yield ast.keyword("axis", value), words


def _of_names(node: ast.Name, arguments: list[str]) -> Iterator[Slip]:
    yield ast.Attribute(node, "T", ast.Load()), "something is transposed that should not be"
    for other in arguments if node.id in arguments else ():
        if other != node.id:
            words = f"`{other}` stands where `{node.id}` belongs"
            yield ast.Name(other, ast.Load()), words


def _of_numbers(node: ast.Constant, numbers: list[float]) -> Iterator[Slip]:
    for number in numbers:
        if number != node.value:
            yield ast.Constant(number), f"{number} stands where {node.value} belongs"
    if isinstance(node.value, int):
        for step in (1, -1):
            words = f"a number is {'larger' if step > 0 else 'smaller'} by one than it should be"
            yield ast.Constant(node.value + step), words


def _of_slices(node: ast.Slice) -> Iterator[Slip]:
    if node.lower or node.upper:
        yield ast.Slice(None, None, node.step), "a part is not cut off that should be"
        yield ast.Slice(node.upper, node.lower, node.step), "the other end is cut off"
    for name in ("lower", "upper"):
        bound = getattr(node, name)
        for sign in (ast.Add(), ast.Sub()) if bound else ():
            changed = copy.deepcopy(node)
            setattr(changed, name, ast.BinOp(bound, sign, ast.Constant(1)))
            yield changed, "a slice ends or begins one place off"


class _Put(ast.NodeTransformer):
    """Puts another node in the place of one."""

    def __init__(self, place: ast.AST, other: ast.AST):
        self.place, self.other = place, other

    def visit(self, node: ast.AST) -> Any:
        return copy.deepcopy(self.other) if node is self.place else self.generic_visit(node)
