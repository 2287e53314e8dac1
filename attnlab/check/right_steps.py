"""Up to which of a student's own steps the numbers are right: they are the solution's so far."""

from __future__ import annotations

import ast
import copy
import inspect
import textwrap
from collections.abc import Callable, Mapping, Set
from typing import Any

import numpy as np

from attnlab.check.attempt import Attempt, Cause
from attnlab.check.calling import alike, copies, outcome_of
from attnlab.check.comparing import same

NAME = "right up to a step"
_MOST, _WIDTH = 400, 60  # values of one step that are kept; characters of it that are shown
_STEPS = (ast.BinOp, ast.Call, ast.UnaryOp)

Values = dict[int, list[np.ndarray]]
"""What each step of a source came to, by its place, in the order in which they were reached."""


def right_steps(attempt: Attempt) -> Cause | None:
    """The cause, if the last of the student's steps that is right, and the next, can be shown."""
    number = _last_wrong(attempt)
    tree = _tree_of(attempt.mine)
    if number is None or tree is None or not attempt.exercise.made:
        return None
    given = attempt.calls[number]
    done, wanted = _done_and_wanted(attempt, number)
    steps = [step for step in _of_the_solution(attempt, given) if not _among(step, done)]
    expressions, mine = _of_the_student(attempt, tree, given)
    ranks = _ranked(mine, [*steps, *wanted])
    if not ranks:
        return None
    last = max(ranks, key=lambda place: ranks[place])
    settled = {*ranks, *_ranked(mine, done)}
    following = _next_step(tree, expressions, last, settled)
    return Cause(NAME, _said(expressions[last], following, ranks[last] >= len(steps)))


