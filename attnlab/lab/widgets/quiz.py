"""Predict, then run: a question with several answers, and a reason for each."""

from __future__ import annotations

import html
from collections.abc import Mapping

import anywidget
import traitlets as t

from attnlab.lab.tables import isolated
from attnlab.lab.widgets.assets import bundle, style


class Quiz(anywidget.AnyWidget):
    """A question to answer before a cell is run; the reason is shown after the answer.

    Traits: question; answers (pairs of an answer and the reason why it is right or not); right
    (the right answer); given (what the reader answered, "" before that).
    """

    _esm = bundle("quiz.js")
    _css = style("palette.css") + style("figures.css") + style("asking.css")
    question = t.Unicode().tag(sync=True)
    answers = t.List(t.List(t.Unicode())).tag(sync=True)
    right = t.Unicode().tag(sync=True)
    given = t.Unicode().tag(sync=True)

    @t.validate("given")
    def _one_of_them(self, proposal):
        choices = [answer for answer, _ in self.answers]
        if proposal.value and proposal.value not in choices:
            raise ValueError(f"given is {proposal.value!r}, and must be one of {choices}")
        return proposal.value

    @property
    def verdict(self) -> str:
        """What the reader is told of the answer that was given."""
        if not self.given:
            return ""
        word = "Right." if self.given == self.right else "Not quite."
        return f"{word} {dict(self.answers)[self.given]}"

    def __repr__(self) -> str:
        listed = "\n".join(f"  ( ) {isolated(answer)}" for answer, _ in self.answers)
        return f"{self.question}\n{listed}"

    def _repr_mimebundle_(self, **kwargs):
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        items = "".join(f"<li>{html.escape(answer)}</li>" for answer, _ in self.answers)
        still = f"<p>{html.escape(self.question)}</p><ul>{items}</ul>"
        return data | {"text/plain": repr(self), "text/html": still}, metadata


def quiz(question: str, answers: Mapping[str, str], right: str) -> Quiz:
    """Ask the reader to predict; works wherever the page is shown, also without a kernel.

    Args:
        question: one sentence.
        answers: two to six answers in the order in which they are shown, each with the reason
            why it is right, or with the thought that leads there and where it goes astray.
        right: the right one of them.

    Raises:
        TypeError: something that is no text.
        ValueError: too few or too many answers, one without a reason, or `right` is none of them.

    >>> quiz("2 + 2?", {"4": "Count.", "22": "That joins the words."}, right="4")
    2 + 2?
      ( ) 4
      ( ) 22
    """
    _check_texts(question, answers, right)
    if not 2 <= len(answers) <= 6:
        raise ValueError(f"answers has {len(answers)} entries: give two to six")
    if empty := [answer for answer, reason in answers.items() if not reason.strip()]:
        raise ValueError(f"answers gives no reason for {empty}: say why it is right or wrong")
    if right not in answers:
        raise ValueError(f"right is {right!r}, and must be one of {list(answers)}")
    return Quiz(question=question, answers=[list(pair) for pair in answers.items()], right=right)


def _check_texts(question: str, answers: Mapping[str, str], right: str) -> None:
    if not isinstance(answers, Mapping):
        raise TypeError(f"answers is a {type(answers).__name__}, and must be a dict with reasons")
    for name, text in {"question": question, "right": right}.items():
        if not isinstance(text, str):
            raise TypeError(
                f"{name} is a {type(text).__name__}, and must be a text: write str(...)"
            )
    if wrong := [x for pair in answers.items() for x in pair if not isinstance(x, str)]:
        raise TypeError(f"answers holds {wrong[0]!r}, and must hold texts: write str(...)")
