"""An exercise, read from its file: Markdown, and a Python part beside it where it needs one.

The text begins with the task as it stands in the notebook:

    # 3.3 · Softmax

    medium, 10 minutes

    Write softmax along any axis …          (words, then the stub as a block of code)

    - scores: row option                    (the axes of each argument)
    - returns: row option

Then follow the sections Hints (four), Solution (a block of code) and Mistakes, each mistake under a
heading of its own: a change of the solution (see `changes`), and a sentence (see `templates`). A
section Flaws may follow; a flaw says on which call it shows: "- call: `name`", and, if it is one
of memory, "- most bytes: `8 * 100`". The Python part has `probes`, and may have `reference` (else
the solution is it), `use`, and whatever else changes and sentences name.

A question has "- asks:", "- answer:", and may have "- tolerance:", "- choices:", "- accepts:" and
"- otherwise:"; its section is Wrong answers: each begins with "`example`", or with
"`example` when `condition`", in which the answer is named mine.

A section Right ends both: a paragraph that says why it works; if you like, another right way as a
block of code, and above it a sentence that leads to it; and a paragraph "Next: …".
"""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from attnlab.check.changes import changed, changes_of, function_of
from attnlab.check.exercise import (
    Exercise,
    Flaw,
    Mistake,
    Question,
    Right,
    Seen,
    Words,
    WrongAnswer,
)
from attnlab.check.sections import Section, above, code_blocks, sections, without_code
from attnlab.check.templates import KNOWN, Sentence, expression, sentence, spoken_of

_FIELD = re.compile(r"^- ([A-Za-z]\w*(?: \w+)*):(?: (.*))?$")
_TITLE = re.compile(r"(\d+\.\d+) · (.+)")
_LENGTH = re.compile(r"(easy|medium|hard), (\d+) minutes")
_EXAMPLE = re.compile(r"^`(.+?)`(?: when `(.+)`)?$")
_OF_RESULTS = re.compile(r"\{[^}]*\b(got|wanted|seen)\b")
_HINT = re.compile(r"^\d\. ", re.M)


def exercise_at(path: Path) -> Exercise | Question:
    """The exercise, or the question, that a file holds; it is named as the file is.

    Raises:
        ValueError: something is missing, does not fit, or names what nobody knows; with the file
            and the mistake.
    """
    try:
        return _Reader(path).task()
    except (ValueError, SyntaxError, NameError) as error:
        raise ValueError(f"{path.parent.name}/{path.name}: {error}") from error