def _done_and_wanted(attempt: Attempt, number: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The results of a call that are right, and those that should have come in place of others."""
    pairs = zip(
        attempt.outcomes[number].parts or (), attempt.wanted[number].parts or (), strict=True
    )
    parts = [(right, same(got, right)) for got, right in pairs]
    return [right for right, is_so in parts if is_so], [
        right for right, is_so in parts if not is_so
    ]


def _last_wrong(attempt: Attempt) -> int | None:
    """The last call that came to wrong numbers; it is larger than the first."""
    pairs = enumerate(zip(attempt.outcomes, attempt.wanted, strict=True))
    found = [n for n, (got, right) in pairs if got.parts is not None and not alike(got, right)]
    return found[-1] if found else None


def _among(value: np.ndarray, others: list[np.ndarray]) -> bool:
    return any(value.shape == other.shape and _equal(value, other) for other in others)


def _said(last: ast.expr, following: ast.expr | None, done: bool) -> str:
    text = _text(last)
    if following is not None:
        right = f"`{text}` is {'the right result already' if done else 'still right'}"
        return f"{right}. It goes astray after that: look at `{_text(following)}`."
    if done:
        return f"`{text}` is the right result. Is it returned as it is, all of it?"
    return f"`{text}` is right, and not the end: what is the next step?"


def _text(step: ast.expr) -> str:
    text = ast.unparse(step)
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"


def _tree_of(mine: Any) -> ast.FunctionDef | None:
    """The source of the function; None if it is no plain function, or nobody kept its lines."""
    try:
        found = ast.parse(textwrap.dedent(inspect.getsource(mine))).body[0]
    except (OSError, TypeError, SyntaxError, IndexError):
        return None
    plain = isinstance(found, ast.FunctionDef) and not getattr(mine, "__closure__", None)
    return found if plain and isinstance(found, ast.FunctionDef) else None


def _of_the_student(
    attempt: Attempt, tree: ast.FunctionDef, given: Mapping[str, Any]
) -> tuple[list[ast.expr], Values]:
    steps = _steps_in(tree)
    values: Values = {}
    module = ast.Module([_kept(tree, steps, "_attnlab_kept")], [])
    space = {**attempt.mine.__globals__, "_attnlab_kept": _keeping(values)}
    exec(compile(ast.fix_missing_locations(module), "<steps>", "exec"), space)
    attempt.run(space[tree.name], dict(given))
    return steps, values


def _of_the_solution(attempt: Attempt, given: dict[str, Any]) -> list[np.ndarray]:
    """What its steps come to, in their order, but for what was handed in, and for sizes."""
    exercise = attempt.exercise
    values: Values = {}
    tree = ast.parse(exercise.solution)
    function = tree.body[-1]
    if not isinstance(function, ast.FunctionDef) or not exercise.made:
        return []
    steps = [step for step in _steps_in(function) if not _sums_up(step)]
    tree.body[-1] = _kept(function, steps, "_kept")
    made = exercise.made(ast.unparse(ast.fix_missing_locations(tree)))
    made.__globals__["_kept"] = _keeping(values)
    outcome_of(exercise, made, copies(given))
    arguments = [np.asarray(value) for value in given.values()]
    return [
        value
        for kept in values.values()
        for value in kept[:1]
        if not _is_a_size(value) and not any(_equal(value, other) for other in arguments)
    ]


def _sums_up(step: ast.expr) -> bool:
    """Whether it makes one number of many, which may be right by chance."""
    called = step.func if isinstance(step, ast.Call) else None
    return isinstance(called, ast.Attribute) and called.attr in ("sum", "max", "min", "mean")


def _is_a_size(value: np.ndarray) -> bool:
    """Whether it is a whole number, a root of one, or none at all: that proves nothing."""
    if value.dtype.kind != "f":
        return True
    return not value.ndim and not (np.isfinite(value) and abs(value**2 - np.rint(value**2)) > 1e-9)


def _steps_in(tree: ast.AST) -> list[ast.expr]:
    """The expressions that are steps, each behind those of which it is made."""
    found = [child for child in ast.iter_child_nodes(tree) if not isinstance(child, ast.arguments)]
    steps = [step for child in found for step in _steps_in(child)]
    if isinstance(tree, _STEPS):
        steps.append(tree)
    return steps


def _kept(tree: ast.FunctionDef, steps: list[ast.expr], name: str) -> ast.FunctionDef:
    """A copy of the function in which each step hands its value to what is named so."""
    places = {id(step): place for place, step in enumerate(steps)}

    class Keeping(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            place = places.get(id(node))
            new = self.generic_visit(_shallow(node))
            if place is None or not isinstance(new, ast.expr):
                return new
            return ast.Call(ast.Name(name, ast.Load()), [ast.Constant(place), new], [])

    new: Any = Keeping().visit(tree)
    new.decorator_list, new.returns = [], None
    return new


def _shallow(node: ast.AST) -> ast.AST:
    new = copy.copy(node)
    for field, value in ast.iter_fields(node):
        if isinstance(value, list):
            setattr(new, field, list(value))
    return new


def _keeping(values: Values) -> Callable[[int, Any], Any]:
    def keep(place: int, value: Any) -> Any:
        kept = values.setdefault(place, [])
        if len(kept) < _MOST:
            try:
                kept.append(np.array(value))
            except Exception:  # it is no array, and what it is does not matter
                values[place] = kept
        return value

    return keep


def _ranked(mine: Values, theirs: list[np.ndarray]) -> dict[int, int]:
    """The student's steps that are among theirs, by place, and the last of theirs that they are."""
    found = {place: _rank(values, theirs) for place, values in mine.items()}
    return {place: rank for place, rank in found.items() if rank >= 0}


def _rank(values: list[np.ndarray], theirs: list[np.ndarray]) -> int:
    """The last of their steps to which these values come; -1 if to none."""
    one = values[0] if len(values) == 1 else _stacked(values)
    found = [rank for rank, value in enumerate(theirs) if one is not None and _equal(one, value)]
    return max(found, default=-1)


def _stacked(values: list[np.ndarray]) -> np.ndarray | None:
    """The values of a loop as one table."""
    if not values or len({value.shape for value in values}) > 1:
        return None
    return np.array(values)


def _equal(one: np.ndarray, other: np.ndarray) -> bool:
    if one.dtype.kind not in "iuf" or one.size != other.size or not other.size:
        return False
    return same(one.reshape(other.shape), other)


def _next_step(
    tree: ast.FunctionDef, steps: list[ast.expr], last: int, settled: Set[int]
) -> ast.expr | None:
    """What is made of the last right step, or else where the name is used that it was given."""
    closed = {id(node) for place in settled for node in ast.walk(steps[place])}
    open_steps = [step for step in steps[last + 1 :] if id(step) not in closed]
    around = [step for step in open_steps if any(node is steps[last] for node in ast.walk(step))]
    if around:
        return around[0]
    names = _names_of(tree, steps[last])
    using = [step for step in open_steps if _names_in(step) & names]
    inside = {id(node) for step in using for node in ast.walk(step) if node is not step}
    return next((step for step in using if id(step) not in inside), None)


def _names_of(tree: ast.FunctionDef, step: ast.expr) -> set[str]:
    """The names that a step is given."""
    given = [node for node in ast.walk(tree) if isinstance(node, ast.Assign) and node.value is step]
    return {target.id for node in given for target in node.targets if isinstance(target, ast.Name)}


def _names_in(step: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(step) if isinstance(node, ast.Name)}
