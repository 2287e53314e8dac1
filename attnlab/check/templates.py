"""Sentences with the student's own numbers in them: `Your rows sum to {few(got.sum(axis=1))}.`

What stands between braces is an expression of a small kind: names, numbers, words, attributes,
places, sums and calls. It is read when the exercise is loaded, so that a name that nobody knows is
found then.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable, Iterable, Mapping
from types import CodeType
from typing import Any

import numpy as np

from attnlab.check.wording import counted, few, listed, said, shape_said

_BUILTINS = (
    *("abs", "all", "any", "bool", "dict", "enumerate", "float", "format", "int", "len", "list"),
    *("max", "min", "range", "repr", "reversed", "round", "set", "sorted", "str", "sum", "tuple"),
    *("zip",),
)
KNOWN: dict[str, Any] = {
    "np": np,
    **{name: getattr(builtins, name) for name in _BUILTINS},
    **{told.__name__: told for told in (counted, few, listed, said, shape_said)},
}
"""What every expression may name, beside the arguments and the exercise's own names."""

_KINDS = (
    *(ast.Expression, ast.Name, ast.Constant, ast.Attribute, ast.Subscript, ast.Slice, ast.Starred),
    *(ast.Call, ast.keyword, ast.Tuple, ast.List, ast.Dict, ast.UnaryOp, ast.BinOp, ast.BoolOp),
    *(ast.Compare, ast.IfExp, ast.GeneratorExp, ast.ListComp, ast.comprehension),
    *(ast.unaryop, ast.operator, ast.boolop, ast.cmpop, ast.expr_context),
)
_HOLE = re.compile(r"\{([^{}]+)\}")
_CASE = re.compile(r"If `(.+?)`: (.+)", re.S)

Names = Mapping[str, Any]
Sentence = str | Callable[[Names], str]
"""A plain sentence, or what makes one of the names of a call."""


def expression(text: str, names: Iterable[str]) -> Callable[[Names], Any]:
    """What reckons an expression, once the values of its names are known.

    Args:
        text: the expression.
        names: what it may name, beside KNOWN.

    Raises:
        ValueError: it is no expression, of a kind that is not allowed, or names what nobody knows.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        raise ValueError(f"{text!r} is no expression: {error.msg}") from None
    nodes = list(ast.walk(tree))
    for node in nodes:
        if not isinstance(node, _KINDS):
            raise ValueError(f"{text!r}: a {type(node).__name__} has no place in a sentence")
        if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            raise ValueError(f"{text!r}: {node.attr} is nobody's business")
    used = [node for node in nodes if isinstance(node, ast.Name)]
    own = {node.id for node in used if isinstance(node.ctx, ast.Store)}
    for node in used:
        if node.id not in {*names, *own, *KNOWN}:
            raise ValueError(f"{text!r}: nothing is named {node.id} here")
    return _reckoned(compile(tree, text, "eval"))


def sentence(text: str, names: Iterable[str]) -> Sentence:
    """A message, from its text: one paragraph, or several that begin with "If `…`:".

    Of several, the first whose condition holds is said; the last may have none. What is made of
    them raises LookupError where none holds.

    Raises:
        ValueError: an expression in it cannot be read.
    """
    names = list(names)
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip())]
    cases = [_case(paragraph, names) for paragraph in paragraphs]
    if len(cases) == 1 and cases[0][0] is None:
        return cases[0][1]
    if any(condition is None for condition, _ in cases[:-1]):
        raise ValueError(f"{paragraphs[0][:40]!r}: only the last paragraph has no condition")

    def chosen(values: Names) -> str:
        for condition, words in cases:
            if condition is None or condition(values):
                return spoken_of(words, values)
        raise LookupError("none of its conditions holds")

    return chosen


def spoken_of(words: Sentence, values: Names) -> str:
    """The sentence, with the values in it."""
    return words if isinstance(words, str) else words(values)


def _case(paragraph: str, names: list[str]) -> tuple[Callable[[Names], Any] | None, Sentence]:
    found = _CASE.fullmatch(paragraph)
    if not found:
        return None, _filled(paragraph, names)
    return expression(found[1], names), _filled(found[2], names)


def _filled(paragraph: str, names: list[str]) -> Sentence:
    plain = _HOLE.split(paragraph)[::2]
    holes = [expression(text, names) for text in _HOLE.findall(paragraph)]
    if any(set("{}") & set(part) for part in plain):
        raise ValueError(f"{paragraph[:40]!r}: a brace is opened or closed alone")
    if not holes:
        return paragraph

    def told(values: Names) -> str:
        said = [*(str(hole(values)) for hole in holes), ""]
        return "".join(part for pair in zip(plain, said, strict=True) for part in pair)

    return told


def _reckoned(code: CodeType) -> Callable[[Names], Any]:
    return lambda values: eval(code, {**KNOWN, **values})  # its names are known by now
