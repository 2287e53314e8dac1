"""What the checker says: the same words as text and, in a notebook, as HTML."""

from __future__ import annotations

import html
import re
import sys
import textwrap
from collections.abc import Iterable
from typing import Any

from attnlab.check.exercise import Task

STATES = (
    "not attempted yet",
    "raised an error",
    "wrong type",
    "wrong shape",
    "wrong value",
    "right, but",
    "right",
)
"""What can be said of an attempt, from the beginning to the end."""

_MARKS = {
    r"`([^`]+)`": r"<code>\1</code>",
    r"(?<![\w*])\*(\w(?:[^*]*\w)?)\*(?![\w*])": r"<em>\1</em>",
    r"^Next:": "<strong>Next:</strong>",
}
_BORDERS = {"right": "solid", "right, but": "double"}


class NotRightError(AssertionError):
    """With `strict=True`: the attempt is not right; the text is the verdict."""


class Speaking:
    """What is shown in a notebook or a console by itself, and in a script prints itself once."""

    _due = False

    def __del__(self):
        self._speak()

    def _speak(self) -> None:
        """Print what nobody has shown yet, in a script, where nothing else would."""
        if self._due and sys.stdout is not None:
            print(repr(self), file=getattr(sys.stdout, "beneath", sys.stdout))


class Message(Speaking):
    """A heading and paragraphs. Those that begin with four spaces are code or numbers.

    Args:
        heading: the first line.
        paragraphs: the rest; empty ones are left out.
    """

    def __init__(self, heading: str, paragraphs: Iterable[str] = ()):
        self.heading = heading
        self.paragraphs = tuple(part for part in paragraphs if part)

    def __repr__(self) -> str:
        self._due = False
        return "\n".join([self.heading, *map(_wrapped, self.paragraphs)])

    def _repr_html_(self) -> str:
        self._due = False
        escape = html.escape
        parts = []
        for part in self.paragraphs:
            if _is_code(part):
                style = "margin:0.4em 0;white-space:pre-wrap;background:transparent;color:inherit"
                parts.append(f'<pre style="{style}">{escape(textwrap.dedent(part))}</pre>')
            else:
                parts.append(f'<p style="margin:0.4em 0">{marked(escape(part))}</p>')
        style = f"border-left:0.35em {self._border()} currentColor;padding:0.1em 0 0.1em 0.9em"
        return (
            f'<div role="group" aria-label="{escape(self.heading)}" style="{style}">'
            f'<p style="margin:0.4em 0"><strong>{escape(self.heading)}</strong></p>'
            f"{''.join(parts)}</div>"
        )

    def _border(self) -> str:
        return "dotted"


class Verdict(Message):
    """What came of one attempt at an exercise. It counts as true only if the attempt is right.

    Args:
        task: the exercise.
        state: one of STATES.
        name: the mistake's name, if it is one that the exercise knows.
        paragraphs: what is said of it.
    """

    def __init__(
        self, task: Task, state: str, paragraphs: Iterable[str] = (), name: str | None = None
    ):
        if state not in STATES:
            raise ValueError(f"state is {state!r}, and must be one of {', '.join(STATES)}")
        self.task, self.state, self.name = task, state, name
        end = " …" if state == "right, but" else "."
        super().__init__(f"{task.heading}: {state}{end}", paragraphs)

    def __bool__(self) -> bool:
        self._speak()
        return self.state == "right"

    def with_words(self, *paragraphs: str | None) -> Verdict:
        """The same with more paragraphs after it; None is left out."""
        more = [part for part in paragraphs if part]
        return Verdict(self.task, self.state, [*self.paragraphs, *more], self.name)

    def _border(self) -> str:
        return _BORDERS.get(self.state, "dotted" if self.state == STATES[0] else "dashed")


def spoken(message: Speaking) -> Any:
    """The message, which in a script prints itself unless it is printed or looked at.

    A notebook and a console show what a line gives by themselves; a script does not.
    """
    message._due = not _shows_by_itself()
    return message


def _shows_by_itself() -> bool:
    if hasattr(sys, "ps1") or sys.flags.interactive:
        return True
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None


def code(text: str) -> str:
    """A paragraph of code or numbers."""
    return textwrap.indent(text, "    ", lambda _: True)


def _is_code(paragraph: str) -> bool:
    return paragraph.startswith("    ")


def marked(paragraph: str) -> str:
    """A paragraph that is escaped already, with names as code, words of the example in italics, and
    what leads on in bold."""
    for pattern, shown in _MARKS.items():
        paragraph = re.sub(pattern, shown, paragraph)
    return paragraph


def _wrapped(paragraph: str) -> str:
    if _is_code(paragraph):
        return paragraph
    return textwrap.fill(paragraph, 92, break_long_words=False, break_on_hyphens=False)
