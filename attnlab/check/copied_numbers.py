"""Numbers that were copied from an example, or rounded, and stand where a size or e belongs."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from attnlab.check.attempt import Attempt, Cause
from attnlab.check.calling import copies, outcome_of
from attnlab.check.changes import function_of, handed_in
from attnlab.check.exercise import Exercise
from attnlab.check.running import Runner
from attnlab.check.student_code import numbers_in, own_functions
from attnlab.check.wording import listed

COPIED, ROUNDED = "a copied number", "a rounded constant"
_HERE = Path(__file__)
_SIZED = {"zeros", "ones", "empty", "full", "eye", "arange", "range", "reshape", "tri"}
_FIXED = 2  # numbers up to it may be axes
_SECONDS = 2.0  # of the processor, for all that is tried
_CONSTANTS = {"e": math.e, "π": math.pi}


def copied_number(attempt: Attempt) -> Cause | None:
    """The cause, if the solution with one of the student's numbers in it comes to the same."""
    numbers, runner = numbers_in(attempt.mine), Runner(_SECONDS)
    if not numbers:
        return None
    exercise, given = attempt.exercise, attempt.calls[attempt.first_wrong]
    for places, value in _numbers_of_the_solution(exercise, given):
        for number in numbers:
            made = _variant(exercise, places, number)
            if number != value and attempt.is_like_made(made, runner):
                return Cause(COPIED, _said(number, _whose(exercise, given, value)))
    return _copied_size(attempt, numbers) or _foreign_size(attempt, numbers)


def _foreign_size(attempt: Attempt, numbers: list[float]) -> Cause | None:
    """The cause that is likely, if tables or loops of a fixed size end in an error."""
    error, given = attempt.outcomes[-1].error, attempt.calls[-1]
    sized = any(_SIZED & {*f.__code__.co_names} for f in own_functions(attempt.mine))
    sizes = {size for value in given.values() for size in np.shape(value)}
    foreign = [n for n in numbers if isinstance(n, int) and n > _FIXED and n not in sizes]
    if not (sized and foreign and error and error.kind in ("ValueError", "IndexError")):
        return None
    told = listed(map(str, foreign))
    words = f"In your function {told} is written, and nothing that was handed in has that size"
    return Cause(COPIED, f"{words}: take sizes from the arguments, by len or .shape.")


def _copied_size(attempt: Attempt, numbers: list[float]) -> Cause | None:
    """The cause, if an axis of every result has the size that is written in the function."""
    first = attempt.first_wrong
    pairs = [(o.parts, w.parts) for o, w in zip(attempt.outcomes, attempt.wanted, strict=True)]
    shapes = [(got[0].shape, right[0].shape) for got, right in pairs if got and right]
    if len(shapes) < len(pairs) or any(len(got) != len(right) for got, right in shapes):
        return None
    for axis, (mine, theirs) in enumerate(zip(*shapes[first], strict=True)):
        if mine != theirs and mine in numbers and all(got[axis] == mine for got, _ in shapes):
            given = attempt.calls[first]
            return Cause(COPIED, _said(mine, _whose(attempt.exercise, given, theirs)))
    return None


def rounded_constant(attempt: Attempt) -> Cause | None:
    """The cause, if the solution with a rounded e or π in it comes to the same."""
    for name, value in _CONSTANTS.items():
        for number in numbers_in(attempt.mine):
            if 0 < abs(number - value) < 0.03:
                space = {"np": _RoundedNumpy(name, number)}
                if attempt.is_like(function_of(attempt.exercise.solution, space, _HERE)):
                    digits = "np.exp has" if name == "e" else "np.pi has"
                    words = f"You are nearly there: {number} is {name} rounded; {digits} all its"
                    return Cause(ROUNDED, f"{words} digits.")
    return None


class _RoundedNumpy:
    """NumPy with another e or π."""

    def __init__(self, name: str, number: float):
        if name == "e":
            self.e, self.exp = number, lambda power: number ** np.asarray(power, dtype=float)
        else:
            self.pi = number

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


def _said(number: float, whose: str) -> str:
    return (
        f"The number {number} is written in your function where {whose} belongs. It is right "
        "for one example only: take it from the arguments."
    )


def _whose(exercise: Exercise, given: Mapping[str, Any], value: float) -> str:
    """The size, the root of a size or the argument that has this value in a call."""
    for argument, axes in exercise.parameters.items():
        shape = np.shape(given.get(argument, ()))
        names = [name for name in axes.split() if name != "..."]
        for name, size in zip(names[::-1], shape[::-1], strict=False):
            if size == value:
                return f"the size of {name}, here {size},"
            if math.isclose(math.sqrt(size), value):
                return f"the root of the size of {name}, here √{size},"
        if not shape and type(given.get(argument)) in (int, float) and given[argument] == value:
            return f"`{argument}`, here {value:g},"
    return f"a number that depends on the call, here {value:.4g},"


def _numbers_of_the_solution(
    exercise: Exercise, given: dict[str, Any]
) -> list[tuple[list[int], float]]:
    """Its expressions that are single numbers in this call: where each stands, and its value."""
    tree = ast.parse(exercise.solution)
    places: dict[str, list[int]] = {}
    for number, node in enumerate(ast.walk(tree)):
        if _is_expression(node):
            places.setdefault(ast.unparse(node), []).append(number)
    values = _values_of(exercise, given, [place for found in places.values() for place in found])
    inner_first = list(places.values())[::-1]
    groups = [*inner_first, *([place] for found in inner_first for place in found)]
    return [(group, values[group[0]]) for group in groups if group[0] in values]


def _values_of(exercise: Exercise, given: dict[str, Any], places: list[int]) -> dict[int, float]:
    """The values of those expressions that are one number, the same whenever it is asked for."""
    found: dict[int, list[Any]] = {}

    def kept(place: int, value: Any) -> Any:
        found.setdefault(place, []).append(value)
        return value

    seen = _Replaced(places, lambda place, node: _call("kept", ast.Constant(place), node))
    outcome_of(exercise, _made(seen.of(exercise.solution), {"kept": kept}), copies(given))
    return {
        place: values[0].item() if isinstance(values[0], np.generic) else values[0]
        for place, values in found.items()
        if all(map(_is_number, values)) and len(set(values)) == 1
    }


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _variant(exercise: Exercise, places: list[int], number: float) -> Any:
    changed = _Replaced(places, lambda *_: ast.Constant(number))
    return _made(changed.of(exercise.solution), {})


def _is_expression(node: ast.AST) -> bool:
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        return isinstance(node.ctx, ast.Load)
    return isinstance(node, ast.Call | ast.BinOp)


def _call(name: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


def _made(tree: ast.Module, names: Mapping[str, Any]) -> Any:
    space: dict[str, Any] = {"np": np, **names}
    exec(compile(ast.fix_missing_locations(tree), str(_HERE), "exec"), space)
    return space[handed_in(ast.unparse(tree))]


class _Replaced(ast.NodeTransformer):
    """A source with others in place of some of its expressions."""

    def __init__(self, places: list[int], other: Any):
        self.places, self.other = set(places), other

    def of(self, source: str) -> ast.Module:
        tree = ast.parse(source)
        self.numbers = {id(node): number for number, node in enumerate(ast.walk(tree))}
        return self.visit(tree)

    def visit(self, node: ast.AST) -> Any:
        number = self.numbers.get(id(node), -1)
        self.generic_visit(node)
        return self.other(number, node) if number in self.places else node