class _Reader:
    def __init__(self, path: Path):
        self.path = path.resolve()  # by which its lines are known as none of the student's
        text = path.read_text(encoding="utf-8")
        whole = (*sections(text, 1), Section("", ""))[0]
        self.title, self.intro = whole.title, above(whole.text, 2)
        self.parts = {section.title: section.text for section in sections(whole.text, 2)}
        self.fields, words = _fields(without_code(self.intro))
        self.length, _, self.asked = words.partition("\n\n")
        self.own = _python_part(self.path.with_suffix(".py"))

    def task(self) -> Exercise | Question:
        return self._question() if "asks" in self.fields else self._exercise()

    def _common(self) -> dict[str, Any]:
        title, length = _TITLE.fullmatch(self.title), _LENGTH.fullmatch(self.length)
        if not title or not length:
            raise ValueError("it begins with '# 3.3 · Title', then 'medium, 10 minutes'")
        hints = [" ".join(part.split()) for part in _HINT.split(self._part("Hints"))[1:]]
        return {
            "number": title[1],
            "name": self.path.stem,
            "title": title[2],
            "difficulty": length[1],
            "minutes": int(length[2]),
            "asked": self.asked,
            "stub": _code(self.intro),
            "hints": tuple(hints),
            "solution": _code(self._part("Solution")),
            "right": _right(self.parts["Right"]) if "Right" in self.parts else None,
        }

    def _part(self, title: str) -> str:
        return _given(self.parts, title)

    def _exercise(self) -> Exercise:
        results = {name: axes for name, axes in self.fields.items() if name.startswith("returns")}
        parameters = {name: axes for name, axes in self.fields.items() if name not in results}
        common = self._common()
        right = function_of(common["solution"], {"np": np}, self.path)
        self.space = {**KNOWN, **self.own, "right": right}
        self.names = [*parameters, *self.own, "got", "wanted", "seen"]
        optional = {"use": self.own["use"]} if "use" in self.own else {}
        return Exercise(
            **common,
            **optional,
            parameters=parameters,
            result=_result(results),
            reference=self.own.get("reference", right),
            probes=_given(self.own, "probes"),
            mistakes=tuple(self._mistakes(common["solution"])),
            flaws=tuple(self._flaws(common["solution"])),
            made=self._made,
        )

    def _mistakes(self, solution: str) -> Iterator[Mistake]:
        for section in sections(self._part("Mistakes"), 3):
            with _naming(section):
                function, words = self._changed(solution, section.text)
                changes, rest = changes_of(section.text)
                yield Mistake(
                    section.title,
                    function,
                    self._of_seen(words),
                    changes=() if code_blocks(section.text) else changes,
                    of_results=bool(_OF_RESULTS.search(rest)),
                )

    def _flaws(self, solution: str) -> Iterator[Flaw]:
        for section in sections(self.parts.get("Flaws", ""), 3):
            with _naming(section):
                fields, text = _fields(section.text)
                function, words = self._changed(solution, text)
                most = fields.get("most bytes")
                yield Flaw(
                    section.title,
                    function,
                    self._value(_given(fields, "call")),
                    self._of_seen(words),
                    self._value(most) if most else None,
                )

    def _changed(self, solution: str, text: str) -> tuple[Callable[..., Any], Sentence]:
        source, rest = changed(solution, text)
        return self._made(source), sentence(rest, self.names)

    def _made(self, source: str) -> Callable[..., Any]:
        return function_of(source, self.space, self.path)

    def _of_seen(self, words: Sentence) -> Words:
        if isinstance(words, str):
            return words

        def told(seen: Seen) -> str:
            got = {"got": seen.got, "wanted": seen.wanted, "seen": seen}
            return words({**self.own, **seen.arguments, **got})

        return told

    def _value(self, text: str) -> Any:
        return expression(text.strip("`"), self.own)(self.own)

    def _question(self) -> Question:
        fields = self.fields
        accepts = fields.get("accepts")
        return Question(
            **self._common(),
            asks=fields["asks"],
            answer=self._value(_given(fields, "answer")),
            accepts=self._of_answer(accepts.strip("`")) if accepts else None,
            tolerance=float(fields.get("tolerance", 0.01)),
            choices=tuple(filter(None, fields.get("choices", "").split(", "))),
            otherwise=fields.get("otherwise", ""),
            wrongs=tuple(map(self._wrong, sections(self._part("Wrong answers"), 3))),
        )

    def _wrong(self, section: Section) -> WrongAnswer:
        with _naming(section):
            line, _, text = section.text.partition("\n")
            found = _EXAMPLE.match(line)
            if not found:
                raise ValueError("it begins with `an answer`, or `an answer` when `a condition`")
            words = sentence(text, [*self.own, "mine"])
            says = words if isinstance(words, str) else self._said(words)
            when = self._of_answer(found[2]) if found[2] else None
            return WrongAnswer(section.title, self._value(found[1]), says, when)

    def _of_answer(self, text: str) -> Callable[[Any], Any]:
        reckon = expression(text, [*self.own, "mine"])
        return lambda mine: bool(reckon({**self.own, "mine": mine}))

    def _said(self, words: Sentence) -> Callable[[Any], str]:
        return lambda mine: spoken_of(words, {**self.own, "mine": mine})


@contextmanager
def _naming(section: Section) -> Iterator[None]:
    """What is wrong in a section is said with its name."""
    try:
        yield
    except (ValueError, SyntaxError, NameError) as error:
        raise ValueError(f"{section.title!r}: {error}") from error


def _fields(text: str) -> tuple[dict[str, str], str]:
    """The lines "- name: value" of a text, and the rest of it."""
    found, rest = {}, []
    for line in text.splitlines():
        match = _FIELD.match(line)
        if match:
            found[match[1]] = match[2] or ""
        else:
            rest.append(line)
    return found, "\n".join(rest).strip("\n")


def _given(found: Mapping[str, Any], name: str) -> Any:
    if name not in found:
        raise ValueError(f"{name} is missing")
    return found[name]


def _code(text: str) -> str:
    """The first block of code."""
    blocks = code_blocks(text)
    if not blocks:
        raise ValueError("a block of code is missing: the stub, or the solution")
    return blocks[0]


def _right(text: str) -> Right:
    """What is said of a right answer: why it works, another way, and what to try next."""
    blocks, words = code_blocks(text), _paragraphs(without_code(text))
    if len(words) not in ((2, 3) if blocks else (2,)) or not words[-1].startswith("Next: "):
        raise ValueError("Right says why it works, then 'Next: …', and between them at most code")
    return Right(words[0], words[-1], "".join(blocks[:1]), "".join(words[1:-1]))


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip()]


def _result(results: Mapping[str, str]) -> str | dict[str, str]:
    """The axes of the one result, or of each by its name."""
    named = {name.removeprefix("returns").strip(): axes for name, axes in results.items()}
    if not named:
        raise ValueError("it has no line '- returns: axes'")
    return named.get("", named)


def _python_part(path: Path) -> dict[str, Any]:
    """The public names of the Python part; none if there is no such file."""
    if not path.exists():
        return {}
    found = runpy.run_path(str(path))
    return {name: value for name, value in found.items() if not name.startswith("_")}
